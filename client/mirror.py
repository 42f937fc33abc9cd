"""Notices when our own voice comes back at another time than before, and what the microphone hears is nobody else's.

An echo canceller is good for echoes that come as late as ever. When the sound card stumbles, it needs a while to find
ours again; until then, this keeps what it leaves of it from being taken for the user.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from client.loudness import decibels
from client.sound import RATE, Pcm

THINNED = 3
"""Of so many samples one is looked at: voices are told by what is below 4 kHz."""

WINDOW = round(0.2 * RATE) // THINNED
"""Samples that are compared; vowels of two people may be alike for half as long."""

LATEST = round(0.8 * RATE) // THINNED
"""Samples by which the echo may come later than what the card was given."""

ALIKE = 0.8
"""Correlation from which on it is only us: whoever speaks into the echo as loud as it is brings it below that."""

JUMP = round(0.004 * RATE) // THINNED
"""Samples; a canceller follows smaller shifts by itself."""

RELEARN = 125
"""Pieces of echo, 2.5 s, after which a canceller has found it again."""

HELD = 12
"""Pieces, 0.24 s, for which it still counts as us: in a window in which the delay jumps nothing fits."""

LOUDER_DB = 5.0
"""By so much nobody's echo grows: then somebody else speaks, whatever was before."""

SOFTEST_DB = -60.0
"""dBFS below which there is nothing to compare."""


@dataclass(slots=True)
class Mirror:
    """Follows one sound card, piece by piece."""

    _played: NDArray[np.float32] = field(default_factory=lambda: np.zeros(WINDOW + LATEST, np.float32))
    _heard: NDArray[np.float32] = field(default_factory=lambda: np.zeros(WINDOW, np.float32))
    _place: int = 0
    """Where in what was played that stands what was heard."""
    _unsure: int = RELEARN
    _held: int = 0
    _echo_db: float = 0.0
    """How loud we were when it was certainly us."""

    def only_us(self, heard: Pcm, taken: Pcm) -> bool:
        """Whether what an echo canceller leaves of this piece is not to be trusted, and was said by nobody but us.

        `heard` is the microphone's, `taken` what the card was given for the speakers meanwhile; all pieces are as long.
        """
        self._played, self._heard = _pushed(self._played, taken), _pushed(self._heard, heard)
        self._held = max(0, self._held - 1)
        loud = decibels(heard)
        if loud > SOFTEST_DB and self._played.any() and self._found():
            self._unsure = max(0, self._unsure - 1)
            self._held, self._echo_db = HELD, max(loud, self._echo_db - 1.0) if self._held else loud
        elif loud > self._echo_db + LOUDER_DB:
            self._held = 0
        return self._held > 0 and self._unsure > 0

    def _found(self) -> bool:
        """Whether what was heard is what was played: where it was the last time, or anywhere else."""
        if self._fit(self._place) >= ALIKE:
            return True
        place = self._best()
        if self._fit(place) < ALIKE:
            return False
        if abs(place - self._place) > JUMP:
            self._unsure = RELEARN
        self._place = place
        return True

    def _best(self) -> int:
        """Where it fits best, of all places."""
        size = 1 << (len(self._played) - 1).bit_length()
        spectrum = np.fft.rfft(self._played, size) * np.conj(np.fft.rfft(self._heard, size))
        products = np.abs(np.fft.irfft(spectrum, size)[: LATEST + 1])
        powers = np.concatenate(([0.0], np.cumsum(np.square(self._played, dtype=np.float64))))
        return int(np.argmax(products / np.sqrt(np.maximum(powers[WINDOW:] - powers[:-WINDOW], 1.0))))

    def _fit(self, place: int) -> float:
        """The correlation with what was played there, 0 to 1."""
        there = self._played[place : place + WINDOW]
        energy = float(np.dot(there, there)) * float(np.dot(self._heard, self._heard))
        return abs(float(np.dot(there, self._heard))) / energy**0.5 if energy > 1.0 else 0.0


def _pushed(past: NDArray[np.float32], piece: Pcm) -> NDArray[np.float32]:
    """The same length, with the new samples at its end."""
    thin = piece.reshape(-1, THINNED).mean(axis=1, dtype=np.float32)
    return np.concatenate([past[len(thin) :], thin])
