"""Answers hold back as soon as there is too much to do, and for no longer than that; and they do not waver."""

import pytest

from pipeline.llm.load import CALM, LOWER, WINDOW, Busy, Capacity, Load
from pipeline.llm.restraint import Step

ROOM = Capacity(turns_per_second=10.0, answers=20, lag=0.1)


def loaded(turns: float = 0.0, answers: int = 0, lag: float = 0.0, capacity: Capacity = ROOM) -> Load:
    """A server on which so much goes on at time 0."""
    load = Load(capacity)
    for _ in range(answers):
        load.began(-2 * WINDOW)
    for _ in range(round(turns * WINDOW)):
        load.began(0.0)
        load.ended()
    for _ in range(100):
        load.late(lag)
    return load


@pytest.mark.parametrize(
    ("turns", "answers", "lag", "step"),
    [
        (0.0, 0, 0.0, Step.FULL),
        (9.8, 19, 0.099, Step.FULL),
        (10.0, 0, 0.0, Step.CHEAPER),
        (0.0, 20, 0.0, Step.CHEAPER),
        (0.0, 0, 0.101, Step.CHEAPER),
        (15.0, 0, 0.0, Step.SHORTER),
        (0.0, 30, 0.0, Step.SHORTER),
        (10.0, 20, 0.21, Step.LESS_HISTORY),
        (0.0, 40, 0.0, Step.LESS_HISTORY),
        (500.0, 900, 9.0, Step.LESS_HISTORY),
    ],
)
def test_the_more_is_going_on_the_more_is_held_back(turns: float, answers: int, lag: float, step: Step) -> None:
    restraint = loaded(turns, answers, lag).restraint(0.0)
    assert (restraint.step, restraint.hedges) == (step, step == Step.FULL)


def test_what_does_not_matter_is_not_counted() -> None:
    assert loaded(500.0, 900, 9.0, Capacity(0.0, 0.0, 0.0)).restraint(0.0).step == Step.FULL


@pytest.mark.parametrize(
    ("busy", "why"),
    [
        (Busy(12.0, 5, 0.0), "12.0 turns a second"),
        (Busy(1.0, 25, 0.0), "25 answers at once"),
        (Busy(1.0, 5, 0.15), "the server is 150 ms late"),
    ],
)
def test_the_scarcest_of_all_is_named(busy: Busy, why: str) -> None:
    assert busy.share(ROOM)[1] == why


def test_the_reason_is_told() -> None:
    assert loaded(answers=20).restraint(0.0).why == "much is going on (20 answers at once): a cheaper model"


def test_turns_count_for_a_while_and_answers_until_they_end() -> None:
    load = Load(ROOM)
    for _ in range(30):
        load.began(0.0)
    assert load.busy(WINDOW) == Busy(30 / WINDOW, 30, 0.0)
    for _ in range(30):
        load.ended()
    assert load.busy(WINDOW + 0.1) == Busy(0.0, 0, 0.0)


def test_one_pause_is_no_load() -> None:
    load = Load(ROOM)
    load.late(0.4)
    assert load.restraint(0.0).step == Step.FULL


def test_it_goes_back_one_step_at_a_time_after_each_calm_while() -> None:
    load = loaded(answers=40)
    assert load.restraint(0.0).step == Step.LESS_HISTORY
    for _ in range(40):
        load.ended()
    steps = [load.restraint(at).step for at in (1.0, CALM, 1.0 + CALM, 1.0 + 2 * CALM, 1.0 + 3 * CALM, 99 * CALM)]
    assert steps == [Step.LESS_HISTORY, Step.LESS_HISTORY, Step.SHORTER, Step.CHEAPER, Step.FULL, Step.FULL]


def test_between_the_thresholds_all_stays_as_it_is() -> None:
    load = loaded(answers=20)
    assert load.restraint(0.0).step == Step.CHEAPER
    while load.busy(0.0).answers > 20 * LOWER:
        load.ended()
    assert {load.restraint(float(at)).step for at in range(200)} == {Step.CHEAPER}
    load.ended()
    assert load.restraint(200.0).step == Step.CHEAPER
    assert load.restraint(200.0 + CALM).step == Step.FULL


def test_a_wave_within_the_calm_begins_it_again() -> None:
    load = loaded(answers=20)
    load.restraint(0.0)
    for wave in range(5):
        for _ in range(20):
            load.ended()
        assert load.restraint(wave * CALM + 1.0).step == Step.CHEAPER
        for _ in range(20):
            load.began(-99.0)
        assert load.restraint((wave + 1) * CALM).step == Step.CHEAPER


def test_it_goes_up_again_at_once() -> None:
    load = loaded(answers=20)
    load.restraint(0.0)
    for _ in range(20):
        load.began(-99.0)
    assert load.restraint(0.1).step == Step.LESS_HISTORY
