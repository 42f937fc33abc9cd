"""The server's events become what both sides said, and what the user should know."""

import numpy as np
import pytest

from client.dialogue import Dialogue
from client.events import (
    Event,
    Heard,
    HeardPartly,
    HeardSoFar,
    NotHeard,
    ReplyAudio,
    ReplyBegan,
    ReplyEnded,
    ReplyText,
    ServerError,
    SpeechStarted,
    SpeechStopped,
)
from client.lasting import Back, Lost
from client.news import News, Notice, Words


def told(*events: Event | Lost | Back) -> list[News]:
    dialogue = Dialogue()
    return [news for event in events for news in dialogue.note(event)]


def you(text: str, *, final: bool = False) -> News:
    return Words("you", text, final)


def antiphon(text: str, *, final: bool = False, interrupted: bool = False) -> News:
    return Words("antiphon", text, final, interrupted)


GOOD, DAY = ReplyText("r", "a", "Good "), ReplyText("r", "a", "day.")


@pytest.mark.parametrize(
    ("events", "news"),
    [
        (
            [HeardSoFar("i", "he"), HeardSoFar("i", "llo"), Heard("i", "hello ")],
            [you("he"), you("hello"), you("hello", final=True)],
        ),
        (
            [HeardPartly("i", "hell"), HeardPartly("i", "hello"), HeardPartly("i", "hello"), HeardSoFar("i", "hello")],
            [you("hell"), you("hello")],
        ),
        ([Heard("i", " ")], [you("", final=True)]),
        ([NotHeard("i", "deaf")], [Notice("not understood: deaf")]),
        (
            [ReplyBegan("r"), GOOD, DAY, ReplyEnded("r", "completed", "", {})],
            [antiphon("Good"), antiphon("Good day."), antiphon("Good day.", final=True)],
        ),
        (
            [ReplyBegan("r"), GOOD, SpeechStarted("i", 0), DAY, ReplyEnded("r", "cancelled", "turn_detected", {})],
            [antiphon("Good"), antiphon("Good", final=True, interrupted=True)],
        ),
        ([ReplyBegan("r"), ReplyEnded("r", "failed", "no model", {})], [Notice("no reply: no model")]),
        ([ServerError("no such voice", "", "")], [Notice("the server says: no such voice")]),
        ([ServerError("Cancellation failed", "response_cancel_not_active", "")], []),
        (
            [Lost("it broke off"), Back(resumed=True)],
            [Notice("it broke off; trying again"), Notice("connected again; the conversation goes on")],
        ),
        (
            [ReplyBegan("r"), GOOD, Back(resumed=False)],
            [
                antiphon("Good"),
                antiphon("Good", final=True, interrupted=True),
                Notice("connected again; the server has forgotten the conversation"),
            ],
        ),
    ],
)
def test_what_is_told(events: list[Event | Lost | Back], news: list[News]) -> None:
    assert told(*events) == news


@pytest.mark.parametrize(
    ("events", "speaking", "owed"),
    [
        ([], False, False),
        ([SpeechStarted("i", 0)], True, False),
        ([SpeechStarted("i", 0), SpeechStopped("i", 9)], False, True),
        ([SpeechStopped("i", 9), Heard("i", "")], False, False),
        ([SpeechStopped("i", 9), Heard("i", "hello")], False, True),
        ([SpeechStopped("i", 9), NotHeard("i", "deaf")], False, False),
        ([ReplyBegan("r")], False, True),
        ([ReplyBegan("r"), ReplyEnded("r", "completed", "", {})], False, False),
        ([SpeechStarted("i", 0), Back(resumed=False)], False, False),
    ],
)
def test_it_knows_whose_turn_it_is(events: list[Event | Lost | Back], speaking: bool, owed: bool) -> None:
    dialogue = Dialogue()
    for event in events:
        list(dialogue.note(event))
    assert (dialogue.speaking, dialogue.owed) == (speaking, owed)


def test_the_sound_of_an_interrupted_reply_is_not_wanted() -> None:
    dialogue, sound = Dialogue(), ReplyAudio("r", "a", np.zeros(1, np.int16))
    list(dialogue.note(ReplyBegan("r")))
    assert dialogue.wants(sound)
    list(dialogue.interrupt())
    assert not dialogue.wants(sound)
