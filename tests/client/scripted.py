"""A Realtime server that plays a script: a real websocket, OpenAI's events, and whatever faults a test wants."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import orjson
import pybase64
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from client.sound import RATE, Pcm

TONE: Pcm = (8000 * np.sin(2 * np.pi * 440 * np.arange(RATE // 2) / RATE)).astype(np.int16)
"""Half a second; what the server says, and what a test says to it."""

QUESTION: Pcm = np.concatenate([TONE, np.zeros(RATE // 10, np.int16)])
"""Half a second of sound and a tenth of quiet."""


@dataclass(slots=True)
class Caller:
    """One connection, seen from the server's side."""

    websocket: ServerConnection
    received: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """All events but the sound."""
    sound: list[Pcm] = field(default_factory=list[Pcm])

    async def tell(self, kind: str, **fields: Any) -> None:
        await self.websocket.send(orjson.dumps({"type": kind, "event_id": "event_1", **fields}), text=True)

    async def next(self, kind: str) -> dict[str, Any]:
        """Take in what the client sends up to the next event of this kind."""
        while True:
            event: dict[str, Any] = orjson.loads(await self.websocket.recv())
            if event["type"] == "input_audio_buffer.append":
                self.sound.append(np.frombuffer(pybase64.b64decode(event["audio"]), "<i2"))
            else:
                self.received.append(event)
            if event["type"] == kind:
                return event

    async def hear(self, seconds: float) -> None:
        """Take in this much sound."""
        wanted = round(seconds * RATE) + self.samples
        while self.samples < wanted:
            await self.next("input_audio_buffer.append")

    @property
    def samples(self) -> int:
        return sum(len(pcm) for pcm in self.sound)

    @property
    def query(self) -> dict[str, str]:
        """What the client added to the URL."""
        assert self.websocket.request is not None
        return dict(parse_qsl(urlsplit(self.websocket.request.path).query))

    async def take_turn(self, number: int = 1, transcript: str = "hello there") -> None:
        """What a server says when the user has spoken, up to the transcript."""
        item = f"item_{number}"
        await self.tell("input_audio_buffer.speech_started", item_id=item, audio_start_ms=0)
        await self.tell("input_audio_buffer.speech_stopped", item_id=item, audio_end_ms=600)
        await self.tell("input_audio_buffer.committed", item_id=item, previous_item_id=None)
        done = "conversation.item.input_audio_transcription.completed"
        await self.tell(done, item_id=item, content_index=0, transcript=transcript)

    async def begin_reply(self, number: int = 1, words: str = "Good morning.") -> None:
        """The first half of a reply: created, its text, one piece of sound."""
        ids = {"response_id": f"resp_{number}", "item_id": f"said_{number}", "output_index": 0, "content_index": 0}
        await self.tell("response.created", response={"id": ids["response_id"], "status": "in_progress"})
        await self.tell("response.output_audio_transcript.delta", **ids, delta=words)
        await self.tell("response.output_audio.delta", **ids, delta=pybase64.b64encode_as_string(TONE.tobytes()))

    async def end_reply(self, number: int = 1, status: str = "completed", **extras: Any) -> None:
        response: dict[str, Any] = {
            "id": f"resp_{number}",
            "status": status,
            "status_details": None,
            "output": [],
            **extras,
        }
        await self.tell("response.done", response=response)

    async def reply(self, number: int = 1, words: str = "Good morning.", **extras: Any) -> None:
        await self.begin_reply(number, words)
        await self.end_reply(number, **extras)


Script: TypeAlias = Callable[[Caller], Awaitable[None]]
"""What the server does with a caller after the greeting; the connection closes when it returns."""


@asynccontextmanager
async def server(
    script: Script, *, status: int = 0, greet: bool = True, ours: Callable[[], Mapping[str, Any]] = dict
) -> AsyncGenerator[str]:
    """Serve `script` on a free port and yield the URL. `status` refuses all callers; without `greet` none is met.

    `ours` is what the server says of a session beyond the protocol.
    """

    async def answer(websocket: ServerConnection) -> None:
        caller = Caller(websocket)
        try:
            if greet:
                await caller.tell("session.created", session={"type": "realtime", "id": "sess_1", "antiphon": ours()})
            await script(caller)
        except ConnectionClosed:
            pass  # the client hung up first, as it may

    def refuse(_: ServerConnection, __: Request) -> Response | None:
        return Response(status, HTTPStatus(status).phrase, Headers({"Content-Length": "0"})) if status else None

    async with serve(answer, "127.0.0.1", 0, process_request=refuse, compression=None) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"


async def listen_forever(caller: Caller) -> None:
    """Hear everything, say nothing."""
    await caller.next("never")


def answering(extras: Mapping[str, Any] | None = None, seconds: float = 0.8) -> Script:
    """A server that after `seconds` of sound takes a turn and answers it; `extras` go into its response.done."""

    async def script(caller: Caller) -> None:
        await caller.hear(seconds)
        await caller.take_turn()
        await caller.begin_reply()
        await caller.end_reply(**(extras or {}))
        await listen_forever(caller)

    return script
