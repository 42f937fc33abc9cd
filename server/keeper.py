"""Writes one session down as it goes on: behind it, so that nobody waits, and not more often than is of use."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from server.sessions import Kept, Store

GATHER = 0.05
"""Seconds for which changes are gathered: a turn makes a dozen, mostly at its end."""

LIFETIME = 600.0
"""Seconds for which a conversation waits for its client."""


@dataclass(slots=True)
class Keeper:
    """One session's place in a store. `flush` it before its client is told the token."""

    store: Store
    """One that does not fail: a `Fallback`, or memory."""
    token: str
    snapshot: Callable[[], Kept]
    """The session as it is now; called on the event loop, so under 2 ms."""
    seconds: float = LIFETIME
    """How long it is kept, at least half of which is left whenever the server stops."""
    _dirty: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def __post_init__(self) -> None:
        self._dirty.set()  # there is this session, and its token

    def changed(self) -> None:
        """The session is not what was written. Costs next to nothing; called on the event loop."""
        self._dirty.set()

    async def run(self) -> None:
        """Write what changes, until cancelled; what was not written by then is left to `flush`."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.seconds / 2):
                    await self._dirty.wait()
                    await asyncio.sleep(GATHER)
            self._dirty.set()  # if only to be kept for longer
            await self.flush()

    async def flush(self) -> None:
        """Returns once all changes until now are written."""
        async with self._writing:
            if not self._dirty.is_set():
                return
            self._dirty.clear()
            try:
                await self.store.put(self.token, self.snapshot(), self.seconds)
            except BaseException:
                self._dirty.set()
                raise
