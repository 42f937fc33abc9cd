"""The benchmark of the context, and that it reaches what it is to reach."""

import argparse
from functools import cache
from pathlib import Path

import orjson
import pytest

from models.faults import Knobs
from pipeline.context.conversation import Called, Entry, Returned
from pipeline.context.window import Shape
from pipeline.errors import ConfigError
from server import bench_context
from server.bench_context import POLICIES, Course, converse, measure, report, table
from server.bench_talk import PLANTED, talk
from server.virtual_time import run_at_once

KNOBS = Knobs(first_token_ms=150.0, prompt_token_ms=0.5, tokens_per_second=60.0)


@cache
def courses(seed: int = 1) -> dict[str, Course]:
    return {course.policy: course for course in measure(KNOBS, Shape(), seed)}


def test_the_conversation_has_a_hundred_turns_and_all_that_is_planted() -> None:
    turns = talk()
    assert (len(turns), len(PLANTED)) == (100, 20)
    said = [turn[0].text for turn in turns if isinstance(turn[0], Entry)]
    assert all(any(needle in text for text in said) for needles in PLANTED for needle in needles)
    for turn in turns:
        calls = [item.call.id for item in turn if isinstance(item, Called)]
        assert calls == [item.result.call_id for item in turn if isinstance(item, Returned)]


def test_at_the_end_a_prompt_is_a_fifth_of_all_that_was_said() -> None:
    full, ours = (courses()[name].turns for name in ("full", "antiphon"))
    assert ours[-1].prompt_tokens <= 0.2 * full[-1].prompt_tokens
    assert max(turn.prompt_tokens for turn in ours) <= Shape().budget


def test_the_first_token_comes_at_least_three_fifths_sooner() -> None:
    full, ours = (courses()[name].turns for name in ("full", "antiphon"))
    assert ours[-1].first_token_ms <= 0.4 * full[-1].first_token_ms


def test_nothing_that_was_planted_is_lost_in_any_turn() -> None:
    assert [turn.facts for turn in courses()["antiphon"].turns] == [turn.planted for turn in courses()["full"].turns]
    assert courses()["antiphon"].turns[-1].facts == 20
    assert courses()["window"].turns[-1].facts < 10, "else there is nothing to be proud of"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_fold_delays_a_turn_and_no_call_is_told_apart(seed: int) -> None:
    course = courses(seed)["antiphon"]
    assert course.folds > 10
    assert not any(turn.delayed or turn.split for turn in course.turns)


def test_a_fold_that_is_not_given_up_would_be_seen_to_delay_turns() -> None:
    course = run_at_once(converse("antiphon", KNOBS, Shape(), 1, heedless=True))
    assert any(turn.delayed for turn in course.turns)


def test_the_same_seed_gives_the_same_figures() -> None:
    assert measure(KNOBS, Shape(), 1) == list(courses().values())


@pytest.mark.parametrize("budget", [400, 800, 4000])
def test_other_budgets_are_kept_too(budget: int) -> None:
    course = run_at_once(converse("antiphon", KNOBS, Shape(budget=budget, notes=budget // 3), 1))
    assert max(turn.prompt_tokens for turn in course.turns) <= budget


def test_the_report_has_every_policy_and_the_table_every_figure() -> None:
    measured = list(courses().values())
    figures = report(measured, 2000)
    assert orjson.loads(orjson.dumps(figures))["ratios"]["prompt_tokens_last"] <= 0.2
    assert table(measured).splitlines()[0] == f"|  | {' | '.join(POLICIES)} |"


def options(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    bench_context.add_arguments(parser)
    return parser.parse_args(given)


def test_the_command_prints_a_table_and_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_context.run(options("--json", str(tmp_path / "out.json"))) == 0
    assert "| facts | 20 |" in capsys.readouterr().out
    assert set(orjson.loads((tmp_path / "out.json").read_bytes())["policies"]) == set(POLICIES)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--budget", "0"], "--budget 0"),
        (["--first-token-ms", "-1"], "--first-token-ms: "),
        (["--prompt-token-ms", "nan"], "--prompt-token-ms: "),
        (["--json", "/nowhere/x"], "cannot write"),
    ],
)
def test_wrong_options_are_refused(given: list[str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        bench_context.run(options(*given))
