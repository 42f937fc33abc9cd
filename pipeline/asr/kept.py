"""What is kept of an utterance for whoever has to hear it later: all of it, but of an endless one only the end."""

import threading
from collections import deque

import numpy as np

from pipeline.audio import HEARING_RATE, SILENT, Pcm

MOST = 600 * HEARING_RATE
"""Samples: ten minutes, 19 MB. What was said last is what wants an answer."""


class Kept:
    """The pieces as they came in; of more than `MOST` samples the oldest are forgotten. For any number of threads."""

    def __init__(self) -> None:
        self.samples = 0
        self._pieces = deque[Pcm]()
        self._lock = threading.Lock()

    def add(self, pcm: Pcm) -> None:
        """The next samples."""
        with self._lock:
            self._pieces.append(pcm)
            self.samples += len(pcm)
            while (over := self.samples - MOST) > 0:
                oldest = self._pieces.popleft()
                self.samples -= min(over, len(oldest))
                if len(oldest) > over:
                    self._pieces.appendleft(oldest[over:])

    def pop(self) -> Pcm:
        """The oldest piece, which is kept no longer. Raises `IndexError` when there is none."""
        with self._lock:
            pcm = self._pieces.popleft()
            self.samples -= len(pcm)
            return pcm

    def pieces(self) -> list[Pcm]:
        """All of them in their order."""
        with self._lock:
            return list(self._pieces)

    def pcm(self) -> Pcm:
        """All of it in one."""
        return np.concatenate([SILENT, *self.pieces()])

    def clear(self) -> None:
        """Nothing is kept any more."""
        with self._lock:
            self._pieces.clear()
            self.samples = 0
