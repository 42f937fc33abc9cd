"""Whisper on this machine, through faster-whisper: on a GPU where there is one, else quick at least on short turns."""

import asyncio
import importlib
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.download import SIZES, FetchError, fetch, find
from pipeline.asr.invention import invented
from pipeline.asr.redecoding import Heard, Redecoding
from pipeline.asr.workers import Urgency, Workers, outcome
from pipeline.audio import HEARING_RATE, Pcm, float_from_pcm
from pipeline.engines import Listening
from pipeline.errors import EngineError

log = logging.getLogger(__name__)

MARGIN = 100
"""Frames of 10 ms, without sound, that a trimmed encoder still sees after the speech."""

CERTAIN = 0.7
"""Probability from which a language that was found out is kept for the rest of the conversation ..."""

CERTAIN_AFTER = 2 * HEARING_RATE
"""... if it was found in at least so many samples: one word is often taken for another language's."""

TOKENS_A_SECOND = 15
"""Nobody speaks faster; more is a loop, and each token costs time."""

MOST_TOKENS = 220
"""Half of Whisper's text context of 448, of which the prompt takes some."""

_PREFERRED = {"cuda": ("float16", "int8_float16", "float32"), "cpu": ("int8", "float32")}
"""How to compute on a device, best first."""


class _Segment(Protocol):
    text: str
    no_speech_prob: float
    avg_logprob: float


class _Whisper(Protocol):
    """What we use of `faster_whisper.WhisperModel`, which comes without types."""

    def transcribe(self, audio: NDArray[np.float32], **options: Any) -> tuple[Iterable[_Segment], object]: ...
    def detect_language(self, audio: NDArray[np.float32]) -> tuple[str, float, object]: ...
    @property
    def supported_languages(self) -> Sequence[str]: ...


