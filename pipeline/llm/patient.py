"""A model for work that nobody waits for: when it fails, it is asked again after a while, and later each time."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from pipeline.engines import Llm, Piece, Prompt
from pipeline.errors import EngineError, LimitedError, RefusedError

TRIES = 4

FIRST_WAIT = 0.5
"""Seconds before the second try, doubled before each further one; each is then up to half longer or shorter, so that
those that failed together do not come back together."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patient:
    """Never for a turn: whoever waits for its words would wait for all of this."""

    llm: Llm
    jitter: Callable[[], float] = random.random
    """0..1."""

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """See `Llm`. What has begun is not begun again, and what was refused is not asked again."""
        for tried in range(1, TRIES + 1):
            begun = False
            try:
                async with aclosing(self.llm.reply(prompt)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except EngineError as error:
                if begun or tried == TRIES or isinstance(error, RefusedError):
                    raise
                wait = self._wait(tried, error)
                _log.info("%s; tried again in %.1f s", error, wait)
            await asyncio.sleep(wait)

    def _wait(self, tried: int, error: EngineError) -> float:
        wait = FIRST_WAIT * 2 ** (tried - 1) * (0.5 + self.jitter())
        told = error.retry_after if isinstance(error, LimitedError) else None
        return wait if told is None else told + wait  # later than told: others were told the same
