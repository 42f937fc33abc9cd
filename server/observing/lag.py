"""How late the event loop is: whatever blocks it makes everybody wait, and shows nowhere else."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

INTERVAL = 0.25
"""Seconds between two samples."""

KEPT = 240
"""Samples that the dashboard sums up: the last minute."""


@dataclass(slots=True)
class Lag:
    """Samples of one loop."""

    tell: Callable[[float], None]
    latest: deque[float] = field(default_factory=lambda: deque[float](maxlen=KEPT))
    """Seconds."""

    async def watch(self) -> NoReturn:
        """For as long as it is not cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + INTERVAL
            await asyncio.sleep(INTERVAL)
            late = max(0.0, loop.time() - due)
            self.latest.append(late)
            self.tell(late)
