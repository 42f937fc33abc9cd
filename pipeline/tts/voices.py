"""A voice that speaks as long as any engine works: when one fails the next takes over, in mid-clause if need be."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import zip_longest

from pipeline.audio import Pcm
from pipeline.engines import Tts, Voice
from pipeline.errors import EngineError, SpeechCutError
from pipeline.lineup import Resting
from pipeline.tts.unsaid import speakable

_log = logging.getLogger(__name__)


def _unheeded(_name: str) -> None:
    pass


@dataclass
class FallbackTts:
    """Several engines as one. An engine that failed rests, so that not every clause waits for it in vain.

    Starting and closing the engines is left to whoever made them.
    """

    ready: Callable[[], Sequence[Tts]]
    """The engines that are started, best first; asked anew for each clause."""
    first_audio: float = 1.5
    """Seconds an engine has for its first sound while another one could take over."""
    last_hope: float = 10.0
    """Seconds the last one has: late is better than never."""
    on_use: Callable[[str], None] = _unheeded
    """Told the name of the engine that speaks, with its first sound in each clause."""
    resting: Resting = field(default_factory=Resting)

    @property
    def name(self) -> str:
        """All that might speak, best first."""
        return ", else ".join(engine.name for engine in self.ready()) or "no voice"

    async def start(self) -> None:
        """The engines are started already."""

    async def aclose(self) -> None:
        """The engines are closed elsewhere."""

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        """See `Tts`. Text without a letter or digit is no failure, but silence."""
        failures: list[str] = []
        broke_off = False
        for engine, successor in self._line():
            if not speakable(text):
                return
            try:
                async with aclosing(self._spoken(engine, text, voice, last=not successor)) as sound:
                    async for pcm in sound:
                        yield pcm
                self.resting.worked(engine.name)
                return
            except SpeechCutError as error:
                failure, text, broke_off = error, error.rest, True
            except EngineError as error:
                failure = error
            failures.append(str(failure))
            self._rest(engine, failure, successor)
        if speakable(text):
            message = f"no voice is left: {'; '.join(failures) or 'none is ready'}"
            raise SpeechCutError(message, text) if broke_off else EngineError(message)

    def _line(self) -> Iterable[tuple[Tts, Tts | None]]:
        """Each engine with the one behind it; those that rest come last, which is better than silence."""
        now = asyncio.get_running_loop().time()
        engines = sorted(self.ready(), key=lambda engine: self.resting.resting(engine.name, now))
        return zip_longest(engines, engines[1:])

    async def _spoken(self, engine: Tts, text: str, voice: Voice, *, last: bool) -> AsyncGenerator[Pcm]:
        patience = self.last_hope if last else self.first_audio
        async with _closing(engine.speak(text, voice)) as sound:
            try:
                async with asyncio.timeout(patience):
                    first = await anext(sound, None)
            except TimeoutError as error:
                raise EngineError(f"{engine.name} did not speak: no sound within {patience:g} s") from error
            if first is None:
                raise EngineError(f"{engine.name} did not speak: it ended without a sound")
            self.on_use(engine.name)
            yield first
            async for pcm in sound:
                yield pcm

    def _rest(self, engine: Tts, failure: EngineError, successor: Tts | None) -> None:
        seconds = self.resting.failed(engine.name, asyncio.get_running_loop().time())
        then = f"{successor.name} takes over" if successor else "nobody takes over"
        _log.warning("%s; it rests for %.0f s, %s", failure, seconds, then)


@asynccontextmanager
async def _closing(sound: AsyncIterator[Pcm]) -> AsyncGenerator[AsyncIterator[Pcm]]:
    try:
        yield sound
    finally:
        if isinstance(sound, AsyncGenerator):
            await sound.aclose()
