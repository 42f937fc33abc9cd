"""How things stand at a moment."""

import math
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from pipeline.errors import EngineError
from pipeline.llm.budget import Budget, Limits, Payer
from pipeline.llm.catalog import Model
from pipeline.llm.fleet import Fleet
from pipeline.roster import Engines
from server.observing.standing import BudgetStanding, Standing, StandingCollector, budgets_now, engines_now, models_now
from tests.pipeline.fakes import FakeAsr, FakeLlm, FakeTts, staff

MODEL = Model("small", "http://127.0.0.1:1/v1", "small", 0.001, 0.002, 4096, 0.7, 350.0, 850.0, 80.0)


def engines() -> Engines:
    """Two models, of which the first is the better, and one of everything else."""
    staffed = staff([FakeAsr()], [FakeLlm(name="one"), FakeLlm(name="other")], [FakeTts()])
    staffed.llm_stage.reported.set()
    return staffed


def llms(staffed: Engines, now: float) -> tuple[list[tuple[str, bool, bool, int]], bool]:
    told, fallbacks = engines_now(staffed, now)
    return [(one.name, one.ready, one.in_use, one.failures) for one in told if one.stage == "llm"], fallbacks["llm"]


def test_the_first_choice_is_in_use() -> None:
    assert llms(engines(), 0.0) == ([("one", True, True, 0), ("other", True, False, 0)], False)


def test_when_it_rests_another_is_and_that_is_a_fallback() -> None:
    staffed = engines()
    first, second = staffed.llm_stage.ready()
    staffed.llm_stage.resting.blame(first, EngineError("down"), 10.0, second)
    assert llms(staffed, 11.0) == ([("one", True, False, 1), ("other", True, True, 0)], True)
    assert llms(staffed, 100.0)[1] is False


def test_an_absent_first_choice_is_a_fallback_and_one_still_starting_is_not() -> None:
    staffed = engines()
    staffed.llm_stage.candidates[0].state = "absent"
    assert llms(staffed, 0.0)[1] is True
    staffed.llm_stage.candidates[0].state = "starting"
    assert llms(staffed, 0.0)[1] is False


def test_before_a_stage_has_reported_nobody_knows_whether_it_needs_a_fallback() -> None:
    staffed = staff([FakeAsr()], [FakeLlm(name="one"), FakeLlm(name="other")], [FakeTts()])
    staffed.llm_stage.candidates[0].state = "starting"
    assert engines_now(staffed, 0.0)[1] == {}


def test_of_models_that_are_chosen_among_each_is_a_first_choice() -> None:
    staffed, fleet = engines(), Fleet([MODEL, replace(MODEL, name="one")])
    staffed.mind.fleet = fleet
    assert llms(staffed, 0.0) == ([("one", True, True, 0), ("other", True, False, 0)], False)
    for _ in range(3):
        fleet.standing["one"].breaker.failed(1.0)
    assert llms(staffed, 2.0) == ([("one", True, False, 0), ("other", True, True, 0)], True)
    staffed.llm_stage.candidates[0].state = "absent"
    assert llms(staffed, 2.0) == ([("one", False, False, 0), ("other", True, True, 0)], True)


def test_models_are_told_with_what_is_expected_of_them() -> None:
    fleet = Fleet([MODEL])
    [before] = models_now(fleet, 0.0)
    assert before.state == "closed"
    assert before.usual == pytest.approx(0.35 + 0.15, rel=0.1)  # nobody has asked it yet: it is cold
    for _ in range(3):
        fleet.standing["small"].breaker.failed(1.0)
    assert models_now(fleet, 2.0)[0].state == "open"


def test_the_budgets_of_all_are_told_and_nobodys_own() -> None:
    budget = Budget(Limits(session=1.0, user_day=2.0, day=5.0))
    assert budgets_now(budget, 0.0) == [BudgetStanding("day", 0.0, 5.0)]
    budget.spend(Payer("sess_1", "jane"), 4.5, 0.0)
    assert budgets_now(budget, 0.0) == [BudgetStanding("day", 4.5, 5.0)]
    assert budgets_now(budget, 86_400.0) == [BudgetStanding("day", 0.0, 5.0)]


def test_all_of_it_is_exposed() -> None:
    told, fallbacks = engines_now(engines(), 0.0)
    fleet = Fleet([MODEL])
    budgets = [BudgetStanding("day", 4.5, 5.0)]
    collector, registry = StandingCollector(), CollectorRegistry()
    registry.register(collector)
    collector.standing = Standing({"speaking": 2}, 3, 100, told, fallbacks, models_now(fleet, 0.0), 1000.0, budgets)
    text = generate_latest(registry).decode()
    for line in (
        'antiphon_sessions_now{state="speaking"} 2.0',
        "antiphon_turns_now 3.0",
        "antiphon_outbox_bytes 100.0",
        'antiphon_engine_in_use{engine="one",stage="llm"} 1.0',
        'antiphon_engine_failures_total{engine="one",stage="llm"} 0.0',
        'antiphon_fallback_in_use{stage="llm"} 0.0',
        'antiphon_model_breaker{model="small",state="closed"} 1.0',
        'antiphon_model_expected_first_token_seconds{model="small",quantile="0.95"}',
        "antiphon_hedge_allowance_tokens 1000.0",
        'antiphon_budget_spent_dollars{budget="day"} 4.5',
        'antiphon_budget_limit_dollars{budget="day"} 5.0',
    ):
        assert line in text
    assert math.isfinite(models_now(fleet, 0.0)[0].long)
