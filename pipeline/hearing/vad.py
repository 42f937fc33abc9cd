"""Two detectors in a row: webrtcvad costs next to nothing and keeps Silero asleep while nobody makes a sound.

Silero lets go of speech two or three chunks late; a chunk far softer than the speaker has been is quiet already. And
while somebody speaks at their usual level, they go on speaking. Chunks of which so much is plain are kept for Silero
until its judgement is needed: it hears several at once for little more than the price of one.
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
"""Chunks (about a second) without a sound that webrtcvad takes for speech, after which Silero goes to sleep."""

FADED = 10 ** (-30 / 20)
"""A chunk this much softer (30 dB) than the speaker's level is a decay or an echo, whatever it sounds like."""

SURE = 0.8
"""Who was this probably speaking a moment ago ..."""

PLAIN = 10 ** (-10 / 20)
"""... and is not 10 dB softer now, is speaking still: the quiet before another word is softer than that."""

AT_ONCE = 4
"""Chunks that Silero is shown at a time, at most, while it is plain that somebody speaks."""

MOST_KEPT = 8
"""Chunks of quiet that are kept for it."""

RISE, FALL = 0.25, 0.01
"""How fast the speaker's level follows louder and softer voiced chunks: 0.1 s up, 3 s down."""

RECALL = 6
"""Chunks Silero is shown again when it wakes, so that its state knows what came before the first sound."""


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
        self._quiet = DOZE
        self._kept: list[Pcm] = []
        """What Silero has not heard yet: while it sleeps, only the last of it."""
        self._level = 0.0
        self._probability = 0.0

    def hear(self, chunk: Pcm) -> float:
        """The probability of speech in these 512 samples; 0.0 while Silero sleeps."""
        asleep = self._quiet >= DOZE
        if self._gate(chunk[-GATE_FRAME:].tobytes(), HEARING_RATE):
            self._quiet = 0
        else:
            self._quiet += 1
        if asleep and self._quiet:
            self._kept = [*self._kept[1 - RECALL :], chunk]
            return 0.0
        if asleep:
            self._silero.forget()
            self._probability = 0.0
        return self._judge(chunk, _loudness(chunk))

    def _judge(self, chunk: Pcm, loudness: float) -> float:
        self._kept.append(chunk)
        faded = loudness < self._level * FADED
        plain = self._probability >= SURE and loudness >= self._level * PLAIN
        if faded and len(self._kept) < MOST_KEPT:
            return 0.0
        if not (plain and len(self._kept) < AT_ONCE):
            self._probability = self._silero.hear(np.concatenate(self._kept))
            self._kept.clear()
        if self._probability >= 0.5:
            fall = FALL * MOST_KEPT if faded else FALL
            self._level += (loudness - self._level) * (RISE if loudness > self._level else fall)
        return 0.0 if faded else self._probability


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
