"""What survives a dropped socket: conversations as they are written down, each under a token that works once.

`MemoryStore` keeps them while the process lives, `sqlite_store` outlives it, and `fallback` joins the two.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from pipeline.errors import AntiphonError

MOST = 1_000
"""Conversations held in memory; at some 50 kB for 200 items, 50 MB."""

MOST_BYTES = 256 * 1024 * 1024
"""Of all of them: one may have some megabytes."""


class StoreError(AntiphonError):
    """A store cannot be reached, read or written just now. The message says which, and why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation as it is written down."""

    session: str
    """Its id; there is one conversation of that id in a store."""
    owner: str
    """A hash of the key that may resume it; empty where there are no keys."""
    state: bytes
    """All that is needed to carry on, as its owner encoded it: a store does not look inside."""


@dataclass(slots=True)
class Mine:
    """Under which token, by its digest, this server put each session last: what another server has made of it since is
    not ours to replace, or to forget.
    """

    _keys: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """The one that was put longest ago first."""

    def of(self, session: str) -> bytes:
        """Empty where it is not known."""
        return self._keys.get(session, b"")

    def put(self, session: str, key: bytes) -> None:
        """It was put under this."""
        self._keys.pop(session, None)
        self._keys[session] = key
        while len(self._keys) > MOST:
            del self._keys[next(iter(self._keys))]

    def drop(self, session: str) -> None:
        """It is not ours any more."""
        self._keys.pop(session, None)

    def __len__(self) -> int:
        return len(self._keys)


class Store(Protocol):
    """Where conversations wait for their clients. Every method may raise `StoreError`."""

    async def put(self, token: str, kept: Kept, seconds: float) -> None:
        """Keep it for so long, under this token alone; what was kept of the same session is replaced.

        Once it returns, the conversation survives whatever the store does. Cancelled, it may have been kept or not.
        """
        ...

    async def take(self, token: str, owner: str) -> Kept | None:
        """What is kept under this token, which nobody will get again, however many ask at once.

        None when the token is unknown, spent or expired, or the conversation another's: that one stays where it is.
        Cancelled, it may have been taken and lost.
        """
        ...

    async def forget(self, session: str) -> None:
        """Keep nothing of this session, if anything was."""
        ...

    async def aclose(self) -> None:
        """Let go of threads, sockets and files. Safe to call twice."""
        ...


def digest(token: str) -> bytes:
    """What is stored in a token's place: whoever reads the store can resume nothing."""
    return sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class _Entry:
    token: bytes
    kept: Kept
    until: float


@dataclass(slots=True)
class MemoryStore:
    """Conversations for as long as this process lives. Never fails."""

    most: int = MOST
    """Beyond so many, those go that were put longest ago."""
    most_bytes: int = MOST_BYTES
    """So do they beyond so many bytes of all."""
    clock: Callable[[], float] = time.time
    _entries: dict[str, _Entry] = field(default_factory=dict[str, _Entry], init=False)
    """By session, in the order they were put."""
    _sessions: dict[bytes, str] = field(default_factory=dict[bytes, str], init=False)
    """By digest of the token."""
    _bytes: int = field(default=0, init=False)

    async def put(self, token: str, kept: Kept, seconds: float) -> None:
        """See `Store`."""
        now = self.clock()
        self._drop(kept.session)
        key = digest(token)
        self._drop(self._sessions.get(key, ""))
        self._entries[kept.session] = _Entry(key, kept, now + seconds)
        self._sessions[key] = kept.session
        self._bytes += len(kept.state)
        while self._entries:
            session, oldest = next(iter(self._entries.items()))
            fit = len(self._entries) <= self.most and self._bytes <= self.most_bytes
            if fit and oldest.until > now:
                break
            self._drop(session)

    async def take(self, token: str, owner: str) -> Kept | None:
        """See `Store`."""
        entry = self._entries.get(self._sessions.get(digest(token), ""))
        if entry is None or entry.kept.owner != owner:
            return None
        self._drop(entry.kept.session)
        return entry.kept if entry.until > self.clock() else None

    async def forget(self, session: str) -> None:
        """See `Store`."""
        self._drop(session)

    async def aclose(self) -> None:
        """Forget everything."""
        for session in list(self._entries):
            self._drop(session)

    def _drop(self, session: str) -> None:
        entry = self._entries.pop(session, None)
        if entry:
            del self._sessions[entry.token]
            self._bytes -= len(entry.kept.state)
