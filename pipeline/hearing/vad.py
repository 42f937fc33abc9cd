"""Two detectors in a row: webrtcvad costs next to nothing and keeps Silero asleep while nobody makes a sound.

Silero lets go of speech two or three chunks late; a chunk far softer than the speaker has been is quiet already.
"""

import logging
from collections import deque
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
        self._recent: deque[Pcm] = deque(maxlen=RECALL)
        self._level = 0.0

    def hear(self, chunk: Pcm) -> float:
        """The probability of speech in these 512 samples; 0.0 while Silero sleeps."""
        asleep = self._quiet >= DOZE
        if self._gate(chunk[-GATE_FRAME:].tobytes(), HEARING_RATE):
            self._quiet = 0
        else:
            self._quiet += 1
        if asleep and self._quiet:
            self._recent.append(chunk)
            return 0.0
        if asleep:
            self._silero.forget()
            for earlier in self._recent:
                self._silero.hear(earlier)
            self._recent.clear()
        return self._unless_faded(chunk, self._silero.hear(chunk))

    def _unless_faded(self, chunk: Pcm, probability: float) -> float:
        if probability < 0.5 and not self._level:
            return probability
        loudness = float(np.sqrt(np.mean(np.square(chunk, dtype=np.float32))))
        faded = loudness < self._level * FADED
        if probability >= 0.5:
            self._level += (loudness - self._level) * (RISE if loudness > self._level else FALL)
        return 0.0 if faded else probability


class _GateVad:
    """webrtcvad at its strictest."""

    def __init__(self) -> None:
        self._gate = _gate(3)

    def hear(self, chunk: Pcm) -> float:
        """1.0 for speech, 0.0 for the rest."""
        return float(self._gate(chunk[-GATE_FRAME:].tobytes(), HEARING_RATE))


def _gate(mode: int) -> Callable[[bytes, int], bool]:
    return webrtcvad.Vad(mode).is_speech  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  untyped
