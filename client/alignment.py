"""What the speakers played while the microphone heard a piece: sound cards are late, and not always by as much."""

from collections import deque
from statistics import median

import numpy as np

from client.sound import RATE, Pcm

REMEMBERED = 2 * RATE
"""Samples; no card is later than that."""

LEAD = 0.04
"""Seconds by which we may be wrong. An echo canceller finds an echo that is late, never one before its cause."""

JUMP = 0.04
"""Seconds; smaller changes are jitter of the clocks, and every shift makes an echo canceller begin anew."""

CERTAIN = 3
"""Pieces whose delays agree before a jump is believed."""


class Alignment:
    """Of one stream."""

    def __init__(self) -> None:
        self._past: Pcm = np.zeros(REMEMBERED, np.int16)
        self._delays: deque[float] = deque(maxlen=CERTAIN)
        self._delay = 0.0

    def played(self, taken: Pcm, delay: float) -> Pcm:
        """As many samples as were `taken` for the speakers just now, but those that sounded `delay` seconds ago.

        `delay` is the time from the taking of a sample to the hearing of it, as the card declares it at this moment.
        """
        self._past = np.concatenate([self._past[len(taken) :], taken])
        self._delays.append(delay)
        believed = median(self._delays)
        if abs(believed - self._delay) > JUMP:
            self._delay = believed
        end = REMEMBERED - min(round(max(0.0, self._delay - LEAD) * RATE), REMEMBERED - len(taken))
        return self._past[end - len(taken) : end]
