"""From a session's events to what there is to tell, with times that are made up."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from pipeline.audio import SPEAKING_RATE
from pipeline.engines import Usage
from pipeline.events import (
    AnswerDropped,
    Event,
    Heard,
    HearingFailed,
    ReplyBegan,
    ReplyEnded,
    SpeechBegan,
    SpeechEnded,
    Spoken,
)
from server.observing.book import REACTION, Book, Note
from server.observing.record import TurnRecord
from server.observing.trace_context import TraceContext
from tests.server.observing.turns import MARKS, ended

WALL = 1_000_000.0
"""Unix time when the loop's clock began."""


@dataclass
class Told:
    """A book, and what came of what it was told."""

    book: Book = field(default_factory=lambda: Book("sess_1"))
    notes: list[Note] = field(default_factory=list[Note])

    def at(self, now: float, *events: Event) -> "Told":
        for event in events:
            note = self.book.take(event, now, WALL + now)
            if note is not None:
                self.notes.append(note)
        return self

    def asked(self, at: float = 10.0) -> "Told":
        """Somebody has asked something; the answer begins with the decision that they are done."""
        self.at(at - 2.0, SpeechBegan("item_1", 0.0))
        self.at(at, SpeechEnded("item_1", 1.5, 2.0), Heard("item_1", "Does it rain?", "en", 1.5))
        return self.at(at, ReplyBegan("resp_1"))

    def record(self) -> TurnRecord:
        [record] = [note for note in self.notes if isinstance(note, TurnRecord)]
        return record


def sound(seconds: float, turn: str = "resp_1") -> Spoken:
    return Spoken(turn, 0, np.zeros(round(seconds * SPEAKING_RATE), np.int16))


def cancelled() -> ReplyEnded:
    return ended(outcome="cancelled", reason="turn_detected")


def test_a_turn_is_told_from_the_end_of_its_question() -> None:
    record = Told().asked().at(10.1, sound(1.0)).at(12.0, sound(0.5), ended()).record()
    assert record.seconds == pytest.approx(12.0 - (10.0 - MARKS["endpoint"] / 1000))
    assert record.at == pytest.approx(WALL + 12.0 - record.seconds)
    assert (record.spoken, record.question, record.interruption) == (1.5, "Does it rain?", None)


def test_a_question_in_writing_begins_with_its_answer() -> None:
    marks = {"speech_end": 0.0, "llm_request": 1.0, "llm_first_token": 50.0}
    record = Told().at(5.0, ReplyBegan("resp_1")).at(6.0, ended(marks_ms=marks)).record()
    assert (record.seconds, record.question) == (1.0, "")


def test_turns_go_into_the_callers_trace_or_into_ones_of_their_own() -> None:
    caller = TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    record = Told(Book("sess_1", caller)).asked().at(11.0, ended()).record()
    assert (record.place.trace, record.place.parent) == (caller.trace, caller.span)
    own = Told().asked().at(11.0, ended()).asked(20.0).at(21.0, ended())
    first, second = (note for note in own.notes if isinstance(note, TurnRecord))
    assert first.place.trace != second.place.trace
    assert first.place.parent == second.place.parent == ""


def test_speaking_into_an_answer_one_has_heard_is_a_barge_in() -> None:
    told = Told().asked().at(10.1, sound(3.0)).at(11.0, SpeechBegan("item_2", 3.0), cancelled())
    assert told.notes[0] == "barge_in"
    assert told.record().interruption == "barge_in"


def test_so_is_speaking_while_a_complete_answer_is_still_being_played() -> None:
    told = Told().asked().at(10.1, sound(3.0)).at(10.2, ended()).at(12.0, SpeechBegan("item_2", 3.0))
    assert told.notes[-1] == "barge_in"
    assert told.record().interruption is None  # it was told before


def test_after_the_last_sound_nobody_is_interrupted() -> None:
    told = Told().asked().at(10.1, sound(1.0), ended()).at(11.2, SpeechBegan("item_2", 3.0))
    assert "barge_in" not in told.notes


def test_one_interruption_is_counted_once() -> None:
    told = Told().asked().at(10.1, sound(3.0), ended()).at(11.0, SpeechBegan("item_2", 3.0))
    told.at(11.5, SpeechBegan("item_3", 4.0))
    assert told.notes.count("barge_in") == 1


def test_an_answer_before_the_first_sound_of_which_the_user_goes_on_has_cut_their_turn_in_two() -> None:
    told = Told().asked().at(10.3, SpeechBegan("item_2", 2.5), cancelled())
    assert told.record().interruption == "split_turn"


def test_nobody_reacts_within_a_blink_so_an_answer_that_soon_spoken_into_came_too_early() -> None:
    told = Told().asked().at(10.1, sound(3.0)).at(10.1 + REACTION - 0.01, SpeechBegan("item_2", 2.5), cancelled())
    assert told.record().interruption == "early_reply"


def test_an_answer_apart_is_not_what_the_user_interrupts() -> None:
    told = Told().at(5.0, ReplyBegan("resp_2", aloud=True, apart=True), sound(9.0, "resp_2"))
    assert told.at(6.0, SpeechBegan("item_1", 1.0)).notes == []


def test_what_was_thrown_away_and_what_was_not_understood_is_told_as_it_is() -> None:
    dropped, failed = AnswerDropped("resp_0", {}, Usage(100, 3)), HearingFailed("item_1", "no ASR is left")
    assert Told().at(1.0, dropped, failed).notes == [dropped, failed]


def test_an_end_without_a_beginning_is_none_of_ours() -> None:
    assert Told().at(1.0, ended()).notes == []


def test_the_book_knows_what_goes_on() -> None:
    told = Told()
    states = [told.book.state(0.0)]
    for now, event in (
        (1.0, SpeechBegan("item_1", 1.0)),
        (2.0, SpeechEnded("item_1", 1.9, 2.0)),
        (2.1, ReplyBegan("resp_1")),
        (2.5, sound(2.0)),
        (2.6, ended()),
    ):
        states.append(told.at(now, event).book.state(now))
    assert states == ["listening", "hearing", "thinking", "thinking", "speaking", "speaking"]
    assert told.book.state(4.6) == "listening"


def test_words_that_nobody_answers_are_not_thought_about() -> None:
    told = Told().at(8.0, SpeechBegan("item_1", 0.0)).at(9.0, SpeechEnded("item_1", 0.5, 1.0))
    told.at(9.2, Heard("item_1", "A note to be written down.", "en", 0.5))
    assert told.book.state(9.3) == "listening"


@pytest.mark.parametrize("cough", [Heard("item_1", "", "en", 0.4), HearingFailed("item_1", "no ASR is left")])
def test_an_utterance_without_words_is_nothing_to_think_about(cough: Event) -> None:
    told = Told().at(8.0, SpeechBegan("item_1", 0.0)).at(9.0, SpeechEnded("item_1", 0.5, 1.0), cough)
    assert told.book.state(9.1) == "listening"
    marks = {"speech_end": 0.0, "llm_request": 1.0, "llm_first_token": 50.0}
    assert told.at(600.0, ReplyBegan("resp_1")).at(601.0, ended(marks_ms=marks)).record().seconds == 1.0


def test_a_long_talk_leaves_nothing_behind() -> None:
    told = Told()
    for number in range(50):
        told.asked(10.0 * number).at(10.0 * number + 1.0, sound(1.0), ended())
    assert len(told.book._answers) == 1  # pyright: ignore[reportPrivateUsage]
    assert told.book.turns == 50
