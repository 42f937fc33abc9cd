"""Intervals hold what they promise, and clips are drawn before turns."""

import numpy as np
import pytest

from client.uncertainty import Groups, common, difference, interval, mean, share_quantile

MEDIAN = share_quantile(0.5)


def clips(rng: np.random.Generator, count: int, each: int, shift: float = 0.0, spread: float = 30.0) -> Groups:
    """Turns of so many clips, whose own differences are greater than those of their turns."""
    return {f"{n}": list(400 + spread * np.sin(n * 7.3) + shift + rng.normal(0, 3, each)) for n in range(count)}


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(1).normal(0, 10, 400)
    found = interval({str(n): [value] for n, value in enumerate(values)}, mean)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * 10 / 20, rel=0.15)


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    rng, covered = np.random.default_rng(2), 0
    for _ in range(100):
        found = interval({str(n): [value] for n, value in enumerate(rng.normal(0, 1, 30))}, mean, draws=500)
        covered += found.low <= 0 <= found.high
    assert covered >= 85


def test_turns_of_few_clips_are_not_taken_for_independent() -> None:
    rng = np.random.default_rng(3)
    grouped = clips(rng, 5, 40)
    alone = {f"{name} {n}": [value] for name, values in grouped.items() for n, value in enumerate(values)}
    narrow, wide = interval(alone, mean), interval(grouped, mean)
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_a_change_is_found_that_is_smaller_than_what_clips_differ_by() -> None:
    rng = np.random.default_rng(4)
    found = difference(clips(rng, 12, 4), clips(rng, 12, 4, shift=8), MEDIAN)
    assert 0 < found.low < found.high < 20


def test_a_quantile_is_one_of_the_values_however_many_there_are() -> None:
    found = interval({"a": [1, 2, 3], "b": [10]}, share_quantile(0.95))
    assert found.value == 10
    assert (found.low, found.high) == (1, 10) or found.low in (2, 3)


def test_one_value_leaves_no_doubt_to_be_drawn() -> None:
    assert interval({"a": [5.0]}, MEDIAN).low == interval({"a": [5.0]}, MEDIAN).high == 5


def test_very_many_values_are_drawn_less_often() -> None:
    many = {"a": list(np.random.default_rng(5).normal(0, 1, 50_000))}
    assert interval(many, mean).high == pytest.approx(2 / np.sqrt(50_000), abs=0.01)


def test_only_clips_that_both_have_are_compared() -> None:
    assert common({"a": [1], "b": [2], "c": []}, {"a": [3], "c": [4]}) == ({"a": [1]}, {"a": [3]})
