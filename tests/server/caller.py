"""A client that does what a test says, and holds every event it gets against the rules."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pybase64
import soxr
from websockets.asyncio.client import ClientConnection, connect

from pipeline.audio import HEARING_RATE, SPEAKING_RATE, Pcm
from tests.server.linter import Event, Linter
from tests.speech import clip

PATIENCE = 8.0
"""Seconds that any one event may take; far more than on an idle machine."""

PIECE = SPEAKING_RATE // 10
"""Samples in one message of the microphone's."""

PUSH_TO_TALK = {"audio": {"input": {"turn_detection": None}}}


def play(scenario: Coroutine[None, None, None]) -> None:
    """Run a scenario, which does not take for ever."""
    asyncio.run(asyncio.wait_for(scenario, 30.0))


@dataclass(slots=True)
class Caller:
    """One connection, from the client's side."""

    websocket: ClientConnection
    lint: bool = True
    """Not for those who ask for events that are none of OpenAI's."""
    linter: Linter = field(default_factory=Linter)
    events: list[Event] = field(default_factory=list[Event])
    """All that came."""
    complaints: dict[str | None, Event] = field(default_factory=dict[str | None, Event])
    """Errors that the test has not asked for yet, by the event they are about."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def send(self, kind: str, **fields: Any) -> str:
        """Any client event; returns its id."""
        event_id = f"client_{next(self._numbers)}"
        await self.websocket.send(orjson.dumps({"type": kind, "event_id": event_id, **fields}), text=True)
        return event_id

    async def take(self) -> Event:
        """The next event."""
        async with asyncio.timeout(PATIENCE):
            message = await self.websocket.recv()
        event: Event = orjson.loads(message)
        if self.lint:
            self.linter.take(event, len(message))
        self.events.append(event)
        if event["type"] == "error":
            self.complaints[event["error"]["event_id"]] = event["error"]
        return event

    async def until(self, *kinds: str) -> Event:
        """The next event of one of these kinds."""
        while (event := await self.take())["type"] not in kinds:
            pass
        return event

    async def refusal(self, event_id: str | None) -> Event:
        """What the server has against that event."""
        while event_id not in self.complaints:
            await self.take()
        return self.complaints.pop(event_id)

    async def update(self, **session: Any) -> Event:
        """The session, changed; also a way to make sure that all before it was taken in."""
        kind = self.events[0]["session"]["type"]
        await self.send("session.update", session={"type": kind, **session})
        return (await self.until("session.updated"))["session"]

    async def say(self, text: str, **item: Any) -> Event:
        """A line of text joins the conversation."""
        message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **item}
        await self.send("conversation.item.create", item=message)
        return (await self.until("conversation.item.done"))["item"]

    async def ask(self, text: str, **response: Any) -> Event:
        """A question in writing, and the whole response to it."""
        await self.say(text)
        await self.send("response.create", response=response)
        return (await self.until("response.done"))["response"]

    async def speak(self, *sounds: Pcm) -> None:
        """These sounds, 16 kHz, as fast as the wire takes them."""
        sound = soxr.resample(np.concatenate(sounds), HEARING_RATE, SPEAKING_RATE)
        for start in range(0, len(sound), PIECE):
            await self.append(sound[start : start + PIECE].astype("<i2").tobytes())

    async def append(self, sound: bytes) -> None:
        """A piece of sound as it travels."""
        audio = pybase64.b64encode(sound).decode()
        await self.websocket.send(orjson.dumps({"type": "input_audio_buffer.append", "audio": audio}), text=True)

    def kinds(self, since: int = 0) -> list[str]:
        """What came, by type, runs of deltas as one."""
        kinds = [event["type"] for event in self.events[since:]]
        return [kind for kind, _ in itertools.groupby(kinds)]


def question(name: str = "spk1_snt5") -> Pcm:
    """A recorded sentence and the silence after it."""
    return np.concatenate((clip(name), quiet(1.6)))


def quiet(seconds: float) -> Pcm:
    """Nobody speaks; as quiet as rooms are."""
    return np.random.default_rng(1).normal(0, 3, round(seconds * HEARING_RATE)).astype(np.int16)


@asynccontextmanager
async def calling(
    url: str, *, query: str = "", server_hangs_up: bool = False, lint: bool = True
) -> AsyncGenerator[Caller]:
    """A call to the server at `url` that must end with nothing half done and no complaint."""
    async with connect(address(url) + query, max_size=None, compression=None, proxy=None) as websocket:
        caller = Caller(websocket, lint=lint)
        await caller.until("session.created")
        yield caller
        if server_hangs_up:
            await websocket.wait_closed()
        else:
            await caller.update()
        caller.linter.finish()
        assert caller.complaints == {}


def address(url: str) -> str:
    """The websocket of the server at `url`."""
    return f"ws{url.removeprefix('http')}/v1/realtime?model=test"
