"""No purse is overrun, each step of holding back comes in its turn, and everybody is warned once."""

import math
from datetime import UTC, datetime
from random import Random

import pytest

from pipeline.llm.budget import HELD, KEPT, Budget, Key, Kind, Limits, Payer, Row, day_of
from pipeline.llm.restraint import Step

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0
ANNA = Payer("talk 1", "anna")
ANNA_AGAIN = Payer("talk 2", "anna")
BERT = Payer("talk 3", "bert")


def spent(dollars: float, limits: Limits, payer: Payer = ANNA) -> Budget:
    budget = Budget(limits)
    budget.spend(payer, dollars, NOON)
    return budget


@pytest.mark.parametrize(
    ("dollars", "step"),
    [
        (0.0, Step.FULL),
        (7.9, Step.FULL),
        (8.0, Step.CHEAPER),
        (9.0, Step.SHORTER),
        (9.5, Step.LESS_HISTORY),
        (10.0, Step.STOP),
        (99.0, Step.STOP),
    ],
)
def test_the_less_is_left_the_more_is_held_back(dollars: float, step: Step) -> None:
    restraint = spent(dollars, Limits(day=10.0)).restraint(ANNA, NOON)
    assert (restraint.step, restraint.left) == (step, pytest.approx(max(0.0, 10.0 - dollars)))


def test_without_limits_nothing_is_held_back_whatever_was_spent() -> None:
    restraint = spent(1e6, Limits()).restraint(ANNA, NOON)
    assert (restraint.step, restraint.left, restraint.why) == (Step.FULL, math.inf, "")


def test_a_budget_of_zero_is_used_up_before_anything_was_spent() -> None:
    budget = Budget(Limits(day=0.0))
    restraint = budget.restraint(ANNA, NOON)
    assert (restraint.step, restraint.left) == (Step.STOP, 0.0)
    assert restraint.why == "the day's budget is used up, for it is 0: nothing that costs anything"
    assert budget.reserve(ANNA, 0.001, NOON) is None


def test_what_costs_nothing_is_had_of_a_budget_of_zero_and_warns_of_nothing() -> None:
    budget = Budget(Limits(day=0.0))
    held = budget.reserve(ANNA, 0.0, NOON)
    assert held
    budget.settle(held, 0.0, NOON)
    assert budget.warnings == []


@pytest.mark.parametrize(
    ("limits", "anna", "again", "bert"),
    [
        (Limits(session=1.0), Step.STOP, Step.FULL, Step.FULL),
        (Limits(user_day=1.0), Step.STOP, Step.STOP, Step.FULL),
        (Limits(day=1.0), Step.STOP, Step.STOP, Step.STOP),
        (Limits(month=1.0), Step.STOP, Step.STOP, Step.STOP),
    ],
)
def test_a_purse_is_shared_by_those_it_is_for(limits: Limits, anna: Step, again: Step, bert: Step) -> None:
    budget = spent(1.0, limits)
    assert [budget.restraint(payer, NOON).step for payer in (ANNA, ANNA_AGAIN, BERT)] == [anna, again, bert]


@pytest.mark.parametrize(
    ("limits", "tomorrow", "next_month"),
    [
        (Limits(session=1.0), Step.STOP, Step.STOP),
        (Limits(user_day=1.0), Step.FULL, Step.FULL),
        (Limits(day=1.0), Step.FULL, Step.FULL),
        (Limits(month=1.0), Step.STOP, Step.FULL),
    ],
)
def test_a_purse_is_full_again_when_its_period_is_over(limits: Limits, tomorrow: Step, next_month: Step) -> None:
    budget = spent(1.0, limits)
    assert budget.restraint(ANNA, NOON + DAY).step == tomorrow
    assert budget.restraint(ANNA, NOON + 10 * DAY).step == next_month


def test_days_are_those_of_utc() -> None:
    midnight = datetime(2026, 11, 26, tzinfo=UTC).timestamp()
    assert [day_of(midnight - 0.001), day_of(midnight)] == ["2026-11-25", "2026-11-26"]


def test_the_tightest_purse_decides_and_is_named() -> None:
    restraint = spent(0.85, Limits(session=100.0, user_day=1.0, day=1.6, month=50.0)).restraint(ANNA, NOON)
    assert restraint.left == pytest.approx(0.15)
    assert restraint.why == "this user's budget for the day is used to 85%: a cheaper model"


def test_what_is_reserved_is_not_there_for_others() -> None:
    budget = Budget(Limits(day=1.0))
    held = budget.reserve(ANNA, 0.7, NOON)
    assert held
    assert budget.reserve(BERT, 0.4, NOON) is None
    assert budget.restraint(BERT, NOON).left == pytest.approx(0.3)
    budget.settle(held, 0.2, NOON)
    assert budget.restraint(BERT, NOON).left == pytest.approx(0.8)
    assert budget.reserve(BERT, 0.4, NOON)


def test_a_reservation_that_is_refused_leaves_every_purse_as_it_was() -> None:
    budget = Budget(Limits(session=5.0, day=1.0))
    assert budget.reserve(ANNA, 2.0, NOON) is None
    assert budget.restraint(ANNA, NOON).left == 1.0
    assert budget.reserve(ANNA, 1.0, NOON)


def test_a_reservation_that_nobody_settles_is_released() -> None:
    budget = Budget(Limits(day=1.0))
    held = budget.reserve(ANNA, 1.0, NOON)
    assert budget.reserve(ANNA, 1.0, NOON + HELD) is None
    assert budget.reserve(ANNA, 1.0, NOON + HELD + 1)
    assert held


