"""Lines: conversations that outlive the connections they are held over, and the tokens that take one up again."""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.websockets import WebSocket

MOST_WAITING = 200
"""Conversations that may wait for their clients; of more, the one that has waited longest is given up."""


@dataclass(eq=False, slots=True)
class Visit:
    """A connection that carries a conversation, for as long as it lasts."""

    socket: WebSocket
    token: str = ""
    """What the client has shown to take a conversation up again, if it has."""
    seen: int | None = None
    """The number of the last event the client got on the connection before, if it tells."""
    served: bool = False
    """Whether the conversation went on over it."""
    heard: bool = False
    """Whether the client has sent anything, and so got the token that replaces its own."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the conversation needs it no longer."""


@dataclass(eq=False, slots=True)
class Line:
    """One conversation's end of it."""

    owner: str
    """Whose key may take it up again."""
    tokens: set[str] = field(default_factory=set[str])
    """Those that are good for it."""
    _came: Visit | None = None
    _visits: asyncio.Queue[Visit | None] = field(default_factory=asyncio.Queue[Visit | None])

    async def carry_on(self, visit: Visit) -> bool:
        """Go on over another connection until that is over; False where the conversation had just ended."""
        self._visits.put_nowait(visit)
        await visit.over.wait()
        return visit.served

    async def claimed(self) -> None:
        """Until the client is back on another connection."""
        self._came = self._came or await self._visits.get()

    async def next_visit(self, seconds: float) -> Visit | None:
        """The connection the client came back on; None when it did not within that time, or may not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.claimed()
        came, self._came = self._came, None
        return came

    def give_up(self) -> None:
        """Nobody is waited for any more."""
        self._visits.put_nowait(None)

    def end(self) -> None:
        """The conversation is over; who came too late is told so."""
        while not self._visits.empty():
            late = self._visits.get_nowait()
            if late:
                late.over.set()


@dataclass(slots=True)
class Lines:
    """All there are in this process."""

    _by_token: dict[str, Line] = field(default_factory=dict[str, Line])
    _waiting: dict[Line, None] = field(default_factory=dict[Line, None])
    """Those without a connection, in the order in which they lost it."""
    _closed: bool = False

    def issue(self, line: Line) -> str:
        """A new token for a line, in place of any it had."""
        self._revoke(line)
        token = secrets.token_urlsafe(24)
        self.reinstate(line, token)
        return token

    def reinstate(self, line: Line, token: str) -> None:
        """A token is good after all: its client never got the one that replaces it."""
        line.tokens.add(token)
        self._by_token[token] = line

    def claim(self, token: str, owner: str) -> Line | None:
        """The line of that token, which is good but once; None when there is none, or it is another's."""
        line = self._by_token.get(token)
        if line is None or line.owner != owner:
            return None
        del self._by_token[token]
        line.tokens.discard(token)
        return line

    async def wait(self, line: Line, seconds: float) -> Visit | None:
        """The line has no connection: the one its client comes back on, or None."""
        if self._closed:
            return None
        self._waiting[line] = None
        if len(self._waiting) > MOST_WAITING:
            next(iter(self._waiting)).give_up()
        try:
            return await line.next_visit(seconds)
        finally:
            self._waiting.pop(line, None)

    def end(self, line: Line) -> None:
        """The conversation is over."""
        self._revoke(line)
        line.end()

    def close(self) -> None:
        """The server is about to stop: nobody is waited for any more."""
        self._closed = True
        for line in self._waiting:
            line.give_up()

    def _revoke(self, line: Line) -> None:
        for token in line.tokens:
            del self._by_token[token]
        line.tokens.clear()
