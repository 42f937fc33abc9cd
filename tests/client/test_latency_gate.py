"""The latency gate: on engines of known speed the server must stay as quick as it is, on a machine of any speed.

Counts, ratios and shares, which hold where other programs run beside; the figures themselves are in `bench/results`.
"""

import argparse
import asyncio
from typing import Any

import orjson
import pytest

from client import bench
from client.stages import ADDS_UP_MS, AGREES_MS
from client.stand_ins import Delays
from client.waterfall import GOAL_MS
from tests.speech import HERE

pytestmark = pytest.mark.real

SHORT = ("spk1_snt1", "spk1_snt2", "spk1_snt5", "spk1_snt6", "LJ001-0008", "LJ001-0002")
"""Clean sentences of two or three seconds, without a pause that could be taken for their end."""

CALLERS = 2


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the benchmark says of the short sentences."""
    folder = tmp_path_factory.mktemp("short")
    lines = (HERE / "clips.tsv").read_text("utf-8").splitlines(keepends=True)
    (folder / "clips.tsv").write_text("".join([lines[0], *(line for line in lines if line.startswith(SHORT))]), "utf-8")
    for name in SHORT:
        (folder / f"{name}.flac").symlink_to(HERE / f"{name}.flac")
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    result, report = folder / "result.json", folder / "report.html"
    words = ["--clips", str(folder), "--sessions", str(CALLERS), "--json", str(result), "--report", str(report)]
    assert asyncio.run(bench.run(parser.parse_args(["latency", "--stand-in", *words]))) == 0
    assert "<svg" in report.read_text("utf-8")
    return orjson.loads(result.read_bytes())


def p50(found: dict[str, Any], figure: str) -> float:
    return found["overall"][figure]["p50"]


def test_nothing_happens_that_must_not(found: dict[str, Any]) -> None:
    assert found["turns"] == CALLERS * len(SHORT)
    assert (found["early_replies"], found["split_turns"], found["unanswered"]) == (0, 0, 0)


def test_the_engines_take_as_long_as_they_were_told(found: dict[str, Any]) -> None:
    delays = Delays()
    assert delays.llm_ms <= p50(found, "llm_ms") <= delays.llm_ms + AGREES_MS
    assert delays.tts_ms <= p50(found, "tts_ms") <= delays.tts_ms + AGREES_MS
    assert p50(found, "asr_ms") <= delays.asr_ms + AGREES_MS, "it works before the pause is one"


def test_our_own_code_takes_next_to_nothing(found: dict[str, Any]) -> None:
    assert p50(found, "own_ms") <= 0.02 * p50(found, "ear_to_ear_ms")


def test_first_tokens_come_within_the_deadline(found: dict[str, Any]) -> None:
    first = [value for values in found["samples"]["first_token_ms"].values() for value in values]
    assert sum(value <= GOAL_MS for value in first) >= 0.9 * len(first)


def test_answers_take_little_longer_than_their_engines(found: dict[str, Any]) -> None:
    engines = sum(p50(found, stage) for stage in ("asr_ms", "llm_ms", "clause_ms", "tts_ms"))
    assert p50(found, "ear_to_ear_ms") <= 1.3 * engines


def test_the_stages_add_up_to_the_silence(found: dict[str, Any]) -> None:
    rest = [abs(value) for values in found["samples"]["unexplained_ms"].values() for value in values]
    assert sum(value <= ADDS_UP_MS for value in rest) >= 0.5 * len(rest)


def test_what_is_seen_from_outside_agrees_with_the_servers_marks(found: dict[str, Any]) -> None:
    apart = {name: figures["p50"] for name, figures in found["agreement"].items()}
    assert apart.keys() == {"endpoint", "transcript", "first text", "first sound"}
    assert max(apart.values()) <= AGREES_MS


def test_speculation_is_bounded(found: dict[str, Any]) -> None:
    assert found["engine_work"]["llm_requests"] <= 3 * found["turns"]