def test_settling_late_is_paid_and_gives_nothing_back_twice() -> None:
    budget = Budget(Limits(day=10.0))
    held = budget.reserve(ANNA, 4.0, NOON)
    other = budget.reserve(BERT, 3.0, NOON + HELD)
    assert held
    assert other
    assert budget.restraint(ANNA, NOON + HELD + 1).left == 7.0
    budget.settle(held, 2.0, NOON + HELD + 2)
    assert budget.restraint(ANNA, NOON + HELD + 3).left == 5.0


def test_an_answer_over_midnight_is_paid_by_the_day_it_began() -> None:
    budget = Budget(Limits(day=1.0))
    late = datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC).timestamp()
    held = budget.reserve(ANNA, 1.0, late)
    assert held
    budget.settle(held, 1.0, late + 5)
    assert budget.restraint(ANNA, late + 5).left == 1.0


def test_each_threshold_is_warned_of_once_in_a_period() -> None:
    budget = Budget(Limits(day=10.0))
    seen: list[tuple[str, float]] = []
    for at in (NOON, NOON + DAY):
        for _ in range(120):
            budget.spend(ANNA, 0.1, at)
        seen += [(one.key.period, one.share) for one in budget.warnings]
        budget.warnings.clear()
    assert seen == [("2026-11-25", 0.8), ("2026-11-25", 1.0), ("2026-11-26", 0.8), ("2026-11-26", 1.0)]


def test_who_runs_out_at_once_is_told_so_and_not_that_it_will() -> None:
    budget = spent(10.0, Limits(month=10.0))
    assert [(one.key.kind, one.share, one.spent) for one in budget.warnings] == [("month", 1.0, 10.0)]


def test_a_raised_limit_is_warned_of_again() -> None:
    budget = spent(10.0, Limits(day=10.0))
    budget.warnings.clear()
    budget.change(Limits(day=20.0))
    assert budget.restraint(ANNA, NOON).left == 10.0
    budget.spend(ANNA, 6.0, NOON)
    assert [one.share for one in budget.warnings] == [0.8]


def test_a_lowered_limit_holds_at_once() -> None:
    budget = spent(5.0, Limits(day=10.0))
    budget.change(Limits(day=5.0))
    assert budget.restraint(ANNA, NOON).step == Step.STOP


def rows(budget: Budget) -> dict[Kind, float]:
    return {row.key.kind: row.spent for row in budget.unsaved()}


def test_only_what_has_come_on_top_is_written_down() -> None:
    budget = spent(1.0, Limits())
    assert rows(budget) == {"session": 1.0, "user_day": 1.0, "day": 1.0, "month": 1.0}
    assert rows(budget) == {}
    budget.spend(BERT, 0.5, NOON)
    assert rows(budget) == {"session": 0.5, "user_day": 0.5, "day": 0.5, "month": 0.5}


def test_what_could_not_be_written_down_is_tried_again_with_the_rest() -> None:
    budget = spent(1.0, Limits())
    failed = budget.unsaved()
    budget.spend(ANNA, 0.5, NOON)
    budget.unwritten(failed)
    assert rows(budget)["day"] == 1.5


def test_what_was_spent_before_a_restart_counts() -> None:
    before = spent(8.5, Limits(day=10.0))
    after = Budget(Limits(day=10.0))
    after.known(before.unsaved())
    assert after.restraint(ANNA, NOON).step == Step.CHEAPER
    after.spend(ANNA, 0.1, NOON)
    assert after.warnings == [], "it was warned of before"
    assert rows(after)["day"] == pytest.approx(0.1)


def test_what_others_have_spent_counts_with_what_is_not_written_down() -> None:
    budget = Budget(Limits(day=10.0))
    budget.spend(ANNA, 1.0, NOON)
    budget.unsaved()
    budget.spend(ANNA, 0.5, NOON)
    budget.known([Row(Key("day", "", "2026-11-25"), 6.0, 0.0, NOON)])
    assert budget.restraint(ANNA, NOON).left == pytest.approx(3.5)


def test_the_purses_of_days_gone_by_are_forgotten_once_written_down() -> None:
    budget = spent(1.0, Limits())
    budget.restraint(BERT, NOON + DAY)
    assert Key("day", "", "2026-11-25") in budget.purses
    budget.unsaved()
    budget.restraint(BERT, NOON + 2 * DAY)
    assert Key("day", "", "2026-11-25") not in budget.purses
    assert Key("month", "", "2026-11") in budget.purses
    assert Key("session", "talk 1", "") in budget.purses
    budget.restraint(BERT, NOON + KEPT + DAY)
    assert Key("session", "talk 1", "") not in budget.purses


def test_whatever_comes_no_purse_is_overrun_and_everything_is_accounted_for() -> None:
    budget, chance, paid = Budget(Limits(session=3.0, user_day=8.0, day=20.0)), Random(7), 0.0
    for number in range(3000):
        payer = Payer(f"talk {number % 20}", f"user {number % 5}")
        price = chance.random() * 0.2
        if held := budget.reserve(payer, price, NOON + number / 100):
            cost = price * chance.random()
            budget.settle(held, cost, NOON + number / 100)
            paid += cost
    assert {
        key.kind: budget.limits.of(key.kind) >= purse.spent for key, purse in budget.purses.items()
    } == dict.fromkeys(("session", "user_day", "day", "month"), True)
    assert budget.purses[Key("day", "", "2026-11-25")].spent == pytest.approx(paid)
    assert paid > 19.0
