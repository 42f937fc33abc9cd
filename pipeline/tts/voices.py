"""A voice that speaks as long as any engine works: when one fails the next takes over, in mid-clause if need be."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import zip_longest

from pipeline.audio import Pcm
from pipeline.engines import TtsEngine, Voice
from pipeline.errors import EngineError, SpeechCutError
from pipeline.lineup import Resting, unheeded, unpaid
from pipeline.tts.unsaid import has_words


@dataclass
class FallbackTts:
    """Several engines as one. An engine that failed rests, so that not every clause waits for it in vain.

    Starting and closing the engines is left to whoever made them.
    """

    ready: Callable[[], Sequence[TtsEngine]]
    """The engines that are started, best first; asked anew for each clause."""
    first_audio: float = 1.5
    """Seconds an engine has for its first sound while another one could take over."""
    last_hope: float = 10.0
    """Seconds the last one has: late is better than never. When all have just failed, it has `first_audio`, or a reply
    of thirty clauses would be five minutes of silence."""
    on_use: Callable[[str], None] = unheeded
    """Told the name of the engine that speaks, with its first sound in each clause."""
    on_paid: Callable[[str, int], None] = unpaid
    """Told the name of each engine that was asked and how many characters it was sent, once it is done or given up; of
    none that has failed without a sound."""
    resting: Resting = field(default_factory=Resting)

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        """See `Tts`. Text without a letter or digit is no failure, but silence."""
        now = asyncio.get_running_loop().time
        line = self.resting.line(self.ready(), now())
        all_rest = all(self.resting.resting(engine.name, now()) for engine in line)
        last_hope = self.first_audio if all_rest else self.last_hope
        failures: list[str] = []
        broke_off = False
        for engine, successor in zip_longest(line, line[1:]):
            if not has_words(text):
                return
            patience = self.first_audio if successor else last_hope
            try:
                async with aclosing(self._spoken(engine, text, voice, patience)) as sound:
                    async for pcm in sound:
                        yield pcm
                self.resting.worked(engine.name)
                return
            except SpeechCutError as error:
                failure, text, broke_off = error, error.rest, True
            except EngineError as error:
                failure = error
            failures.append(str(failure))
            self.resting.blame(engine, failure, now(), successor)
        if has_words(text):
            message = f"no voice is left: {'; '.join(failures) or 'none is ready'}"
            raise SpeechCutError(message, text) if broke_off else EngineError(message)

    async def _spoken(self, engine: TtsEngine, text: str, voice: Voice, patience: float) -> AsyncGenerator[Pcm]:
        sounded, paid = False, True
        try:
            async with aclosing(engine.speak(text, voice)) as sound:
                first = await self._first(engine, sound, patience)
                sounded = True
                yield first
                async for pcm in sound:
                    yield pcm
        except EngineError:
            paid = sounded
            raise
        finally:
            if paid:
                self.on_paid(engine.name, len(text))

    async def _first(self, engine: TtsEngine, sound: AsyncGenerator[Pcm], patience: float) -> Pcm:
        try:
            async with asyncio.timeout(patience):
                first = await anext(sound, None)
        except TimeoutError as error:
            raise EngineError(f"{engine.name} did not speak: no sound within {patience:g} s") from error
        if first is None:
            raise EngineError(f"{engine.name} did not speak: it ended without a sound")
        self.on_use(engine.name)
        return first
