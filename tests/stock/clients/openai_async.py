"""openai-python, its asynchronous half. Needs `base_url` (or OPENAI_BASE_URL) and nothing else."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from tests.stock.clients.stage import STORY, Place, play, words

WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@asynccontextmanager
async def connected(place: Place) -> AsyncGenerator[AsyncRealtimeConnection]:
    async with (
        AsyncOpenAI(base_url=place.base, api_key="unused") as client,
        client.realtime.connect(model=place.model) as connection,
    ):
        await connection.session.update(session={"type": "realtime", "instructions": "Be brief.", "tools": [WEATHER]})
        yield connection


async def until(connection: AsyncRealtimeConnection, *kinds: str) -> Any:
    """The next event of one of these types; an error is one too many."""
    async for event in connection:
        assert event.type != "error", event
        if event.type in kinds:
            return event
    raise AssertionError(f"the connection ended before any of {kinds}")


async def write(connection: AsyncRealtimeConnection, text: str) -> str:
    """A line of the user's; the id of its item."""
    content: Any = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
    return (await until(connection, "conversation.item.done")).item.id


async def answer(connection: AsyncRealtimeConnection) -> tuple[Any, str, int]:
    """The next response: as it ended, its transcript and the bytes of its sound."""
    said, heard = "", 0
    async for event in connection:
        assert event.type != "error", event
        match event.type:
            case "response.output_audio_transcript.delta":
                said += event.delta
            case "response.output_audio.delta":
                heard += len(base64.b64decode(event.delta))
            case "response.done":
                return event.response, said, heard
            case _:
                pass
    raise AssertionError("the connection ended in the midst of a response")


async def ask(connection: AsyncRealtimeConnection, text: str) -> str:
    """The answer to a question in writing."""
    await write(connection, text)
    await connection.response.create()
    response, said, heard = await answer(connection)
    assert response.status == "completed", response
    assert heard > 24_000
    return said


async def speak(place: Place, connection: AsyncRealtimeConnection, name: str) -> None:
    async for piece in place.microphone(name):
        await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())


async def text_turn(place: Place) -> None:
    async with connected(place) as connection:
        session = (await until(connection, "session.updated")).session
        assert session.instructions == "Be brief."
        assert await ask(connection, "What is 2 plus 3?") == "2 plus 3 is 5."


async def voice_turn(place: Place) -> None:
    async with connected(place) as connection, asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(speak(place, connection, "sunday"))
        await until(connection, "input_audio_buffer.speech_started")
        await until(connection, "input_audio_buffer.speech_stopped")
        heard = await until(connection, "conversation.item.input_audio_transcription.completed")
        assert len(words(heard.transcript) & words("sunday is the best part of the week")) >= 5, heard.transcript
        response, said, sound = await answer(connection)
        assert response.status == "completed", response
        assert said
        assert sound > 24_000
        speaking.cancel()


async def barge_in(place: Place) -> None:
    async with connected(place) as connection, asyncio.TaskGroup() as tasks:
        await write(connection, STORY)
        await connection.response.create()
        item = (await until(connection, "response.output_audio.delta")).item_id
        speaking = tasks.create_task(speak(place, connection, "pencils"))
        await until(connection, "input_audio_buffer.speech_started")
        await connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=400)
        cut, _, _ = await answer(connection)
        assert cut.status == "cancelled", cut
        assert cut.status_details.reason == "turn_detected", cut
        response, said, _ = await answer(connection)
        assert response.status == "completed", response
        assert said
        await connection.conversation.item.retrieve(item_id=item)
        kept = (await until(connection, "conversation.item.retrieved")).item.content[0].transcript
        assert len(kept or "") < len(cut.output[0].content[0].transcript), kept
        speaking.cancel()


async def cancel(place: Place) -> None:
    async with connected(place) as connection:
        await write(connection, STORY)
        await connection.response.create()
        await until(connection, "response.output_audio.delta")
        await connection.response.cancel()
        response, _, _ = await answer(connection)
        assert response.status == "cancelled", response
        assert response.status_details.reason == "client_cancelled", response
        assert await ask(connection, "What is 2 plus 3?") == "2 plus 3 is 5."


async def truncate(place: Place) -> None:
    async with connected(place) as connection:
        await write(connection, STORY)
        await connection.response.create()
        response, said, _ = await answer(connection)
        item = response.output[0].id
        await connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=1500)
        truncated = await until(connection, "conversation.item.truncated")
        assert (truncated.item_id, truncated.audio_end_ms) == (item, 1500)
        again = await ask(connection, "Please repeat that.")
        assert 0 < len(again) < len(said) / 2, again


async def tool_call(place: Place) -> None:
    async with connected(place) as connection:
        await write(connection, "What is the weather in Paris?")
        await connection.response.create()
        response, _, _ = await answer(connection)
        (call,) = response.output
        assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "get_weather", {"city": "Paris"})
        result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": '{"sky": "sunny"}'}
        await connection.conversation.item.create(item=result)
        await connection.response.create()
        response, said, _ = await answer(connection)
        assert response.status == "completed", response
        assert "sunny" in said, said


async def history_edit(place: Place) -> None:
    async with connected(place) as connection:
        named = await write(connection, "My name is Ana.")
        assert "Ana" in await ask(connection, "What is my name?")
        await connection.conversation.item.retrieve(item_id=named)
        item = (await until(connection, "conversation.item.retrieved")).item
        assert item.content[0].text == "My name is Ana."
        bob: Any = {
            "type": "message",
            "id": "bob",
            "role": "user",
            "content": [{"type": "input_text", "text": "My name is Bob."}],
        }
        await connection.conversation.item.create(item=bob, previous_item_id=named)
        added = await until(connection, "conversation.item.added")
        assert (added.item.id, added.previous_item_id) == ("bob", named)
        await connection.conversation.item.delete(item_id=named)
        assert (await until(connection, "conversation.item.deleted")).item_id == named
        assert "Bob" in await ask(connection, "What is my name?")


if __name__ == "__main__":
    play(text_turn, voice_turn, barge_in, cancel, truncate, tool_call, history_edit)
