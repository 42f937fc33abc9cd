# The client is installed in an environment of its own, where nobody checks types.
# pyright: basic, reportMissingImports=false
"""livekit-agents with livekit-plugins-openai, without a room: sound comes and goes through `session.input` and
`session.output`. Needs `base_url` and nothing else."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from livekit import rtc
from livekit.agents import Agent, AgentSession, function_tool
from livekit.agents.llm import ChatMessage
from livekit.agents.voice.events import ConversationItemAddedEvent, ErrorEvent, UserInputTranscribedEvent
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities
from livekit.plugins import openai

from tests.stock.clients.stage import PIECE, RATE, STORY, Place, play, words


class Clerk(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="Be brief.")

    @function_tool
    async def get_weather(self, city: str) -> str:
        """The weather in a city."""
        return f"It is sunny in {city}."


class Microphone(AudioInput):
    """Silent until somebody speaks."""

    def __init__(self, place: Place) -> None:
        super().__init__(label="Microphone")
        self.place = place
        self.sound: AsyncIterator[bytes] = place.microphone()

    def speak(self, name: str) -> None:
        self.sound = self.place.microphone(name)

    async def __anext__(self) -> rtc.AudioFrame:
        piece = await anext(self.sound)
        return rtc.AudioFrame(piece, RATE, 1, PIECE // 2)


class Loudspeaker(AudioOutput):
    """Plays as fast as a real one."""

    def __init__(self) -> None:
        super().__init__(label="Loudspeaker", capabilities=AudioOutputCapabilities(pause=False), sample_rate=RATE)
        self.seconds, self.began = 0.0, 0.0
        self.ending: asyncio.TimerHandle | None = None
        self.playing = asyncio.Event()
        self.cleared = 0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self.playing.is_set():
            self.seconds, self.began = 0.0, time.monotonic()
            self.playing.set()
            self.on_playback_started(created_at=time.time())
        self.seconds += frame.duration

    def flush(self) -> None:
        super().flush()
        if self.playing.is_set():
            rest = self.began + self.seconds - time.monotonic()
            self.ending = asyncio.get_running_loop().call_later(rest, self.end, False)

    def clear_buffer(self) -> None:
        if self.playing.is_set():
            self.cleared += 1
            self.end(True)

    def end(self, interrupted: bool) -> None:
        if self.ending:
            self.ending.cancel()
            self.ending = None
        self.playing.clear()
        played = min(self.seconds, time.monotonic() - self.began)
        self.on_playback_finished(playback_position=played, interrupted=interrupted)


@dataclass(slots=True)
class Desk:
    """A session and what an application sees of it."""

    session: AgentSession
    microphone: Microphone
    loudspeaker: Loudspeaker
    errors: list[object] = field(default_factory=list)
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    answers: asyncio.Queue[ChatMessage] = field(default_factory=asyncio.Queue)

    def watch(self) -> None:
        @self.session.on("error")
        def _(event: ErrorEvent) -> None:
            self.errors.append(event.error)

        @self.session.on("user_input_transcribed")
        def _(event: UserInputTranscribedEvent) -> None:
            if event.is_final:
                self.heard.put_nowait(event.transcript)

        @self.session.on("conversation_item_added")
        def _(event: ConversationItemAddedEvent) -> None:
            if isinstance(event.item, ChatMessage) and event.item.role == "assistant":
                self.answers.put_nowait(event.item)

    async def ask(self, text: str) -> str:
        """The answer to a question in writing, once it has been played."""
        await self.session.generate_reply(user_input=text)
        answer = await self.answers.get()
        assert not answer.interrupted
        assert self.loudspeaker.seconds > 0.5
        return answer.text_content or ""


@asynccontextmanager
async def connected(place: Place) -> AsyncGenerator[Desk]:
    model = openai.realtime.RealtimeModel(base_url=place.base, model=place.model, api_key="unused")
    async with AgentSession(llm=model, aec_warmup_duration=None) as session:
        desk = Desk(session, Microphone(place), Loudspeaker())
        session.input.audio, session.output.audio = desk.microphone, desk.loudspeaker
        desk.watch()
        await session.start(Clerk())
        yield desk
        assert not desk.errors
    await model.aclose()


async def text_turn(place: Place) -> None:
    async with connected(place) as desk:
        assert await desk.ask("What is 2 plus 3?") == "2 plus 3 is 5."


async def voice_turn(place: Place) -> None:
    async with connected(place) as desk:
        desk.microphone.speak("sunday")
        heard = await desk.heard.get()
        assert len(words(heard) & words("sunday is the best part of the week")) >= 5, heard
        answer = await desk.answers.get()
        assert answer.text_content
        assert not answer.interrupted
        assert desk.loudspeaker.seconds > 0.5


async def barge_in(place: Place) -> None:
    async with connected(place) as desk:
        story = desk.session.generate_reply(user_input=STORY)
        await desk.loudspeaker.playing.wait()
        desk.microphone.speak("pencils")
        await story
        assert story.interrupted
        assert desk.loudspeaker.cleared == 1
        cut = await desk.answers.get()
        assert cut.interrupted
        answer = await desk.answers.get()
        assert answer.text_content
        assert not answer.interrupted


async def cancel(place: Place) -> None:
    async with connected(place) as desk:
        story = desk.session.generate_reply(user_input=STORY)
        await desk.loudspeaker.playing.wait()
        await asyncio.sleep(0.3)
        await desk.session.interrupt()
        assert story.interrupted
        assert desk.loudspeaker.cleared == 1
        assert (await desk.answers.get()).interrupted
        assert await desk.ask("What is 2 plus 3?") == "2 plus 3 is 5."


async def truncate(place: Place) -> None:
    async with connected(place) as desk:
        story = desk.session.generate_reply(user_input=STORY)
        await desk.loudspeaker.playing.wait()
        await asyncio.sleep(2.5)  # all of it has come, but not all has been played
        await desk.session.interrupt()
        assert story.interrupted
        cut = await desk.answers.get()
        again = await desk.ask("Please repeat that.")
        assert 0 < len(again) < len(cut.text_content or "") * 0.7, again


async def tool_call(place: Place) -> None:
    async with connected(place) as desk:
        handle = desk.session.generate_reply(user_input="What is the weather in Paris?")
        await handle
        kinds = [item.type for item in handle.chat_items]
        assert kinds == ["function_call", "function_call_output", "message"], kinds
        answer = await desk.answers.get()
        assert "sunny" in (answer.text_content or ""), answer


async def history_edit(place: Place) -> None:
    async with connected(place) as desk:
        assert "Ana" in await desk.ask("My name is Ana.")
        agent = desk.session.current_agent
        context = agent.chat_ctx.copy()
        context.items = [item for item in context.items if "Ana" not in str(item)]
        context.add_message(role="user", content="My name is Bob.")
        context.add_message(role="assistant", content="Nice to meet you, Bob.")
        await agent.update_chat_ctx(context)
        assert "Bob" in await desk.ask("What is my name?")


if __name__ == "__main__":
    play(text_turn, voice_turn, barge_in, cancel, truncate, tool_call, history_edit)
