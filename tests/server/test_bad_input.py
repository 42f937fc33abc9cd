"""Whatever a client sends or fails to do, its session lives on, or ends alone; the others notice nothing."""

import asyncio
import gc
import logging
import socket
import struct
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import numpy as np
import orjson
import pytest
import soxr
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.exchange import Turn
from pipeline.hearing.utterance import Utterance
from pipeline.session import Session
from server.house import House
from server.realtime.checks import MOST_NAME, Json
from server.realtime.inbound import MOST_ITEMS, MOST_PENDING, Inbound
from tests.server.caller import PUSH_TO_TALK, address, calling, play, quiet
from tests.server.houses import at_home, next_door
from tests.speech import clip

pytestmark = pytest.mark.real

LONG = "x" * (MOST_NAME + 1)


def written(text: str) -> Json:
    """An item of the user's."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door() as house:
        yield house


@pytest.fixture(autouse=True)
def nothing_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "null",
        "[]",
        '"text"',
        "{}",
        '{"type": null}',
        '{"type": 5}',
        '{"type": {"a": 1}}',
        '{"type": "input_audio_buffer.append"}',
        '{"type": "input_audio_buffer.append", "audio": 5}',
        '{"type": "input_audio_buffer.append", "audio": "*"}',
        '{"type": "input_audio_buffer.append", "audio": "QUI"}',
        '{"type": "input_audio_buffer.append", "audio": "é"}',
        '{"type": "output_audio_buffer.clear"}',
        '{"type": "conversation.item.create"}',
        '{"type": "conversation.item.create", "item": 5}',
        '{"type": "conversation.item.create", "item": {"type": "message", "role": ["user"], "content": []}}',
        '{"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [5]}}',
        '{"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": {"a": 1}}}',
        '{"type": "conversation.item.delete", "item_id": ["x"]}',
        '{"type": "conversation.item.retrieve", "item_id": "nobody"}',
        '{"type": "conversation.item.truncate"}',
        '{"type": "conversation.item.truncate", "item_id": {}, "audio_end_ms": 5}',
        '{"type": "response.create", "response": 5}',
        '{"type": "response.create", "response": {"output_modalities": ["video"]}}',
        '{"type": "response.create", "response": {"audio": {"output": 5}}}',
        '{"type": "response.create", "response": {"audio": {"output": {"voice": 5}}}}',
        '{"type": "response.create", "response": {"audio": {"output": {"format": 5}}}}',
        '{"type": "response.create", "response": {"metadata": "x"}}',
        '{"type": "response.create", "response": {"max_output_tokens": 0}}',
        '{"type": "response.create", "response": {"instructions": 5}}',
        '{"type": "response.cancel", "response_id": []}',
        '{"type": "session.update"}',
        '{"type": "session.update", "session": []}',
        '{"type": "session.update", "session": {"audio": 5}}',
        '{"type": "session.update", "session": {"audio": {"input": {"turn_detection": "server_vad"}}}}',
        '{"type": "session.update", "session": {"audio": {"input": {"turn_detection": {"type": []}}}}}',
        '{"type": "session.update", "session": {"tools": ' + "[" * 400 + "]" * 400 + "}}",
        b"\x00\x01",
    ],
)
def test_what_makes_no_sense_is_answered_by_an_error_and_forgotten(house: House, message: str | bytes) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.websocket.send(message)
            refused = await caller.refusal(None)
            assert refused["type"] == "invalid_request_error"
            assert refused["code"]
            assert len(refused["message"]) < 500

    play(scenario())


def test_wrong_detection_is_refused_when_there_was_none_before(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(**PUSH_TO_TALK)
            unhashable: object = {"type": "semantic_vad", "eagerness": []}
            for wrong in ("server_vad", 5, True, ["server_vad"], unhashable):
                audio = {"input": {"turn_detection": wrong}}
                refused = await caller.refusal(await caller.send("session.update", session={"audio": audio}))
                assert refused["param"].startswith("session.audio.input.turn_detection")

    play(scenario())


def test_a_message_that_is_too_large_ends_its_own_session_only(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as bystander:
            async with connect(address(house.url), max_size=None, compression=None, proxy=None) as websocket:
                await websocket.recv()
                with suppress(ConnectionClosed):  # it may be cut off while it is still sending
                    await websocket.send('{"type": "' + "x" * (17 << 20) + '"}')
                await websocket.wait_closed()
                assert websocket.close_code in {1006, 1009}
            assert (await bystander.ask("Hello!"))["status"] == "completed"

    play(scenario())


def test_samples_may_be_torn_apart(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            samples = np.concatenate((soxr.resample(clip("spk1_snt5"), HEARING_RATE, 24_000), np.zeros(36_000)))
            sound = samples.astype("<i2").tobytes()
            for start in range(0, len(sound), 4801):
                await caller.append(sound[start : start + 4801])
            await caller.append(b"")
            heard = await caller.until("conversation.item.input_audio_transcription.completed")
            assert "best part of the week" in heard["transcript"]
            await caller.until("response.done")

    play(scenario())


def noise(kind: str) -> Pcm:
    """Two seconds of something that is no speech, at 16 kHz."""
    count, chance = 2 * HEARING_RATE, np.random.default_rng(7)
    match kind:
        case "white":
            sound = chance.normal(0, 3000, count)
        case "pink":
            spectrum = np.fft.rfft(chance.normal(0, 1, count))
            sound = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1))
            sound *= 3000 / sound.std()
        case "tone":
            sound = 8000 * np.sin(2 * np.pi * 440 * np.arange(count) / HEARING_RATE)
        case "square":
            sound = 32767 * np.sign(np.sin(2 * np.pi * 100 * np.arange(count) / HEARING_RATE))
        case _:
            sound = np.zeros(count)
    return sound.astype(np.int16)


@pytest.mark.parametrize("kind", ["white", "pink", "tone", "square", "silence"])
def test_what_is_not_speech_is_not_answered(house: House, kind: str) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.speak(noise(kind), quiet(1.5))
            assert (await caller.ask("Hello!"))["status"] == "completed"
            assert "input_audio_buffer.speech_started" not in caller.kinds()

    play(scenario())


def test_a_shout_that_clips_is_understood(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            loud = np.clip(clip("spk1_snt5").astype(np.int32) * 20, -32768, 32767).astype(np.int16)
            await caller.speak(loud, quiet(1.5))
            assert (await caller.until("response.done"))["response"]["status"] == "completed"

    play(scenario())


def test_a_word_that_breaks_off_comes_to_an_end(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
            await caller.speak(clip("jfk")[:HEARING_RATE], quiet(2.5))
            await caller.until("conversation.item.input_audio_transcription.completed")
            assert (await caller.ask("Hello!"))["status"] == "completed"

    play(scenario())


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("session.update", {"session": {"type": "realtime", "x": ["x" * 100] * 3_000}}),
        ("response.create", {"response": {"x": ["x" * 100] * 3_000}}),
    ],
)
def test_settings_have_a_limit(house: House, kind: str, fields: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            assert "is more than" in (await caller.refusal(await caller.send(kind, **fields)))["message"]
            for part in range(4):
                await caller.send("session.update", session={"type": "realtime", f"x{part}": "x" * 90_000})
            assert "is more than" in (await caller.refusal("client_5"))["message"]
            caller.complaints.clear()

    play(scenario())


def test_a_conversation_has_a_limit(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            for number in range(4):
                await caller.say("x" * 900_000, id=f"item{number}")
            refused = await caller.refusal(await caller.send("conversation.item.create", item=written("x" * 900_000)))
            assert refused["code"] == "conversation_full"
            await caller.send("conversation.item.delete", item_id="item0")
            await caller.say("x" * 900_000)

    play(scenario())


def test_a_conversation_has_a_limit_of_items_and_room_again_after_an_answer(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            for _ in range(MOST_ITEMS):
                await caller.say("")
            refused = await caller.refusal(
                await caller.send("conversation.item.create", item=written("What is 2 + 3?"))
            )
            assert refused["code"] == "conversation_full"
            await caller.send("response.create", response={"instructions": "Be brief."})
            await caller.until("response.done")
            assert (await caller.ask("What is 2 plus 3?"))["status"] == "completed"

    play(scenario())


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("conversation.item.create", {"item": {**written("Hello!"), "id": LONG}}),
        (
            "conversation.item.create",
            {"item": {"type": "function_call", "call_id": "c", "name": LONG, "arguments": "{}"}},
        ),
        ("conversation.item.create", {"item": written("Hello!"), "previous_item_id": LONG}),
        ("conversation.item.retrieve", {"item_id": LONG}),
        ("response.create", {"response": {"input": [written("Hello!")] * (MOST_ITEMS + 1)}}),
    ],
)
def test_names_and_contexts_have_a_limit(house: House, kind: str, fields: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            refused = await caller.refusal(await caller.send(kind, **fields))
            assert len(refused["message"]) < 200

    play(scenario())


def test_what_waits_to_be_understood_has_a_limit(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(**PUSH_TO_TALK)
            commits: list[str] = []
            for _ in range(2 * MOST_PENDING):
                await caller.append(b"\0" * 9600)
                commits.append(await caller.send("input_audio_buffer.commit"))
            assert (await caller.refusal(commits[-1]))["code"] == "rate_limit_exceeded"
            caller.complaints.clear()

    play(scenario())


def test_minutes_of_sound_at_once_hold_nobody_up(house: House) -> None:
    async def scenario() -> None:
        minutes = np.concatenate([np.concatenate((clip("jfk"), quiet(1.5))) for _ in range(16)])
        sound = soxr.resample(minutes, HEARING_RATE, 24_000).astype("<i2").tobytes()
        async with calling(house.url) as talker, calling(house.url) as bystander:
            await talker.update(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
            await talker.append(sound)
            loop = asyncio.get_running_loop()
            waits: list[float] = []
            for _ in range(5):
                began = loop.time()
                await (await bystander.websocket.ping())
                waits.append(loop.time() - began)
                began = loop.time()
                assert (await bystander.ask("What is 2 plus 3?"))["status"] == "completed"
                waits.append(loop.time() - began)
            assert max(waits) < 2.0
            stopped = 0
            while stopped < 16:
                stopped += (await talker.take())["type"] == "input_audio_buffer.speech_stopped"

    play(scenario())


def test_a_hundred_callers_leave_nothing_behind() -> None:
    others = _remembered()  # of tests before this one

    async def scenario() -> None:
        async with at_home() as house:

            async def call(number: int) -> None:
                async with calling(house.url) as caller:
                    await caller.speak(clip("spk1_snt6") if number % 4 == 0 else quiet(0.2))
                    if number % 3 == 0:
                        await caller.say("Tell me a story.")
                        await caller.send("response.create")
                        await caller.until("response.created")
                        await caller.send("response.cancel")
                        await caller.until("response.done")

            await call(0)
            await _until(lambda: not house.sessions)
            before = len(asyncio.all_tasks())
            for start in range(0, 100, 10):
                async with asyncio.TaskGroup() as tasks:
                    for number in range(start, start + 10):
                        tasks.create_task(call(number))
            await _until(lambda: not house.sessions and len(asyncio.all_tasks()) <= before)
            await _until(lambda: not _remembered() - others)

    play(scenario())


def _remembered() -> Counter[str]:
    """How many things that belong to one conversation are still in memory."""
    gc.collect()
    kinds = {Session, Turn, Utterance, Inbound}
    return Counter(type(thing).__name__ for thing in gc.get_objects() if type(thing) in kinds)


def test_a_client_that_vanishes_in_mid_reply_is_forgotten() -> None:
    async def scenario() -> None:
        async with at_home() as house:
            before = len(asyncio.all_tasks())
            websocket = await connect(address(house.url), proxy=None)
            await _tell_me_a_story(websocket.send)
            while b"output_audio.delta" not in await websocket.recv(decode=False):
                pass
            raw: socket.socket = websocket.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            websocket.transport.abort()
            await _until(lambda: not house.sessions and len(asyncio.all_tasks()) <= before)

    play(scenario())


async def _tell_me_a_story(send: Callable[[str], Any]) -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Tell me a story."}]}
    await send(orjson.dumps({"type": "conversation.item.create", "item": item}).decode())
    await send('{"type": "response.create"}')


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  nobody tells when a task is gone
            await asyncio.sleep(0.02)


def test_a_client_that_stops_reading_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with at_home() as house, calling(house.url) as bystander:
            websocket = await connect(address(house.url), max_queue=1, proxy=None, compression=None)
            update = {"type": "session.update", "session": {"type": "realtime", "instructions": "x" * 200_000}}
            with suppress(TimeoutError):
                async with asyncio.timeout(3):
                    while len(house.sessions) == 2:
                        await websocket.send(orjson.dumps(update).decode())
            assert len(house.sessions) == 1
            assert (await bystander.ask("Hello!"))["status"] == "completed"
            websocket.transport.abort()

    play(scenario())
    assert "stopped reading" in caplog.text
