"""A whole conversation on the virtual clock: speculation, barge-in, push-to-talk, and hanging up at any time."""

import asyncio
import math
from dataclasses import replace

import pytest

from pipeline.context.conversation import Conversation, Entry
from pipeline.engines import Message
from pipeline.events import (
    Committed,
    Heard,
    HearingFailed,
    ReplyBegan,
    ReplyEnded,
    Said,
    SayingBegan,
    SpeechBegan,
    SpeechEnded,
    Spoken,
)
from pipeline.hearing.endpoint import Endpointing, Patience
from pipeline.manner import Manner
from pipeline.session import Session
from pipeline.turns import CLIENT_CANCELLED, HUNG_UP, TURN_DETECTED
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeAsr, FakeLlm, FakeTts, Step, broken, converse, staff
from tests.virtual_clock import run

PUSH_TO_TALK = Manner(endpointing=None)
LONG = "One two three four five six seven. " * 12
QUESTION: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 4.0))
PAUSE: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 0.16))
"""Long enough for an answer to be begun, too short for the floor."""


def commit(session: Session) -> None:
    session.commit()


def respond(session: Session) -> None:
    session.respond()


def cancel(session: Session) -> None:
    session.stop(CLIENT_CANCELLED)


def clear(session: Session) -> None:
    session.clear()


def test_barge_in_silences_the_old_turn_at_once() -> None:
    call = Call(llm=FakeLlm([LONG]))
    run(converse((LOUD, 0.96), (QUIET, 1.6), *QUESTION, call=call))
    old, _ = call.all(ReplyBegan)
    began = call.times(SpeechBegan)[1]
    assert call.times(ReplyEnded)[0] == began == pytest.approx(2.66)
    assert call.outcomes()[0] == ("cancelled", TURN_DETECTED)
    assert [at for at, event in call.events if isinstance(event, Said | Spoken) and event.turn == old.turn][-1] <= began
    assert (call.llm.left, call.tts.left) == (1, 0)


def test_the_voice_is_told_to_stop_in_mid_clause() -> None:
    call = Call(llm=FakeLlm([LONG]), tts=FakeTts(pace=0.9))
    run(converse((LOUD, 0.96), (QUIET, 1.6), (LOUD, 0.48), call=call))
    assert call.tts.left == 1


@pytest.mark.parametrize("tokens_per_second", [8.0, 50.0, 1000.0])
@pytest.mark.parametrize("after", [2.4, 3.2, 4.8])
def test_the_conversation_keeps_only_what_was_heard(tokens_per_second: float, after: float) -> None:
    call = Call(llm=FakeLlm(["One two three four five six seven eight nine ten, eleven twelve thirteen fourteen.", ""]))
    call.llm.tokens_per_second = tokens_per_second
    run(converse((LOUD, 0.96), (QUIET, after), (LOUD, 0.48), (QUIET, 0.16), call=call))
    kept = call.lines()[1][1]
    said = call.said(call.all(ReplyBegan)[0].turn)
    assert said.startswith(kept)
    assert not kept or said[len(kept) :][:1] in ("", " "), "cut between words"
    heard = min(call.sound(call.all(ReplyBegan)[0].turn), call.times(SpeechBegan)[1] - call.times(Spoken)[0])
    assert heard - 0.6 < len(kept) * 0.06 <= heard + 0.1, "every character takes 0.06 s"


def test_words_nobody_spoke_were_not_heard() -> None:
    call = Call(llm=FakeLlm([LONG], tokens_per_second=5))
    run(converse((LOUD, 0.96), (QUIET, 0.64), cancel, (QUIET, 1.6), call=call))
    [ended] = call.all(ReplyEnded)
    assert call.said(ended.turn) == "One two"
    assert call.all(Spoken) == []
    assert ended.heard == ""


def test_the_next_prompt_holds_what_was_heard_of_the_last_answer() -> None:
    call = Call(FakeAsr(["Count.", "Go on."]), FakeLlm([LONG]))
    run(converse((LOUD, 0.96), (QUIET, 3.2), *QUESTION, call=call))
    assert call.llm.told(-1)[1:] == [
        Message("user", "Count."),
        Message("assistant", call.all(ReplyEnded)[0].heard),
        Message("user", "Go on."),
    ]


def test_a_turn_cut_before_its_transcript_hands_its_sound_to_the_next() -> None:
    words = {0.96: "Who are you?", 1.92: "Who are you? And why?"}
    call = Call(FakeAsr([words], delay=1.0))
    run(converse((LOUD, 0.96), (QUIET, 0.8), *QUESTION, call=call))
    [listening] = call.asr.heard
    first, second = call.all(Committed)
    assert [(event.utterance, event.text) for event in call.all(Heard)] == [
        (first.utterance, ""),
        (second.utterance, "Who are you? And why?"),
    ]
    assert (listening.voice, listening.closed) == (pytest.approx(1.92), 1)
    assert call.llm.questions() == ["Who are you? And why?"]


