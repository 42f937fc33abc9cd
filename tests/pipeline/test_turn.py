"""One exchange on the virtual clock: what it costs in time, in which order it comes, and every way it can fail."""

import math

import pytest

from pipeline.clock import MARKS
from pipeline.engines import Message
from pipeline.events import (
    Committed,
    Heard,
    HearingFailed,
    ReplyBegan,
    ReplyEnded,
    Said,
    SayingBegan,
    SpeechEnded,
    Spoken,
)
from pipeline.hearing.endpoint import Endpointing
from pipeline.manner import Manner
from pipeline.session import Session
from pipeline.turn import APOLOGIES
from pipeline.turns import CLIENT_CANCELLED
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeAsr, FakeLlm, FakeTts, Step, broken, converse, staff
from tests.virtual_clock import run

QUESTION: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 4.0))
PAUSED = 0.08
"""Seconds from the last voiced sample to the pause: two chunks of 32 ms, heard with the piece that ends them."""
ENDED = 0.3
"""The same for surely finished words: nine chunks."""
LONG = "One two three four five six seven. " * 12


def cancel(session: Session) -> None:
    session.stop(CLIENT_CANCELLED)


def test_an_answer_takes_as_long_as_its_parts() -> None:
    call = run(converse(*QUESTION))
    [ended] = call.all(ReplyEnded)
    assert ended.outcome == "completed"
    assert ended.heard == call.said(ended.turn) == "It is late."
    assert ended.engines == {"asr": "ear", "llm": "mind", "tts": "voice"}
    assert ended.speech_end == pytest.approx(0.96)
    words = PAUSED + 0.1
    token = words + 0.2
    clause = token + 2 / 50
    sound = clause + 0.15
    assert {mark: ms / 1000 for mark, ms in ended.marks_ms.items()} == pytest.approx(
        {
            "speech_end": 0.0,
            "paused": PAUSED,
            "asr_final": words,
            "endpoint": ENDED,
            "model_chosen": words,
            "llm_request": words,
            "llm_first_token": token,
            "first_clause": clause,
            "tts_request": clause,
            "first_audio": sound,
            "sent": sound,
        }
    )
    assert call.times(Spoken)[0] == pytest.approx(0.96 + sound)


def test_nothing_of_the_answer_is_heard_before_the_floor_is_given() -> None:
    call = Call(FakeAsr(delay=0.01), FakeLlm(first_token=0.01), FakeTts(first_audio=0.01, pace=0.01))
    run(converse(*QUESTION, call=call))
    assert call.kinds()[1:] == [
        *("Partial", "SpeechEnded", "Committed", "Heard", "ReplyBegan", "SayingBegan", "Said", "Spoken", "ReplyEnded")
    ]
    assert call.tts.asked[0][0] < 0.96 + ENDED, "it was made while the user might still have gone on"
    assert {*call.times(SpeechEnded), *call.times(Heard), *call.times(Spoken)} == {0.96 + ENDED}


def test_the_answer_finds_its_place_behind_the_question() -> None:
    call = run(converse(*QUESTION, *QUESTION))
    first, second = call.all(Committed)
    assert (first.after, call.all(SayingBegan)[0].after) == (None, first.utterance)
    assert (second.after, call.all(SayingBegan)[1].after) == (call.all(SayingBegan)[0].entry, second.utterance)


def test_the_model_is_told_the_manner_and_all_that_was_said() -> None:
    manner = Manner("Be brief.", max_tokens=50, temperature=0.5)
    call = Call(FakeAsr(["Who are you?", "Since when?"]), FakeLlm(["Me."]), manner=manner)
    run(converse(*QUESTION, *QUESTION, call=call))
    first, second = call.llm.told(0), call.llm.told(1)
    assert first == [Message("system", "Be brief."), Message("user", "Who are you?")]
    assert second == [*first, Message("assistant", "Me."), Message("user", "Since when?")]
    assert {(prompt.max_tokens, prompt.temperature) for prompt in call.llm.prompts} == {(50, 0.5)}


