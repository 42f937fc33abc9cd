"""The report holds what was measured, and asks for nothing from outside."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from client import bench
from client.bench_report import bars_of, median_turn, page
from client.latency import Measured, report
from client.stages import CHAIN
from tests.virtual_clock import run

STEPS = [
    {"sessions": size, "first_token_ms": {"p50": 370.0, "p95": 400.0 + size}, "cpu_share": 0.005 * size}
    for size in (1, 50, 100)
]
CAPACITY = {
    "bench": "capacity",
    "capacity": 100,
    "capacity_alike": 50,
    "per_session": {"cpu_share": 0.005, "added_mb": 1.5},
    "steps": STEPS,
}


def latency(count: int = 9) -> dict[str, Any]:
    stages = dict.fromkeys(CHAIN, 40.0)
    runs = [
        Measured(f"{n}.flac", {**stages, "ear_to_ear_ms": 500.0 + n, "first_token_ms": 300.0 + n}, answered=True)
        for n in range(count)
    ]
    runs.append(Measured("<script>.flac", early=True, turns=2, answered=True))
    return {"bench": "latency", **report(runs), "remarks": ["all is well"]}


def turns() -> dict[str, Any]:
    points: list[dict[str, Any]] = [
        {
            "kind": kind,
            "setting": setting,
            "eagerness": "medium" if (kind, setting) == ("graded", 1.0) else "",
            "delay_ms": {"p50": 400.0 * setting, "p95": 500.0 * setting, "mean": 1.0},
            "cut_pauses": {"value": 0.5, "low": 0.4, "high": 0.6},
            "unended": 0,
            "pauses": 20,
            "turns": 10,
        }
        for kind in ("graded", "fixed")
        for setting in (0.5, 1.0, 2.0)
    ]
    points[-1]["delay_ms"] = {"p50": None, "p95": None, "mean": None}
    return {"bench": "turns", "conditions": {"clean": points, "noise 10 dB": points}}


@pytest.mark.parametrize("result", [latency(), CAPACITY, turns()], ids=lambda result: str(result["bench"]))
def test_it_asks_for_nothing_from_outside(result: Mapping[str, Any]) -> None:
    html = page([result])
    assert not re.findall(r"(?:src|href)=|https?:|@import|url\(|<script", html)
    assert "prefers-color-scheme: dark" in html
    assert "<svg" in html


def test_what_went_wrong_stands_beside_its_clip() -> None:
    assert "<td>&lt;script&gt;.flac</td>" in page([latency()])
    assert "<td class=bad>1 early, 1 cut in two</td>" in page([latency()])


def test_the_median_turn_is_one_that_was_measured() -> None:
    turn = median_turn(latency())
    assert turn is not None
    assert turn["clip"] == "4.flac"
    bars = bars_of(turn)
    assert [bar.start for bar in bars[1:]] == [bar.end for bar in bars[:-1]]
    assert bars[-1].end == 40 * len(CHAIN)


def test_a_server_that_tells_no_stages_has_no_waterfall() -> None:
    result = {"bench": "latency", **report([Measured("a", {"first_audio_ms": 500.0}, answered=True)])}
    assert median_turn(result) is None
    assert "median turn" not in page([result])


def test_nothing_measured_is_no_trouble() -> None:
    assert "0 of 1" in page([{"bench": "latency", **report([Measured("a")])}])


def command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    return run(bench.run(parser.parse_args(["report", *words])))


def test_several_results_make_one_report(tmp_path: Path) -> None:
    for result in (latency(), CAPACITY):
        (tmp_path / f"{result['bench']}.json").write_bytes(orjson.dumps(result))
    out = tmp_path / "report.html"
    assert command(str(tmp_path / "latency.json"), str(tmp_path / "capacity.json"), "--out", str(out)) == 0
    html = out.read_text("utf-8")
    assert "How soon the answers come" in html
    assert "How many callers it bears" in html


@pytest.mark.parametrize(
    ("content", "out", "complaint"),
    [
        ({"bench": "router"}, "r.html", "is of router; there are reports of latency"),
        ({"bench": "capacity", "steps": []}, "r.html", "a result lacks what a report needs"),
        (CAPACITY, "nowhere/r.html", "cannot write"),
    ],
)
def test_what_makes_no_report_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Mapping[str, Any], out: str, complaint: str
) -> None:
    (tmp_path / "a.json").write_bytes(orjson.dumps(content))
    assert command(str(tmp_path / "a.json"), "--out", str(tmp_path / out)) == 2
    assert complaint in capsys.readouterr().err
