"""G.711, the sound of telephones: 8 bits a sample, spaced evenly where it is soft and ever wider where it is loud.

Both laws of ITU-T G.711 (11/88) have 128 steps of loudness, 16 in each of 8 segments, and from one segment to the next
they double in width. A sample on the edge of two steps goes where the ITU's own software (G.191) puts it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import Pcm

SEGMENT, STEP = np.divmod(np.arange(128), 16)


@dataclass(frozen=True, slots=True)
class Law:
    """One way to write a 16-bit sample as a byte. Nothing it is given can be wrong."""

    codes: NDArray[np.uint8]
    """The byte for each sample; those of negative ones are at the end, where negative indices point."""
    samples: Pcm
    """The sample that each byte stands for: the middle of its step."""

    def encode(self, pcm: Pcm) -> bytes:
        """A byte for each sample. What is louder than the law can say becomes the loudest it can."""
        return self.codes.take(pcm).tobytes()

    def decode(self, raw: bytes) -> Pcm:
        """A sample for each byte."""
        return self.samples.take(np.frombuffer(raw, np.uint8))


def _law(edges: NDArray[np.integer], levels: NDArray[np.integer], inverted: int) -> Law:
    """From where each step of loudness begins and what it is played as, 0..32767, and the bits that are sent inverted.

    A byte is sign (set in samples that are not negative), segment and step. The bits are inverted because a line in
    use must never go long without ones.
    """
    numbers = np.arange(128)
    samples = np.zeros(256, np.int16)
    samples[(numbers | 0x80) ^ inverted] = levels
    samples[numbers ^ inverted] = -levels
    loudness = np.arange(0x8000)
    step = np.searchsorted(edges, loudness, side="right") - 1
    codes = np.zeros(0x10000, np.uint8)
    codes[loudness] = (step | 0x80) ^ inverted
    codes[~loudness] = step ^ inverted  # -1 mirrors 0: there is one more negative sample than positive ones
    return Law(codes, samples)


MU_LAW = _law(
    edges=np.maximum(((2 * STEP + 32 << SEGMENT) - 33) * 4, 0),
    levels=((2 * STEP + 33 << SEGMENT) - 33) * 4,
    inverted=0x7F,
)
"""The law of North America and Japan, "PCMU". The standard's samples have 14 bits, hence the 4."""

A_LAW = _law(
    edges=np.where(SEGMENT > 0, 2 * STEP + 32 << SEGMENT, 4 * STEP) * 4,
    levels=np.where(SEGMENT > 0, 2 * STEP + 33 << SEGMENT, 4 * STEP + 2) * 4,
    inverted=0x55,
)
"""The law of everywhere else, "PCMA". Its first two segments have steps of the same width."""