@pytest.mark.parametrize("asr", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("llm", [0.0, 0.3, 1.5])
@pytest.mark.parametrize("tts", [0.0, 0.2, 1.4])
def test_however_slow_the_engines_are_their_marks_are_complete_and_in_order(asr: float, llm: float, tts: float) -> None:
    call = Call(FakeAsr(delay=asr), FakeLlm(first_token=llm), FakeTts(first_audio=tts))
    run(converse((LOUD, 0.96), (QUIET, 6.0), call=call))
    marks = call.all(ReplyEnded)[0].marks_ms
    assert tuple(marks) == MARKS
    course = [ms for mark, ms in marks.items() if mark != "endpoint"]
    assert course == sorted(course)
    assert marks["paused"] <= marks["endpoint"] <= marks["sent"]


def test_clauses_are_spoken_in_order_and_none_is_left_out() -> None:
    call = run(converse((LOUD, 0.96), (QUIET, 40.0), call=Call(llm=FakeLlm([LONG]))))
    clauses = [event.clause for event in call.all(Spoken)]
    assert clauses == sorted(clauses)
    assert set(clauses) == set(range(len(call.tts.asked)))
    assert " ".join(text for _, text in call.tts.asked).split() == LONG.split()
    assert call.outcomes() == [("completed", "")]


def test_at_most_two_clauses_are_made_ahead_of_the_one_that_plays() -> None:
    call = run(converse((LOUD, 0.96), (QUIET, 40.0), call=Call(llm=FakeLlm([LONG]))))
    [ended] = call.all(ReplyEnded)
    plays, until = dict[int, float](), 0.0
    for at, event in call.events:
        if isinstance(event, Spoken):
            plays.setdefault(event.clause, max(at, until))
            until = max(at, until) + len(event.pcm) / 24_000
    asked = [at for at, _ in call.tts.asked]
    assert len(asked) > 10
    for clause in range(2, len(asked)):
        assert asked[clause] >= plays[clause - 2] - 1e-6
        assert asked[clause] < plays[clause] - 1.0, "early enough for no gap"
    assert call.times(ReplyEnded)[0] < until
    assert call.sound(ended.turn) == pytest.approx(until - call.times(Spoken)[0])


def test_before_the_floor_no_more_than_two_clauses_are_made() -> None:
    call = Call(FakeAsr(["I want you to count to twenty."], delay=0.0), FakeLlm([LONG], 0.0, 1e4), FakeTts(0.0, 0.0))
    call.manner = Manner(endpointing=Endpointing(pause=0.03))
    run(converse((LOUD, 0.96), (QUIET, 0.16), call=call))
    assert len(call.tts.asked) == 2
    assert call.all(ReplyBegan) == []


def test_when_a_voice_fails_the_next_one_speaks() -> None:
    voices = [FakeTts(failure=broken("voice")), FakeTts(name="spare")]
    call = run(converse(*QUESTION, call=Call(engines=staff([FakeAsr()], [FakeLlm()], voices))))
    [ended] = call.all(ReplyEnded)
    assert (ended.outcome, ended.engines["tts"]) == ("completed", "spare")
    assert call.sound(ended.turn) > 0


def test_when_a_voice_breaks_off_the_next_one_says_the_rest() -> None:
    reply = "This sentence is cut in the middle."
    voices = [FakeTts(failure=broken("voice"), fails_at=1.0), FakeTts(name="spare")]
    call = run(converse(*QUESTION, call=Call(engines=staff([FakeAsr()], [FakeLlm([reply])], voices))))
    assert call.outcomes() == [("completed", "")]
    assert voices[1].asked[0][1]
    assert voices[0].asked[0][1].endswith(voices[1].asked[0][1])


def test_when_no_voice_works_the_text_still_comes() -> None:
    call = Call(llm=FakeLlm([LONG]), tts=FakeTts(failure=broken("voice")))
    run(converse(*QUESTION, call=call))
    [ended] = call.all(ReplyEnded)
    assert ended.outcome == "failed"
    assert "the voice broke" in ended.reason
    assert call.said(ended.turn) == LONG.rstrip()
    assert call.all(Spoken) == []


def test_a_voice_that_never_speaks_does_not_hold_up_the_text() -> None:
    call = Call(tts=FakeTts(first_audio=math.inf))
    run(converse((LOUD, 0.96), (QUIET, 16.0), call=call))
    assert call.times(Said)[-1] == pytest.approx(1.38)
    assert call.outcomes()[0][0] == "failed"
    assert call.tts.left == 1


@pytest.mark.parametrize(("language", "asked"), [("en", "What time is it?"), ("zh", "现在几点了？")])
def test_a_model_that_fails_is_apologised_for_in_the_users_language(language: str, asked: str) -> None:
    call = run(converse(*QUESTION, call=Call(FakeAsr([asked]), FakeLlm(failure=broken("mind")))))
    [ended] = call.all(ReplyEnded)
    assert (ended.outcome, ended.heard) == ("failed", APOLOGIES[language])
    assert "the mind broke" in ended.reason
    assert call.sound(ended.turn) > 0


def test_a_model_that_breaks_off_is_apologised_for_behind_its_words() -> None:
    call = run(converse(*QUESTION, call=Call(llm=FakeLlm(failure=broken("mind"), fails_at=2))))
    [ended] = call.all(ReplyEnded)
    assert (ended.outcome, ended.heard) == ("failed", "It is " + APOLOGIES["en"])


@pytest.mark.parametrize("fails", [True, False])
def test_when_a_model_has_no_answer_the_next_one_is_asked(fails: bool) -> None:
    first = FakeLlm(failure=broken("mind")) if fails else FakeLlm([""])
    models = [first, FakeLlm(["Late."], name="second mind")]
    call = run(converse(*QUESTION, call=Call(engines=staff([FakeAsr()], models, [FakeTts()]))))
    [ended] = call.all(ReplyEnded)
    assert (ended.outcome, ended.heard, ended.engines["llm"]) == ("completed", "Late.", "second mind")


def test_what_nobody_understood_is_apologised_for_without_a_model() -> None:
    call = run(converse(*QUESTION, call=Call(FakeAsr(failure=broken("ear")))))
    assert [event.utterance for event in call.all(HearingFailed)] == [event.utterance for event in call.all(Committed)]
    [ended] = call.all(ReplyEnded)
    assert (ended.outcome, ended.heard) == ("failed", APOLOGIES["en"])
    assert call.llm.prompts == []
    assert call.all(Heard) == []


def test_when_an_ear_fails_the_next_one_hears_it_all() -> None:
    ears = [FakeAsr(failure=broken("ear")), FakeAsr(name="second ear")]
    call = run(converse(*QUESTION, call=Call(engines=staff(ears, [FakeLlm()], [FakeTts()]))))
    assert call.all(ReplyEnded)[0].outcome == "completed"
    assert ears[1].heard[0].voice == pytest.approx(0.96)
    assert (ears[0].heard[0].closed, ears[1].heard[0].closed) == (1, 1)


def test_a_sound_without_words_gets_no_answer() -> None:
    call = run(converse(*QUESTION, call=Call(FakeAsr([""]))))
    assert [event.text for event in call.all(Heard)] == [""]
    assert (call.all(ReplyBegan), call.llm.prompts) == ([], [])
    assert call.asr.heard[0].closed


def test_an_answer_in_text_asks_no_voice() -> None:
    call = run(converse(*QUESTION, call=Call(manner=Manner(aloud=False))))
    assert (call.outcomes(), call.tts.asked) == ([("completed", "")], [])
    assert call.lines()[-1] == ("assistant", "It is late.")
    assert "first_audio" not in call.all(ReplyEnded)[0].marks_ms


@pytest.mark.parametrize(
    ("phase", "seconds", "asked", "spoken"),
    [
        ("writing", 1.12, 1, 0),
        ("synthesising", 1.28, 1, 1),
        ("far ahead of the player", 4.0, 1, 3),
    ],
)
def test_cancelling_ends_the_turn_wherever_it_has_got_to(phase: str, seconds: float, asked: int, spoken: int) -> None:
    call = Call(FakeAsr(["Count to twenty."], delay=0.3), FakeLlm([LONG], first_token=0.3, tokens_per_second=15))
    run(converse((LOUD, 0.96), (QUIET, seconds), cancel, (QUIET, 6.0), call=call))
    assert len(call.llm.prompts) == call.llm.left == asked, phase
    assert len(call.tts.asked) >= spoken
    of_the_answer = call.times(ReplyBegan) + call.times(Said) + call.times(Spoken) + call.times(ReplyEnded)
    assert max(of_the_answer, default=0.0) <= 0.96 + seconds
    assert call.outcomes() == [("cancelled", CLIENT_CANCELLED)] * len(call.all(ReplyBegan))
    assert call.lines()[0] == ("user", "Count to twenty.")
    assert call.asr.heard[0].closed


def test_an_answer_cancelled_while_it_is_only_played_is_cut_to_what_was_heard() -> None:
    reply = "One two three four five six seven eight nine ten."
    call = Call(llm=FakeLlm([reply]))
    run(converse((LOUD, 0.96), (QUIET, 2.4), cancel, (QUIET, 1.6), call=call))
    assert call.outcomes() == [("completed", "")]
    assert call.times(ReplyEnded)[0] < 3.36
    kept = call.lines()[-1][1]
    assert 0 < len(kept) < len(reply)
    assert reply.startswith(kept + " ")
    heard = (3.36 - call.times(Spoken)[0]) / 0.06
    assert heard - 8 < len(kept) <= heard


@pytest.mark.parametrize(
    ("fault", "call"),
    [
        ("asr", Call(FakeAsr(failure=broken("ear")))),
        ("llm", Call(llm=FakeLlm(failure=broken("mind"), fails_at=2))),
        ("tts", Call(tts=FakeTts(failure=broken("voice")))),
        ("bug", Call(tts=FakeTts(failure=ZeroDivisionError()))),
        ("", Call()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_tells_which_stage_has_failed(fault: str, call: Call) -> None:
    run(converse(*QUESTION, call=call))
    assert [ended.fault for ended in call.all(ReplyEnded)] == [fault]


def test_a_turn_that_falls_out_of_its_course_ends_failed_and_the_session_lives() -> None:
    call = Call(llm=FakeLlm(["It is late.", "Later."], tokens_per_second=10), tts=FakeTts(failure=ZeroDivisionError()))
    run(converse(*QUESTION, *QUESTION, call=call))
    assert call.outcomes() == [("failed", "internal error")] * 2
    assert len(call.llm.prompts) == 2
    assert [listening.closed for listening in call.asr.heard] == [1, 1]


@pytest.mark.parametrize("first_audio", [0.1, 2.0], ids=["while it is heard", "before it is heard"])
def test_what_a_voice_was_sent_is_paid_though_somebody_barges_in(first_audio: float) -> None:
    call = Call(FakeAsr(delay=0.0), FakeLlm(["One two three four five six seven eight nine ten."]))
    call.tts.first_audio, call.tts.pace = first_audio, 1.0
    call.engines = call.cast()
    economy = call.engines.mind.economy
    economy.prices = {"voice": 0.001}
    run(converse(*QUESTION[:1], (QUIET, 0.96), (LOUD, 0.96), call=call))
    assert call.tts.left == 1
    asked = sum(len(text) for _, text in call.tts.asked)
    assert [purse.spent for purse in economy.budget.purses.values()] == pytest.approx([asked / 1000] * 4)
