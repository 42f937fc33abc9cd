"""A server's log of turns, lived through again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline.errors import ConfigError
from server.bench_router import measure
from server.observing.turn_log import fields
from server.simulation.logged import read_log
from server.simulation.traffic import DRAWS, questions
from server.simulation.worlds import World, classic
from tests.server.observing.turns import MARKS, record

WORLD = classic()


def line(at: float, model: str, wait: float | None, **other: Any) -> bytes:
    """One turn as the log has it, chosen 0.2 s after it was asked."""
    marks = {**MARKS, "llm_request": 200.0, "llm_first_token": 200.0 + 1000 * (wait or 0.0)}
    if wait is None:
        del marks["llm_first_token"]
    told = fields(replace(record(marks_ms=marks), at=1e9 + at)) | {"asked": [model], "kind": "fact", **other}
    return orjson.dumps({"logger": "antiphon.turn", **told})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "antiphon.log"


def read(log: Path, *lines: bytes, world: World = WORLD) -> Sequence[Any]:
    log.write_bytes(b"\n".join(lines))
    return read_log(log, world, 1)


def test_turns_come_when_they_did_and_take_what_they_took(log: Path) -> None:
    first, second = read(log, line(30.0, "small", 0.5), line(10.0, "small", 0.25, time_left_ms=300.0))
    assert (first.at, second.at) == (0.0, 20.0)
    assert (first.time_left, second.time_left) == (0.3, pytest.approx(0.4))
    assert (first.wait("small", 0), second.wait("small", 0)) == (pytest.approx(0.25), pytest.approx(0.5))
    assert (first.prompt_tokens, first.answer_tokens) == (120, 30)


def test_a_model_that_was_not_asked_waits_as_it_did_nearby_or_as_its_world_says(log: Path) -> None:
    turn, other = read(log, line(0.0, "small", 0.25), line(1.0, "large", 0.75))
    assert set(turn.waits) == {model.name for model in WORLD.models}
    assert turn.waits["large"] == pytest.approx([0.75] * DRAWS)
    assert other.waits["small"] == pytest.approx([0.25] * DRAWS)
    assert len(set(turn.waits["large-long"])) > 1


def test_a_request_that_failed_fails_again(log: Path) -> None:
    [turn] = read(log, line(0.0, "small", None))
    assert turn.wait("small", 0) is None


def test_a_request_that_the_user_did_not_wait_for_is_passed_over(log: Path) -> None:
    cancelled = line(1.0, "small", None, outcome="cancelled", reason="turn_detected")
    turns = read(log, line(0.0, "small", 0.2), cancelled, line(2.0, "large", 0.2))
    assert [turn.at for turn in turns] == [0.0, 2.0]
    assert turns[1].waits["small"] == pytest.approx([0.2] * DRAWS), "nor does it make its neighbours fail"


def test_an_answer_that_was_interrupted_took_what_it_took(log: Path) -> None:
    [turn] = read(log, line(0.0, "small", 0.25, outcome="cancelled", reason="turn_detected"))
    assert turn.wait("small", 0) == pytest.approx(0.25)


def test_without_words_a_question_of_the_same_kind_is_asked(log: Path) -> None:
    said, unsaid = read(log, line(0.0, "small", 0.2, question="Why?"), line(1.0, "small", 0.2))
    assert said.question == "Why?"
    assert unsaid.question in questions()["fact"]


def test_other_lines_are_passed_over(log: Path) -> None:
    others = [b"a line of text", b'{"logger": "antiphon", "message": "hello"}', b"[]", b""]
    assert len(read(log, *others, line(0.0, "small", 0.2))) == 1
    with pytest.raises(ConfigError, match="no turns"):
        read(log, *others)
    with pytest.raises(ConfigError, match="cannot read"):
        read_log(log.with_name("nowhere"), WORLD, 1)


def test_every_policy_lives_through_it(log: Path) -> None:
    day = read(log, *(line(60.0 * number, "small", 0.2 + 0.01 * (number % 10)) for number in range(50)))
    figures = dict(measure(WORLD, day, 1, 0.05, lambda _: None))
    assert figures["small"]["within_deadline"] == 1.0
    assert figures["antiphon"]["within_deadline"] >= 0.9