def test_an_answer_that_may_not_be_interrupted_goes_on_and_what_was_said_is_remembered() -> None:
    call = Call(FakeAsr(["Count.", "Wait a second."]), FakeLlm([LONG]), manner=Manner(interruptible=False))
    run(converse((LOUD, 0.96), (QUIET, 1.6), (LOUD, 0.96), (QUIET, 40.0), call=call))
    assert call.outcomes() == [("completed", "")]
    assert [text for _, text in call.lines()] == ["Count.", LONG.rstrip(), "Wait a second."]
    assert [event.text for event in call.all(Heard)] == ["Count.", "Wait a second."]


def test_a_session_that_only_listens_writes_down_what_it_hears() -> None:
    call = run(converse(*QUESTION, *QUESTION, call=Call(manner=Manner(answers=False))))
    assert call.lines() == [("user", "What time is it?")] * 2
    assert (call.all(ReplyBegan), call.llm.prompts) == ([], [])


def test_push_to_talk_waits_for_the_button() -> None:
    call = Call(manner=PUSH_TO_TALK)
    run(converse((LOUD, 0.96), (QUIET, 3.2), (LOUD, 0.32), commit, respond, (QUIET, 4.0), call=call))
    assert call.kinds() == ["Committed", "ReplyBegan", "Heard", "SayingBegan", "Said", "Spoken", "ReplyEnded"]
    assert (call.times(Committed), call.times(Heard)) == ([pytest.approx(4.48)], [pytest.approx(4.58)])
    assert call.asr.heard[0].seconds == pytest.approx(4.48)
    [ended] = call.all(ReplyEnded)
    assert ended.marks_ms["llm_first_token"] == pytest.approx(300), "the answer waits for the words"
    assert call.llm.questions() == ["What time is it?"]


def test_a_button_pressed_for_nothing_does_nothing() -> None:
    seconds = list[float]()
    call = run(
        converse(lambda session: seconds.append(session.commit()), (QUIET, 0.32), call=Call(manner=PUSH_TO_TALK))
    )
    assert (seconds, call.events) == ([0.0], [])


FRENCH = FakeAsr(["Combien de pommes avons-nous ?"], language="fr")


@pytest.mark.parametrize("manner", [Manner(), Manner(answers=False), PUSH_TO_TALK])
def test_who_speaks_french_is_answered_in_french_however_they_are_heard(manner: Manner) -> None:
    call = Call(replace(FRENCH, heard=[]), FakeLlm(["Nous avons 5 pommes."]), manner=manner)
    by_hand: list[Step] = [(QUIET, 0.64)]
    if manner is PUSH_TO_TALK:
        by_hand = [lambda session: session.commit(), respond]
    elif not manner.answers:
        by_hand = [(QUIET, 1.6), respond]
    run(converse((LOUD, 0.96), *by_hand, (QUIET, 4.0), call=call))
    assert call.tts.languages == ["fr"]
    assert call.tts.asked[0][1] == "Nous avons 5 pommes."


def test_a_typed_question_is_answered() -> None:
    call = run(converse(lambda session: session.talk.add(Entry("typed", "user", "Hi!")), respond, (QUIET, 4.0)))
    [ended] = call.all(ReplyEnded)
    assert call.all(SayingBegan)[0].after == "typed"
    assert (ended.speech_end, ended.marks_ms["llm_first_token"]) == (None, pytest.approx(200))
    assert call.lines() == [("user", "Hi!"), ("assistant", "It is late.")]


def test_figures_are_said_in_the_language_of_the_answer_that_they_are_in() -> None:
    typed = Call(llm=FakeLlm(["他的电话号码是这个，请记下来。13812345678。"]))
    run(converse(lambda session: session.talk.add(Entry("typed", "user", "Hi!")), respond, (QUIET, 8.0), call=typed))
    assert len(typed.tts.languages) > 1
    assert set(typed.tts.languages) == {"zh"}


def test_one_answer_may_be_given_in_another_manner() -> None:
    call = run(converse(lambda session: session.respond(Manner("Be rude.", aloud=False)), (QUIET, 3.2), *QUESTION))
    assert call.llm.prompts[0].messages == [Message("system", "Be rude.")]
    assert len({event.turn for event in call.all(Spoken)}) == 1
    assert len(call.outcomes()) == 2


