"""The voice that is always there: espeak-ng from a wheel, robotic but instant, in a hundred languages."""

import asyncio
import ctypes
import re
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from pipeline.audio import SILENT, SPEAKING_RATE, Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError, RefusedError
from pipeline.tts.silence import Trim

LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "en-us", "no": "nb", "pt": "pt-br", "zh": "cmn"})
"""espeak's voice where it is not named like the ISO 639-1 code."""

VARIANTS: Mapping[str, str] = MappingProxyType({
    "alloy": "f2", "ash": "m3", "ballad": "m1", "cedar": "m7", "coral": "f4", "echo": "m2", "fable": "f1",
    "marin": "f3", "nova": "f5", "onyx": "m5", "sage": "f1", "shimmer": "f5", "verse": "m4",
})  # fmt: skip
"""OpenAI's voices, by espeak's speaker variants."""

DEFAULT_VARIANT = "f3"

WORDS_PER_MINUTE = 175
"""espeak's natural rate; it cannot go below 80."""

RATE = 22_050
"""Hz; of all espeak's own voices."""

BUFFER_MS = 100
"""Sound per callback; shorter ones only cost more calls."""

_OWN_NAME = re.compile(r"[a-z]{2,3}(-[a-z0-9-]+)?(\+[A-Za-z0-9]+)?")
_PIECE = re.compile(r".{1,300}(?:[.!?;]\s|[。！？；]|$)|.{1,300}\s|.{1,300}", re.DOTALL)

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_UTF8, _END_PAUSE = 1, 0x1000
_RATE = 1
_OK = 0
_ON_SAMPLES = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

_ONE_AT_A_TIME = threading.Lock()
"""espeak-ng has a single state for the whole process."""


@dataclass
class Espeak:
    """Synthesis runs on a thread of its own, a thousand times as fast as speech."""

    name: str = field(default="espeak-ng", init=False)
    _thread: ThreadPoolExecutor | None = field(default=None, init=False)

    async def start(self) -> None:
        """Loads the library, 10 to 40 ms."""
        self._thread = self._thread or ThreadPoolExecutor(1, "espeak")
        await asyncio.get_running_loop().run_in_executor(self._thread, _load)

    async def aclose(self) -> None:
        """Ends the thread; whoever is speaking gets an `EngineError`, at the latest with his next piece of text."""
        if thread := self._thread:
            self._thread = None
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        """See `Tts`. The voice's name may also be one of espeak's own, such as "en-us+f4"."""
        trim = Trim()
        for piece in pieces(text):
            async with aclosing(self._synthesize(piece, voice)) as sound:
                async for pcm in sound:
                    if (played := trim.feed(pcm)).size:
                        yield played
        if (pause := trim.finish()).size:
            yield pause
        if not trim.audible:
            raise RefusedError(f"espeak-ng has no sound for {text!r} (language {voice.language!r})")

    async def _synthesize(self, piece: str, voice: Voice) -> AsyncGenerator[Pcm]:
        if not self._thread:
            raise EngineError("espeak-ng is closed, or was not started")
        loop = asyncio.get_running_loop()
        chunks = asyncio.Queue[Pcm | None]()  # bounded by the piece: 300 characters, 25 s, 1.2 MB
        abandoned = False

        def hear(pcm: Pcm) -> bool:  # on the thread
            with suppress(RuntimeError):  # the loop is closed: nobody listens
                loop.call_soon_threadsafe(chunks.put_nowait, pcm)
                return not abandoned
            return False

        done = loop.run_in_executor(self._thread, _say, piece, voice, hear)
        done.add_done_callback(lambda _: chunks.put_nowait(None))
        try:
            while (pcm := await chunks.get()) is not None:
                yield pcm
            if done.cancelled():
                raise EngineError("espeak-ng was closed")
            done.result()
        finally:
            abandoned = True
            done.cancel()


def pieces(text: str) -> list[str]:
    """The text in pieces of up to 300 characters that end with a sentence, or else with a word, where that can be.

    Several speakers take turns on the thread piece by piece, and a slow listener holds back the next one.
    """
    return _PIECE.findall(text)


def voice_names(voice: Voice) -> list[str]:
    """What to ask espeak-ng for, best first; the last is always there."""
    language = voice.language.partition("-")[0].lower()
    language = LANGUAGES.get(language, language)
    variant = VARIANTS.get(voice.name, DEFAULT_VARIANT)
    own = [voice.name] if voice.name not in VARIANTS and _OWN_NAME.fullmatch(voice.name) else []
    return [*own, f"{language}+{variant}", f"en-us+{variant}"]


def _load() -> ctypes.CDLL:
    with _ONE_AT_A_TIME:
        return _library()


@cache
def _library() -> ctypes.CDLL:
    try:
        import espeakng_loader  # noqa: PLC0415

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        voices = espeakng_loader.get_data_path()
    except (ImportError, OSError, RuntimeError) as error:
        raise EngineError(f"espeak-ng cannot be loaded ({error}): pip install espeakng-loader") from error
    library.espeak_Synth.argtypes = (
        [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int] + 2 * [ctypes.c_uint] + 2 * [ctypes.c_void_p]
    )
    rate = library.espeak_Initialize(_SYNCHRONOUS, BUFFER_MS, voices.encode(), _DO_NOT_EXIT)
    if rate != RATE:
        raise EngineError(f"espeak-ng does not start with its data in {voices}: espeak_Initialize gave {rate}")
    return library


def _say(text: str, voice: Voice, hear: Callable[[Pcm], bool]) -> None:
    """Synthesizes one piece, in chunks at 24 kHz, until done or `hear` gives False. Blocks for 0.1 ms per syllable."""
    import soxr  # noqa: PLC0415

    resampler = soxr.ResampleStream(RATE, SPEAKING_RATE, 1, dtype="int16")

    @_ON_SAMPLES
    def on_samples(samples: Any, count: int, _events: object) -> int:  # a ctypes pointer, null at the end
        if not samples or count <= 0:
            return 0
        pcm = resampler.resample_chunk(np.ctypeslib.as_array(samples, (count,)))
        return 0 if hear(pcm) else 1

    with _ONE_AT_A_TIME:
        library = _library()
        if not any(library.espeak_SetVoiceByName(name.encode()) == _OK for name in voice_names(voice)):
            raise EngineError(f"espeak-ng has none of the voices {voice_names(voice)}")
        library.espeak_SetParameter(_RATE, min(max(round(WORDS_PER_MINUTE * voice.speed), 80), 450), 0)
        library.espeak_SetSynthCallback(on_samples)
        utf8 = text.encode()
        failure = library.espeak_Synth(utf8, len(utf8) + 1, 0, 1, 0, _UTF8 | _END_PAUSE, None, None)
    if failure:
        raise EngineError(f"espeak-ng failed with code {failure} at {text!r}")
    hear(resampler.resample_chunk(SILENT, last=True))
