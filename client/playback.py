"""What is waiting to be heard from the speakers, how loud it is played, and how much of it was heard."""

import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from client.sound import RATE, Pcm

LONGEST = 600 * RATE
"""Samples that may wait, ten minutes: more than a reply of 4096 tokens takes to say. What exceeds it is not played."""

DUCKED = 10 ** (-18 / 20)
"""How loud a reply goes on while it is not clear whether the user interrupts: 18 dB softer, still to be followed."""

RAMP = RATE // 50
"""Samples, 20 ms, in which the loudness goes all the way: no click."""

AUDIBLE = 104
"""Full scale is 32767: -50 dBFS, below which nobody hears a voice begin."""


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
        self._sounded: float | None = None
        self._gain = self._wanted_gain = 1.0

    @property
    def busy(self) -> bool:
        """Something is still waiting to be heard."""
        return bool(self._waiting)

    @property
    def seconds(self) -> float:
        """How much is waiting."""
        return self._samples / RATE

    def sounded(self, item: str) -> float | None:
        """When, as `time.monotonic` counts, the first audible sample of the item that plays now was taken."""
        with self._lock:
            return self._sounded if item == self._item else None

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
                self._note(item, piece, filled)
                filled += len(piece)
                if len(piece) < len(pcm):
                    self._waiting.appendleft((item, pcm[len(piece) :]))
            self._samples -= filled
            gain = self._ramp(samples)
        return out if gain is None else (out * gain).astype(np.int16)

    def duck(self) -> None:
        """Go on softly: somebody may be about to interrupt."""
        with self._lock:
            self._wanted_gain = DUCKED

    def restore(self) -> None:
        """Go on as loud as before."""
        with self._lock:
            self._wanted_gain = 1.0

    def silence(self, latency: float = 0.0) -> list[Cut]:
        """Drop all that waits, and say which items were cut short and where.

        `latency` is how many seconds pass between `take` and the ear: that much of what was taken is not heard yet.
        """
        with self._lock:
            items = list(dict.fromkeys(item for item, _ in self._waiting))
            self._waiting.clear()
            self._samples = 0
            self._gain = self._wanted_gain = 1.0
        heard = max(0, self._played - round(latency * RATE)) * 1000 // RATE
        return [Cut(item, heard if item == self._item else 0) for item in items]

    def _note(self, item: str, piece: Pcm, offset: int) -> None:
        """`piece` of `item` was taken, as the samples from `offset` on."""
        if item != self._item:
            self._item, self._played, self._sounded = item, 0, None
        self._played += len(piece)
        if self._sounded is None:
            loud = np.flatnonzero((piece > AUDIBLE) | (piece < -AUDIBLE))
            if len(loud):
                self._sounded = time.monotonic() + (offset + int(loud[0])) / RATE

    def _ramp(self, samples: int) -> NDArray[np.float32] | float | None:
        """What the next samples are multiplied with; None for nothing."""
        if self._gain == self._wanted_gain:
            return None if self._gain == 1.0 else self._gain
        step = (1.0 - DUCKED) / RAMP
        step = step if self._wanted_gain > self._gain else -step
        low, high = sorted((self._gain, self._wanted_gain))
        ramp = np.clip(self._gain + step * np.arange(1, samples + 1, dtype=np.float32), low, high)
        self._gain = float(ramp[-1]) if abs(ramp[-1] - self._wanted_gain) > 1e-6 else self._wanted_gain
        return ramp
