"""Whole recordings in a client's format: those it adds to the conversation, and those it asks back."""

import numpy as np
import pybase64

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.resample import Resampler
from server.realtime.formats import Decoder, Format


def read(raw: bytes, source: Format) -> Pcm:
    """As 16 kHz samples. Takes about a millisecond for two seconds of sound: not for the event loop."""
    decoder = Decoder(source)
    return np.concatenate([*decoder.feed(raw), decoder.flush()])


def written(sound: Pcm, target: Format) -> str:
    """16 kHz samples as base64. Not for the event loop either."""
    resampled = Resampler(HEARING_RATE, target.rate_hz).feed(sound)
    return pybase64.b64encode(target.encoded(resampled)).decode("ascii")
