"""Answers that are begun too early: the purse they are paid from, and what a conversation takes out of it."""

from pipeline.events import AnswerDropped
from pipeline.llm.account import Account
from pipeline.llm.fleet import Fleet
from pipeline.llm.mind import Mind
from pipeline.llm.speculation import HEAD_START, MOST, Speculation
from pipeline.manner import Manner
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeAsr, FakeLlm, FakeTts, converse, staff
from tests.pipeline.rows import SMALL
from tests.virtual_clock import run


def paid(tokens: int) -> Account:
    return Account(tokens=tokens, cost=0.001)


def test_there_is_something_to_begin_with() -> None:
    assert Speculation().affordable
    assert not Speculation(share=0.0).affordable


def test_what_was_begun_in_vain_empties_it_and_wanted_answers_fill_it() -> None:
    purse = Speculation(share=0.5)
    purse.settle(paid(HEAD_START), wanted=False)
    assert not purse.affordable
    purse.settle(paid(200), wanted=True)
    assert purse.affordable
    assert purse.level == 100


def test_what_costs_nothing_may_be_wasted_and_earns_nothing() -> None:
    purse = Speculation()
    purse.settle(Account(tokens=10**6), wanted=False)
    purse.settle(Account(tokens=10**6), wanted=True)
    assert purse.level == HEAD_START


def test_it_holds_no_more_than_so_much() -> None:
    purse = Speculation(share=10.0)
    purse.settle(paid(10**6), wanted=True)
    assert purse.level == MOST


def called(asr: FakeAsr, llm: FakeLlm, **manner: object) -> tuple[Call, Speculation]:
    """A caller who is answered by a model with a price."""
    llm.name = "small"
    engines = staff([asr], [llm], [FakeTts()])
    engines.mind = Mind(engines.llm_stage.ready, Fleet((SMALL,)))
    given = Manner(**manner)  # pyright: ignore[reportArgumentType]  by name
    return Call(engines=engines, manner=given), engines.mind.speculation


def test_an_answer_that_is_complete_before_it_may_be_heard_is_wanted_all_the_same() -> None:
    call, purse = called(FakeAsr(["I would like to"]), FakeLlm(first_token=0.1))
    run(converse(*[(LOUD, 0.96), (QUIET, 4.0)] * 6, call=call))
    assert len(call.outcomes()) == 6
    assert call.all(AnswerDropped) == []
    assert purse.level > HEAD_START


def test_an_answer_that_was_called_off_is_taken_out_of_the_purse() -> None:
    words = {0.96: "Stop.", 1.92: "Stop. Who are you?"}
    call, purse = called(FakeAsr([words], delay=0.0), FakeLlm())
    run(converse((LOUD, 0.96), (QUIET, 0.16), (LOUD, 0.96), (QUIET, 0.16), call=call))
    wasted = [event.account.tokens for event in call.all(AnswerDropped)]
    assert len(wasted) == 2  # whoever hung up has not waited for the second one either
    assert purse.level == HEAD_START - sum(wasted)


def test_who_only_listens_begins_no_answer_and_drops_none() -> None:
    call, purse = called(FakeAsr(), FakeLlm(), answers=False)
    run(converse(*[(LOUD, 0.96), (QUIET, 0.16)] * 3, (QUIET, 4.0), call=call))
    assert call.all(AnswerDropped) == []
    assert purse.level == HEAD_START
