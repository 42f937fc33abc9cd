"""How loud an utterance is from moment to moment: is there anything new to hear, and where is it best cut in two?"""

from bisect import bisect_left
from collections import deque

import numpy as np

from pipeline.audio import HEARING_RATE, SILENT, Pcm

FRAME = HEARING_RATE // 50
"""Samples; 20 ms."""

ABOVE_FLOOR = 2.5
"""A frame this many times (8 dB) above the background is no background."""

FAINT, LOUD = 0.01, 0.05
"""Shares of the loudest frame: below -40 dB of it nothing is speech, above -26 dB anything may be."""

REMEMBERED = 1500
"""Frames, 30 s: what the background is judged by, and as far back as a place to cut is found."""

AT_ONCE = 256
"""Pieces of sound measured at a time, at most; eight seconds of a microphone's take less than a millisecond."""


class Loudness:
    """Root mean square of each 20 ms, measured when somebody asks: once a pause, instead of thirty times a second."""

    def __init__(self) -> None:
        self._levels = deque[float](maxlen=REMEMBERED)
        self._count = 0
        self._peaks: list[tuple[int, float]] = []
        """The frames that none after them is louder than, with their levels, which therefore only fall."""
        self._unmeasured: list[Pcm] = []
        """What came since, behind the beginning of a frame that was not complete."""

    def hear(self, pcm: Pcm) -> None:
        """The next samples, any number of them."""
        self._unmeasured.append(pcm)
        if len(self._unmeasured) == AT_ONCE:
            self._measure()

    def quiet_since(self, sample: int) -> bool:
        """Whether all from that sample on is background. Once it is measured, it takes 0.1 ms, however long.

        The background is what the quietest tenth of the last half minute is like: the pause that makes one ask is part
        of it, and so, in a short utterance, is the moment before the speaker began.
        """
        self._measure()
        first = bisect_left(self._peaks, (sample // FRAME, 0.0))
        if first == len(self._peaks):
            return True
        loudest = self._peaks[0][1]
        levels = np.fromiter(self._levels, np.float64, len(self._levels))
        tenth = len(levels) // 10
        background = float(np.partition(levels, tenth)[tenth]) * ABOVE_FLOOR
        limit = min(max(background, FAINT * loudest), LOUD * loudest)
        return self._peaks[first][1] <= limit

    def quietest(self, start: int, end: int) -> int:
        """The middle of the quietest 200 ms between these two samples, which lie further apart, in the last 30 s."""
        self._measure()
        forgotten = self._count - len(self._levels)
        levels = np.array(self._levels)[start // FRAME - forgotten : end // FRAME - forgotten]
        energy = np.convolve(levels**2, np.ones(10), "valid")
        return (start // FRAME + int(energy.argmin()) + 5) * FRAME

    def _measure(self) -> None:
        whole = np.concatenate((SILENT, *self._unmeasured))
        count = len(whole) // FRAME
        frames = whole[: count * FRAME].reshape(count, FRAME).astype(np.float32)
        power = np.einsum("ij,ij->i", frames, frames)  # thrice as fast as the mean of squares
        for level in np.sqrt(power / FRAME).tolist():
            while self._peaks and self._peaks[-1][1] <= level:
                self._peaks.pop()
            self._peaks.append((self._count, level))
            self._levels.append(level)
            self._count += 1
        self._unmeasured = [whole[count * FRAME :].copy()]  # a view would keep all of it
