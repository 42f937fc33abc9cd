"""What each step of holding back means for a turn."""

import math
from dataclasses import replace

import pytest

from pipeline.context.window import Shape
from pipeline.llm.restraint import SHORT, Restraint, Step, stricter
from pipeline.llm.router import Need
from tests.pipeline.rows import LARGE, LONG, SMALL

NEED = Need(1000, 100, 0.5, 0.8)
FREE = replace(SMALL, name="free", price_in=0.0, price_out=0.0)
SMALL_COSTS = SMALL.price(1000, 100)


def test_as_long_as_nothing_runs_short_nothing_changes() -> None:
    full = Restraint()
    assert full.need(NEED, [SMALL, LARGE]) == NEED
    assert (full.max_tokens(None), full.max_tokens(500), full.shape(Shape())) == (None, 500, Shape())
    assert full.why == ""


def test_what_is_left_is_the_most_that_an_answer_may_cost() -> None:
    assert Restraint(left=0.5).need(NEED, [SMALL, LARGE]) == replace(NEED, most=0.5)
    assert Restraint(left=0.5).need(replace(NEED, most=0.1), [SMALL]).most == 0.1


@pytest.mark.parametrize("step", [Step.CHEAPER, Step.SHORTER, Step.LESS_HISTORY])
def test_from_the_first_step_on_only_the_cheapest_come_into_question(step: Step) -> None:
    need = Restraint(step, left=math.inf).need(NEED, [LARGE, SMALL, LONG])
    assert need.difficulty == 0.0
    assert SMALL.price(1000, 100) <= need.most < LARGE.price(1000, 100)


def test_where_the_cheap_one_cannot_answer_the_next_may() -> None:
    need = Restraint(Step.CHEAPER).need(NEED, [LARGE, LONG])
    assert need.most >= LARGE.price(1000, 100)


def test_no_more_is_spent_than_is_left() -> None:
    assert Restraint(Step.CHEAPER, left=SMALL_COSTS / 2).need(NEED, [SMALL]).most == SMALL_COSTS / 2


def test_whoever_answers_for_nothing_is_the_cheapest() -> None:
    assert Restraint(Step.CHEAPER).need(NEED, [LARGE, FREE]).most == 0.0


def test_at_the_end_only_what_costs_nothing_comes_into_question() -> None:
    assert Restraint(Step.STOP).need(NEED, [SMALL]).most == 0.0


@pytest.mark.parametrize(
    ("step", "unasked", "wanted", "few"),
    [
        (Step.CHEAPER, None, 500, 20),
        (Step.SHORTER, SHORT, SHORT, 20),
        (Step.LESS_HISTORY, SHORT, SHORT, 20),
        (Step.STOP, SHORT, SHORT, 20),
    ],
)
def test_answers_get_short_at_the_second_step(step: Step, unasked: int | None, wanted: int, few: int) -> None:
    restraint = Restraint(step)
    assert [restraint.max_tokens(tokens) for tokens in (None, 500, 20)] == [unasked, wanted, few]


@pytest.mark.parametrize(
    ("step", "budget"), [(Step.CHEAPER, 2000), (Step.SHORTER, 2000), (Step.LESS_HISTORY, 800), (Step.STOP, 800)]
)
def test_prompts_get_small_at_the_third_step(step: Step, budget: int) -> None:
    assert Restraint(step).shape(Shape(2000)) == Shape(budget)


def test_of_two_restraints_the_further_counts_and_the_less_money() -> None:
    money = Restraint(Step.CHEAPER, "the day's budget is used to 83%", left=0.2)
    load = Restraint(Step.SHORTER, "much is going on", hedges=False)
    both = Restraint(Step.SHORTER, "much is going on", 0.2, hedges=False)
    assert stricter(money, load) == stricter(load, money) == both
    assert stricter(money, Restraint()) == money
