"""Cuts the silence that voices put around a clause, which would be heard as hesitation at each seam."""

from dataclasses import dataclass, field

import numpy as np

from pipeline.audio import SILENT, SPEAKING_RATE, Pcm

QUIET = 100
"""Of ±32767, -50 dBFS: below the softest consonant, above the noise of codecs."""

LEAD = SPEAKING_RATE * 20 // 1000
"""Samples kept before the first audible one: soft onsets begin below `QUIET`."""

PAUSE = SPEAKING_RATE * 80 // 1000
"""Samples of silence after the last audible one, kept or added: the breath between two clauses."""


@dataclass(slots=True)
class Trim:
    """One clause at 24 kHz, chunk by chunk. Pauses inside it stay as they are."""

    audible: bool = False
    """Whether anything was heard yet."""
    _held: Pcm = field(default_factory=lambda: SILENT)
    _quiet: int = 0
    """Samples of silence let through since the last audible one."""

    def feed(self, pcm: Pcm) -> Pcm:
        """What may be played by now; silence beyond `PAUSE` is held back until it proves to be a pause."""
        pcm = np.concatenate((self._held, pcm))
        loud = (pcm > QUIET) | (pcm < -QUIET)
        sounds = bool(loud.any())
        if not sounds and not self.audible:
            self._held = pcm[-LEAD:]
            return SILENT
        start = 0 if self.audible else max(0, int(loud.argmax()) - LEAD)
        if sounds:
            self.audible, self._quiet, last = True, 0, len(loud) - int(loud[::-1].argmax())
        else:
            last = 0
        end = min(len(pcm), last + PAUSE - self._quiet)
        self._quiet += end - last
        self._held = pcm[end:]
        return pcm[start:end]

    def finish(self) -> Pcm:
        """What is missing of the pause at the end; nothing when nothing was audible."""
        self._held = SILENT
        return np.zeros(PAUSE - self._quiet if self.audible else 0, np.int16)
