"""What tests of the stores share: a clock that is set by hand, and conversations."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from server.sessions import Kept, MemoryStore, Store, StoreError


@dataclass(slots=True)
class Clock:
    """Wall time in seconds, as long as nobody changes it."""

    time: float = 1_800_000_000.0
    passed: Callable[[float], None] | None = None
    """Told of the seconds by which it was set on, if somebody has to live through them."""

    @property
    def now(self) -> float:
        return self.time

    @now.setter
    def now(self, now: float) -> None:
        before, self.time = self.time, now
        if self.passed:
            self.passed(now - before)

    def __call__(self) -> float:
        return self.time


def kept(session: str, state: bytes = b"{}", owner: str = "") -> Kept:
    return Kept(session, owner, state)


async def goes_on_elsewhere(before: Store, after: Store) -> None:
    """Session `a` is taken by another server, while the one before still waits for its client, and writes in vain."""
    await before.put("old", kept("a", b"1"), 600)
    assert await after.take("old", "") == kept("a", b"1")
    await before.put("old", kept("a", b"stale"), 600)
    assert await after.take("old", "") is None
    await after.put("new", kept("a", b"2"), 600)
    await before.put("old", kept("a", b"stale"), 600)


@dataclass(slots=True)
class Flaky:
    """A store that can be told to fail, or to be slow."""

    inner: MemoryStore
    broken: str = ""
    """What it says is wrong, if anything."""
    slow: float = 0.0
    """Seconds it takes for anything."""
    asked: int = 0
    """How often it was called."""
    largest: int = 1_000_000
    """Bytes of a conversation that it takes."""

    async def put(self, token: str, kept: Kept, seconds: float) -> None:
        await self._ask()
        if len(kept.state) > self.largest:
            raise StoreError("no room for so much")
        await self.inner.put(token, kept, seconds)

    async def take(self, token: str, owner: str) -> Kept | None:
        await self._ask()
        return await self.inner.take(token, owner)

    async def forget(self, session: str) -> None:
        await self._ask()
        await self.inner.forget(session)

    async def aclose(self) -> None:
        """Nothing is lost: that is what tells it from memory."""

    async def _ask(self) -> None:
        self.asked += 1
        await asyncio.sleep(self.slow)
        if self.broken:
            raise StoreError(self.broken)
