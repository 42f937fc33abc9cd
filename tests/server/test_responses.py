"""Responses of all kinds: apart from the conversation, to other input, in writing, in another format, cut short."""

import asyncio
from collections.abc import Generator
from typing import Any

import numpy as np
import pybase64
import pytest

from models import brain
from models.faults import Knobs
from pipeline.audio import SPEAKING_RATE
from server.house import House
from server.realtime.formats import Encoder, Format
from server.realtime.inbound import MOST_APART
from tests.server.caller import Caller, calling, play, question, quiet
from tests.server.houses import at_home, next_door
from tests.stand_ins import asgi

pytestmark = pytest.mark.real

APART: dict[str, Any] = {"conversation": "none", "output_modalities": ["text"]}


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door() as house:
        yield house


def typed(text: str, role: str = "user") -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


async def ended(caller: Caller, response: str) -> dict[str, Any]:
    """The end of one response among others."""
    while (done := (await caller.until("response.done"))["response"])["id"] != response:
        pass
    return done


def test_a_response_apart_runs_beside_another_and_leaves_no_trace(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("Tell me a story.")
            await caller.send("response.create")
            story = (await caller.until("response.created"))["response"]["id"]
            await caller.until("response.output_audio.delta")
            asked = {**APART, "metadata": {"topic": "sum"}, "input": [typed("What is 2 plus 3?")]}
            await caller.send("response.create", response=asked)
            aside = (await caller.until("response.created"))["response"]
            assert (aside["conversation_id"], aside["metadata"]) == (None, {"topic": "sum"})
            done = (await caller.until("response.done"))["response"]
            assert (done["id"], done["output"][0]["content"][0]["text"]) == (aside["id"], "2 plus 3 is 5.")
            await caller.send("response.cancel", response_id=story)
            await ended(caller, story)
            assert len(caller.linter.items) == 2

    play(scenario())


def test_without_input_a_response_apart_knows_the_conversation_as_it_stands(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("My name is Ana.")
            await caller.say("What is my name?")
            await caller.send("response.create", response=APART)
            assert "Ana" in (await caller.until("response.done"))["response"]["output"][0]["content"][0]["text"]
            await caller.send("response.create", response={**APART, "input": []})
            assert "Ana" not in str((await caller.until("response.done"))["response"]["output"])

    play(scenario())


def test_items_may_be_referred_to(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("My name is Ana.", id="name")
            await caller.say("My name is Bob.", id="other")
            references = [{"type": "item_reference", "id": "name"}, typed("What is my name?")]
            await caller.send("response.create", response={**APART, "input": references})
            assert "Ana" in (await caller.until("response.done"))["response"]["output"][0]["content"][0]["text"]
            unknown = [{"type": "item_reference", "id": "nobody"}]
            refused = await caller.refusal(await caller.send("response.create", response={**APART, "input": unknown}))
            assert "nobody" in refused["message"]

    play(scenario())


def test_an_answer_to_other_input_may_join_the_conversation(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("My name is Ana.")
            await caller.send("response.create", response={"input": [typed("What is 2 plus 3?")]})
            done = (await caller.until("response.done"))["response"]
            assert "5" in done["output"][0]["content"][0]["transcript"]
            assert caller.linter.items[-1] == done["output"][0]["id"]

    play(scenario())


def test_a_response_apart_is_cancelled_by_its_name_and_not_by_the_users_voice() -> None:
    async def scenario() -> None:
        slow = brain.app(brain.Settings(Knobs(first_token_ms=60_000)))
        async with asgi.serving(slow) as model:
            chosen = {"llm.engine": "openai", "llm.url": f"{model}/v1", "llm.first_token": "60"}
            async with at_home(chosen) as house, calling(house.url) as caller:
                await caller.send("response.create", response=APART)
                aside = (await caller.until("response.created"))["response"]["id"]
                await caller.speak(quiet(0.3), question())
                await caller.until("conversation.item.input_audio_transcription.completed")
                refused = await caller.refusal(await caller.send("response.cancel", response_id="resp_nobody"))
                assert refused["code"] == "response_cancel_not_active"
                await caller.send("response.cancel", response_id=aside)
                done = await ended(caller, aside)
                assert (done["status"], done["output"]) == ("cancelled", [])
                await caller.send("response.cancel")
                await caller.until("response.done")

    play(scenario())


def test_responses_apart_are_bounded() -> None:
    async def scenario() -> None:
        slow = brain.app(brain.Settings(Knobs(first_token_ms=60_000)))
        async with asgi.serving(slow) as model:
            chosen = {"llm.engine": "openai", "llm.url": f"{model}/v1", "llm.first_token": "60"}
            async with at_home(chosen) as house, calling(house.url) as caller:
                for _ in range(MOST_APART):
                    await caller.send("response.create", response=APART)
                refused = await caller.refusal(await caller.send("response.create", response=APART))
                assert refused["code"] == "rate_limit_exceeded"
                for response in list(caller.linter.responses):
                    await caller.send("response.cancel", response_id=response)
                    await ended(caller, response)

    play(scenario())


def test_an_answer_that_may_not_be_that_long_is_incomplete(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            done = await caller.ask("Tell me a story.", max_output_tokens=5)
            assert (done["status"], done["status_details"]["reason"]) == ("incomplete", "max_output_tokens")
            assert done["usage"]["output_tokens"] == 5
            assert done["usage"]["input_tokens"] > 5
            assert done["usage"]["output_audio_seconds"] > 0.3
            assert (await caller.until("rate_limits.updated"))["rate_limits"] == []

    play(scenario())


@pytest.mark.parametrize(
    ("sound", "bytes_per_second"),
    [
        ({"type": "audio/pcm", "rate": 24000}, 48_000),
        ({"type": "audio/pcm", "rate": 16000}, 32_000),
        ({"type": "audio/pcm", "rate": 8000}, 16_000),
        ({"type": "audio/pcmu"}, 8_000),
        ({"type": "audio/pcma"}, 8_000),
    ],
)
def test_the_same_is_said_in_every_format(house: House, sound: dict[str, Any], bytes_per_second: int) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(audio={"output": {"format": sound}})
            done = await caller.ask("What is 2 plus 3?")
            said = caller.linter.responses[done["id"]].sound
            assert len(said) / bytes_per_second == pytest.approx(done["usage"]["output_audio_seconds"], abs=0.01)

    play(scenario())


def test_a_telephone_is_understood(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
            encoder = Encoder(Format("audio/pcmu", 8000))
            sound = np.concatenate((quiet(0.3), question()))
            upsampled = np.interp(np.arange(0, len(sound), 16 / 24), np.arange(len(sound)), sound).astype(np.int16)
            for piece in encoder.feed(upsampled):
                await caller.append(piece)
            heard = await caller.until("conversation.item.input_audio_transcription.completed")
            assert len(set(heard["transcript"].lower().split()) & {"the", "small", "dog", "child", "almost"}) >= 1
            await caller.until("response.done")

    play(scenario())


def test_what_was_said_can_be_asked_back_with_its_sound(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.speak(quiet(0.5), question())
            item = (await caller.until("input_audio_buffer.committed"))["item_id"]
            heard = (await caller.until("conversation.item.input_audio_transcription.completed"))["transcript"]
            await caller.until("response.done")
            await caller.send("conversation.item.retrieve", item_id=item)
            [part] = (await caller.until("conversation.item.retrieved"))["item"]["content"]
            assert part["transcript"] == heard
            seconds = len(pybase64.b64decode(part["audio"])) / 2 / SPEAKING_RATE
            assert 1.0 < seconds < 4.0
            refused = await caller.refusal(await caller.send("conversation.item.retrieve", item_id="nobody"))
            assert refused["code"] == "item_retrieve_invalid_item_id"

    play(scenario())


def test_a_recording_may_be_put_into_the_conversation(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(audio={"input": {"format": {"type": "audio/pcm", "rate": 16000}}})
            audio = pybase64.b64encode(question().astype("<i2").tobytes()).decode()
            content = [{"type": "input_audio", "audio": audio}]
            await caller.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
            await caller.send("response.create")
            heard = await caller.until("conversation.item.input_audio_transcription.completed")
            assert heard["transcript"]
            assert (await caller.until("response.done"))["response"]["status"] == "completed"

    play(scenario())


def test_a_silent_user_is_asked_after_a_while(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 500}}})
            await caller.ask("What is 2 plus 3?")
            silent = await caller.until("input_audio_buffer.timeout_triggered")
            assert (await caller.until("input_audio_buffer.committed"))["item_id"] == silent["item_id"]
            assert (await caller.until("response.done"))["response"]["status"] == "completed"
            await caller.update(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": None}}})

    play(scenario())


def test_a_reply_that_is_deleted_is_over(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("Tell me a story.")
            await caller.send("response.create")
            item = (await caller.until("response.output_audio.delta"))["item_id"]
            await caller.send("conversation.item.delete", item_id=item)
            assert (await caller.until("response.done"))["response"]["status"] == "cancelled"
            await caller.until("conversation.item.deleted")

    play(scenario())


def test_half_a_sample_is_not_left_over(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.append(b"\0" * 4801)
            await caller.send("input_audio_buffer.clear")
            await caller.until("input_audio_buffer.cleared")
            await caller.speak(quiet(0.5), question())
            heard = await caller.until("conversation.item.input_audio_transcription.completed")
            assert heard["transcript"]
            await caller.until("response.done")

    play(scenario())


def test_a_session_may_only_transcribe(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url, query="&intent=transcription") as caller:
            assert caller.events[0]["session"]["type"] == "transcription"
            await caller.speak(quiet(0.5), question())
            assert (await caller.until("conversation.item.input_audio_transcription.completed"))["transcript"]
            refused = await caller.refusal(await caller.send("response.create"))
            assert "transcription" in refused["message"]
            assert not any(kind.startswith("response.") for kind in caller.kinds())

    play(scenario())


def test_sessions_end_when_their_time_is_up() -> None:
    async def scenario() -> None:
        async with at_home({"server.session_minutes": "0.01"}) as house:
            async with calling(house.url, server_hangs_up=True) as caller:
                problem = (await caller.until("error"))["error"]
                caller.complaints.clear()
                assert problem["code"] == "session_expired"
            assert caller.websocket.close_code == 1001

    play(scenario())


def test_clients_that_ask_for_them_get_our_own_events_too(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url, query="&antiphon_events=1", lint=False) as caller:
            for piece in np.array_split(np.concatenate((quiet(0.5), question())), 30):
                await caller.speak(piece)
                await asyncio.sleep(0.1)
            partial = await caller.until("antiphon.transcription.partial")
            assert partial["transcript"]
            await caller.until("response.done")

    play(scenario())
