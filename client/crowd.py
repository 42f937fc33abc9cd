"""Many callers in one process, each speaking or spoken to all the time, at next to no cost: frames are built once."""

import asyncio
import random
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import orjson
import pybase64
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from client.clips import Clip
from client.errors import ClientError, UnreachableError, UsageError
from client.printable import printable
from client.realtime import LARGEST_EVENT, OPENING_TIMEOUT, realtime_url
from client.sound import RATE, Pcm
from client.tasks import alongside

PHASES = 10
"""Callers do not all speak in the same instant: their pieces leave at as many points of the piece's time."""

BREATH = 0.3
"""Seconds between the end of an answer and the next question."""

PATIENCE = 15.0
"""Seconds after the end of the question in which the answer must have begun."""

PING = 0.05
"""Seconds between two questions of how long the server's event loop keeps us waiting."""

SENT_AT = struct.Struct("d")
"""What a ping carries and its pong brings back: many are on their way where the server stands still."""


@dataclass(frozen=True, slots=True)
class Question:
    """A recording, ready to be sent."""

    clip: str
    frames: Sequence[bytes]
    last: int
    """Which of them holds the last voiced sample ..."""
    after: float
    """... and how many seconds of it come behind that."""
    seconds: float
    """How long it takes to ask it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question. Times in ms, from the sending of its last voiced sample."""

    caller: int
    clip: str
    at: float
    """The loop's time at which it was asked."""
    first_token_ms: float | None = None
    """By the server's marks, counted back from the sound; without marks, when the first words arrived."""
    first_audio_ms: float | None = None
    problem: str = ""


@dataclass(slots=True)
class Notes:
    """What a crowd has seen. Those who measure empty it when they begin."""

    asked: list[Asked] = field(default_factory=list[Asked])
    late_ms: list[float] = field(default_factory=list[float])
    """How late each batch of pieces was sent: our own doing."""
    pong_ms: list[float] = field(default_factory=list[float])
    """How long the server took to answer a ping: about as long as anything waits for its event loop."""
    problems: list[str] = field(default_factory=list[str])

    def clear(self) -> None:
        """Begin anew."""
        for kept in (self.asked, self.late_ms, self.pong_ms, self.problems):
            kept.clear()


@dataclass(slots=True)
class _Reply:
    first_audio: float
    first_text: float | None
    seconds: float = 0.0


class _Connection(asyncio.Protocol):
    """A websocket without a task of its own."""

    def __init__(self, url: str, key: str | None, notes: Notes) -> None:
        self.open = asyncio.get_running_loop().create_future()
        self._notes, self._key = notes, key
        self._websocket = ClientProtocol(parse_uri(url), max_size=LARGEST_EVENT)
        self._leaving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        request = self._websocket.connect()
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        self._websocket.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._websocket.receive_data(data)
        for event in self._websocket.events_received():
            if isinstance(event, Response):
                self._opened()
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.take(orjson.loads(event.data))
            elif isinstance(event, Frame) and event.opcode is Opcode.PONG and len(event.data) == SENT_AT.size:
                (sent_at,) = SENT_AT.unpack(event.data)
                self._notes.pong_ms.append((_now() - sent_at) * 1000)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(UnreachableError("the server hung up before it said anything"))
        elif not self._leaving:
            self._notes.problems.append(f"the connection was lost: {exc or self._websocket.close_reason or 'closed'}")

    def take(self, event: dict[str, Any]) -> None:
        """One event of the server's."""

    def ping(self) -> None:
        self._websocket.send_ping(SENT_AT.pack(_now()))
        self._flush()

    def leave(self) -> None:
        self._leaving = True
        if not self.transport.is_closing():
            self._websocket.send_close(1000)
            self._flush()
            self.transport.close()

    def _opened(self) -> None:
        if self._websocket.handshake_exc:
            self.open.set_exception(ClientError(f"the server refuses: {self._websocket.handshake_exc}"))
        else:
            self.open.set_result(None)

    def _flush(self) -> None:
        for data in self._websocket.data_to_send():
            if data:
                self.transport.write(data)


