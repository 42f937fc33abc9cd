"""A conversation that outlives its connections: taken up again where the server can do so, else begun anew."""

import asyncio
import random
from bisect import bisect_left
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from client.errors import ClientError, UnreachableError
from client.events import Event, Raw, SpeechStarted, SpeechStopped
from client.realtime import Talk
from client.sound import RATE, Pcm

FIRST_WAIT, LONGEST_WAIT = 0.25, 5.0
"""Seconds between two attempts: twice as many each time."""

REMEMBERED = 1500
"""Pieces of 20 ms, half a minute: what was sent and may have to be sent again, or be asked about."""

Opener: TypeAlias = Callable[[Mapping[str, str]], AbstractAsyncContextManager[Talk]]
"""Connects, with this added to the URL."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection broke. The next event is `Back`, when it comes."""

    reason: str


@dataclass(frozen=True, slots=True)
class Back:
    """There is a connection again."""

    resumed: bool
    """The conversation goes on where it was, and nothing said meanwhile is lost; else it is a new one."""


@dataclass(frozen=True, slots=True)
class _Sent:
    until: float
    """Seconds of sound sent in this session, with this piece."""
    pcm: Pcm
    at: float


@asynccontextmanager
async def lasting(
    opener: Opener, session: Mapping[str, Any], *, patience: float = 300.0
) -> AsyncGenerator["LastingTalk"]:
    """A conversation for as long as the block lasts.

    `session` is what a new session is told of itself. Raises `ClientError` when the first connection fails, when the
    server does not want us any more, or when it has not been back for `patience` seconds.
    """
    async with AsyncExitStack() as connections:
        talk = LastingTalk(opener, session, patience, connections)
        await talk.open()
        yield talk


class LastingTalk:
    """Like a `Talk`, but that it comes back. While there is no connection, whatever is to be sent waits."""

    def __init__(
        self, opener: Opener, session: Mapping[str, Any], patience: float, connections: AsyncExitStack
    ) -> None:
        self._opener = opener
        self._session = session
        self._patience = patience
        self._connections = connections
        self._talk: Talk | None = None
        self._last: Talk | None = None
        self._up = asyncio.Event()
        self._sent: deque[_Sent] = deque(maxlen=REMEMBERED)
        self._until = 0.0
        self._noticed = 0.0
        """How much sound the server has certainly received, seconds."""

    async def open(self) -> bool:
        """Connect; whether a conversation was resumed. Raises `ClientError`."""
        await self._connections.aclose()
        resume = _resume_query(self._last) if self._last else {}
        talk = await self._connections.enter_async_context(self._opener(resume))
        ours = _ours(talk)
        resumed = bool(resume and ours.get("resumed"))
        if self._last and resumed:
            talk.last_event = self._last.last_event
        self._last = talk
        if resumed:
            await self._send_again(talk, float(ours.get("received_ms", 0)) / 1000)
        else:
            self._sent.clear()
            self._until = self._noticed = 0.0
            await talk.send("session.update", session={"type": "realtime", **self._session})
        self._talk = talk
        self._up.set()
        return resumed

    async def hear(self, pcm: Pcm, at: float) -> None:
        """Let the server hear these samples, whose last was spoken at `at` on the loop's clock."""
        talk = await self._connected()
        self._until += len(pcm) / RATE
        self._sent.append(_Sent(self._until, pcm, at))
        with suppress(ClientError):  # who waits for the next event learns of it
            await talk.hear(pcm)

    def spoken_at(self, seconds: float) -> float | None:
        """When, on the loop's clock, the sound at this position of the session was spoken; None for long ago."""
        place = bisect_left(self._sent, seconds, key=lambda sent: sent.until)
        if place == len(self._sent):
            return None
        sent = self._sent[place]
        begun = sent.until - len(sent.pcm) / RATE
        return sent.at - (sent.until - seconds) if seconds >= begun - 1e-6 else None

    async def send(self, kind: str, **fields: Any) -> None:
        """Send any client event. One that is on its way when the connection breaks is lost."""
        talk = await self._connected()
        with suppress(ClientError):
            await talk.send(kind, **fields)

    async def say(self, text: str) -> None:
        """Add a line of the user's to the conversation, and ask for the answer."""
        talk = await self._connected()
        with suppress(ClientError):
            await talk.say(text)
            await talk.respond()

    def __aiter__(self) -> "LastingTalk":
        return self

    async def __anext__(self) -> Event | Lost | Back:
        """The next event. Cancelling the wait loses none."""
        talk = self._talk
        if talk is None:
            return Back(await self._come_back())
        try:
            event = await anext(talk)
        except UnreachableError as error:
            self._talk = None
            self._up.clear()
            return Lost(str(error))
        if isinstance(event, SpeechStarted | SpeechStopped):
            self._noticed = max(self._noticed, event.audio_ms / 1000)
        return event

    async def _come_back(self) -> bool:
        deadline = asyncio.get_running_loop().time() + self._patience
        for wait in waits():
            await asyncio.sleep(wait)
            try:
                return await self.open()
            except UnreachableError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
        raise AssertionError  # there is always another wait

    async def _connected(self) -> Talk:
        while self._talk is None:
            await self._up.wait()
        return self._talk

    async def _send_again(self, talk: Talk, received: float) -> None:
        """What the server has not `received`, seconds; its count may have begun anew if it was started anew."""
        if received >= self._noticed and self._sent and received >= self._sent[0].until:
            missed = [sent.pcm for sent in self._sent if sent.until > received + 1e-3]
        else:
            missed = []
            self._sent.clear()
            self._until, self._noticed = received, 0.0
        for pcm in missed:
            await talk.hear(pcm)


def waits() -> Iterator[float]:
    """Seconds to wait before each attempt; somewhat random, lest all clients of a server come back at once."""
    wait = FIRST_WAIT
    while True:
        yield wait * random.uniform(0.8, 1.2)
        wait = min(LONGEST_WAIT, 2 * wait)


def _resume_query(talk: Talk) -> dict[str, str]:
    resume: Raw = _ours(talk).get("resume") or {}
    return {"resume": resume["token"], "last_event_id": talk.last_event} if "token" in resume else {}


def _ours(talk: Talk) -> Raw:
    """What Antiphon says of a session beyond the protocol; empty for other servers."""
    return talk.session.get("antiphon") or {}
