"""How loud an utterance is from moment to moment: is there anything new to hear, and where is it best cut in two?"""

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import HEARING_RATE, SILENT, Pcm

FRAME = HEARING_RATE // 50
"""Samples; 20 ms."""

ABOVE_FLOOR = 2.5
"""A frame this many times (8 dB) above the background is no background."""

FAINT, LOUD = 0.01, 0.05
"""Shares of the loudest frame: below -40 dB of it nothing is speech, above -26 dB anything may be."""


class Loudness:
    """Root mean square of each 20 ms, kept up as samples come in; some 10 us for each 20 ms."""

    def __init__(self) -> None:
        self._levels: list[float] = []
        self._rest: Pcm = SILENT
        """The beginning of a frame that is not complete."""

    def hear(self, pcm: Pcm) -> None:
        """The next samples, any number of them."""
        whole = np.concatenate((self._rest, pcm))
        count = len(whole) // FRAME
        frames = whole[: count * FRAME].reshape(count, FRAME).astype(np.float32)
        self._levels += np.sqrt(np.mean(frames**2, axis=1)).tolist()
        self._rest = whole[count * FRAME :]

    def quiet_since(self, sample: int) -> bool:
        """Whether all from that sample on is background.

        The background is what the quietest tenth of the utterance is like: the pause that makes one ask is part of it,
        and so is the moment before the speaker began.
        """
        levels = np.array(self._levels)
        tail = levels[sample // FRAME :]
        if not len(tail):
            return True
        loudest = float(levels.max())
        background = float(np.percentile(levels, 10)) * ABOVE_FLOOR
        limit = min(max(background, FAINT * loudest), LOUD * loudest)
        return bool((tail <= limit).all())

    def quietest(self, start: int, end: int) -> int:
        """The sample in the middle of the quietest 200 ms between these two samples, which lie further apart."""
        levels: NDArray[np.float64] = np.array(self._levels[start // FRAME : end // FRAME])
        energy = np.convolve(levels**2, np.ones(10), "valid")
        return (start // FRAME + int(energy.argmin()) + 5) * FRAME
