"""A store that never fails: what the one behind it cannot take is kept in memory until it can."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from server.redis_store import redis_store
from server.sessions import MOST, MOST_BYTES, Kept, MemoryStore, Store, StoreError
from server.settings import ServerSettings, state_folder
from server.sqlite_store import SqliteStore

T = TypeVar("T")

REST = 1.0
"""Seconds for which a store that failed is left alone: one that is slow to fail must not hold everybody up."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Put:
    token: str
    kept: Kept
    until: float


def _bytes(put: _Put | None) -> int:
    return len(put.kept.state) if put else 0


@dataclass(slots=True)
class Fallback:
    """Keeps everything in the store and in memory. The store decides, since others may share it; memory where it fails.

    What the store has missed it is told when it works again, with the next call. Never raises `StoreError`.
    """

    store: Store
    memory: MemoryStore = field(default_factory=MemoryStore)
    _missed: dict[str, _Put | None] = field(default_factory=dict[str, _Put | None], init=False)
    """By session, what the store has yet to be told: to keep this, or to forget. As many as memory holds by default;
    beyond, the store is left with what it had until that expires."""
    _refused: set[str] = field(default_factory=set[str], init=False)
    """Those of them that the store has not taken when it was told. They come last: one that is too large for it must
    not keep the others waiting."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    """So that what is told last is what was meant last."""
    _failing: bool = field(default=False, init=False)
    _rests_until: float = field(default=0.0, init=False)
    """On the loop's clock, as the next."""
    _refused_until: float = field(default=0.0, init=False)
    """When what was refused is offered again."""

    async def put(self, token: str, kept: Kept, seconds: float) -> None:
        """See `Store`."""
        async with self._one_at_a_time:
            await self.memory.put(token, kept, seconds)
            self._owe(kept.session, _Put(token, kept, self.memory.clock() + seconds))
            await self._catch_up()

    async def take(self, token: str, owner: str) -> Kept | None:
        """See `Store`. While the store fails, only what this process put."""
        async with self._one_at_a_time:
            ours = await self.memory.take(token, owner)
            only_here = ours is not None and ours.session in self._missed
            if ours and only_here:
                self._owe(ours.session, None)
            await self._catch_up()
            try:
                theirs = await self._ask(lambda: self.store.take(token, owner), urgent=ours is None)
            except StoreError:
                if ours:
                    self._owe(ours.session, None)
                return ours
            if theirs and theirs.session in self._missed:
                return None  # the token of an older state, that the store did not hear was replaced
            return ours if only_here else theirs

    async def forget(self, session: str) -> None:
        """See `Store`."""
        async with self._one_at_a_time:
            await self.memory.forget(session)
            self._owe(session, None)
            await self._catch_up()

    async def aclose(self) -> None:
        """Tell the store what it has missed, if it will listen now, and close both."""
        async with self._one_at_a_time:
            self._rests_until = self._refused_until = 0.0
            await self._catch_up()
            await self.store.aclose()
            await self.memory.aclose()

    def _owe(self, session: str, put: _Put | None) -> None:
        self._missed.pop(session, None)  # to the end of the line
        self._missed[session] = put
        while len(self._missed) > MOST or sum(map(_bytes, self._missed.values())) > MOST_BYTES:
            self._settle(next(iter(self._missed)))

    async def _catch_up(self) -> None:
        """Tell the store what it has missed, as far as it will listen."""
        now = asyncio.get_running_loop().time()
        if now < self._rests_until:
            return
        again = list(filter(self._refused.__contains__, self._missed)) if now >= self._refused_until else []
        with suppress(StoreError):
            for session in [*(one for one in self._missed if one not in self._refused), *again]:
                await self._offer(session)

    async def _offer(self, session: str) -> None:
        """Raises `StoreError`; then this one's turn comes after all others'."""
        put, before = self._missed[session], session in self._refused
        try:
            await self._ask(lambda: self._tell(session, put))
        except StoreError:
            self._owe(session, put)
            self._refused.add(session)
            self._refused_until = asyncio.get_running_loop().time() + REST
            if before:
                self._rests_until = 0.0  # it may be this one's fault, and no reason to spare the store the others
            raise

    async def _tell(self, session: str, put: _Put | None) -> None:
        left = put.until - self.memory.clock() if put else 0.0
        if put and left > 0:
            await self.store.put(put.token, put.kept, left)
        else:
            await self.store.forget(session)
        self._settle(session)

    def _settle(self, session: str) -> None:
        """The store need not be told any more."""
        del self._missed[session]
        self._refused.discard(session)

    async def _ask(self, question: Callable[[], Awaitable[T]], *, urgent: bool = False) -> T:
        """The store's answer. Raises `StoreError`; while the store rests at once, unless it is urgent."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until and not urgent:
            raise StoreError("left alone for a while")
        try:
            answer = await question()
        except StoreError as error:
            if not self._failing:
                _log.warning("conversations are kept in memory only, where a restart would lose them: %s", error)
            self._failing = True
            self._rests_until = loop.time() + REST
            raise
        if self._failing and not self._missed:
            _log.warning("conversations are written down again, and so are those of the meantime")
            self._failing = False
        return answer


def store_of(settings: ServerSettings, environment: Mapping[str, str]) -> Store:
    """The store these settings ask for; it is not touched before it is needed. Raises `ConfigError`."""
    if not settings.resume:
        return MemoryStore()
    if settings.redis:
        return Fallback(redis_store(settings.redis))
    folder = state_folder(settings, environment)
    return Fallback(SqliteStore(folder / "sessions.sqlite")) if folder else MemoryStore()
