"""The ear of a session: cuts sound into chunks, asks the VAD, tells the endpointer, and keeps track of time.

What it returns is what happened, each with the sound that belongs to it; it neither awaits nor remembers utterances.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pipeline.audio import HEARING_RATE, SILENT, Pcm
from pipeline.engines import Vad
from pipeline.hearing.endpoint import Began, Ended, Endpointer, Endpointing, Sign
from pipeline.hearing.vad import CHUNK

CHUNK_SECONDS = CHUNK / HEARING_RATE

BEGINNING_CHUNKS = 6
"""The chunks a beginning may span until it is certain; kept beside the prefix, so that nothing of it is lost."""


@dataclass(slots=True)
class SampleClock:
    """When was a sample spoken? Maps positions in the audio to the loop's time.

    In a live stream the last sample of a piece is as old as the piece. A stream that comes faster than it was spoken
    (a file) is dated by its arrival.
    """

    position: float = 0.0
    """Seconds of audio received."""
    _arrivals: deque[tuple[float, float]] = field(default_factory=lambda: deque[tuple[float, float]](maxlen=256))
    """Where a piece ended and when it came: 256 pieces of 20 ms are five seconds, longer than any patience."""

    def arrived(self, seconds: float, now: float) -> None:
        """A piece of this length has just come in."""
        self.position += seconds
        self._arrivals.append((self.position, now))

    def when(self, at: float) -> float:
        """The loop's time at which the sample at `at` seconds was spoken."""
        later = self._arrivals[-1] if self._arrivals else (0.0, 0.0)
        for end, arrival in reversed(self._arrivals):
            if end < at:
                return max(arrival, later[1] - (later[0] - at))
            later = end, arrival
        return later[1] - (later[0] - at)


class Ear:
    """Hears one stream of 16 kHz sound."""

    def __init__(self, vad: Vad, how: Endpointing, position: float = 0.0) -> None:
        self.endpointer = Endpointer(how, now=position)
        self._vad = vad
        self._part = SILENT
        self._before: deque[Pcm] = deque(maxlen=_prefix_chunks(how))

    def decide(self, how: Endpointing) -> None:
        """From now on in this way."""
        self.endpointer.how = how
        self._before = deque(self._before, _prefix_chunks(how))

    def rest(self) -> Pcm:
        """The sound that fills no chunk yet; from now on it is whoever's who asked."""
        rest, self._part = self._part, SILENT
        return rest

    def hear(self, pcm: Pcm) -> Iterator[tuple[Pcm, list[Sign]]]:
        """Each whole chunk with what it showed; at a beginning, the sound that led up to it comes with it."""
        self._part = np.concatenate((self._part, pcm)) if len(self._part) else pcm
        whole = len(self._part) // CHUNK * CHUNK
        chunks, self._part = self._part[:whole], self._part[whole:]
        for start in range(0, whole, CHUNK):
            chunk = chunks[start : start + CHUNK]
            signs = self.endpointer.hear(self._vad.hear(chunk), CHUNK_SECONDS)
            if signs and isinstance(signs[0], Began):
                yield np.concatenate((*self._before, chunk)), signs
                self._before.clear()
            else:
                self._before.append(chunk)
                yield chunk, signs
                if signs and isinstance(signs[-1], Ended):
                    self._before.clear()  # it is the end of what was said, not the beginning of what comes next


def _prefix_chunks(how: Endpointing) -> int:
    return BEGINNING_CHUNKS + round(how.prefix / CHUNK_SECONDS)
