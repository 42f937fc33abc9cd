"""Two results are told apart where they differ by more than their uncertainty, and nowhere else."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from client import bench
from client.bench_compare import FEWEST
from client.samples import read_result
from tests.virtual_clock import run

CLIPS = 20


def result(
    seed: int, *, shift: float = 0.0, early: int = 0, sessions: float = 0.0, turns: int = 2, clips: int = CLIPS
) -> dict[str, Any]:
    """As of a run of the latency benchmark."""
    rng = np.random.default_rng(seed)
    names = [f"{n}.flac" for n in range(clips)]
    first = {name: list(380 + 20 * np.sin(n) + shift + rng.normal(0, 5, turns)) for n, name in enumerate(names)}
    samples = {
        "first_token_ms": first,
        "early_replies": {name: [float(n < early)] * turns for n, name in enumerate(names)},
        "floor_ms": {name: [100.0 - shift] * turns for name in names},
    }
    goals = {"first_token_ms": "lower", "early_replies": "lower"}
    if sessions:
        samples["sessions_per_core"] = {"": list(rng.normal(sessions, 1, 10))}
        goals["sessions_per_core"] = "higher"
    return {"bench": "latency", "samples": samples, "goals": goals, "machine": {"processor": "one"}}


def dumped(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


def compare(folder: Path, before: Mapping[str, Any], after: Mapping[str, Any], *words: str) -> int:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    for name, content in (("a", before), ("b", after)):
        (folder / f"{name}.json").write_bytes(dumped(content))
    args = parser.parse_args(["compare", str(folder / "a.json"), str(folder / "b.json"), *words])
    return run(bench.run(args))


def test_the_same_server_measured_twice_is_not_worse(tmp_path: Path) -> None:
    codes = [compare(tmp_path, result(seed), result(seed + 100)) for seed in range(8)]
    assert sum(codes) == 0


def test_a_slower_server_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(tmp_path, result(1), result(2, shift=15)) == 1
    said = capsys.readouterr().out
    assert "worse" in said
    assert "Worse: first_token_ms p50" in said


def test_a_faster_server_passes_and_is_praised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(tmp_path, result(1), result(2, shift=-15)) == 0
    assert "better" in capsys.readouterr().out


def test_a_stage_alone_is_no_regression(tmp_path: Path) -> None:
    assert compare(tmp_path, result(1), result(1, shift=-15)) == 0  # where the floor is waited for longer


def test_what_should_not_happen_is_compared_as_a_share(tmp_path: Path) -> None:
    assert compare(tmp_path, result(1), result(2, early=12)) == 1


def test_less_can_be_worse(tmp_path: Path) -> None:
    assert compare(tmp_path, result(1, sessions=150), result(2, sessions=120)) == 1
    assert compare(tmp_path, result(1, sessions=150), result(2, sessions=180)) == 0


SIZES = (1, 25, 50, 75, 90, 100)


def climb(
    seed: int,
    sizes: Sequence[int] = SIZES,
    capacity: int = SIZES[-1],
    *,
    slower: Mapping[int, float] | None = None,
    dearer: float = 1.0,
    lost: Mapping[int, int] | None = None,
) -> dict[str, Any]:
    """As of a run of the capacity benchmark; `slower` and `lost` (questions without an answer) at single steps."""
    rng = np.random.default_rng(seed)
    steps: list[dict[str, Any]] = []
    for size in sizes:
        token = (380 + size) * (slower or {}).get(size, 1.0) + rng.normal(0, 8, 60)
        turns = [
            {"clip": f"{n % 20}", "first_token_ms": one, "first_audio_ms": one + 160, "problem": ""}
            for n, one in enumerate(token)
        ]
        unanswered = (lost or {}).get(size, 0)
        for turn in turns[:unanswered]:
            turn |= {"first_token_ms": None, "first_audio_ms": None, "problem": "unanswered"}
        figures = {"sessions": size, "turns": len(turns), "unanswered": unanswered, "rss_mb": 200 + size}
        steps.append({**figures, "cpu_share": 0.005 * size * dearer * rng.normal(1, 0.005), "samples": turns})
    return {"bench": "capacity", "capacity": capacity, "problem": "", "steps": steps}


def test_climbs_are_compared_step_by_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(tmp_path, climb(1), climb(2)) == 0
    assert compare(tmp_path, climb(1), climb(2, dearer=1.2)) == 1
    assert "Worse: cpu_each mean" in capsys.readouterr().out
    assert compare(tmp_path, climb(1), climb(2, slower={75: 1.1})) == 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("Worse: 75 sessions first_token_ms p50")
    assert "50 sessions" not in said


def test_two_steps_are_enough_to_see_that_one_is_slower(tmp_path: Path) -> None:
    assert compare(tmp_path, climb(1, (1, 75), 75), climb(2, (1, 75), 75, slower={75: 1.1})) == 1


def test_questions_without_an_answer_are_compared_step_by_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(tmp_path, climb(1), climb(2, lost={50: 20})) == 1
    assert "Worse: 50 sessions unanswered mean." in capsys.readouterr().out


def test_what_a_server_does_beyond_its_capacity_is_not_judged(tmp_path: Path) -> None:
    assert compare(tmp_path, climb(1, capacity=90), climb(2, capacity=90, slower={100: 1.5}, lost={100: 30})) == 0


def test_a_step_at_which_the_callers_failed_says_nothing_of_the_server(tmp_path: Path) -> None:
    after = climb(2, slower={100: 1.5})
    assert compare(tmp_path, climb(1), after) == 1
    assert compare(tmp_path, climb(1), {**after, "problem": "at 100 sessions the callers themselves were late"}) == 0


def test_a_reply_begun_too_early_is_no_quick_one(tmp_path: Path) -> None:
    found = climb(1, (1,))
    for turn in found["steps"][0]["samples"][:10]:
        turn |= {"first_token_ms": -300.0, "first_audio_ms": -200.0, "problem": "early"}
    (tmp_path / "climb.json").write_bytes(dumped(found))
    samples = read_result(tmp_path / "climb.json").samples
    for figure, turns in (("first_token_ms", 50), ("first_audio_ms", 50), ("unanswered", 60)):
        values = [value for clip in samples[f"1 sessions {figure}"].values() for value in clip]
        assert len(values) == turns
        assert min(values) >= 0


@pytest.mark.parametrize(
    ("sizes", "capacity", "problem", "verdict"),
    [
        ((1, 25, 50), 25, "", "worse"),
        ((1,), 0, "", "worse"),
        ((1, 75, 90), 75, "", "same"),  # the next step tried is the one that was borne before
        (SIZES, 90, "", "same"),
        ((1, 75, 90, 100), 100, "", "same"),
        ((1, 90, 120, 140), 120, "", "better"),
        ((1, 25, 50), 25, "the callers themselves were late", "same"),  # nobody knows how many more it bears
    ],
)
def test_a_capacity_is_known_to_the_next_step(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    sizes: Sequence[int],
    capacity: int,
    problem: str,
    verdict: str,
) -> None:
    code = compare(tmp_path, climb(1, capacity=90), {**climb(2, sizes, capacity), "problem": problem})
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("capacity ")]
    assert line.endswith(verdict)
    assert code == int(verdict == "worse")


def test_a_certain_change_within_the_tolerance_passes(tmp_path: Path) -> None:
    assert compare(tmp_path, result(1), result(1, shift=6)) == 0
    assert compare(tmp_path, result(1), result(1, shift=6), "--tolerance", "1") == 1


def test_too_few_turns_are_not_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = FEWEST - 1
    assert compare(tmp_path, result(1, clips=few, turns=1), result(2, clips=few, turns=1, shift=90)) == 0
    assert "too few" in capsys.readouterr().out


def test_another_machine_is_mentioned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compare(tmp_path, result(1), {**result(2), "machine": {"processor": "two"}})
    assert "The machines differ: one, then two." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("after", "complaint"),
    [
        (b"no", "is not JSON"),
        (b"[1]", "is not what `antiphon bench` writes"),
        (b'{"bench": "latency"}', "has no samples"),
        (b'{"bench": "latency", "samples": {"a": 1}, "goals": {}}', "has no samples"),
        (b'{"bench": "latency", "samples": {"a": {"x": ["fast"]}}, "goals": {}}', "has no samples"),
        (b'{"bench": "latency", "samples": {"a": {"x": [1]}}, "goals": {"a": "sideways"}}', "has no samples"),
        (b'{"bench": "latency", "samples": {"a": {"x": [1]}}, "goals": {}}', "no figure that a change"),
        (b'{"bench": "bargein", "samples": {"a": {"x": [1]}}, "goals": {"a": "lower"}}', "different benchmarks"),
        (b'{"bench": "latency", "samples": {"a": {"x": [1]}}, "goals": {"a": "lower"}}', "in common"),
    ],
)
def test_unusable_files_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], after: bytes, complaint: str
) -> None:
    (tmp_path / "raw.json").write_bytes(after)
    (tmp_path / "a.json").write_bytes(dumped(result(1)))
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    args = parser.parse_args(["compare", str(tmp_path / "a.json"), str(tmp_path / "raw.json")])
    assert run(bench.run(args)) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    args = parser.parse_args(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    assert run(bench.run(args)) == 2
    assert "cannot read" in capsys.readouterr().err
