"""A recogniser that answers as long as any engine works: it keeps the utterance for the next one to hear it all."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.asr.kept import Kept
from pipeline.audio import Pcm
from pipeline.engines import AsrEngine, Listening, Transcript
from pipeline.errors import EngineError
from pipeline.lineup import Resting


@dataclass(eq=False)
class FallbackAsr:
    """Several engines as one. An engine that failed rests, so that not every turn waits for it in vain.

    Starting and closing the engines is left to whoever made them.
    """

    ready: Callable[[], Sequence[AsrEngine]]
    """The engines that are started, best first; asked anew for each utterance, and when one fails."""
    patience: float = 4.0
    """Seconds an engine has to settle while another one could take over."""
    last_hope: float = 20.0
    """Seconds the last one has: late is better than never."""
    resting: Resting = field(default_factory=Resting)

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> Listening:
        """Begins an utterance, which fails when settled if there is no engine."""
        return _Utterance(self, language, on_partial, likely)

    def line(self, tried: Sequence[str]) -> Sequence[AsrEngine]:
        """The engines that were not tried yet, best first."""
        left = [engine for engine in self.ready() if engine.name not in tried]
        return self.resting.line(left, asyncio.get_running_loop().time())


class _Utterance:
    """A `Listening` that passes everything on to one engine's, until that fails."""

    def __init__(self, asr: FallbackAsr, language: str, on_partial: Callable[[str], None], likely: str) -> None:
        self._asr, self._language, self._on_partial, self._likely = asr, language, on_partial, likely
        self._kept = Kept()
        self._closed = False
        self._failures: dict[str, str] = {}
        """Why each engine that was tried is not listening any more, by its name."""
        self._engine: AsrEngine | None = None
        self._listening: Listening | None = None
        self._next()

    def feed(self, pcm: Pcm) -> None:
        if self._closed:
            return
        self._kept.add(pcm)
        if self._listening:
            self._listening.feed(pcm)

    def prepare(self) -> None:
        if self._listening:
            self._listening.prepare()

    async def settle(self) -> Transcript:
        if self._closed:
            raise EngineError("asked for the text of an utterance that is closed")
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
                self._replace(listening, EngineError(f"{engine.name} had no transcript within {limit:g} s"))
            except EngineError as error:
                self._replace(listening, error)
            else:
                self._asr.resting.worked(engine.name)
                return replace(transcript, by=engine.name)
        raise EngineError(f"no recogniser is left: {'; '.join(self._failures.values()) or 'none is ready'}")

    def close(self) -> None:
        self._closed = True
        self._kept.clear()
        if self._listening:
            self._listening.close()

    def _replace(self, failed: Listening, failure: EngineError) -> None:
        """Puts the next engine in the failed one's place, and has it hear everything."""
        if self._closed:
            raise failure
        if self._engine and failed is self._listening:  # else somebody who settled at the same time has done so
            failed.close()
            self._failed(self._engine, failure)
            self._next()

    def _next(self) -> None:
        self._engine = self._listening = None
        for engine in self._asr.line(list(self._failures)):
            try:
                listening = engine.listen(self._language, self._on_partial, self._likely)
            except EngineError as error:
                self._failed(engine, error)
                continue
            self._engine, self._listening = engine, listening
            if self._kept.samples:
                listening.feed(self._kept.pcm())
                listening.prepare()
            return

    def _failed(self, engine: AsrEngine, failure: EngineError) -> None:
        self._failures[engine.name] = str(failure)
        successor = next(iter(self._asr.line(list(self._failures))), None)
        self._asr.resting.blame(engine, failure, asyncio.get_running_loop().time(), successor)