class _Caller(_Connection):
    """Asks, hears the answer out, and asks again, for as long as it is ticked."""

    def __init__(self, url: str, key: str | None, notes: Notes, number: int, questions: Sequence[Question]) -> None:
        super().__init__(url, key, notes)
        self._number, self._questions = number, questions
        self._next = number
        self._question = questions[0]
        self._sent: int | None = None
        """Frames of the question that were sent; None while it is not being asked."""
        self._spoken: float | None = None
        """When its last voiced sample was."""
        self._ask_at = _now() + BREATH
        self._replies: dict[str, _Reply] = {}

    def wait(self, seconds: float) -> None:
        """Be silent for so long before the first question."""
        self._ask_at = _now() + seconds

    def tick(self, quiet: bytes) -> None:
        """Send the next piece of sound."""
        now = _now()
        if self._sent is None and now >= self._ask_at:
            self._begin(now)
        if self._sent is None:
            self.transport.write(quiet)
            return
        self.transport.write(self._question.frames[self._sent])
        if self._sent == self._question.last:
            self._spoken = now - self._question.after
        self._sent = self._sent + 1 if self._sent + 1 < len(self._question.frames) else None

    def take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "response.output_audio.delta":
                reply = self._reply(event)
                reply.first_audio = reply.first_audio or _now()
                reply.seconds += len(event["delta"]) * 3 / 4 / 2 / RATE
            case "response.output_audio_transcript.delta":
                reply = self._reply(event)
                reply.first_text = reply.first_text or _now()
            case "response.done":
                self._done(event["response"])
            case "error":
                self._notes.problems.append(printable(str(event["error"].get("message"))))
            case _:
                pass

    def _begin(self, now: float) -> None:
        if self._spoken is not None:  # since then nobody has answered
            self._note(problem="unanswered")
        self._question = self._questions[self._next % len(self._questions)]
        self._next += 1
        self._sent, self._spoken, self._ask_at = 0, None, now + self._question.seconds + PATIENCE
        self._replies.clear()

    def _reply(self, event: dict[str, Any]) -> _Reply:
        return self._replies.setdefault(event["response_id"], _Reply(0.0, None))

    def _done(self, response: dict[str, Any]) -> None:
        reply = self._replies.pop(response["id"], None)
        if response["status"] == "cancelled" or self._spoken is None:
            return  # begun before the end of the question, and cut by the rest of it
        if response["status"] != "completed" or reply is None or not reply.first_audio:
            self._note(problem=f"{response['status']}: {response.get('status_details')}")
            self._ask_at = _now() + BREATH
            return
        marks: dict[str, float] = response["antiphon"]["marks_ms"] if "antiphon" in response else {}
        first_token = reply.first_text or reply.first_audio
        if {"sent", "llm_first_token"} <= marks.keys():
            first_token = reply.first_audio - (marks["sent"] - marks["llm_first_token"]) / 1000
        early = reply.first_audio < self._spoken
        self._note(first_token, reply.first_audio, "early" if early else "")
        self._ask_at = max(_now(), reply.first_audio + reply.seconds) + BREATH
        self._spoken = None

    def _note(self, first_token: float | None = None, first_audio: float | None = None, problem: str = "") -> None:
        assert self._spoken is not None
        token, sound = (at and round((at - self._spoken) * 1000, 1) for at in (first_token, first_audio))
        self._notes.asked.append(Asked(self._number, self._question.clip, self._spoken, token, sound, problem))
        self._spoken = None


class Crowd:
    """Callers of one server. Made by `crowd_at`."""

    def __init__(self, url: str, key: str | None, clips: Sequence[Clip], piece: float, seed: int = 1) -> None:
        self.notes = Notes()
        self._url, self._key, self._piece = realtime_url(url, None), key, piece
        self._questions = [_question(clip, piece) for clip in clips]
        self._quiet = _frame(np.zeros(round(piece * RATE), np.int16))
        self._callers: list[_Caller] = []
        self._chance = random.Random(seed)

    def __len__(self) -> int:
        return len(self._callers)

    async def grow(self, size: int, spread: float) -> None:
        """Until there are so many callers; the first question of each comes somewhere in the next `spread` seconds."""
        for number in range(len(self), size):
            caller = _Caller(self._url, self._key, self.notes, number, self._questions)
            await _connect(caller, self._url)
            caller.wait(self._chance.random() * spread)
            self._callers.append(caller)

    def hang_up(self, count: int) -> None:
        """The oldest of them leave."""
        leaving, self._callers = self._callers[:count], self._callers[count:]
        for caller in leaving:
            caller.leave()

    async def speak(self) -> None:
        """Send everybody's sound, piece by piece, each when it has been spoken; never returns."""
        loop = asyncio.get_running_loop()
        begun, number = loop.time(), 0
        while True:
            number += 1
            due = begun + number * self._piece / PHASES
            await asyncio.sleep(due - loop.time())
            self.notes.late_ms.append((loop.time() - due) * 1000)
            for caller in self._callers[number % PHASES :: PHASES]:
                caller.tick(self._quiet)

    async def feel(self) -> None:
        """Ask the server again and again how it is, on a connection over which nobody speaks; never returns."""
        watch = _Connection(self._url, self._key, self.notes)
        await _connect(watch, self._url)
        try:
            while True:
                await asyncio.sleep(PING)
                watch.ping()
        finally:
            watch.leave()


@asynccontextmanager
async def crowd_at(url: str, clips: Sequence[Clip], piece: float, key: str | None = None) -> AsyncGenerator[Crowd]:
    """Nobody at first; `grow` it. All hang up at the end of the block."""
    crowd = Crowd(url, key, clips, piece)
    try:
        async with alongside(crowd.speak(), crowd.feel()):
            yield crowd
    finally:
        crowd.hang_up(len(crowd))


async def _connect(connection: _Connection, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "ws" or not parts.hostname:
        raise UsageError(f"{url!r} cannot be measured under load: it must be a ws or http address")
    try:
        async with asyncio.timeout(OPENING_TIMEOUT):
            await asyncio.get_running_loop().create_connection(lambda: connection, parts.hostname, parts.port or 80)
            await connection.open
    except (OSError, TimeoutError) as error:
        raise UnreachableError(f"cannot reach {url}: {error or 'no answer'}") from None


def _question(clip: Clip, piece: float) -> Question:
    samples = round(piece * RATE)
    padded = np.concatenate([clip.pcm, np.zeros(-len(clip.pcm) % samples, np.int16)])
    frames = [_frame(padded[start : start + samples]) for start in range(0, len(padded), samples)]
    last = min(len(frames) - 1, max(0, int(np.ceil(clip.speech_end / piece - 1e-9)) - 1))
    return Question(clip.name, frames, last, (last + 1) * piece - clip.speech_end, len(frames) * piece)


def _frame(pcm: Pcm) -> bytes:
    """One piece of sound, as it goes over the wire again and again."""
    event = {"type": "input_audio_buffer.append", "audio": pybase64.b64encode(pcm.tobytes()).decode()}
    return Frame(Opcode.TEXT, orjson.dumps(event)).serialize(mask=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
