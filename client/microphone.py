"""A microphone that hears a recording: sent in real time, piece by piece, then quiet for as long as needed."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from client.realtime import Talk
from client.sound import RATE, Pcm
from client.tasks import alongside

PIECE = 0.02
"""Seconds of sound in one event, as a browser's or a telephone's microphone delivers them."""


@dataclass(slots=True)
class FileMicrophone:
    """Plays `pcm` to a server as somebody would speak it: a piece is sent when its last sample has sounded."""

    pcm: Pcm
    _sent: list[float] = field(default_factory=list[float])

    @property
    def seconds(self) -> float:
        """The length of the recording."""
        return len(self.pcm) / RATE

    def spoken_at(self, seconds: float) -> float | None:
        """When, on the loop's clock, the sample at `seconds` was spoken; None while that lies ahead, or past the end.

        A piece sent late is late speech: the time is counted back from the sending of the piece that holds the sample.
        """
        piece = max(0, int(np.ceil(seconds / PIECE - 1e-9)) - 1)
        return self._sent[piece] - ((piece + 1) * PIECE - seconds) if piece < len(self._sent) else None

    @asynccontextmanager
    async def listening(self, talk: Talk) -> AsyncGenerator[None]:
        """Stream to `talk` for as long as the block lasts. Raises `ClientError` into it when the connection breaks."""
        async with alongside(self._stream(talk)):
            yield

    async def _stream(self, talk: Talk) -> None:
        loop = asyncio.get_running_loop()
        samples = round(PIECE * RATE)
        quiet = np.zeros(samples, np.int16)
        begun = loop.time()
        for number in itertools.count(1):
            piece = self.pcm[(number - 1) * samples : number * samples]
            await asyncio.sleep(begun + number * PIECE - loop.time())
            if len(piece):
                self._sent.append(loop.time())
            await talk.hear(np.concatenate([piece, quiet[len(piece) :]]))
