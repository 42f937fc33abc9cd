"""Latencies are summed up without flattery, and with what there is to doubt in them."""

import pytest

from client.latency import Measured, percentiles, quantile, report, table


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [([5], 0.5, 5), ([1, 2], 0.5, 1), ([3, 1, 2], 0.5, 2), (range(1, 101), 0.95, 95), (range(1, 21), 0.99, 20)],
)
def test_a_quantile_is_one_of_the_values(values: list[float], share: float, value: float) -> None:
    assert quantile(list(values), share) == value


def test_percentiles_are_named() -> None:
    assert percentiles([float(n) for n in range(1, 101)]) == {"p50": 50, "p95": 95, "p99": 99}


def measured(first_audio: float, *, early: bool = False, answered: bool = True, turns: int = 1) -> Measured:
    return Measured("a", {"first_audio_ms": first_audio}, early=early, answered=answered, turns=turns)


def test_early_and_missing_answers_are_counted_and_not_averaged() -> None:
    runs = [measured(500), measured(-100, early=True), measured(9, answered=False), measured(600, turns=2)]
    result = report(runs)
    assert result["overall"] == {"first_audio_ms": {"p50": 500, "p95": 600, "p99": 600}}
    counts = (result["turns"], result["early_replies"], result["unanswered"], result["split_turns"])
    assert counts == (4, 1, 1, 1)
    assert len(result["clips"][0]["runs"]) == 4


def test_what_should_not_happen_is_kept_for_every_turn() -> None:
    runs = [measured(500), measured(-100, early=True), measured(9, answered=False), measured(600, turns=2)]
    samples = report(runs)["samples"]
    assert samples["first_audio_ms"] == {"a": [500, 600]}
    assert samples["early_replies"] == {"a": [0, 1, 0, 0]}
    assert samples["unanswered"] == {"a": [0, 0, 1, 0]}


def test_the_figures_that_matter_come_first() -> None:
    latencies = {"own_ms": 1.0, "first_audio_ms": 500.0, "ear_to_ear_ms": 510.0}
    assert list(report([Measured("a", latencies, answered=True)])["overall"]) == [
        *("ear_to_ear_ms", "first_audio_ms", "own_ms"),
    ]


def test_each_percentile_has_an_interval_around_it() -> None:
    result = report([Measured(str(n), {"first_audio_ms": 500.0 + n}, answered=True) for n in range(20)])
    low, high = result["intervals"]["first_audio_ms"]["p50"]
    assert 500 < low < result["overall"]["first_audio_ms"]["p50"] < high < 519
    assert f"[{low:.0f}, {high:.0f}]" in table(result["overall"], result["intervals"])


def test_wasted_words_are_added_up_where_the_server_tells() -> None:
    told = [Measured("a", answered=True, wasted_tokens=count) for count in (3, 4)]
    assert report(told)["wasted_tokens"] == 7
    assert report([measured(500)])["wasted_tokens"] is None


def test_nothing_measured_makes_an_empty_table() -> None:
    result = report([])
    assert (result["overall"], result["turns"]) == ({}, 0)
    assert len(table({}).splitlines()) == 1
