"""Two detectors in a row: webrtcvad costs next to nothing and keeps Silero asleep while nobody makes a sound.

Silero lets go of speech two or three chunks late; a chunk far softer than the speaker has been is quiet already. Where
webrtcvad hears nothing in it either, or nothing after a chunk in which Silero heard nobody, it is passed over. While
somebody speaks at their usual level, they go on speaking, and so they do in a single softer chunk. Chunks of which so
much is plain are kept for Silero until its judgement is needed: it hears several at once for little more than the price
of one.
"""

import logging
import math
from collections.abc import Callable

import numpy as np
import webrtcvad  # pyright: ignore[reportMissingTypeStubs]

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Vad
from pipeline.errors import EngineError
from pipeline.hearing.silero import Silero

_log = logging.getLogger(__name__)

CHUNK = 512
"""Samples of one decision: 32 ms at 16 kHz."""

GATE_FRAME = 480
"""webrtcvad takes 10, 20 or 30 ms; of each chunk it is shown the last 30 ms."""

GATE_MODE = 2
"""webrtcvad's aggressiveness 0..3: high enough to let Silero sleep through a fan, low enough for a soft first vowel."""

DOZE = 30
"""Chunks (about a second) without a sound that webrtcvad takes for speech, after which Silero begins anew."""

FADED = 10 ** (-30 / 20)
"""A chunk this much softer (30 dB) than the speaker's level is a decay or an echo, whatever it sounds like."""

SURE = 0.8
"""Of Silero's judgement: below 0.2 it has heard nobody, and who was this probably speaking a moment ago ..."""

PLAIN = 10 ** (-10 / 20)
"""... and is not 10 dB softer now, is speaking still: the quiet before another word is softer than that."""

AT_ONCE = 4
"""Chunks that Silero is shown at a time, at most, while it is plain that somebody speaks."""

SOFT = 2
"""Softer chunks in a row that raise a doubt. One alone does not: Silero takes 39 of 40 for speech."""

RISE, FALL = 0.25, 0.01
"""How fast the speaker's level follows louder and softer voiced chunks: 0.1 s up, 3 s down."""

RECALL = 8
"""Chunks of quiet that Silero is shown with what comes next, so that its state knows what was before the sound."""


def best_vad() -> Vad:
    """The cascade; webrtcvad alone where Silero's model is missing, which hears speech in noise as well."""
    try:
        return CascadedVad()
    except EngineError as error:
        _log.warning("%s; webrtcvad listens alone", error)
        return _GateVad()


class CascadedVad:
    """The default `Vad`: Silero's judgement at a fraction of its cost."""

    def __init__(self) -> None:
        self._gate = _gate(GATE_MODE)
        self._silero = Silero()
        self._quiet = 0
        self._soft = 0
        """Softer chunks in a row, of those that Silero has not heard."""
        self._kept: list[Pcm] = []
        """What Silero has not heard yet; of quiet, only the last of it."""
        self._level = 0.0
        self._probability = 0.0

    def hear(self, chunk: Pcm) -> float:
        """The probability of speech in these 512 samples; 0.0 where Silero need not hear them."""
        if self._quiet == DOZE:
            self._silero.forget()
            self._probability = 0.0
        voiced = self._gate(chunk[-GATE_FRAME:].tobytes(), HEARING_RATE)
        self._quiet = 0 if voiced else self._quiet + 1
        if not voiced and self._probability <= 1 - SURE:
            return self._pass_over(chunk)
        loudness = _loudness(chunk)
        faded = loudness < self._level * FADED
        if not voiced and faded:
            return self._pass_over(chunk)
        self._kept.append(chunk)
        if len(self._kept) >= RECALL if faded else self._doubtful(loudness):
            self._judge(loudness, FALL * RECALL if faded else FALL)
        return 0.0 if faded else self._probability

    def _pass_over(self, chunk: Pcm) -> float:
        """There is nothing in it: Silero is told only of the last of such chunks, when it is asked again."""
        self._kept = [*self._kept[1 - RECALL :], chunk]
        return 0.0

    def _doubtful(self, loudness: float) -> bool:
        """Whether it is not plain, without Silero, that the last chunk is speech."""
        self._soft = 0 if loudness >= self._level * PLAIN else self._soft + 1
        return self._probability < SURE or self._soft >= SOFT or len(self._kept) >= AT_ONCE

    def _judge(self, loudness: float, fall: float) -> None:
        self._probability = self._silero.hear(np.concatenate(self._kept))
        self._kept.clear()
        self._soft = 0
        if self._probability >= 0.5:
            self._level += (loudness - self._level) * (RISE if loudness > self._level else fall)


class _GateVad:
    """webrtcvad at its strictest."""

    def __init__(self) -> None:
        self._gate = _gate(3)

    def hear(self, chunk: Pcm) -> float:
        """1.0 for speech, 0.0 for the rest."""
        return float(self._gate(chunk[-GATE_FRAME:].tobytes(), HEARING_RATE))


def _gate(mode: int) -> Callable[[bytes, int], bool]:
    return webrtcvad.Vad(mode).is_speech  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  untyped


def _loudness(chunk: Pcm) -> float:
    """Root mean square; `dot` is five times as fast as `mean` is."""
    sound = chunk.astype(np.float32)
    return math.sqrt(sound.dot(sound) / len(sound))
