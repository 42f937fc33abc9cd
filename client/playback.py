"""What is waiting to be heard from the speakers, and how much of it was."""

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from client.sound import RATE, Pcm

LONGEST = 600 * RATE
"""Samples that may wait, ten minutes: more than a reply of 4096 tokens takes to say. What exceeds it is not played."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An item of the conversation that was not heard to its end."""

    item: str
    heard_ms: int


class Playback:
    """The speakers' queue: filled by the event loop as fast as the server sends, emptied by the sound card's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Pcm]] = deque()
        self._samples = 0
        self._item = ""
        self._played = 0

    @property
    def busy(self) -> bool:
        """Something is still waiting to be heard."""
        return bool(self._waiting)

    def add(self, item: str, pcm: Pcm) -> None:
        """The next samples of this item of the conversation."""
        with self._lock:
            pcm = pcm[: LONGEST - self._samples]
            if len(pcm):
                self._waiting.append((item, pcm))
                self._samples += len(pcm)

    def take(self, samples: int) -> Pcm:
        """Exactly so many samples for the sound card, with silence where there is nothing to say."""
        out = np.zeros(samples, np.int16)
        filled = 0
        with self._lock:
            while self._waiting and filled < samples:
                item, pcm = self._waiting.popleft()
                piece = pcm[: samples - filled]
                out[filled : filled + len(piece)] = piece
                filled += len(piece)
                if len(piece) < len(pcm):
                    self._waiting.appendleft((item, pcm[len(piece) :]))
                self._played = len(piece) + (self._played if item == self._item else 0)
                self._item = item
            self._samples -= filled
        return out

    def silence(self, latency: float = 0.0) -> list[Cut]:
        """Drop all that waits, and say which items were cut short and where.

        `latency` is how many seconds pass between `take` and the ear: that much of what was taken is not heard yet.
        """
        with self._lock:
            items = list(dict.fromkeys(item for item, _ in self._waiting))
            self._waiting.clear()
            self._samples = 0
        heard = max(0, self._played - round(latency * RATE)) * 1000 // RATE
        return [Cut(item, heard if item == self._item else 0) for item in items]
