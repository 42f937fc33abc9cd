"""openai-python, its synchronous half. Needs `base_url` (or OPENAI_BASE_URL) and nothing else."""

import base64
import json
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread, Timer
from typing import Any

from openai import OpenAI
from openai.resources.realtime.realtime import RealtimeConnection

from tests.stock.clients.stage import PATIENCE, SECONDS, STORY, Place, play, words

WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@contextmanager
def connected(place: Place) -> Generator[RealtimeConnection]:
    with (
        OpenAI(base_url=place.base, api_key="unused") as client,
        client.realtime.connect(model=place.model) as connection,
    ):
        connection.session.update(session={"type": "realtime", "instructions": "Be brief.", "tools": [WEATHER]})
        overdue = Timer(PATIENCE, connection.close)
        overdue.start()
        try:
            yield connection
        finally:
            overdue.cancel()


def until(connection: RealtimeConnection, *kinds: str) -> Any:
    """The next event of one of these types; an error is one too many."""
    for event in connection:
        assert event.type != "error", event
        if event.type in kinds:
            return event
    raise AssertionError(f"the connection ended before any of {kinds}")


def write(connection: RealtimeConnection, text: str) -> str:
    """A line of the user's; the id of its item."""
    content: Any = [{"type": "input_text", "text": text}]
    connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
    return until(connection, "conversation.item.done").item.id


def answer(connection: RealtimeConnection) -> tuple[Any, str, int]:
    """The next response: as it ended, its transcript and the bytes of its sound."""
    said, heard = "", 0
    for event in connection:
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


def ask(connection: RealtimeConnection, text: str) -> str:
    """The answer to a question in writing."""
    write(connection, text)
    connection.response.create()
    response, said, heard = answer(connection)
    assert response.status == "completed", response
    assert heard > 24_000
    return said


@contextmanager
def speaking(place: Place, connection: RealtimeConnection, name: str) -> Generator[None]:
    """From another thread, for as long as the block lasts."""
    over = Event()

    def speak() -> None:
        for piece in place.recorded(name):
            connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
            if over.wait(SECONDS):
                return

    thread = Thread(target=speak)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def text_turn(place: Place) -> None:
    with connected(place) as connection:
        session = until(connection, "session.updated").session
        assert session.instructions == "Be brief."
        assert ask(connection, "What is 2 plus 3?") == "2 plus 3 is 5."


def voice_turn(place: Place) -> None:
    with connected(place) as connection, speaking(place, connection, "sunday"):
        until(connection, "input_audio_buffer.speech_started")
        until(connection, "input_audio_buffer.speech_stopped")
        heard = until(connection, "conversation.item.input_audio_transcription.completed")
        assert len(words(heard.transcript) & words("sunday is the best part of the week")) >= 5, heard.transcript
        response, said, sound = answer(connection)
        assert response.status == "completed", response
        assert said
        assert sound > 24_000


def barge_in(place: Place) -> None:
    with connected(place) as connection:
        write(connection, STORY)
        connection.response.create()
        item = until(connection, "response.output_audio.delta").item_id
        with speaking(place, connection, "pencils"):
            until(connection, "input_audio_buffer.speech_started")
            connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=400)
            cut, _, _ = answer(connection)
            assert cut.status == "cancelled", cut
            assert cut.status_details.reason == "turn_detected", cut
            response, said, _ = answer(connection)
            assert response.status == "completed", response
            assert said
            connection.conversation.item.retrieve(item_id=item)
            kept = until(connection, "conversation.item.retrieved").item.content[0].transcript
            assert len(kept or "") < len(cut.output[0].content[0].transcript), kept


def cancel(place: Place) -> None:
    with connected(place) as connection:
        write(connection, STORY)
        connection.response.create()
        until(connection, "response.output_audio.delta")
        connection.response.cancel()
        response, _, _ = answer(connection)
        assert response.status == "cancelled", response
        assert response.status_details.reason == "client_cancelled", response
        assert ask(connection, "What is 2 plus 3?") == "2 plus 3 is 5."


def truncate(place: Place) -> None:
    with connected(place) as connection:
        write(connection, STORY)
        connection.response.create()
        response, said, _ = answer(connection)
        item = response.output[0].id
        connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=1500)
        truncated = until(connection, "conversation.item.truncated")
        assert (truncated.item_id, truncated.audio_end_ms) == (item, 1500)
        again = ask(connection, "Please repeat that.")
        assert 0 < len(again) < len(said) / 2, again


def tool_call(place: Place) -> None:
    with connected(place) as connection:
        write(connection, "What is the weather in Paris?")
        connection.response.create()
        response, _, _ = answer(connection)
        (call,) = response.output
        assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "get_weather", {"city": "Paris"})
        result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": '{"sky": "sunny"}'}
        connection.conversation.item.create(item=result)
        connection.response.create()
        response, said, _ = answer(connection)
        assert response.status == "completed", response
        assert "sunny" in said, said


def history_edit(place: Place) -> None:
    with connected(place) as connection:
        named = write(connection, "My name is Ana.")
        assert "Ana" in ask(connection, "What is my name?")
        connection.conversation.item.retrieve(item_id=named)
        item = until(connection, "conversation.item.retrieved").item
        assert item.content[0].text == "My name is Ana."
        bob: Any = {
            "type": "message",
            "id": "bob",
            "role": "user",
            "content": [{"type": "input_text", "text": "My name is Bob."}],
        }
        connection.conversation.item.create(item=bob, previous_item_id=named)
        added = until(connection, "conversation.item.added")
        assert (added.item.id, added.previous_item_id) == ("bob", named)
        connection.conversation.item.delete(item_id=named)
        assert until(connection, "conversation.item.deleted").item_id == named
        assert "Bob" in ask(connection, "What is my name?")


if __name__ == "__main__":
    play(text_turn, voice_turn, barge_in, cancel, truncate, tool_call, history_edit)
