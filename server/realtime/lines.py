"""Lines: conversations that outlive the connections they are held over, and the tokens that take one up again."""

import asyncio
import secrets
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.websockets import WebSocket

MOST_UNHEARD = 8
"""Connections in a row that may be lost before their clients say anything, without the first one's token being lost."""

MOST_WAITING = 200
"""Conversations that may wait here for their clients; beyond, one of whoever has most of them is left to the store."""


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
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while an event of the client's is carried out: nothing may stop that half way."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the conversation needs it no longer."""


@dataclass(eq=False, slots=True)
class Line:
    """One conversation's end of it."""

    session: str
    """The id of its session."""
    owner: str
    """Whose key may take it up again."""
    tokens: list[str] = field(default_factory=list[str])
    """Those that take it up, the newest last."""
    visit: Visit | None = None
    """The connection it is held over, or was last."""
    given_up: bool = False
    """Whether its client was waited for no longer before its time was over, and may still want it."""
    _came: Visit | None = None
    _visits: asyncio.Queue[Visit] = field(default_factory=asyncio.Queue[Visit])
    _patience: asyncio.Timeout | None = None
    """While it waits for its client."""

    async def carry_on(self, visit: Visit) -> bool:
        """Go on over another connection until that is over; False where the conversation had just ended."""
        self._visits.put_nowait(visit)
        await visit.over.wait()
        return visit.served

    async def claimed(self) -> None:
        """Until the client is back on another connection."""
        self._came = self._came or await self._visits.get()

    def came(self) -> Visit | None:
        """The connection the client has come back on, if it has."""
        came, self._came = self._came, None
        return came

    async def next_visit(self, seconds: float) -> Visit | None:
        """The connection the client comes back on; None when it does not within that time, or is given up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds) as self._patience:
                await self.claimed()
        self._patience = None
        return self.came()

    def give_up(self) -> None:
        """If its client is waited for, it is no longer."""
        self.given_up = True
        if self._patience:
            self._patience.reschedule(asyncio.get_running_loop().time())

    def end(self) -> None:
        """The conversation is over; who came too late is told so."""
        late = [self._came] if self._came else []
        while not self._visits.empty():
            late.append(self._visits.get_nowait())
        for visit in late:
            visit.over.set()


@dataclass(slots=True)
class Lines:
    """All there are in this process."""

    _by_token: dict[str, Line] = field(default_factory=dict[str, Line])
    _waiting: dict[Line, None] = field(default_factory=dict[Line, None])
    """Those without a connection, in the order in which they lost it."""
    _closed: bool = False

    def issue(self, line: Line) -> str:
        """A new token for a line. The one before stays good until the client is known to have got this one."""
        keep = 1 if line.visit and line.visit.heard else MOST_UNHEARD
        while len(line.tokens) > keep:
            del self._by_token[line.tokens.pop(0)]
        token = secrets.token_urlsafe(24)
        line.tokens.append(token)
        self._by_token[token] = line
        return token

    def claim(self, token: str, owner: str) -> Line | None:
        """The line of that token; None when there is none, it is another's, or the token is spent.

        A token is spent once anything was sent over the connection it opened: that one's client has another.
        """
        line = self._by_token.get(token)
        if line is None or line.owner != owner:
            return None
        spent = token != line.tokens[-1] and line.visit is not None and line.visit.heard
        return None if spent else line

    def holds(self, session: str) -> bool:
        """Whether the conversation of that session is alive here."""
        return any(line.session == session for line in self._by_token.values())

    def waiting(self) -> frozenset[str]:
        """The sessions whose clients were cut off, and may come back."""
        return frozenset(line.session for line in self._waiting)

    async def wait(self, line: Line, seconds: float) -> Visit | None:
        """The line has no connection: the one its client comes back on, or None."""
        line.given_up = self._closed
        if self._closed:
            return None
        self._waiting[line] = None
        if len(self._waiting) > MOST_WAITING:
            self._give_one_up()
        try:
            return await line.next_visit(seconds)
        finally:
            self._waiting.pop(line, None)

    def end(self, line: Line) -> None:
        """The conversation is over."""
        for token in line.tokens:
            del self._by_token[token]
        line.tokens.clear()
        line.end()

    def close(self) -> None:
        """The server is about to stop: nobody is waited for any more."""
        self._closed = True
        for line in self._waiting:
            line.give_up()

    def _give_one_up(self) -> None:
        """The one that has waited longest of the owner who has most of them: whoever crowds others out pays for it."""
        held = Counter(line.owner for line in self._waiting)
        most = max(held.values())
        line = next(line for line in self._waiting if held[line.owner] == most)
        del self._waiting[line]
        line.give_up()
