"""Whether asking the same model twice helps, as it turns out."""

from random import Random

import pytest

from pipeline.llm.again import AT_FIRST, Again
from pipeline.llm.latency import Latencies


def race(again: Again, latencies: Latencies, waits: tuple[float, float], start: float) -> None:
    """Two requests, the second some seconds after the first; nothing is learnt if it was not needed."""
    first, second = waits[0], start + waits[1]
    over = min(first, second)
    if over > start:
        again.learn(latencies, second < first, (over, over - start), 0.0)


@pytest.mark.parametrize("start", [0.0, 0.1, 0.2])
def test_requests_with_luck_of_their_own_are_worth_as_much_as_others(start: float) -> None:
    again, chance, latencies = Again(), Random(1), Latencies(0.3, 0.55)
    for _ in range(2000):
        race(again, latencies, (chance.lognormvariate(-1.2, 0.47), chance.lognormvariate(-1.2, 0.47)), start)
    assert again.worth > 0.8


@pytest.mark.parametrize("start", [0.0, 0.1])
def test_requests_that_are_delayed_by_the_same_are_worth_little(start: float) -> None:
    again, chance, latencies = Again(), Random(1), Latencies(0.3, 0.55)
    for _ in range(300):
        wait = chance.lognormvariate(-1.2, 0.47)
        race(again, latencies, (wait, wait), start)
    assert again.worth < 0.15


def test_before_any_race_it_is_a_guess_and_never_more_than_one() -> None:
    again = Again()
    assert again.worth == AT_FIRST
    for _ in range(100):
        again.learn(Latencies(0.3, 0.55), second_won=True, waited=(0.4, 0.3), now=0.0)
    assert again.worth == 1.0
