# The client is installed in an environment of its own, where nobody checks types.
# pyright: basic, reportMissingImports=false
"""pipecat: a bot in a pipeline of its own, with a microphone and a loudspeaker for a transport. Needs `base_url` and
nothing else."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMRunFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import AssistantTurnStoppedMessage, LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    InputAudioTranscription,
    SessionProperties,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner

from tests.stock.clients.stage import RATE, STORY, Place, play, words


async def get_weather(params: FunctionCallParams, city: str) -> None:
    """The weather in a city.

    Args:
        city: Which one.
    """
    await params.result_callback({"answer": f"It is sunny in {city}."})


class Microphone(BaseInputTransport):
    def __init__(self, params: TransportParams) -> None:
        super().__init__(params)
        self.ready = asyncio.Event()

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self.ready.set()


class Loudspeaker(BaseOutputTransport):
    """Plays as fast as a real one."""

    def __init__(self, params: TransportParams) -> None:
        super().__init__(params)
        self.playing = asyncio.Event()
        self.played = 0.0
        """Seconds of sound that were not silence."""
        self.interrupted = asyncio.Event()

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, InterruptionFrame):
            self.interrupted.set()
        await super().process_frame(frame, direction)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        if any(frame.audio):
            self.played += frame.num_frames / frame.sample_rate
            self.playing.set()
        await asyncio.sleep(frame.num_frames / frame.sample_rate)
        return True


@dataclass(slots=True)
class Desk:
    """A bot and what an application sees of it."""

    worker: PipelineWorker
    microphone: Microphone
    loudspeaker: Loudspeaker
    context: LLMContext
    answers: asyncio.Queue[AssistantTurnStoppedMessage] = field(default_factory=asyncio.Queue)
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    errors: list[str] = field(default_factory=list)

    async def ask(self, text: str) -> AssistantTurnStoppedMessage:
        """The first question, in writing, and the answer to it."""
        self.context.add_message({"role": "user", "content": text})
        await self.worker.queue_frames([LLMRunFrame()])
        return await self.answers.get()

    async def speak(self, place: Place, name: str) -> None:
        await self.microphone.ready.wait()
        async for piece in place.microphone(name):
            await self.microphone.push_audio_frame(InputAudioRawFrame(piece, RATE, 1))


@asynccontextmanager
async def connected(place: Place) -> AsyncGenerator[Desk]:
    heard = AudioInput(transcription=InputAudioTranscription())
    properties = SessionProperties(instructions="Be brief.", audio=AudioConfiguration(input=heard))
    settings = OpenAIRealtimeLLMService.Settings(model=place.model, session_properties=properties)
    llm = OpenAIRealtimeLLMService(base_url=place.websocket, api_key="unused", settings=settings)
    params = TransportParams(audio_in_enabled=True, audio_out_enabled=True, audio_out_end_silence_secs=0)
    microphone, loudspeaker = Microphone(params), Loudspeaker(params)
    context = LLMContext(tools=[get_weather])
    user, assistant = LLMContextAggregatorPair(context)
    pipeline = Pipeline([microphone, user, llm, loudspeaker, assistant])
    rates = PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE)
    worker = PipelineWorker(pipeline, params=rates)
    desk = Desk(worker, microphone, loudspeaker, context)

    @assistant.event_handler("on_assistant_turn_stopped")
    async def _(_, message) -> None:
        await desk.answers.put(message)

    @user.event_handler("on_user_turn_message_added")
    async def _(_, message) -> None:
        await desk.heard.put(message.content)

    @worker.event_handler("on_pipeline_error")
    async def _(_, frame) -> None:
        desk.errors.append(frame.error)

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(runner.run())
        yield desk
        await worker.cancel()
        await asyncio.wait({running})
    assert desk.errors == []


async def text_turn(place: Place) -> None:
    async with connected(place) as desk:
        answer = await desk.ask("What is 2 plus 3?")
        assert answer.content == "2 plus 3 is 5."
        assert not answer.interrupted
        assert desk.loudspeaker.played > 0.5


async def voice_turn(place: Place) -> None:
    async with connected(place) as desk, asyncio.TaskGroup() as tasks:
        assert (await desk.ask("Hello!")).content
        speaking = tasks.create_task(desk.speak(place, "sunday"))
        greeted = desk.loudspeaker.played
        heard = await desk.heard.get()
        assert len(words(heard) & words("sunday is the best part of the week")) >= 5, heard
        answer = await desk.answers.get()
        assert answer.content
        assert desk.loudspeaker.played > greeted + 0.5
        speaking.cancel()


async def barge_in(place: Place) -> None:
    async with connected(place) as desk, asyncio.TaskGroup() as tasks:
        story = tasks.create_task(desk.ask(STORY))
        await desk.loudspeaker.playing.wait()
        speaking = tasks.create_task(desk.speak(place, "pencils"))
        await desk.loudspeaker.interrupted.wait()
        assert (await story).interrupted
        assert desk.loudspeaker.played < 3
        answer = await desk.answers.get()
        assert answer.content
        assert not answer.interrupted
        speaking.cancel()


async def tool_call(place: Place) -> None:
    async with connected(place) as desk:
        answer = await desk.ask("What is the weather in Paris?")
        while not answer.content:
            answer = await desk.answers.get()
        assert "sunny" in answer.content, answer


if __name__ == "__main__":
    play(text_turn, voice_turn, barge_in, tool_call)
