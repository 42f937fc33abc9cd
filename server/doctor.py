"""`antiphon doctor`: what was found on this machine, what is used and why, and what would make it better."""

import argparse
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.download import SIZES
from pipeline.openai_server import address
from server import settings
from server.serve import open_house
from server.settings import Settings, read_settings

BETTER: Mapping[str, str] = {"asr": "Better hearing", "llm": "A real model", "tts": "Natural voices"}
"""What a stage lacks whose first choice is absent."""

SIGNS = {"ready": "+", "absent": "-", "starting": "?"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One flag for each setting, and `--json`."""
    parser.add_argument("--json", action="store_true", help="report in JSON, on stdout")
    settings.add_arguments(parser)


async def run(args: argparse.Namespace) -> int:
    """Try every engine once, and report; 0 when there is one for each stage, else 1. Raises `ConfigError`."""
    logging.basicConfig(level=logging.ERROR)
    report = await _examine(read_settings(vars(args), args.environment), args.environment)
    sys.stdout.write((json.dumps(report) if args.json else _prose(report)) + "\n")
    return 0 if report["status"] == "ready" else 1


async def _examine(chosen: Settings, environment: Mapping[str, str]) -> dict[str, Any]:
    """What `/healthz` would say once every engine has been tried, and advice."""
    anywhere = replace(
        chosen,
        server=replace(chosen.server, host="127.0.0.1", port=0),
        asr=replace(chosen.asr, download=False),  # 486 MB before the first line of a report
    )
    async with open_house(anywhere, environment) as house:
        await house.engines.reported()
        better = [stage.job.lower() for stage in house.engines.stages if stage.candidates[0].state == "absent"]
        return {**house.health(), "advice": [advice(job, chosen) for job in better]}


def advice(job: str, chosen: Settings) -> str:
    """What to do about a stage, "asr", "llm" or "tts", whose first choice is absent."""
    usual = {
        "asr": _whisper(chosen.asr.model or "small"),
        "llm": "set ANTIPHON_LLM_URL, or OPENAI_API_KEY, or run Ollama on this machine",
        "tts": "edge-tts, where there is a network; or set ANTIPHON_TTS_URL to a speech server",
    }
    stage = {"asr": chosen.asr, "llm": chosen.llm, "tts": chosen.tts}[job]
    if job == "llm" and chosen.llm.catalog:
        what = f"start the server of the first model in {chosen.llm.catalog}, or correct its row"
    elif stage.url and stage.engine in ("auto", "openai"):
        what = f"start the server at {address(stage.url)}, or correct {job}.url"
    else:
        what = usual[job]
    return f"{BETTER[job]}: {what}."


def _whisper(model: str) -> str:
    if model in SIZES:
        return f"`antiphon models fetch {model}` where there is a network (Whisper)"
    return f"correct asr.model, {model!r}: a folder with Whisper's weights, or one of {', '.join(SIZES)}"


def _prose(report: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for job in BETTER:
        lines.append(f"{job.upper()}: {report[job]['in_use'] or 'nothing works'}")
        lines += [
            f"  {SIGNS[one['state']]} {one['name']}  {one.get('why', '')}".rstrip() for one in report[job]["engines"]
        ]
    return "\n".join([*lines, *report["advice"]])
