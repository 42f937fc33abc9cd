"""What every networked voice is held to: to sound soon, not to stall, and to say what it left out."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.errors import EngineError, LimitedError, RefusedError, SpeechCutError
from pipeline.tts.silence import Trim


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a voice is waited for, in seconds."""

    first_audio: float
    """From the request to the first audible sample; silence does not count."""
    gap: float
    """Between two signs of life, once it speaks."""


async def guarded(
    sound: AsyncGenerator[Pcm], name: str, patience: Patience, unsaid: Callable[[float], str]
) -> AsyncGenerator[Pcm]:
    """`sound` without the silence around it, closed when it is late.

    `sound` raises `EngineError` when it fails; empty chunks are signs of life. `unsaid` gives the part of the text that
    is left after so many seconds of sound: when nothing is, a failure is no loss and not reported.
    """
    trim = Trim()
    samples = 0
    cause: Exception | None = None
    clock = asyncio.get_running_loop().time
    must_sound = clock() + patience.first_audio
    async with aclosing(sound):
        try:
            while True:
                async with asyncio.timeout_at(clock() + patience.gap if trim.audible else must_sound):
                    pcm = await anext(sound, None)
                if pcm is None:
                    break
                samples += len(pcm)
                if (audible := trim.feed(pcm)).size:
                    yield audible
        except TimeoutError:
            late = patience.gap if trim.audible else patience.first_audio
            cause = EngineError(f"silent for {late:g} s")
        except EngineError as error:
            cause = error
    if (pause := trim.finish()).size:
        yield pause
    if not trim.audible:
        raise _silence(f"{name} did not speak: {cause or 'it sent no sound'}", cause) from cause
    if cause and (rest := unsaid(samples / SPEAKING_RATE)):
        raise SpeechCutError(f"{name} broke off: {cause}", rest) from cause


def _silence(message: str, cause: Exception | None) -> EngineError:
    """What went wrong with a voice that was not heard, of the kind that its cause is of."""
    match cause:
        case RefusedError():
            return RefusedError(message, cause.status)
        case LimitedError():
            return LimitedError(message, cause.retry_after)
        case _:
            return EngineError(message)
