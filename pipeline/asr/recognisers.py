"""A recogniser that answers as long as any engine works: it keeps the utterance for the next one to hear it all."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Asr, Listening, Transcript
from pipeline.errors import EngineError
from pipeline.lineup import Resting

log = logging.getLogger(__name__)

KEPT = 600 * HEARING_RATE
"""Samples of an utterance that are kept for a substitute: ten minutes, 19 MB. Of a longer one the oldest are forgotten:
an engine that takes over then answers without the beginning, since what was said last is what wants an answer."""


@dataclass(eq=False)
class FallbackAsr:
    """Several engines as one. An engine that failed rests, so that not every turn waits for it in vain.

    Starting and closing the engines is left to whoever made them.
    """

    ready: Callable[[], Sequence[Asr]]
    """The engines that are started, best first; asked anew for each utterance, and when one fails."""
    patience: float = 4.0
    """Seconds an engine has to settle while another one could take over."""
    last_hope: float = 20.0
    """Seconds the last one has: late is better than never."""
    resting: Resting = field(default_factory=Resting)

    @property
    def name(self) -> str:
        """All that might listen, best first."""
        return ", else ".join(engine.name for engine in self.ready()) or "no recogniser"

    async def start(self) -> None:
        """The engines are started already."""

    async def aclose(self) -> None:
        """The engines are closed elsewhere."""

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> Listening:
        """Begins an utterance, which fails when settled if there is no engine."""
        return _Utterance(self, language, on_partial, likely)

    def line(self, tried: Sequence[str]) -> Sequence[Asr]:
        """The engines that were not tried yet; those that rest come last, which is better than an apology."""
        now = asyncio.get_running_loop().time()
        left = [engine for engine in self.ready() if engine.name not in tried]
        return sorted(left, key=lambda engine: self.resting.resting(engine.name, now))


class _Utterance:
    """A `Listening` that passes everything on to one engine's, until that fails."""

    def __init__(self, asr: FallbackAsr, language: str, on_partial: Callable[[str], None], likely: str) -> None:
        self._asr, self._language, self._on_partial, self._likely = asr, language, on_partial, likely
        self._kept = deque[Pcm]()
        self._samples = 0
        self._failures: dict[str, str] = {}
        """Why each engine that was tried is not listening any more, by its name."""
        self._engine: Asr | None = None
        self._listening: Listening | None = None
        self._next()

    def feed(self, pcm: Pcm) -> None:
        self._kept.append(pcm)
        self._samples += len(pcm)
        while self._samples > KEPT:
            self._samples -= len(self._kept.popleft())
        if self._listening:
            self._listening.feed(pcm)

    def prepare(self) -> None:
        if self._listening:
            self._listening.prepare()

    async def settle(self) -> Transcript:
        if not self._listening:
            self._failures.clear()  # they had a rest, or more engines are ready by now
            self._next()
        while (engine := self._engine) and (listening := self._listening):
            others = self._asr.line([*self._failures, engine.name])
            limit = self._asr.patience if others else self._asr.last_hope
            try:
                async with asyncio.timeout(limit):
                    transcript = await listening.settle()
            except TimeoutError:
                self._replace(listening, f"{engine.name} had no transcript within {limit:g} s")
            except EngineError as error:
                self._replace(listening, str(error))
            else:
                self._asr.resting.worked(engine.name)
                return replace(transcript, by=engine.name)
        raise EngineError(f"no recogniser is left: {'; '.join(self._failures.values()) or 'none is ready'}")

    def close(self) -> None:
        self._kept.clear()
        if self._listening:
            self._listening.close()

    def _replace(self, failed: Listening, reason: str) -> None:
        """Puts the next engine in the failed one's place, and has it hear everything."""
        if self._engine and failed is self._listening:  # else somebody who settled at the same time has done so
            failed.close()
            self._failed(self._engine, reason)
            self._next()

    def _next(self) -> None:
        self._engine = self._listening = None
        for engine in self._asr.line(list(self._failures)):
            try:
                listening = engine.listen(self._language, self._on_partial, self._likely)
            except EngineError as error:
                self._failed(engine, str(error))
                continue
            self._engine, self._listening = engine, listening
            for pcm in self._kept:
                listening.feed(pcm)
            if self._kept:
                listening.prepare()
            return

    def _failed(self, engine: Asr, reason: str) -> None:
        self._failures[engine.name] = reason
        seconds = self._asr.resting.failed(engine.name, asyncio.get_running_loop().time())
        log.warning("%s; %s rests for %.0f s", reason, engine.name, seconds)
