# The client is installed in an environment of its own, where nobody checks types.
# pyright: basic, reportMissingImports=false
"""openai-agents. Needs the `url` in `model_config`, and OPENAI_AGENTS_DISABLE_TRACING=1 or it reports to OpenAI."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession, RealtimeSessionEvent
from agents.realtime.items import RealtimeItem
from agents.realtime.model_inputs import RealtimeModelSendInterrupt, RealtimeModelSendRawMessage

from tests.stock.clients.stage import STORY, Place, play, words


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"It is sunny in {city}."


@dataclass(slots=True)
class Desk:
    """A session and what an application sees of it."""

    session: RealtimeSession
    events: AsyncIterator[RealtimeSessionEvent]
    history: list[RealtimeItem]
    sound: int = 0
    """Bytes that were to be played in the last turn."""

    async def until(self, *kinds: str) -> Any:
        """The next event of one of these types; an error is one too many."""
        async for event in self.events:
            match event.type:
                case "error":
                    raise AssertionError(event.error)
                case "history_updated":
                    self.history = event.history
                case "history_added":
                    self.history = [*(one for one in self.history if one.item_id != event.item.item_id), event.item]
                case "audio":
                    self.sound += len(event.audio.data)
            if event.type in kinds:
                return event
        raise AssertionError(f"the session ended before any of {kinds}")

    async def answer(self) -> str:
        """What is said in the turn that ends next."""
        self.sound = 0
        await self.until("agent_end")
        return self.said()

    def said(self, role: str = "assistant") -> str:
        """The last thing that this side said."""
        said = [item for item in self.history if item.type == "message" and item.role == role]
        parts = [part for item in said[-1:] for part in item.content]
        return "".join(getattr(part, "transcript", None) or getattr(part, "text", None) or "" for part in parts)

    async def ask(self, text: str) -> str:
        """The answer to a question in writing."""
        await self.session.send_message(text)
        said = await self.answer()
        assert self.sound > 24_000
        return said

    async def send(self, kind: str, **fields: object) -> None:
        """An event that the SDK has no method for."""
        message = RealtimeModelSendRawMessage(message={"type": kind, "other_data": fields})
        await self.session.model.send_event(message)

    async def speak(self, place: Place, name: str) -> None:
        async for piece in place.microphone(name):
            await self.session.send_audio(piece)


@asynccontextmanager
async def connected(place: Place) -> AsyncGenerator[Desk]:
    agent = RealtimeAgent(name="Clerk", instructions="Be brief.", tools=[get_weather])
    config = {"url": f"{place.websocket}?model={place.model}", "api_key": "unused"}
    async with await RealtimeRunner(agent).run(model_config=config) as session:
        yield Desk(session, aiter(session), [])


async def text_turn(place: Place) -> None:
    async with connected(place) as desk:
        assert await desk.ask("What is 2 plus 3?") == "2 plus 3 is 5."


async def voice_turn(place: Place) -> None:
    async with connected(place) as desk, asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(desk.speak(place, "sunday"))
        assert await desk.answer()
        assert desk.sound > 24_000
        heard = desk.said("user")
        assert len(words(heard) & words("sunday is the best part of the week")) >= 5, heard
        speaking.cancel()


async def barge_in(place: Place) -> None:
    async with connected(place) as desk, asyncio.TaskGroup() as tasks:
        await desk.session.send_message(STORY)
        playing = await desk.until("audio")
        speaking = tasks.create_task(desk.speak(place, "pencils"))
        cut = await desk.until("audio_interrupted")
        assert cut.item_id == playing.item_id
        await desk.until("agent_end")
        assert await desk.answer()
        speaking.cancel()


async def cancel(place: Place) -> None:
    async with connected(place) as desk:
        await desk.session.send_message(STORY)
        await desk.until("audio")
        await desk.session.model.send_event(RealtimeModelSendInterrupt(force_response_cancel=True))
        await desk.until("audio_interrupted")
        await desk.until("agent_end")
        assert await desk.ask("What is 2 plus 3?") == "2 plus 3 is 5."


async def truncate(place: Place) -> None:
    async with connected(place) as desk:
        said = await desk.ask(STORY)
        await desk.session.interrupt()
        await desk.until("audio_interrupted")
        again = await desk.ask("Please repeat that.")
        assert 0 < len(again) < len(said) / 2, again


async def tool_call(place: Place) -> None:
    async with connected(place) as desk:
        await desk.session.send_message("What is the weather in Paris?")
        used = await desk.until("tool_end")
        assert used.output == "It is sunny in Paris."
        while not (said := await desk.answer()):
            pass  # the first answer was the call
        assert "sunny" in said, said


async def history_edit(place: Place) -> None:
    async with connected(place) as desk:
        assert "Ana" in await desk.ask("My name is Ana.")
        named = desk.history[0].item_id
        content = [{"type": "input_text", "text": "My name is Bob."}]
        bob = {"type": "message", "role": "user", "id": "bob", "content": content}
        await desk.send("conversation.item.create", item=bob, previous_item_id=named)
        await desk.until("history_added")
        for item in list(desk.history):
            if item.item_id != "bob":
                await desk.send("conversation.item.delete", item_id=item.item_id)
                await desk.until("history_updated")
        assert [item.item_id for item in desk.history] == ["bob"]
        assert "Bob" in await desk.ask("What is my name?")


if __name__ == "__main__":
    play(text_turn, voice_turn, barge_in, cancel, truncate, tool_call, history_edit)
