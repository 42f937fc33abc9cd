"""Whether the listener can be reached. While they cannot, their time stands still."""

import asyncio
from dataclasses import dataclass, field


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True)
class Presence:
    """One listener's."""

    _here: asyncio.Event = field(default_factory=_set)
    _since: float = 0.0

    @property
    def here(self) -> bool:
        """Whether they can be reached."""
        return self._here.is_set()

    def now(self) -> float:
        """What time it is for them: the loop's, or that at which they were lost."""
        return asyncio.get_running_loop().time() if self.here else self._since

    def leave(self) -> None:
        """They are lost."""
        self._since = self.now()
        self._here.clear()

    def come_back(self) -> tuple[float, float]:
        """They are back: when they were lost by the loop's time, and for how many seconds."""
        self._here.set()
        return self._since, self.now() - self._since

    async def wait(self) -> None:
        """Until they can be reached."""
        await self._here.wait()
