"""Events on their way to a client: in order, never blocking, and some kept for a client whose connection drops."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import orjson

from server.realtime.checks import Json

WAITING_BYTES = 4 * 1024 * 1024
"""What may wait for a client that does not read, about a minute of speech; one that lets it grow further is dropped."""

STANDSTILL = 10.0
"""Seconds in which nothing leaves, after which a client counts as one that does not read."""

MOST_BYTES = 32 * 1024 * 1024
"""What may wait for a client that does read, if slowly: all the text that a conversation may have, twice, and more."""

KEPT_BYTES = 512 * 1024
"""Of what was sent last, what is kept in case it did not arrive: eight seconds of speech. With what the user said last,
they are most of the memory that a talking session takes."""

PREFIX = "event_"
"""What the ids of our events begin with; the rest is their number."""

SendText: TypeAlias = Callable[[str], Coroutine[Any, Any, None]]
"""Sends one frame, and waits while the client does not read."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """One event."""

    number: int
    text: str
    sound_of: str = ""
    """The response whose sound it carries, if it does."""


@dataclass(slots=True)
class Outbox:
    """The line of events. It outlives the connections they are sent over."""

    kept_bytes: int = KEPT_BYTES
    """0 for clients that cannot come back."""
    overfull: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once too much waits: more than `WAITING_BYTES` while nothing leaves, or more than `MOST_BYTES`."""
    _number: int = 0
    """Of the last event."""
    _greeting: str = ""
    _greetings: int = 0
    _sending: int | None = None
    """The number of the event that has not quite left."""
    _waiting: deque[_Letter] = field(default_factory=deque[_Letter])
    _waiting_bytes: int = 0
    _next: int = 0
    """The number of the event that was next to leave when too much was found to wait."""
    _next_since: float = 0.0
    """The loop's time at which it was first found so."""
    _sent: deque[_Letter] = field(default_factory=deque[_Letter])
    _sent_bytes: int = 0
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _forgotten: int = 0
    """The number of the last event that was sent and is not kept any more."""

    def waiting(self) -> int:
        """Bytes that have yet to leave."""
        return self._waiting_bytes

    def put(self, event: Json) -> None:
        """In line behind all others. Every event has an id of its own, or stock clients drop it."""
        sound_of = event["response_id"] if event["type"] == "response.output_audio.delta" else ""
        self._number += 1
        event["event_id"] = f"{PREFIX}{self._number}"
        letter = _Letter(self._number, orjson.dumps(event).decode(), sound_of)
        self._waiting.append(letter)
        self._waiting_bytes += len(letter.text)
        self._filled.set()
        if self._waiting_bytes > WAITING_BYTES:
            self._see_if_stuck()

    def greet(self, event: Json) -> None:
        """The first event of the next connection; it is of no use to another.

        It has no number of its own: a client that has seen nothing more has seen as much as before.
        """
        self._greetings += 1
        before = self._sent[-1].number if self._sent else self._forgotten
        event["event_id"] = f"{PREFIX}{before}.{self._greetings}"
        self._greeting = orjson.dumps(event).decode()

    def silence(self, response: str) -> None:
        """Take back the sound of a response that still waits: nobody wants to hear it any more."""
        kept = [letter for letter in self._waiting if letter.sound_of != response]
        self._waiting = deque(kept)
        self._waiting_bytes = sum(len(letter.text) for letter in kept)

    def resend(self, seen: int | None) -> int:
        """Put what was sent after the event of this number back in line; where the client does not tell, what was
        being sent when the connection was lost.

        Returns how many events are lost: they are not kept any more.
        """
        if seen is None:
            seen = self._number if self._sending is None else self._sending - 1
        while self._sent and self._sent[-1].number > seen:
            letter = self._sent.pop()
            self._sent_bytes -= len(letter.text)
            self._waiting.appendleft(letter)
            self._waiting_bytes += len(letter.text)
        return max(0, self._forgotten - seen)

    async def deliver(self, send: SendText) -> NoReturn:
        """Send the greeting, and what is in line, for ever. What waited meanwhile is not held against the client."""
        self._next = 0
        self.overfull.clear()
        await send(self._greeting)
        while True:
            self._filled.clear()
            while self._waiting:
                letter = self._waiting.popleft()
                self._waiting_bytes -= len(letter.text)
                self._keep(letter)
                self._sending = letter.number
                await send(letter.text)
                self._sending = None
            await self._filled.wait()

    def rest(self) -> Iterator[str]:
        """What still waits."""
        while self._waiting:
            yield self._waiting.popleft().text

    def _see_if_stuck(self) -> None:
        now, first = asyncio.get_running_loop().time(), self._waiting[0].number
        if first != self._next:
            self._next, self._next_since = first, now
        if now - self._next_since > STANDSTILL or self._waiting_bytes > MOST_BYTES:
            self.overfull.set()

    def _keep(self, letter: _Letter) -> None:
        self._sent.append(letter)
        self._sent_bytes += len(letter.text)
        while self._sent_bytes > self.kept_bytes:
            oldest = self._sent.popleft()
            self._sent_bytes -= len(oldest.text)
            self._forgotten = oldest.number


def number_of(event_id: str) -> int | None:
    """The number in the id of one of our events; None where it is none of ours."""
    number = event_id.removeprefix(PREFIX).partition(".")[0]
    return int(number) if event_id.startswith(PREFIX) and number.isdecimal() and len(number) < 16 else None
