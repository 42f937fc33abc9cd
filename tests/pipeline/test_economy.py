"""What a turn costs is reserved and paid, and what may not be spent is not."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

import pytest

from pipeline.context.tokens import of_prompt
from pipeline.engines import Finish, Message, Piece, Prompt, Usage
from pipeline.errors import EngineError, RefusedError
from pipeline.llm.budget import Key, Limits, Payer
from pipeline.llm.restraint import BRIEFLY, SHORT, Restraint, Step
from pipeline.llm.unasked import CACHE
from tests.pipeline.fakes import FakeLlm
from tests.pipeline.rows import LARGE, SMALL
from tests.pipeline.test_mind import HARD, Head, head, named
from tests.virtual_clock import run

ANNA = Payer("talk 1", "anna")
SORRY = "My budget is used up."
FREE = replace(SMALL, name="free", price_in=0.0, price_out=0.0, quality=0.5)
FRANCE = "What is the capital of France?"


def three(**limits: float) -> Head:
    here = head(named("small"), named("large"), named("long"))
    here.mind.economy.budget.change(Limits(**limits))
    return here


async def ask(here: Head, question: str = HARD, **circumstances: object) -> str:
    """As a turn asks: held back as far as the budget has it."""
    restraint = here.mind.economy.restraint(ANNA)
    given = {"restraint": restraint, "payer": ANNA, "last_word": SORRY, "time_left": 5.0}
    return await here.ask(question, **{**given, **circumstances})


def spent(here: Head, kind: str = "day") -> float:
    return next(purse.spent for key, purse in here.mind.economy.budget.purses.items() if key.kind == kind)


def spend(here: Head, dollars: float) -> None:
    here.mind.economy.budget.spend(ANNA, dollars, here.mind.economy.clock())


def test_an_answer_is_paid_from_every_purse() -> None:
    async def scene() -> None:
        here = head(named("large", replies=[["It", " is.", Finish("stop", Usage(1000, 100))]]), rows=(LARGE,))
        await ask(here)
        assert here.account.cost == pytest.approx(LARGE.price(1000, 100))
        for kind in ("session", "user_day", "day", "month"):
            assert spent(here, kind) == pytest.approx(here.account.cost)
        assert {purse.reserved for purse in here.mind.economy.budget.purses.values()} == {0.0}

    run(scene())


def test_an_answer_that_fails_gives_its_reservation_back() -> None:
    async def scene() -> None:
        here = head(named("large", failure=EngineError("large is down")), rows=(LARGE,))
        with pytest.raises(EngineError):
            await ask(here)
        assert {(purse.spent, purse.reserved) for purse in here.mind.economy.budget.purses.values()} == {(0.0, 0.0)}

    run(scene())


def test_from_80_percent_on_the_cheapest_answers_and_says_why() -> None:
    async def scene() -> None:
        here = three(day=1.0)
        assert await ask(here) == "I am large."
        spend(here, 0.81)
        assert await ask(here) == "I am small."
        assert here.account.why.endswith("; the day's budget is used to 81%: a cheaper model")

    run(scene())


def test_where_the_cheapest_is_ill_the_next_answers() -> None:
    async def scene() -> None:
        here = three(day=1.0)
        spend(here, 0.81)
        for _ in range(3):
            here.mind.fleet.standing["small"].breaker.failed(0.0)
        assert await ask(here) == "I am large."

    run(scene())


def test_then_answers_get_short() -> None:
    async def scene() -> None:
        here = three(day=1.0)
        spend(here, 0.91)
        await ask(here)
        [prompt] = here.engines["small"].prompts
        assert prompt.max_tokens == SHORT
        assert Message("system", BRIEFLY) in prompt.messages

    run(scene())


def test_in_the_end_there_is_a_sentence_and_no_model_is_asked() -> None:
    async def scene() -> None:
        here = three(day=1.0)
        spend(here, 1.0)
        assert await ask(here) == SORRY
        assert here.account.why.endswith("the day's budget is used to 100%: nothing that costs anything")
        assert (here.account.asked, here.account.cost, spent(here)) == ([], 0.0, 1.0)
        assert [engine.prompts for engine in here.engines.values()] == [[], [], []]

    run(scene())


def test_a_budget_of_zero_asks_nobody_who_costs_anything() -> None:
    async def scene() -> None:
        assert await ask(three(day=0.0)) == SORRY

    run(scene())


def test_whoever_costs_nothing_answers_when_nothing_may_be_spent() -> None:
    async def scene() -> None:
        here = head(named("small"), named("free"), rows=(SMALL, FREE))
        here.mind.economy.budget.change(Limits(day=0.0))
        assert await ask(here) == "I am free."

    run(scene())


def test_what_those_without_a_row_cost_nobody_knows_so_they_are_not_asked_then() -> None:
    async def scene() -> None:
        here = head(named("somebody"), rows=())
        assert await ask(here) == "I am somebody."
        here.mind.economy.budget.change(Limits(day=0.0))
        assert await ask(here) == SORRY

    run(scene())


def test_no_answer_costs_more_than_is_left() -> None:
    async def scene() -> None:
        here = three(session=0.0005)
        assert await ask(here) == "I am small."
        here = three(session=0.00001)
        assert await ask(here) == SORRY
        assert here.account.asked == []

    run(scene())


def test_under_load_nobody_is_raced_and_the_quick_ones_answer() -> None:
    async def scene() -> None:
        here = three()
        here.mind.fleet.allowance.level = 50_000
        busy = Restraint(Step.CHEAPER, "much is going on", hedges=False)
        assert await ask(here, restraint=busy, time_left=0.3) == "I am small."
        assert "from" not in here.account.why
        assert here.account.why.endswith("much is going on: a cheaper model")

    run(scene())


def test_an_answer_counts_as_load_while_it_lasts() -> None:
    async def scene() -> None:
        here = three()
        await ask(here)
        busy = here.mind.economy.load.busy(0.2)
        assert (busy.answers, busy.turns_per_second > 0) == (0, True)

    run(scene())


def test_the_model_that_a_rule_wants_answers_as_long_as_it_can() -> None:
    async def scene() -> None:
        here = three()
        assert await ask(here, "Hello!", model="long") == "I am long."
        for _ in range(3):
            here.mind.fleet.standing["long"].breaker.failed(0.0)
        assert await ask(here, "Hello!", model="long") == "I am small."

    run(scene())


def test_what_engines_hear_and_speak_is_paid_where_it_has_a_price() -> None:
    async def scene() -> None:
        economy = three().mind.economy
        economy.prices = {"ears": 0.006 / 60, "voice": 15 / 1e6}
        economy.use(ANNA, "ears", 30.0)
        economy.use(ANNA, "voice", 200)
        economy.use(ANNA, "espeak-ng", 1e9)
        purse = next(purse for key, purse in economy.budget.purses.items() if key.kind == "session")
        assert purse.spent == pytest.approx(0.003 + 0.003)
        assert Key("session", "talk 1", "") in economy.budget.purses

    run(scene())


def cached(*replies: Sequence[Piece]) -> Head:
    here = head(FakeLlm(list(replies) or ["I am small."], name="small"))
    here.mind.cache.seconds = 60.0
    return here


def test_a_question_that_was_asked_before_is_answered_at_once_and_for_nothing() -> None:
    async def scene() -> None:
        here = cached()
        assert await ask(here, FRANCE) == "I am small."
        assert await ask(here, "um, what is the capital of france") == "I am small."
        assert (here.account.model, here.account.why) == (CACHE, "it was asked before")
        assert (here.account.cost, here.account.asked, here.first) == (0.0, [], 0.0)
        assert len(here.engines["small"].prompts) == 1

    run(scene())


def test_an_answer_that_broke_off_or_was_cut_short_is_not_given_again() -> None:
    async def scene() -> None:
        here = cached(["It is", Finish("length")])
        await ask(here, FRANCE)
        assert len(here.mind.cache) == 0

    run(scene())


def test_what_is_given_again_is_given_also_when_nothing_may_be_spent() -> None:
    async def scene() -> None:
        here = cached()
        await ask(here, FRANCE)
        here.mind.economy.budget.change(Limits(day=0.0))
        assert await ask(here, FRANCE) == "I am small."

    run(scene())


SUMMARY = Prompt([Message("user", "Sum this up.")], max_tokens=100)


async def beside(here: Head) -> str:
    """What the cheapest says to work that nobody waits for."""
    async with aclosing(here.mind.cheapest().reply(SUMMARY)) as pieces:
        return "".join([piece async for piece in pieces if isinstance(piece, str)])


def test_work_beside_the_turns_is_paid_by_all_together() -> None:
    async def scene() -> None:
        here = head(FakeLlm([["It is", " so.", Finish("stop", Usage(50, 4))]], name="small"), rows=(SMALL,))
        assert await beside(here) == "It is so."
        purses = here.mind.economy.budget.purses.items()
        assert {key.kind: purse.spent for key, purse in purses} == {
            "day": pytest.approx(SMALL.price(50, 4)),
            "month": pytest.approx(SMALL.price(50, 4)),
        }

    run(scene())


def test_work_beside_the_turns_is_left_to_those_who_cost_nothing_when_there_is_no_money() -> None:
    async def scene() -> None:
        here = head(named("small"), named("somebody"), rows=(SMALL,))
        here.mind.economy.budget.change(Limits(month=0.0))
        assert await beside(here) == "I am somebody."
        assert here.engines["small"].prompts == []

    run(scene())


def test_work_beside_the_turns_that_is_given_up_has_still_been_asked_for() -> None:
    async def scene() -> None:
        here = head(named("small", first_token=5.0), rows=(SMALL,))
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await beside(here)
        assert spent(here) == pytest.approx(SMALL.price(of_prompt(SUMMARY.messages), 0))

    run(scene())


def test_work_beside_the_turns_that_fails_without_a_word_costs_nothing() -> None:
    async def scene() -> None:
        here = head(named("small", failure=RefusedError("no")), rows=(SMALL,))
        with pytest.raises(EngineError):
            await beside(here)
        assert {(purse.spent, purse.reserved) for purse in here.mind.economy.budget.purses.values()} == {(0.0, 0.0)}

    run(scene())
