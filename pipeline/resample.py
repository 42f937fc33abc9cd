"""Streaming sample-rate conversion with a millisecond of delay.

A general-purpose resampler holds back some 20 ms of a live stream to reach a quality that neither VAD nor ASR can use;
here every millisecond counts against the turn. A windowed-sinc polyphase filter of 32 input samples does for speech.
"""

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import Pcm

REACH = 16
"""Input samples on either side of an output sample; the delay is this many samples (0.7 ms at 24 kHz)."""

CUTOFF = 0.92
"""Of the lower Nyquist frequency: where the transition band begins."""

BOUNDS = np.array(-32768, np.float32), np.array(32767, np.float32)
"""Of a sample. Arrays: to make some of two numbers takes as long as to hold a whole piece against them."""

TOGETHER = 16
"""Output samples of one product, at least: a narrow matrix takes several times as long as its numbers would need."""


@cache
def _taps(up: int, down: int) -> NDArray[np.float32]:
    """The filter of one period, `down` samples in and `up` samples out: a column for each output, shape (span, up)."""
    cutoff = CUTOFF * min(1.0, up / down)
    taps = np.zeros((2 * REACH + (up - 1) * down // up, up))
    for output in range(up):
        first, phase = divmod(output * down, up)
        distance = np.arange(2 * REACH) - (REACH - 1) - phase / up
        column = np.sinc(cutoff * distance) * np.kaiser(2 * REACH + 1, 6.0)[:-1]
        taps[first : first + 2 * REACH, output] = column / column.sum()
    return taps.astype(np.float32)


class Resampler:
    """Converts one mono stream, piece by piece; the pieces join without a seam.

    A piece that is a whole number of periods (3 samples from 24 to 16 kHz) comes out as long as it went in.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        common = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._periods = -(-TOGETHER // self._up)
        """Of one product."""
        self._taps = _taps(self._periods * self._up, self._periods * self._down)
        self._room = np.zeros((self._periods - 1) * self._down, np.float32)
        """Behind the last period, so that there is a whole product of it."""
        self._kept = np.zeros(len(self._taps) - len(self._room) - self._down, np.float32)

    def feed(self, pcm: Pcm) -> Pcm:
        """The next input samples in, those output samples out that they complete (possibly none)."""
        if self._up == self._down:
            return pcm
        samples = np.concatenate((self._kept, pcm, self._room), dtype=np.float32)
        periods = max(0, (len(samples) - len(self._taps)) // self._down + 1)
        self._kept = samples[periods * self._down : len(samples) - len(self._room)]
        shape, step = (-(-periods // self._periods), len(self._taps)), samples.itemsize
        spans = np.ndarray(shape, np.float32, samples, 0, (self._periods * self._down * step, step))  # a view of each
        out = spans.dot(self._taps).ravel()[: periods * self._up]
        return np.rint(out, out).clip(*BOUNDS, out=out).astype(np.int16)
