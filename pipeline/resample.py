"""Streaming sample-rate conversion with a millisecond of delay.

A general-purpose resampler holds back some 20 ms of a live stream to reach a quality that neither VAD nor ASR can use;
here every millisecond counts against the turn. A windowed-sinc polyphase filter of 32 input samples does for speech.
"""

from math import gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.audio import Pcm

REACH = 16
"""Input samples on either side of an output sample; the delay is this many samples (0.7 ms at 24 kHz)."""

CUTOFF = 0.92
"""Of the lower Nyquist frequency: where the transition band begins."""


def _phases(up: int, down: int) -> NDArray[np.float32]:
    """One row of taps for each position an output sample can have between two input samples, shape (up, 2 * REACH)."""
    cutoff = CUTOFF * min(1.0, up / down)
    taps = np.arange(2 * REACH) - (REACH - 1)
    rows: list[NDArray[np.float64]] = []
    for phase in range(up):
        distance = taps - phase / up
        row = cutoff * np.sinc(cutoff * distance) * np.kaiser(2 * REACH + 1, 6.0)[:-1]
        rows.append(row / row.sum())
    return np.array(rows, np.float32)


class Resampler:
    """Converts one mono stream, piece by piece; the pieces join without a seam."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        common = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._taps = _phases(self._up, self._down)
        self._kept = np.zeros(REACH, np.float32)
        self._skip = 0  # outputs due, counted in 1/up input samples from the first kept one

    def feed(self, pcm: Pcm) -> Pcm:
        """The next input samples in, those output samples out that they complete (possibly none)."""
        if self._up == self._down:
            return pcm
        samples = np.concatenate((self._kept, pcm))
        windows = len(samples) - 2 * REACH + 1
        count = max(0, -(-(windows * self._up - self._skip) // self._down))
        out = np.empty(count, np.float32)
        if count:
            view = sliding_window_view(samples, 2 * REACH)
            for first in range(min(self._up, count)):
                position = self._skip + first * self._down
                rows = view[position // self._up :: self._down][: -(-(count - first) // self._up)]
                out[first :: self._up] = rows @ self._taps[position % self._up]
        due = self._skip + count * self._down
        drop = min(due // self._up, len(samples))
        self._kept, self._skip = samples[drop:], due - drop * self._up
        return np.clip(np.rint(out), -32768, 32767).astype(np.int16)
