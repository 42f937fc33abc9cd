"""A live talk plays what it is told, falls silent when the user speaks, and reports what was heard."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from client.duplex import PIECE, Exchanged
from client.echo import Ears, HalfDuplex, OpenEars
from client.errors import ClientError
from client.keys import Command, Hush, Line, Mute, Press
from client.lasting import lasting
from client.live import LiveTalk
from client.news import Doing, Level, News, State, Turn, Words
from client.playback import DUCKED, Playback
from client.realtime import connect
from client.sound import RATE, Pcm
from client.view import plain
from tests.client.scripted import TONE, Caller, Script, server
from tests.virtual_clock import run

QUIET: Pcm = np.zeros(PIECE, np.int16)
LOUD: Pcm = TONE[:PIECE]


@dataclass
class Card:
    """A sound card whose microphone hears `voice`, and whose speakers play when the test says so."""

    voice: Pcm = field(default_factory=lambda: QUIET)
    playing: bool = False
    playback: Playback = field(default_factory=Playback)
    latency: float = 0.05

    async def listen(self) -> Exchanged:
        await asyncio.sleep(0.02)
        played = self.playback.take(PIECE) if self.playing else QUIET
        return Exchanged(self.voice, played, played, asyncio.get_running_loop().time(), self.latency)


@dataclass
class Studio:
    """A talk over that card, and what was told of it."""

    card: Card = field(default_factory=Card)
    ears: Ears = field(default_factory=OpenEars)
    push_to_talk: bool = False
    keys: asyncio.Queue[Command] = field(default_factory=asyncio.Queue[Command])
    news: list[News] = field(default_factory=list[News])

    def talk(self, script: Script) -> None:
        """Until the server hangs up."""

        async def talking() -> None:
            async with server(script) as url, lasting(lambda query: connect(url, query=query), {}) as talk:
                await LiveTalk(talk, self.card, self.ears, self.news.append, self.push_to_talk).run(self.keys)

        with pytest.raises(ClientError, match="ended the conversation"):
            run(talking())

    @property
    def lines(self) -> list[str]:
        return [line for one in self.news if (line := plain(one))]

    @property
    def doings(self) -> list[Doing]:
        return [one.doing for one in self.news if isinstance(one, State)]

    async def until_playing(self, caller: Caller) -> None:
        while not self.card.playback.busy:
            await caller.hear(0.02)


def test_the_microphone_is_heard_and_the_dialogue_shown() -> None:
    studio = Studio(Card(LOUD))

    async def script(caller: Caller) -> None:
        await caller.hear(0.1)
        assert np.array_equal(caller.sound[0], LOUD)
        await caller.take_turn()
        await caller.reply()

    studio.talk(script)
    assert studio.lines == ["You: hello there", "Antiphon: Good morning."]
    assert np.array_equal(studio.card.playback.take(len(TONE)), TONE)


def test_the_state_follows_the_turn() -> None:
    studio = Studio(Card(playing=True))

    async def script(caller: Caller) -> None:
        await caller.tell("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=0)
        await caller.hear(0.1)
        await caller.tell("input_audio_buffer.speech_stopped", item_id="item_1", audio_end_ms=600)
        await caller.hear(0.1)
        await caller.reply()
        await caller.hear(1.0)

    studio.talk(script)
    assert studio.doings == ["listening", "hearing", "thinking", "speaking", "listening"]


def test_an_interruption_silences_the_speakers_and_tells_what_was_heard() -> None:
    studio = Studio()
    told: list[dict[str, object]] = []

    async def script(caller: Caller) -> None:
        await caller.begin_reply()
        await studio.until_playing(caller)
        studio.card.playback.take(RATE // 4)
        await caller.tell("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=0)
        told.append(await caller.next("conversation.item.truncate"))
        ids = {"response_id": "resp_1", "item_id": "said_1"}
        await caller.tell("response.output_audio.delta", **ids, delta="AAA=")
        await caller.end_reply(status="cancelled")

    studio.talk(script)
    assert studio.lines == ["Antiphon: Good morning. —"]
    assert (told[0]["item_id"], told[0]["audio_end_ms"]) == ("said_1", 200)
    assert not studio.card.playback.busy


def test_a_voice_ducks_the_reply_at_once_and_a_cough_lets_it_come_back() -> None:
    studio = Studio()
    heights: list[int] = []

    def height() -> int:
        return int(studio.card.playback.take(PIECE * 2)[PIECE:].max())

    async def script(caller: Caller) -> None:
        await caller.hear(1.0)
        await caller.begin_reply()
        await studio.until_playing(caller)
        heights.append(height())
        studio.card.voice = LOUD
        await caller.hear(0.06)
        heights.append(height())
        studio.card.voice = QUIET
        await caller.hear(0.4)
        heights.append(height())
        await caller.end_reply()

    studio.talk(script)
    assert heights == pytest.approx([8000, 8000 * DUCKED, 8000], abs=2)


def test_half_duplex_does_not_listen_to_itself() -> None:
    studio = Studio(Card(LOUD, playing=True), HalfDuplex())

    async def script(caller: Caller) -> None:
        await caller.begin_reply()
        await studio.until_playing(caller)
        caller.sound.clear()
        await caller.hear(0.4)
        assert not np.concatenate(caller.sound[2:]).any()
        await caller.hear(0.8)
        assert np.array_equal(caller.sound[-1], LOUD)
        await caller.end_reply()

    studio.talk(script)
    assert studio.lines == ["Antiphon: Good morning."]


def test_what_goes_wrong_is_shown_and_the_talk_goes_on() -> None:
    studio = Studio()

    async def script(caller: Caller) -> None:
        await caller.next("session.update")
        await caller.tell("error", error={"message": "no such voice"})
        await caller.tell("response.created", response={"id": "resp_1"})
        details = {"type": "failed", "error": {"message": "every model failed"}}
        await caller.end_reply(status="failed", status_details=details)

    studio.talk(script)
    assert studio.lines == ["(the server says: no such voice)", "(no reply: every model failed)"]


def test_a_muted_microphone_sends_silence_and_never_ducks() -> None:
    studio = Studio(Card(LOUD))

    async def script(caller: Caller) -> None:
        await caller.hear(0.1)
        studio.keys.put_nowait(Mute())
        await caller.hear(0.1)
        assert not caller.sound[-1].any()
        studio.keys.put_nowait(Mute())
        await caller.hear(0.1)
        assert caller.sound[-1].any()

    studio.talk(script)


def test_a_typed_line_interrupts_is_shown_and_asks_for_an_answer() -> None:
    studio = Studio()

    async def script(caller: Caller) -> None:
        await caller.begin_reply()
        await studio.until_playing(caller)
        studio.keys.put_nowait(Line("what is an antiphon?"))
        await caller.next("response.create")
        kinds = [event["type"] for event in caller.received[1:]]
        truncate, say = "conversation.item.truncate", "conversation.item.create"
        assert kinds == ["response.cancel", truncate, say, "response.create"]

    studio.talk(script)
    assert studio.lines == ["Antiphon: Good morning. —", "You: what is an antiphon?"]


def test_a_key_stops_an_answer_that_has_not_begun() -> None:
    studio = Studio()

    async def script(caller: Caller) -> None:
        await caller.tell("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=0)
        await caller.tell("input_audio_buffer.speech_stopped", item_id="item_1", audio_end_ms=500)
        await asyncio.sleep(0.2)
        assert studio.doings[-1] == "thinking"
        studio.keys.put_nowait(Hush())
        await caller.next("response.cancel")
        await caller.tell("error", error={"code": "response_cancel_not_active", "message": "none is active"})
        await asyncio.sleep(0.1)

    studio.talk(script)
    assert studio.doings[-1] == "listening"
    assert studio.lines == []


def test_a_key_stops_the_reply_even_when_all_of_it_has_arrived() -> None:
    studio = Studio()

    async def script(caller: Caller) -> None:
        await caller.reply()
        await studio.until_playing(caller)
        studio.keys.put_nowait(Hush())
        await caller.next("conversation.item.truncate")
        assert [event["type"] for event in caller.received[1:]] == ["conversation.item.truncate"]

    studio.talk(script)
    assert not studio.card.playback.busy


def test_push_to_talk_sends_what_was_said_between_two_presses_and_asks_for_an_answer() -> None:
    studio = Studio(Card(LOUD), push_to_talk=True)

    async def script(caller: Caller) -> None:
        await caller.next("session.update")
        await asyncio.sleep(1.0)
        studio.keys.put_nowait(Press())
        await caller.hear(0.2)
        studio.keys.put_nowait(Press())
        await caller.next("response.create")
        assert 0.2 <= caller.samples / RATE < 0.3
        assert [event["type"] for event in caller.received[1:]] == ["input_audio_buffer.commit", "response.create"]

    studio.talk(script)


def test_an_answer_is_timed_from_the_last_sound_at_the_mouth_to_the_first_at_the_ear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    studio = Studio(Card(playing=True))

    async def script(caller: Caller) -> None:
        monkeypatch.setattr("client.playback.time.monotonic", asyncio.get_running_loop().time)
        await caller.hear(1.0)
        extras: dict[str, Any] = {"marks_ms": {"llm_first_token": 210.0}, "speech_end_audio_ms": 800}
        await caller.begin_reply()
        await caller.end_reply(antiphon=extras)
        await caller.hear(0.2)

    studio.talk(script)
    (turn,) = [one for one in studio.news if isinstance(one, Turn)]
    assert turn.first_token_ms == 210.0
    # 0.2 s after the sound in question the answer comes, with the next piece it is played; the speakers add 50 ms
    assert turn.ear_to_ear_ms == pytest.approx(200 + 20 + 50, abs=21)


def test_levels_are_told_with_every_piece_and_words_as_they_come() -> None:
    studio = Studio(Card(LOUD))

    async def script(caller: Caller) -> None:
        await caller.tell("antiphon.transcription.partial", item_id="i", transcript="hel")
        await caller.tell("antiphon.transcription.partial", item_id="i", transcript="hello")
        await caller.hear(0.1)

    studio.talk(script)
    assert [one.text for one in studio.news if isinstance(one, Words)] == ["hel", "hello"]
    assert [round(one.db) for one in studio.news if isinstance(one, Level)][:3] == [-15, -15, -15]