@pytest.mark.parametrize("asr", [0.1, 0.5])
@pytest.mark.parametrize("manner", [PUSH_TO_TALK, Manner()])
def test_an_answer_apart_waits_for_what_was_said_and_for_no_other_answer(manner: Manner, asr: float) -> None:
    def classify(session: Session) -> None:
        session.turns.respond_apart(Manner("Classify.", aloud=False), "apart", Conversation(list(session.talk.entries)))

    call = Call(FakeAsr(delay=asr), FakeLlm([LONG]), manner=manner)
    button = (commit,) if manner is PUSH_TO_TALK else ()
    run(converse((LOUD, 0.96), (QUIET, 0.58), *button, classify, (QUIET, 4.0), call=call))
    [asked] = [prompt for prompt in call.llm.prompts if prompt.messages[0] == Message("system", "Classify.")]
    assert Message("user", "What time is it?") in asked.messages
    assert min(at for at, event in call.events if isinstance(event, Said) and event.turn == "apart") < 2.5


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("endpointing", [Endpointing(), None])
def test_what_is_heard_is_paid_whether_it_is_answered_or_not(*, answers: bool, endpointing: Endpointing | None) -> None:
    call = Call(manner=Manner(endpointing=endpointing, answers=answers, user="anna"))
    call.engines = call.cast()
    economy = call.engines.mind.economy
    economy.prices = {"ear": 0.001}
    button = () if endpointing else (commit,)
    run(converse((LOUD, 3.2), (QUIET, 1.6), *button, (QUIET, 1.6), call=call))
    spent = [purse.spent for purse in economy.budget.purses.values()]
    assert spent == pytest.approx([call.asr.heard[0].seconds / 1000] * 4, rel=0.05)


def test_what_is_cleared_was_never_said() -> None:
    call = run(converse(*PAUSE, clear, (QUIET, 3.2), *QUESTION, call=Call(FakeAsr(delay=0.0))))
    assert [event.text for event in call.all(Heard)] == ["What time is it?"]
    assert len(call.all(Committed)) == len(call.all(ReplyBegan)) == 1
    assert [listening.closed for listening in call.asr.heard] == [1, 1]
    assert call.llm.left == 1


def test_a_new_manner_holds_from_the_next_turn_on() -> None:
    def mute(session: Session) -> None:
        session.behave(replace(session.manner, answers=False))

    call = run(converse((LOUD, 0.96), (QUIET, 0.48), mute, (QUIET, 3.2), *QUESTION))
    assert call.outcomes() == [("completed", "")]
    assert [role for role, _ in call.lines()] == ["user", "assistant", "user"]


def test_what_changes_in_the_pause_holds_for_the_answer_that_nobody_knows_of_yet() -> None:
    def note(session: Session) -> None:
        session.talk.add(Entry("note", "system", "It is nine."))
        session.reconsider()

    call = Call(FakeAsr(delay=0.0))
    run(converse(*PAUSE, lambda session: session.behave(Manner("Be rude.")), note, (QUIET, 4.0), call=call))
    assert [Message("system", "Be rude.") in prompt.messages for prompt in call.llm.prompts] == [False, True]
    assert [Message("system", "It is nine.") in prompt.messages for prompt in call.llm.prompts] == [False, True]
    assert call.outcomes() == [("completed", "")]


def test_push_to_talk_may_begin_in_mid_sentence_and_loses_nothing_of_it() -> None:
    call = run(converse(*PAUSE, lambda session: session.behave(PUSH_TO_TALK), (LOUD, 0.97), commit, (QUIET, 1.6)))
    assert call.asr.heard[0].seconds == pytest.approx(2.08)
    assert [event.utterance for event in call.all(Committed)] == [call.all(SpeechBegan)[0].utterance]
    assert (len(call.all(Heard)), call.all(ReplyBegan)) == (1, [])


def test_patience_may_change_in_mid_sentence() -> None:
    def hurry(session: Session) -> None:
        hasty = Patience(0.1, 0.1, 0.1)
        session.behave(Manner(endpointing=Endpointing(patience=hasty)))

    call = run(converse((LOUD, 0.48), hurry, (LOUD, 0.48), (QUIET, 4.0)))
    assert call.times(SpeechEnded) == [pytest.approx(0.96 + 0.14)]


