"""A live talk plays what it is told, stops when the user speaks, and reports what was heard."""

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest

from client.errors import ClientError
from client.live import LiveTalk
from client.playback import Playback
from client.realtime import connect
from client.sound import RATE, Pcm
from tests.client.scripted import TONE, Caller, Script, server
from tests.virtual_clock import run


@dataclass
class Card:
    """A sound card whose microphone hears `voice`, and whose speakers play when the test says so."""

    voice: Pcm
    playback: Playback = field(default_factory=Playback)
    latency: float = 0.05

    async def listen(self) -> Pcm:
        await asyncio.sleep(0.005)
        return self.voice


def talk_through(card: Card, script: Script, *, half_duplex: bool = False) -> list[str]:
    lines: list[str] = []

    async def talking() -> None:
        async with server(script) as url, connect(url) as talk:
            await LiveTalk(talk, card, lines.append, half_duplex).run()

    with pytest.raises(ClientError, match="ended the conversation"):
        run(talking())
    return lines


def test_the_microphone_is_heard_and_the_dialogue_shown() -> None:
    card = Card(TONE[:480])

    async def script(caller: Caller) -> None:
        await caller.hear(0.1)
        assert np.array_equal(caller.sound[0], TONE[:480])
        await caller.take_turn()
        await caller.reply()

    assert talk_through(card, script) == ["You: hello there", "Antiphon: Good morning."]
    assert np.array_equal(card.playback.take(len(TONE)), TONE)


def test_an_interruption_silences_the_speakers_and_tells_what_was_heard() -> None:
    card = Card(TONE[:480])
    told: list[dict[str, object]] = []

    async def script(caller: Caller) -> None:
        await caller.begin_reply()
        while not card.playback.busy:
            await caller.hear(0.02)
        card.playback.take(RATE // 4)
        await caller.tell("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=0)
        told.append(await caller.next("conversation.item.truncate"))
        ids = {"response_id": "resp_1", "item_id": "said_1"}
        await caller.tell("response.output_audio.delta", **ids, delta="AAA=")
        await caller.end_reply(status="cancelled")

    assert talk_through(card, script) == ["Antiphon: Good morning. —"]
    assert (told[0]["item_id"], told[0]["audio_end_ms"]) == ("said_1", 200)
    assert not card.playback.busy


def test_without_headphones_it_does_not_listen_to_itself() -> None:
    card = Card(TONE[:480])

    async def script(caller: Caller) -> None:
        await caller.begin_reply()
        while not card.playback.busy:
            await caller.hear(0.02)
        caller.sound.clear()
        await caller.hear(0.1)
        assert not np.concatenate(caller.sound[-3:]).any()
        card.playback.take(len(TONE))
        await caller.hear(0.1)
        assert np.array_equal(caller.sound[-1], TONE[:480])
        await caller.end_reply()

    assert talk_through(card, script, half_duplex=True) == ["Antiphon: Good morning."]


def test_what_goes_wrong_is_shown_and_the_talk_goes_on() -> None:
    async def script(caller: Caller) -> None:
        await caller.tell("error", error={"message": "no such voice"})
        await caller.tell("response.created", response={"id": "resp_1"})
        details = {"type": "failed", "error": {"message": "every model failed"}}
        await caller.end_reply(status="failed", status_details=details)

    lines = talk_through(Card(TONE[:480]), script)
    assert lines == ["(the server says: no such voice)", "(no reply: every model failed)"]