@dataclass(eq=False)
class FasterWhisper:
    """One model for all sessions. While somebody speaks it decodes, over and over, all that was said so far."""

    model: str = "small"
    """A size in `models.download.SIZES`, or a folder with weights in CTranslate2's format."""
    device: str = ""
    """"cuda" or "cpu"; empty for the first of these that works."""
    compute_type: str = ""
    """One of CTranslate2's; empty for float16 on a GPU and int8 on a CPU."""
    threads: int = 2
    """Decodes at the same time."""
    cpu_threads: int = 0
    """Cores for each of them; 0 shares out all there are. On short turns a second core gains nothing."""
    trim_encoder: bool | None = None
    """Whether the encoder is spared the silence that Whisper pads everything to 30 s with.

    Ten times faster on short turns. Whisper was trained on whole windows and may lose some words, so it is done by
    default (None) only on a CPU, where a reply would come too late otherwise.
    """
    download: bool = False
    """Whether to fetch missing weights, which takes minutes."""
    _loaded: "_Loaded | None" = field(default=None, init=False)
    _workers: Workers | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """Library and size, and once it is started how it computes."""
        loaded = self._loaded
        return f"faster-whisper {Path(self.model).name}" + (f" ({loaded.how})" if loaded else "")

    async def start(self) -> None:
        """Loads the model and decodes a second of silence with it. Raises `EngineError`."""
        if self._workers:
            return
        workers = Workers(self.threads, "faster-whisper")
        try:
            self._loaded = await outcome(workers.submit(Urgency.FINAL, self._load))
        except BaseException:
            workers.close(wait=False)  # a model takes seconds to load, a download minutes
            raise
        self._workers = workers

    async def aclose(self) -> None:
        """Waits for the decodes that run, which cannot be stopped: a second or so."""
        workers, self._workers, self._loaded = self._workers, None, None
        if workers:
            await asyncio.to_thread(workers.close)

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> Listening:
        """Begins an utterance. A language once certain is on its `Transcript`, and `likely` for the next one."""
        if not self._loaded or not self._workers:
            raise EngineError("faster-whisper was not started")
        return Redecoding(partial(self._loaded.decode, likely=likely), self._workers, language, on_partial)

    def _load(self) -> "_Loaded":
        weights = self._weights()
        devices = [self.device] if self.device else _devices()
        for device in devices[:-1]:
            try:
                return self._load_on(device, weights)
            except EngineError as error:
                log.warning("%s; trying the next device", error)
        return self._load_on(devices[-1], weights)

    def _load_on(self, device: str, weights: Path) -> "_Loaded":
        trim = device == "cpu" if self.trim_encoder is None else self.trim_encoder
        compute_type = self.compute_type
        try:
            compute_type = compute_type or _best_compute_type(device)
            model = _model_class(trim)(
                str(weights),
                device=device,
                compute_type=compute_type,
                num_workers=self.threads,
                cpu_threads=self.cpu_threads or max(1, (os.cpu_count() or 1) // self.threads),
            )
            loaded = _Loaded(model, f"{compute_type}, {device.upper()}")
            loaded.decode(np.zeros(HEARING_RATE, np.int16), "en")
        except (RuntimeError, ValueError, EngineError) as error:
            how = f"{device} as {compute_type}" if compute_type else device
            raise EngineError(f"Whisper in {weights} does not run on {how}: {error}") from error
        return loaded

    def _weights(self) -> Path:
        if Path(self.model).is_dir():
            return Path(self.model)
        if self.model not in SIZES:
            raise EngineError(f"no Whisper {self.model!r}: neither a folder nor one of {', '.join(SIZES)}")
        if folder := find(self.model):
            return folder
        if not self.download:
            raise EngineError(f"no weights for Whisper {self.model}; run: antiphon models fetch {self.model}")
        try:
            return fetch(self.model)
        except FetchError as error:
            raise EngineError(f"no weights for Whisper {self.model}: {error}") from error


class _Loaded:
    """A model in memory. May be called from several threads at a time."""

    def __init__(self, model: _Whisper, how: str) -> None:
        self._model = model
        self.how = how
        """Compute type and device, for people."""
        self.languages = model.supported_languages

    def decode(self, pcm: Pcm, language: str, likely: str = "") -> Heard:
        """The text of up to 28 s; of that language if the model knows it, else of one it finds out."""
        audio = float_from_pcm(pcm)
        certain = ""
        try:
            if language not in self.languages:
                language, certain = self._find_language(audio, likely)
            segments, _ = self._model.transcribe(
                audio,
                language=language,
                beam_size=1,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=True,
                # The model's own limits lead to further decodes; what is doubtful is dropped below instead.
                compression_ratio_threshold=None,
                log_prob_threshold=None,
                no_speech_threshold=None,
                max_new_tokens=2 * min(MOST_TOKENS, 20 + TOKENS_A_SECOND * len(pcm) // HEARING_RATE),  # it is halved
            )
            heard = list(segments)  # the decoding happens here
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"faster-whisper ({self.how}) failed: {error}") from error
        believed = (one.text for one in heard if not invented(one.text, one.no_speech_prob, one.avg_logprob))
        return Heard("".join(believed).strip(), certain)

    def _find_language(self, audio: NDArray[np.float32], likely: str) -> tuple[str, str]:
        """The language to decode with, and again if it is certain, else ""."""
        if len(self.languages) == 1:
            return self.languages[0], self.languages[0]
        language, probability, _ = self._model.detect_language(audio)
        certain = probability >= CERTAIN and len(audio) >= CERTAIN_AFTER
        if certain:
            return language, language
        return likely if likely in self.languages else language, ""


def _devices() -> Sequence[str]:
    return ["cuda", "cpu"] if _ctranslate2().get_cuda_device_count() else ["cpu"]


def _best_compute_type(device: str) -> str:
    supported = _ctranslate2().get_supported_compute_types(device)
    return next((kind for kind in _PREFERRED.get(device, ()) if kind in supported), "default")


def _ctranslate2() -> Any:  # Any: it comes without types, as faster-whisper does
    return _imported("ctranslate2")


def _imported(library: str) -> Any:
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise EngineError(f"{library} cannot be loaded ({error}); run: pip install faster-whisper") from error


def _model_class(trim: bool) -> Callable[..., _Whisper]:
    whole: Any = _imported("faster_whisper").WhisperModel

    class Trimmed(whole):
        def encode(self, features: NDArray[np.float32]) -> Any:
            return whole.encode(self, _without_padding(features))

    return Trimmed if trim else whole


def _without_padding(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-mel frames, shape (mels, frames), without the zeros at their end but for `MARGIN` frames."""
    sound = np.flatnonzero(features.any(axis=0))
    end = int(sound[-1]) + 1 if len(sound) else 0
    return features[:, : end + MARGIN + (end + MARGIN) % 2]  # an even number: the encoder halves it
