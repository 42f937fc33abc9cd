"""An engine that speaks, waits and fails exactly as it is told."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.audio import Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError

Step = float | int | EngineError
"""Seconds to wait, samples to sound, or how it fails."""


@dataclass
class Scripted:
    """An engine that does the same thing each time. Its samples all have the value `sign`."""

    name: str
    script: Sequence[Step]
    sign: int = 1
    asked: list[str] = field(default_factory=list[str])
    closed: int = 0

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        self.asked.append(text)
        try:
            for step in self.script:
                if isinstance(step, EngineError):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield np.full(step, self.sign, np.int16)
        finally:
            self.closed += 1
