"""An exchange knows when all is said, and keeps what was said in order."""

import numpy as np
import pytest

from client.errors import ClientError
from client.events import (
    Committed,
    Event,
    Heard,
    NotHeard,
    Other,
    ReplyAudio,
    ReplyBegan,
    ReplyEnded,
    ReplyText,
    SpeechStarted,
    SpeechStopped,
)
from client.exchange import UNNOTICED, Exchange, ask_aloud, ask_in_writing
from client.microphone import FileMicrophone
from client.realtime import connect
from tests.client.scripted import QUESTION, TONE, Caller, Script, answering, listen_forever, server
from tests.virtual_clock import run

DONE = ReplyEnded("r", "completed", "", {})
TURN = [SpeechStarted("i", 0), SpeechStopped("i", 600), Committed("i")]


def exchange_after(events: list[Event]) -> Exchange:
    exchange = Exchange()
    for at, event in enumerate(events, 1):
        exchange.note(event, at)
    return exchange


@pytest.mark.parametrize(
    ("events", "settled"),
    [
        ([], False),
        ([SpeechStarted("i", 0)], False),
        (TURN, False),
        ([*TURN, Heard("i", "hello")], False),
        ([*TURN, Heard("i", " ")], True),
        ([*TURN, NotHeard("i", "deaf")], True),
        ([*TURN, ReplyBegan("r")], False),
        ([*TURN, ReplyBegan("r"), DONE], True),
        ([*TURN, ReplyBegan("r"), DONE, Other({})], True),
        ([*TURN, ReplyBegan("r"), DONE, Heard("i", "late words")], True),
        ([*TURN, ReplyBegan("r"), DONE, SpeechStarted("j", 0)], False),
        ([*TURN, ReplyBegan("r"), DONE, *TURN], False),
        ([ReplyBegan("r"), DONE], True),
    ],
)
def test_it_is_settled_when_every_turn_has_its_answer(events: list[Event], settled: bool) -> None:
    assert exchange_after(events).settled is settled


def test_several_turns_are_kept_in_order() -> None:
    said = [ReplyText("r", "a", "Good "), ReplyText("r", "a", "day."), ReplyText("q", "b", "Bye.")]
    exchange = exchange_after([Heard("i", "hello "), Heard("j", ""), Heard("k", "so long"), *said])
    assert exchange.transcript == "hello so long"
    assert exchange.reply == "Good day. Bye."


def test_an_answer_knows_when_its_parts_came() -> None:
    pcm = np.ones(10, np.int16)
    sound = ReplyAudio("r", "a", pcm)
    exchange = exchange_after([ReplyBegan("r"), ReplyText("r", "a", "Hi"), sound, sound, DONE, sound])
    reply = exchange.replies["r"]
    assert (reply.began, reply.first_text, reply.first_audio, reply.ended) == (1, 2, 3, 5)
    assert reply.late_audio == 1
    assert len(exchange.audio) == 30


def test_the_last_whole_answer_counts_not_one_that_was_cut_off() -> None:
    cut = ReplyEnded("s", "cancelled", "turn_detected", {})
    exchange = exchange_after([ReplyBegan("r"), DONE, ReplyBegan("s"), cut])
    assert exchange.last_reply is exchange.replies["r"]


async def _ask_aloud(script: Script, timeout: float = 5.0) -> Exchange:
    exchange = Exchange()
    async with server(script) as url, connect(url) as talk:
        await ask_aloud(talk, FileMicrophone(QUESTION), exchange, timeout)
    return exchange


def test_a_spoken_question_is_answered() -> None:
    exchange = run(_ask_aloud(answering()))
    assert exchange.transcript == "hello there"
    assert exchange.reply == "Good morning."
    assert np.array_equal(exchange.audio, TONE)


def test_two_turns_in_one_recording_are_both_waited_for() -> None:
    async def script(caller: Caller) -> None:
        await caller.hear(0.2)
        await caller.take_turn(1, "first")
        await caller.reply(1, "One.")
        await caller.hear(0.9)
        await caller.take_turn(2, "second")
        await caller.hear(0.5)
        await caller.reply(2, "Two.")
        await listen_forever(caller)

    exchange = run(_ask_aloud(script))
    assert exchange.transcript == "first second"
    assert exchange.reply == "One. Two."


async def _hear_only(caller: Caller) -> None:
    await caller.hear(0.3)
    await caller.take_turn()
    await caller.tell("error", error={"message": "the model is gone", "code": "x"})
    await listen_forever(caller)


async def _stall(caller: Caller) -> None:
    await caller.hear(0.3)
    await caller.take_turn()
    await caller.begin_reply()
    await listen_forever(caller)


async def _leave(caller: Caller) -> None:
    await caller.hear(0.3)
    await caller.take_turn()
    await caller.begin_reply()


async def _break(caller: Caller) -> None:
    await _leave(caller)
    caller.websocket.transport.abort()


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (listen_forever, "noticed no speech within 0.4 s"),
        (_hear_only, "no answer came within 0.4 s; its last complaint: the model is gone"),
        (_stall, "the answer did not end within 0.4 s"),
        (_leave, "closed the connection"),
        (_break, "broke off"),
    ],
)
def test_a_missing_answer_is_named(script: Script, complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        run(_ask_aloud(script, timeout=0.4))


async def _ask_in_writing(script: Script) -> Exchange:
    exchange = Exchange()
    async with server(script) as url, connect(url) as talk:
        await ask_in_writing(talk, "what is an antiphon?", exchange, 2.0)
    return exchange


def test_a_written_question_is_answered_at_once() -> None:
    async def script(caller: Caller) -> None:
        await caller.next("response.create")
        assert caller.received[0]["item"]["content"] == [{"type": "input_text", "text": "what is an antiphon?"}]
        await caller.reply()

    assert run(_ask_in_writing(script)).reply == "Good morning."


def test_a_refused_question_does_not_wait_for_the_timeout() -> None:
    async def script(caller: Caller) -> None:
        request = await caller.next("response.create")
        await caller.tell("error", error={"message": "budget spent", "event_id": request["event_id"]})
        await listen_forever(caller)

    with pytest.raises(ClientError, match="refuses to answer: budget spent"):
        run(_ask_in_writing(script))


def test_a_recording_nobody_notices_is_not_waited_for_as_long_as_an_answer() -> None:
    assert exchange_after([]).over_at(10.0) == 10.0 + UNNOTICED
    assert exchange_after([SpeechStarted("i", 0)]).over_at(10.0) is None
