"""Silences: users who say nothing, and listeners who cannot be reached."""

import pytest

from pipeline.context.conversation import Called, Returned
from pipeline.engines import CallPiece, Result
from pipeline.events import Committed, FellSilent, ReplyBegan, ReplyEnded, Spoken
from pipeline.manner import Manner
from pipeline.session import MOST_REMINDERS, Session
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeAsr, FakeLlm, FakeTts, Step, converse
from tests.virtual_clock import run

QUESTION: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 4.0))
LONG = "One two three four five six seven. " * 12


def leave(session: Session) -> None:
    session.leave()


def come_back(session: Session) -> None:
    session.come_back()


def test_a_silent_user_is_asked_whether_they_are_still_there() -> None:
    call = run(converse((LOUD, 0.96), (QUIET, 9.6), call=Call(manner=Manner(idle=5.0))))
    first, _ = call.all(ReplyBegan)
    [silent] = call.all(FellSilent)
    played = call.times(Spoken)[0] + call.sound(first.turn)
    assert call.times(FellSilent) == [pytest.approx(played + 5.0, abs=0.001)]
    assert silent.until - silent.since == pytest.approx(5.0)
    assert call.all(Committed)[-1].utterance == silent.utterance
    assert "silent for 5 seconds" in str(call.llm.prompts[-1].messages[0])


def test_who_says_nothing_for_ever_is_not_asked_for_ever() -> None:
    call = run(converse((LOUD, 0.96), (QUIET, 60.8), call=Call(manner=Manner(idle=2.0))))
    assert len(call.all(FellSilent)) == MOST_REMINDERS
    assert len(call.all(ReplyEnded)) == MOST_REMINDERS + 1


def test_who_speaks_in_time_is_not_asked() -> None:
    call = run(converse(*QUESTION, *QUESTION, (LOUD, 0.96), (QUIET, 1.6), call=Call(manner=Manner(idle=4.0))))
    assert call.all(FellSilent) == []


def test_nobody_is_asked_before_the_first_answer() -> None:
    assert run(converse((QUIET, 32.0), call=Call(manner=Manner(idle=2.0)))).events == []


def test_nobody_is_asked_while_a_function_is_carried_out() -> None:
    def returns(session: Session) -> None:
        called = session.talk.entries[-1]
        assert isinstance(called, Called)
        session.talk.add(Returned("result", Result(called.call.id, "sunny")))
        session.respond()

    calls = [CallPiece(0, "call_w", "look_up", "{}")]
    call = Call(llm=FakeLlm(["It is late.", calls, "It is sunny."]), manner=Manner(idle=3.0))
    run(converse(*QUESTION, (LOUD, 0.96), (QUIET, 16.0), returns, (QUIET, 8.0), call=call))
    assert len(call.times(FellSilent)) == 1
    assert call.times(FellSilent)[0] > 20.0


def test_while_the_listener_is_away_the_answer_waits_and_then_goes_on() -> None:
    away = 16.0
    steps = ((LOUD, 0.96), (QUIET, 1.6), leave, (QUIET, away), come_back, (QUIET, 24.0))
    call = run(converse(*steps, call=Call(llm=FakeLlm([LONG]))))
    stayed = run(converse((LOUD, 0.96), (QUIET, 24.0), call=Call(llm=FakeLlm([LONG]))))
    gone, returned = 2.56, 2.56 + away
    assert [at for at in call.times(Spoken) if gone + 1.0 < at < returned] == []
    assert call.outcomes() == [("completed", "")]
    assert call.times(ReplyEnded)[0] == pytest.approx(stayed.times(ReplyEnded)[0] + away, abs=0.1)
    assert call.lines()[-1] == ("assistant", LONG.rstrip())


def test_who_was_away_has_heard_nothing_in_the_meantime() -> None:
    call = run(converse((LOUD, 0.96), (QUIET, 1.6), leave, (QUIET, 16.0), call=Call(llm=FakeLlm([LONG]))))
    heard = call.lines()[-1][1]
    assert 0 < len(heard) < len(LONG) / 2


def test_what_was_sent_while_nobody_could_hear_it_is_heard_afterwards() -> None:
    quick = Call(llm=FakeLlm([LONG], tokens_per_second=1e4), tts=FakeTts(pace=0.0))
    steps = ((LOUD, 0.96), (QUIET, 0.16), leave, (QUIET, 10.0), come_back, (QUIET, 3.2), (LOUD, 0.96), (QUIET, 1.6))
    call = run(converse(*steps, call=quick))
    assert len(next(text for role, text in call.lines() if role == "assistant")) > 20


def test_nobody_is_asked_while_away_or_gone() -> None:
    away = run(converse((LOUD, 0.96), (QUIET, 1.6), leave, (QUIET, 60.8), call=Call(manner=Manner(idle=2.0))))
    assert away.all(FellSilent) == []
    gone = run(converse((LOUD, 0.96), (QUIET, 0.8), call=Call(manner=Manner(idle=0.5))))
    assert gone.alive == 0


def test_after_a_cough_the_user_is_asked_all_the_same() -> None:
    call = Call(FakeAsr(["Who are you?", ""]), manner=Manner(idle=2.0))
    run(converse((LOUD, 0.96), (QUIET, 2.4), (LOUD, 0.32), (QUIET, 6.4), call=call))
    assert call.all(FellSilent) != []
