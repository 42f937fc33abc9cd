"""Sound as the pipeline handles it: mono 16-bit samples, 16 kHz going in and 24 kHz coming out."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pcm: TypeAlias = NDArray[np.int16]
"""Mono samples, shape (n,), full scale ±32767."""

HEARING_RATE = 16_000
"""Hz; what VAD and ASR are given."""

SPEAKING_RATE = 24_000
"""Hz; what voices deliver and the wire carries."""

SILENT: Pcm = np.zeros(0, np.int16)


def pcm_from_bytes(raw: bytes) -> Pcm:
    """Little-endian 16-bit samples as they travel on the wire; `raw` holds whole samples."""
    return np.frombuffer(raw, "<i2")


def float_from_pcm(pcm: Pcm) -> NDArray[np.float32]:
    """The same samples as float32 within ±1, as neural models want them."""
    return pcm.astype(np.float32) / 32768.0
