"""The knobs of the stand-in: what they accept, and the delays and faults that come of them."""

from random import Random
from statistics import median, quantiles

import pytest

from models.faults import FAULTS, KnobError, Knobs


def test_turning_knobs_leaves_the_others() -> None:
    knobs = Knobs(tokens_per_second=50, replies=("a",)).changed({"fault": "stall", "fault_after": 2, "replies": "b"})
    assert knobs == Knobs(tokens_per_second=50, replies=("b",), fault="stall", fault_after=2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fault", "fire"),
        ("fault", {}),
        ("fault_every", 0),
        ("fault_after", -1),
        ("fault_after", 1.5),
        ("fault_probability", 1.1),
        ("tokens_per_second", -1),
        ("tokens_per_second", "fast"),
        ("first_token_ms", float("nan")),
        ("first_token_ms", float("inf")),
        ("prompt_token_ms", True),
        ("seed", True),
        ("replies", [1]),
        ("replies", 1),
        ("speed", 1),
    ],
)
def test_a_wrong_knob_is_named(name: str, value: object) -> None:
    with pytest.raises(KnobError, match=name) as wrong:
        Knobs().changed({name: value})
    assert wrong.value.name == name


def test_first_tokens_follow_the_distribution_asked_for() -> None:
    chance = Random(7)
    knobs = Knobs(first_token_ms=200, first_token_p99_ms=900)
    delays = [knobs.first_token_delay(10, chance) for _ in range(20_000)]
    assert median(delays) == pytest.approx(0.2, rel=0.03)
    assert quantiles(delays, n=100)[98] == pytest.approx(0.9, rel=0.1)


def test_prompts_add_to_the_first_tokens_delay() -> None:
    assert Knobs(first_token_ms=100, prompt_token_ms=0.5).first_token_delay(200, Random(1)) == pytest.approx(0.2)


def test_faults_come_as_often_as_asked_and_the_same_for_the_same_seed() -> None:
    knobs = Knobs(fault="cut", fault_probability=0.25, fault_every=2)

    def faulty() -> list[int]:
        chance = Random(3)
        return [request for request in range(1, 4001) if knobs.fault_of(request, chance)]

    assert faulty() == faulty()
    assert all(request % 2 == 0 for request in faulty())
    assert len(faulty()) == pytest.approx(500, rel=0.15)


def test_no_fault_is_none() -> None:
    assert Knobs().fault_of(1, Random(1)) is None
    assert len(FAULTS) == 8
