"""A pause: perhaps the end, perhaps not. What is begun in it, how long it may last, and what it costs to be wrong."""

import pytest

from pipeline.events import AnswerDropped, Heard, Partial, ReplyBegan, ReplyEnded, SpeechBegan, SpeechEnded, Spoken
from pipeline.hearing.endpoint import UNKNOWN, Patience
from pipeline.hearing.finished import RuleJudge
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeAsr, FakeLlm, Step, converse
from tests.virtual_clock import run

QUESTION: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 4.0))
PAUSE: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 0.16))


def test_a_pause_within_the_sentence_calls_the_answer_off() -> None:
    words = {0.96: "Stop.", 1.92: "Stop. Who are you?"}
    call = run(converse(*PAUSE, *QUESTION, call=Call(FakeAsr([words], delay=0.0))))
    assert call.llm.questions() == list(words.values())
    assert call.llm.left == 1
    assert [event.text for event in call.all(Heard)] == ["Stop. Who are you?"]
    assert len(call.all(SpeechBegan)) == len(call.all(SpeechEnded)) == len(call.all(ReplyBegan)) == 1
    assert call.lines() == [("user", "Stop. Who are you?"), ("assistant", "It is late.")]


def test_an_answer_that_was_called_off_is_told_with_what_it_has_cost() -> None:
    words = {0.96: "Stop.", 1.92: "Stop. Who are you?"}
    call = run(converse(*PAUSE, *QUESTION, call=Call(FakeAsr([words], delay=0.0), FakeLlm(first_token=0.02))))
    [dropped] = call.all(AnswerDropped)
    [ended] = call.all(ReplyEnded)
    assert dropped.turn != ended.turn
    assert 0 < dropped.usage.prompt < ended.usage.prompt
    assert dropped.usage.completion > 0
    assert "llm_first_token" in dropped.marks_ms
    assert "endpoint" not in dropped.marks_ms


def test_an_answer_that_was_called_off_before_a_model_was_asked_has_cost_nothing() -> None:
    call = run(converse(*PAUSE, *QUESTION, call=Call(FakeAsr(delay=0.5))))
    [dropped] = call.all(AnswerDropped)
    assert (dropped.usage.prompt, dropped.usage.completion) == (0, 0)


def test_both_sides_of_a_pause_are_heard_as_one() -> None:
    call = run(converse(*PAUSE, *PAUSE, *QUESTION))
    [listening] = call.asr.heard
    assert listening.voice == pytest.approx(3 * 0.96)
    assert listening.prepared == 3
    assert call.times(SpeechEnded) == [pytest.approx(3 * 0.96 + 2 * 0.16 + 0.3)]
    assert call.outcomes() == [("completed", "")]


def test_unfinished_words_are_waited_for_though_an_answer_is_begun() -> None:
    call = run(converse(*QUESTION, call=Call(FakeAsr(["I would like to"]))))
    [ended] = call.times(SpeechEnded)
    assert 1.2 <= ended - 0.96 < 1.4
    assert call.llm.asked_at == [pytest.approx(1.14)]
    assert call.times(Spoken)[0] == ended, "it was ready long before"


def test_the_better_the_words_sound_finished_the_sooner_the_floor_is_given() -> None:
    said = ["I would like to", "my number is five", "the lights", "turn the lights off", "What time is it?"]
    waits = [run(converse(*QUESTION, call=Call(FakeAsr([text])))).times(SpeechEnded)[0] - 0.96 for text in said]
    for text, wait in zip(said, waits, strict=True):
        assert 0 <= wait - Patience().wait(RuleJudge().finished(text, "")) < 0.052


def test_words_that_come_late_are_waited_for_as_long_as_unknown_ones() -> None:
    call = run(converse(*QUESTION, call=Call(FakeAsr(delay=0.8))))
    assert 0 <= call.times(SpeechEnded)[0] - 0.96 - Patience().wait(UNKNOWN) < 0.052
    assert call.times(Heard) == [pytest.approx(1.04 + 0.8)]


def test_words_from_before_a_pause_do_not_end_it() -> None:
    words = {0.5: "Book a table for two, please.", 0.9: "Book a table for two, please, and tell my wife to"}
    whole = {**words, 1.9: "Book a table for two, please, and tell my wife to come early."}
    call = run(converse((LOUD, 0.96), (QUIET, 0.8), *QUESTION, call=Call(FakeAsr([whole], delay=0.4))))
    assert [event.text for event in call.all(Heard)] == [whole[1.9]]


def test_partial_words_are_told_while_the_user_speaks() -> None:
    call = run(converse(*QUESTION, call=Call(FakeAsr([{0.3: "What", 0.6: "What time is it?"}]))))
    assert [event.text for event in call.all(Partial)][:2] == ["What", "What time is it?"]
    assert call.times(Partial)[1] < 0.96
