"""What one server knows of its models, from the requests that it sends."""

from dataclasses import replace

import pytest

from pipeline.engines import RateLimit
from pipeline.llm.allowance import Allowance
from pipeline.llm.fleet import PROBE_AFTER, Fleet
from pipeline.llm.router import Need
from tests.pipeline.rows import LARGE, SMALL

NEED = Need(400, 60, 0.45, 0.1)


def first(fleet: Fleet, now: float = 0.0) -> str:
    return fleet.choose(NEED, now).attempts[0].model.name


def test_requests_are_counted_against_the_rates_of_all_sessions() -> None:
    fleet = Fleet([replace(SMALL, requests_per_minute=2), LARGE])
    names = list[str]()
    for _ in range(3):
        names.append(first(fleet))
        fleet.ask(fleet.choose(NEED, 0.0).attempts[0].model, NEED, 0.45, 0.0)
    assert names == ["small", "small", "large"]
    assert first(fleet, 31.0) == "small"


def test_tokens_that_an_answer_did_not_take_are_given_back() -> None:
    fleet = Fleet([replace(SMALL, tokens_per_minute=900), LARGE])
    asked = fleet.ask(fleet.catalog[0], NEED, 0.45, 0.0)
    assert first(fleet) == "large"
    fleet.answered(asked, 0.2)
    fleet.settle(asked, 410, 0.3)
    assert first(fleet, 0.3) == "small"


def test_a_limit_is_the_servers_word_and_no_failure() -> None:
    fleet = Fleet([SMALL, LARGE])
    for _ in range(5):
        fleet.limited(fleet.ask(SMALL, NEED, 0.45, 0.0), 0.0, 7.0)
    assert first(fleet, 6.9) == "large"
    assert first(fleet, 7.0) == "small"
    fleet.learn(SMALL, [RateLimit("tokens", 6000, 0, 60.0)], 8.0)
    assert first(fleet, 8.0) == "large"


def test_failures_count_as_missed_deadlines() -> None:
    fleet = Fleet([SMALL, LARGE])
    asked = fleet.ask(SMALL, NEED, 0.45, 0.0)
    before = asked.latencies.chance(0.45, 0.0)
    fleet.failed(asked, 0.02)
    assert asked.latencies.chance(0.45, 0.02) < before - 0.1


def test_a_row_that_is_put_right_is_judged_anew_and_one_that_stays_is_not() -> None:
    fleet = Fleet([SMALL, LARGE])
    for row in (SMALL, LARGE):
        for _ in range(3):
            fleet.failed(fleet.ask(row, NEED, 0.45, 0.0), 0.3)
    slower = replace(SMALL, url="http://127.0.0.1:9/v1", first_token_p50_ms=3000, first_token_p90_ms=4000)
    fleet.restock([slower, replace(LARGE, quality=0.99)])
    assert [fleet.open(row, 0.3) for row in fleet.catalog] == [True, False]
    assert fleet.predictor.of(slower, 400, 0.3).quantile(0.5, 0.3) > 2.5


def test_nothing_is_wasted_where_that_is_not_allowed() -> None:
    fleet = Fleet([SMALL, LARGE], Allowance(share=0.0))
    fleet.allowance.earn(10**6)
    assert not fleet.choose(NEED, 1.0).hedged


def test_models_that_nobody_asks_are_to_be_probed_before_they_grow_cold() -> None:
    fleet = Fleet([SMALL, LARGE])
    assert [one.name for one in fleet.to_probe(0.0)] == ["small", "large"]
    for model in (SMALL, LARGE):
        fleet.answered(fleet.ask(model, NEED, 0.45, 0.0), 0.2)
    fleet.ask(SMALL, NEED, 0.45, 100.0)
    assert fleet.to_probe(PROBE_AFTER) == []
    assert [one.name for one in fleet.to_probe(PROBE_AFTER + 1)] == ["large"]


@pytest.mark.parametrize("ending", ["whole", "broken", "left", "failed", "closed", "refused"])
def test_however_a_trial_ends_there_can_be_another(ending: str) -> None:
    fleet = Fleet([SMALL])
    for _ in range(3):
        fleet.failed(fleet.ask(SMALL, NEED, 0.45, 0.0), 0.0)
    breaker = fleet.standing["small"].breaker
    trial = fleet.ask(SMALL, NEED, 0.45, 5.0)
    assert not breaker.allows(5.0)
    match ending:
        case "whole" | "broken" | "left":
            fleet.answered(trial, 5.1)
            fleet.settle(trial, 400, 5.2, ending)
        case _:
            getattr(fleet, ending)(trial, 5.2)
    assert breaker.allows(16.0)
    assert (breaker.state(16.0) == "closed") == (ending == "whole")