@pytest.mark.parametrize("seconds", [0.16, 0.64, 0.96, 1.12, 1.2, 1.28, 1.36, 1.6, 2.0, 3.2, 6.4])
@pytest.mark.parametrize("asr", [0.1, 2.0, math.inf])
def test_who_hangs_up_leaves_nothing_running(seconds: float, asr: float) -> None:
    call = Call(FakeAsr(delay=asr), FakeLlm([LONG]))
    run(converse((LOUD, min(seconds, 0.96)), (QUIET, max(0.0, seconds - 0.96)), call=call))
    assert (call.leaving, call.alive) == (0.0, 0)
    assert all(listening.closed for listening in call.asr.heard)
    assert all(outcome in (("completed", ""), ("cancelled", HUNG_UP)) for outcome in call.outcomes())


@pytest.mark.parametrize(
    ("manner", "steps"),
    [
        (PUSH_TO_TALK, ((LOUD, 0.96), commit, respond, (QUIET, 0.32))),
        (Manner(interruptible=False), (respond, (QUIET, 0.32), (LOUD, 0.96), (QUIET, 1.6))),
    ],
)
def test_who_hangs_up_does_not_wait_for_a_transcript(manner: Manner, steps: tuple[Step, ...]) -> None:
    call = Call(FakeAsr(delay=15.0), FakeLlm([LONG]), manner=manner)
    run(converse(*steps, call=call))
    assert (call.leaving, call.alive) == (0.0, 0)


@pytest.mark.parametrize("deed", [commit, respond])
def test_a_client_may_ask_for_an_answer_in_the_users_pause(deed: Step) -> None:
    call = run(converse(*PAUSE, deed, *QUESTION))
    assert call.outcomes()[-1] == ("completed", "")
    assert all(event.text for event in call.all(Heard))


def test_an_answer_can_be_cancelled_after_the_next_question_was_committed() -> None:
    call = Call(llm=FakeLlm([LONG]), manner=PUSH_TO_TALK)
    run(converse((LOUD, 0.96), commit, respond, (LOUD, 0.96), commit, (LOUD, 0.16), cancel, (LOUD, 40.0), call=call))
    assert call.outcomes() == [("cancelled", CLIENT_CANCELLED)]


@pytest.mark.parametrize(
    "steps",
    [
        (cancel,),
        ((QUIET, 0.04), cancel),
        (respond, (QUIET, 0.04), cancel),
    ],
)
def test_what_was_said_is_understood_though_the_answer_is_cancelled(steps: tuple[Step, ...]) -> None:
    call = run(converse((LOUD, 0.96), commit, *steps, (QUIET, 1.6), call=Call(manner=PUSH_TO_TALK)))
    assert [line for line in call.lines() if line[1]] == [("user", "What time is it?")]
    assert call.asr.heard[0].closed


def test_a_turn_that_falls_apart_before_the_floor_ends_failed() -> None:
    call = Call(FakeAsr(delay=0.0), FakeLlm(first_token=0.0, failure=ZeroDivisionError(), fails_at=2))
    run(converse(*QUESTION, call=call))
    assert call.outcomes() == [("failed", "internal error")]
    assert call.asr.heard[0].closed


def test_what_was_not_understood_is_told_only_once() -> None:
    call = Call(FakeAsr(failure=broken("ear")), tts=FakeTts(pace=0.9))
    run(converse((LOUD, 0.96), (QUIET, 1.6), *QUESTION, call=call))
    told = [event.utterance for event in call.all(HearingFailed)] + [event.utterance for event in call.all(Heard)]
    assert len(told) == len(set(told))


def test_two_sessions_do_not_disturb_each_other() -> None:
    alone = run(converse(*QUESTION, *QUESTION))

    async def both() -> list[Call]:
        engines = staff([FakeAsr()], [FakeLlm()], [FakeTts()])
        calls = Call(engines=engines), Call(engines=engines)
        other = converse((QUIET, 0.48), (LOUD, 0.96), (QUIET, 0.48), cancel, (LOUD, 0.96), (QUIET, 4.0), call=calls[1])
        return list(await asyncio.gather(converse(*QUESTION, *QUESTION, call=calls[0]), other))

    first, second = run(both())
    assert [(round(at, 6), type(event)) for at, event in first.events] == [
        (round(at, 6), type(event)) for at, event in alone.events
    ]
    assert [text for _, text in second.lines()][-2:] == ["What time is it?", "It is late."]


def test_endless_speech_is_answered_every_five_minutes() -> None:
    call = run(converse((LOUD, 620.0), (QUIET, 4.0), call=Call(FakeAsr(delay=0.02))))
    assert call.times(SpeechEnded) == [pytest.approx(300, abs=0.1), pytest.approx(600, abs=0.2), pytest.approx(620.3)]
    assert [listening.seconds < 301 for listening in call.asr.heard] == [True] * 3
    assert len(call.all(Heard)) == 3
    assert call.outcomes()[-1] == ("completed", "")
