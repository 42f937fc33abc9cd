"""How soon a model will answer: what is promised, what is seen, and what is only known to be longer."""

import math
from random import Random

import pytest

from pipeline.llm.latency import COLD_AFTER, COLD_EXTRA, HOUR, LOWEST, Latencies, Predictor, size_of
from tests.pipeline.rows import LARGE, SMALL


def promised() -> Latencies:
    return Latencies(0.15, 0.275)


def waits(median: float, p90: float, count: int, seed: int = 1) -> list[float]:
    chance, spread = Random(seed), math.log(p90 / median) / 1.2816
    return [median * math.exp(chance.gauss(0, 1) * spread) for _ in range(count)]


def seen(latencies: Latencies, samples: list[float], every: float = 2.0, begin: float = 0.0) -> float:
    """Feeds them, and returns when the last of them came."""
    for number, sample in enumerate(samples):
        latencies.came(sample, begin + number * every)
    return begin + len(samples) * every


@pytest.mark.parametrize(("seconds", "chance"), [(0.0, 0.0), (-1.0, 0.0), (0.15, 0.5), (0.275, 0.9), (10.0, 1.0)])
def test_before_anything_was_seen_the_catalogue_is_believed(seconds: float, chance: float) -> None:
    assert promised().chance(seconds, 0.0) == pytest.approx(chance, abs=1e-3)


def test_samples_overrule_a_wrong_row() -> None:
    latencies = promised()
    now = seen(latencies, waits(0.6, 1.2, 100))
    assert latencies.quantile(0.5, now) == pytest.approx(0.6, rel=0.15)
    assert latencies.quantile(0.9, now) == pytest.approx(1.2, rel=0.25)


def test_a_model_that_slows_down_is_noticed_within_a_minute() -> None:
    latencies = promised()
    now = seen(latencies, waits(0.15, 0.275, 1000))
    assert latencies.chance(0.45, now) > 0.95
    now = seen(latencies, waits(0.6, 1.1, 30), begin=now)
    assert latencies.chance(0.45, now) < 0.7


def test_the_window_slides_for_ever() -> None:
    """Not so where the tenth sample was always replaced: `list[:9] + [new]`, as LiteLLM had it."""
    latencies = promised()
    now = seen(latencies, [1.0] * 9)
    now = seen(latencies, [0.1] * 200, begin=now)
    assert latencies.quantile(0.5, now) == pytest.approx(0.1, rel=0.1)
    assert latencies.chance(0.2, now) > 0.9


def test_a_first_token_is_not_faster_for_a_longer_answer() -> None:
    """It was where it was divided by the answer's tokens, as LiteLLM had it: nothing here is told how long that is."""
    predictor = Predictor()
    for number in range(50):
        for model, wait in ((SMALL, 0.2), (LARGE, 0.4)):
            predictor.of(model, 500, number).came(wait, number)
            predictor.asked(model, number)
    quick, slow = (predictor.of(model, 500, 50.0) for model in (SMALL, LARGE))
    assert quick.quantile(0.5, 50.0) < slow.quantile(0.5, 50.0)


def test_an_idle_model_drifts_back_to_what_it_usually_is() -> None:
    latencies = promised()
    now = seen(latencies, waits(0.15, 0.275, 500))
    now = seen(latencies, [2.0] * 60, begin=now)
    assert latencies.chance(0.45, now) < 0.4
    assert latencies.chance(0.45, now + 600) > 0.85


def test_what_is_only_known_to_be_longer_counts_as_what_is_longer() -> None:
    whole, closed = promised(), promised()
    now = 0.0
    for wait in waits(0.3, 0.55, 400):
        now += 2.0
        whole.came(wait, now)
        if wait <= 0.35:
            closed.came(wait, now)
        else:
            closed.waited(0.35, now)
    assert closed.chance(0.35, now) == pytest.approx(whole.chance(0.35, now), abs=0.05)
    assert closed.quantile(0.5, now) == pytest.approx(whole.quantile(0.5, now), rel=0.15)


def test_a_model_that_only_fails_is_soon_not_expected_in_time() -> None:
    latencies = promised()
    for number in range(20):
        latencies.waited(0.45, number)
    assert latencies.chance(0.45, 20.0) < 0.25
    assert latencies.quantile(0.95, 20.0) > 0.5


def test_the_longer_it_was_waited_for_the_less_likely_it_makes_it() -> None:
    latencies = promised()
    chances = [latencies.chance_still(0.45, waited, 0.0) for waited in (0.0, 0.2, 0.3, 0.4, 0.45)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == pytest.approx(latencies.chance(0.45, 0.0))
    assert chances[-1] == 0.0
    assert latencies.expected(0.3, 0.0) > latencies.expected(0.0, 0.0)


@pytest.mark.parametrize("wait", [LOWEST, 0.3, 63.0, 64.5, 1e6])
def test_any_wait_has_its_place(wait: float) -> None:
    latencies = promised()
    for number in range(300):
        latencies.came(wait, number)
    assert latencies.chance(wait * 1.2, 300.0) > 0.5 or wait > 60
    assert latencies.chance(wait / 1.3, 300.0) < 0.5


def test_what_is_faster_than_the_first_bin_is_in_it() -> None:
    latencies = promised()
    seen(latencies, [0.0001] * 100)
    assert latencies.chance(LOWEST, 200.0) > 0.8


def test_years_of_samples_do_not_overflow() -> None:
    latencies = promised()
    for number in range(2000):
        latencies.came(0.2, number * HOUR)
    assert latencies.chance(0.3, 2000 * HOUR) == pytest.approx(0.96, abs=0.04)


def test_prompts_of_another_size_and_cold_requests_are_kept_apart() -> None:
    predictor = Predictor()
    assert [size_of(tokens) for tokens in (0, 1000, 1001, 5000, 100_000)] == [0, 0, 1, 2, 3]
    cold = predictor.of(SMALL, 100, 0.0)
    predictor.asked(SMALL, 0.0)
    warm = predictor.of(SMALL, 100, 1.0)
    assert cold.median == pytest.approx(warm.median + COLD_EXTRA)
    assert predictor.of(SMALL, 900, 2.0) is warm
    assert predictor.of(SMALL, 2000, 2.0) is not warm
    assert predictor.of(SMALL, 100, COLD_AFTER + 1) is cold
