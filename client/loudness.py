"""Is somebody speaking into the microphone? A guess from loudness alone: enough for ducking, not for more."""

from dataclasses import dataclass

import numpy as np

from client.sound import Pcm

SILENT_DB = -90.0
"""dBFS of nothing at all: half a step of 16 bits."""

MARGIN_DB = 12.0
"""How far a voice stands out of the noise in the room."""

SOFTEST_DB = -50.0
"""dBFS; nobody who means us is softer than that in a microphone."""

QUIETEST_DB = -65.0
"""dBFS; no room is quieter, but microphones begin with silence."""

LEFT_OVER_DB = 30.0
"""What echo cancelling leaves of what is played is softer than it by at least so much."""

RISE_DB = 0.1
"""How fast, per piece of 20 ms, the noise is believed to grow: 5 dB a second. It is believed to fall at once."""

FADE_DB = 1.0
"""How fast, per piece, the echo in a room dies: 50 dB a second."""


def decibels(pcm: Pcm) -> float:
    """The loudness of these samples, dBFS."""
    power = float(np.mean(np.square(pcm, dtype=np.float32))) / 32768.0**2 if len(pcm) else 0.0
    return max(SILENT_DB, 10 * float(np.log10(power))) if power else SILENT_DB


@dataclass(slots=True)
class Loudness:
    """Follows one microphone, 20 ms at a time."""

    db: float = SILENT_DB
    """Of the last piece."""
    _noise_db: float = SOFTEST_DB
    _played_db: float = SILENT_DB

    def voiced(self, heard: Pcm, played: Pcm) -> bool:
        """Whether this piece is louder than noise and echo can be. `played` is what went to the speakers meanwhile."""
        self.db = decibels(heard)
        self._played_db = max(decibels(played), self._played_db - FADE_DB)
        self._noise_db = max(QUIETEST_DB, min(self.db, self._noise_db + RISE_DB))
        return self.db > max(SOFTEST_DB, self._noise_db + MARGIN_DB, self._played_db - LEFT_OVER_DB)
