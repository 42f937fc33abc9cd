"""Engines that failed go to the end of the line, for longer each time."""

import logging
from dataclasses import dataclass

import pytest

from pipeline.errors import EngineError, LimitedError, RefusedError
from pipeline.lineup import FIRST_REST, LONGEST_REST, Resting


@dataclass(frozen=True)
class Engine:
    name: str


GOOD, FAIR = Engine("good"), Engine("fair")
LINE = [GOOD, FAIR]


def test_who_never_failed_keeps_the_order() -> None:
    assert Resting().line(LINE, 0.0) == LINE


def test_who_failed_rests_and_comes_back() -> None:
    resting = Resting()
    assert resting.failed("good", 100.0) == FIRST_REST
    assert resting.line(LINE, 100.0) == [FAIR, GOOD]
    assert resting.line(LINE, 100.0 + FIRST_REST) == LINE


def test_when_all_rest_they_keep_the_order() -> None:
    resting = Resting()
    resting.failed("good", 0.0)
    resting.failed("fair", 0.0)
    assert resting.line(LINE, 1.0) == LINE


def test_each_failure_in_a_row_doubles_the_rest_up_to_five_minutes() -> None:
    resting, now = Resting(), 0.0
    rests: list[float] = []
    for _ in range(6):
        rests.append(resting.failed("good", now))
        now += rests[-1]
    assert rests == [30.0, 60.0, 120.0, 240.0, LONGEST_REST, LONGEST_REST]


def test_failures_of_one_outage_count_once() -> None:
    resting = Resting()
    resting.failed("good", 0.0)
    assert resting.failed("good", 10.0) == FIRST_REST - 10.0
    assert resting.line(LINE, FIRST_REST) == LINE


def test_an_answer_wipes_the_slate_clean() -> None:
    resting = Resting()
    resting.failed("good", 0.0)
    resting.worked("good")
    assert resting.line(LINE, 0.0) == LINE
    assert resting.failed("good", 50.0) == FIRST_REST


def test_who_failed_is_blamed_in_one_line_and_who_refused_is_not(caplog: pytest.LogCaptureFixture) -> None:
    resting = Resting()
    with caplog.at_level(logging.WARNING):
        resting.blame(GOOD, EngineError("it broke"), 0.0, FAIR)
        resting.blame(FAIR, RefusedError("too long"), 0.0, None)
    assert caplog.messages == ["it broke; good rests for 30 s, fair takes over", "too long; nobody takes over"]
    assert (resting.resting("good", 1.0), resting.resting("fair", 1.0)) == (True, False)
    assert resting.failures == {"good": 1}


def test_who_was_asked_too_often_is_left_alone_as_long_as_it_says() -> None:
    resting = Resting()
    resting.blame(GOOD, LimitedError("429", 1.0), 10.0, FAIR)
    assert [resting.line(LINE, now)[0] for now in (10.0, 10.9, 11.0)] == [FAIR, FAIR, GOOD]
    resting.blame(GOOD, LimitedError("429", 60.0), 11.0, FAIR)
    resting.blame(GOOD, LimitedError("429", 1.0), 12.0, FAIR)
    resting.worked("good")  # what it was asked before it said so
    assert [resting.resting("good", now) for now in (70.9, 71.0)] == [True, False]
    assert resting.failed("good", 71.0) == FIRST_REST


def test_who_was_asked_too_often_and_does_not_say_how_long_rests_as_others_do() -> None:
    resting = Resting()
    resting.blame(GOOD, LimitedError("429"), 0.0, FAIR)
    assert [resting.resting("good", now) for now in (FIRST_REST - 0.1, FIRST_REST)] == [True, False]
