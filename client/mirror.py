"""Finds our own voice in what the microphone hears: how late it comes, and whether there is nobody else's.

Sound cards declare how late they are; when they stumble, it is not true any more, and an echo canceller looks for the
echo where it is not. It is told where it is; and while it learns, what it leaves is not taken for the user.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from client.alignment import LEAD
from client.loudness import decibels
from client.sound import RATE, Pcm

THINNED = 4
"""Of so many samples one is looked at: voices are told by what is below 3 kHz."""

WINDOW = round(0.2 * RATE) // THINNED
"""Samples that are compared; vowels of two people may be alike for half as long."""

LATEST = round(2.4 * RATE) // THINNED
"""Samples by which the echo may come later than what the card was given; 60 to 300 ms are usual."""

ALIKE = 0.8
"""Correlation from which on it is only us: whoever speaks into the echo as loud as it is brings it below that."""

JUMP = round(0.004 * RATE) // THINNED
"""Samples; a canceller follows smaller shifts by itself, and begins anew where it is told of one."""

RELEARN = 125
"""Pieces that are played, 2.5 s, after which a canceller knows where the echo is now."""

AROUND = round(0.3 * RATE) // THINNED
"""Samples by which the echo may be elsewhere than where it was found, while it jumps."""

LOUDER_DB = 5.0
"""By so much nobody's echo grows: then somebody else speaks, whatever was before."""

FADE_DB = 0.2
"""How fast, per piece, it is forgotten how loud we were."""

SOFTEST_DB = -60.0
"""dBFS below which there is nothing to compare."""


@dataclass(slots=True)
class Mirror:
    """Follows one sound card, piece by piece."""

    _played: NDArray[np.float32] = field(default_factory=lambda: np.zeros(WINDOW + LATEST, np.float32))
    _heard: NDArray[np.float32] = field(default_factory=lambda: np.zeros(WINDOW, np.float32))
    _taken: Pcm = field(default_factory=lambda: np.zeros((WINDOW + LATEST) * THINNED, np.int16))
    """The same as `_played`, all of it."""
    _place: int = LATEST
    """Where in what was played that stands what was heard, as it was found last."""
    _told: int | None = None
    """The same, as the canceller was told; None while it was never found."""
    _unsure: int = RELEARN
    _echo_db: float = SOFTEST_DB
    """How loud we are when it is certainly us."""

    def only_us(self, heard: Pcm, taken: Pcm) -> bool:
        """Whether what an echo canceller leaves of this piece is not to be trusted, and was said by nobody but us.

        `heard` is the microphone's, `taken` what the card was given for the speakers meanwhile; all pieces are as long.
        """
        self._played, self._heard = _pushed(self._played, _thin(taken)), _pushed(self._heard, _thin(heard))
        self._taken = np.concatenate([self._taken, taken])[-(WINDOW + LATEST) * THINNED :]
        loud = decibels(heard)
        if not self._playing():
            return False
        self._unsure = max(0, self._unsure - 1)
        if loud > SOFTEST_DB and self._found():
            self._echo_db = max(loud, self._echo_db - FADE_DB)
            return self._unsure > 0
        return self._unsure > 0 and self._told is not None and loud < self._echo_db + LOUDER_DB

    def _playing(self) -> bool:
        """Whether there may be an echo now: anywhere, before it is known where."""
        if self._told is None:
            return bool(self._played.any())
        return bool(self._played[max(0, self._place - AROUND) : self._place + WINDOW + AROUND].any())

    def played(self, samples: int, otherwise: Pcm) -> Pcm:
        """Of what was taken, as many samples as came from the speakers with the last piece, or 40 ms later.

        `otherwise` holds until an echo was found.
        """
        if self._told is None:
            return otherwise
        end = len(self._taken) - max(0, (LATEST - self._told) * THINNED - round(LEAD * RATE))
        return self._taken[end - samples : end]

    def _found(self) -> bool:
        """Whether what was heard is what was played: where it was the last time, or anywhere else."""
        place = self._place if self._fit(self._place) >= ALIKE else self._best()
        if self._fit(place) < ALIKE:
            return False
        self._place = place
        if self._told is None or abs(place - self._told) > JUMP:
            self._unsure, self._told = RELEARN, place
        return True

    def _best(self) -> int:
        """Where it fits best, of all places."""
        size = 1 << (len(self._played) - 1).bit_length()
        spectrum = np.fft.rfft(self._played, size) * np.conj(np.fft.rfft(self._heard, size))
        products = np.abs(np.fft.irfft(spectrum, size)[: LATEST + 1])
        powers = np.concatenate(([0.0], np.cumsum(np.square(self._played, dtype=np.float64))))
        energy = powers[WINDOW:] - powers[:-WINDOW]
        return int(np.argmax(products / np.sqrt(np.maximum(energy, energy.max() / 1000))))  # silence fits nothing

    def _fit(self, place: int) -> float:
        """The correlation with what was played there, 0 to 1."""
        there = self._played[place : place + WINDOW]
        energy = float(np.dot(there, there)) * float(np.dot(self._heard, self._heard))
        return abs(float(np.dot(there, self._heard))) / energy**0.5 if energy > 1.0 else 0.0


def _thin(piece: Pcm) -> NDArray[np.float32]:
    return piece.reshape(-1, THINNED).mean(axis=1, dtype=np.float32)


def _pushed(past: NDArray[np.float32], piece: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same length, with the new samples at its end."""
    return np.concatenate([past[len(piece) :], piece])
