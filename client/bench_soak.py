"""`antiphon bench soak`: callers who come, talk all the time and go, for hours; does the server stay as it is?"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import orjson

from client import rig
from client.bench_capacity import SPREAD
from client.bench_setup import write_json
from client.capacity import Step, Used, heading, row, step_of
from client.rig import Rig
from client.soaking import Held, Sample, Trend, trends


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    rig.add_arguments(parser)
    parser.add_argument("--sessions", type=int, default=75, help="callers at any time (default: %(default)d)")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default: %(default)g)")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks (default: %(default)g)")
    parser.add_argument("--talk", type=float, default=3.0, help="minutes each caller stays (default: %(default)g)")


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0, or 1 when the server grows or errs. Raises `ClientError`."""
    async with rig.rig(args, args.serve) as measured:
        samples, step = await _soak(measured, args)
    found = trends(samples)
    wrong = [*step.errors, *([f"{step.unanswered} questions were not answered"] if step.unanswered else [])]
    wrong += [f"{name} grows: {trend.rise:g} more, {trend.per_hour:g} an hour" for name, trend in _growing(found)]
    result = {"problems": wrong, "trends": {name: asdict(trend) for name, trend in found.items()}}
    if args.json:
        write_json(
            args.json, {"bench": "soak", **result, "talk": asdict(step), "samples": [asdict(one) for one in samples]}
        )
    sys.stdout.write("\n".join([heading(), row(step), *map(_line, found.items()), *wrong, ""]))
    return 1 if wrong else 0


async def _soak(measured: Rig, args: argparse.Namespace) -> tuple[Sequence[Sample], Step]:
    loop, crowd = asyncio.get_running_loop(), measured.crowd
    await crowd.grow(args.sessions, SPREAD)
    begun, used, others = loop.time(), measured.vitals().cpu, measured.others_cpu()
    samples: list[Sample] = []
    renewed = 0
    while (passed := loop.time() - begun) < args.minutes * 60:
        await asyncio.sleep(min(args.every, args.minutes * 60 - passed))
        samples.append(await _look(measured, loop.time() - begun))
        if len(samples) % 12 == 0:
            sys.stderr.write(f"{_shown(samples[-1])}\n")
        due = int((loop.time() - begun) / (args.talk * 60) * args.sessions) - renewed
        renewed += due
        crowd.hang_up(due)
        await crowd.grow(args.sessions, args.every)
    vitals = measured.vitals()
    total = Used(loop.time() - begun, vitals.cpu - used, measured.others_cpu() - others, vitals)
    return samples, step_of(args.sessions, crowd.notes, total)


async def _look(measured: Rig, passed: float) -> Sample:
    vitals = measured.vitals()
    tasks = await asyncio.to_thread(_tasks, measured.url)
    return Sample(round(passed, 1), round(vitals.rss_mb, 2), vitals.files, vitals.threads, tasks)


def _tasks(url: str) -> int | None:
    """How many there are in the server, if it is one that tells."""
    try:
        with urlopen(f"{url}/healthz", timeout=5.0) as answer:
            health: Any = orjson.loads(answer.read())
        return health.get("tasks")
    except (URLError, OSError, orjson.JSONDecodeError, AttributeError):
        return None


def _growing(found: Mapping[Held, Trend]) -> Sequence[tuple[Held, Trend]]:
    return [(name, trend) for name, trend in found.items() if trend.grows]


def _line(named: tuple[Held, Trend]) -> str:
    name, trend = named
    rise = f"rise {trend.rise:8.2f} of {trend.allowed:.2f}  an hour {trend.per_hour:8.2f}"
    return f"{name:8} mean {trend.mean:10.1f}  {rise}"


def _shown(sample: Sample) -> str:
    held = f"{sample.rss_mb:8.1f} MB  {sample.files} files  {sample.threads} threads  {sample.tasks} tasks"
    return f"{sample.seconds:7.0f} s  {held}"
