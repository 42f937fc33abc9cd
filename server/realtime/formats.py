"""How sound is written on the wire, and its way from there to the pipeline's samples and back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.audio import HEARING_RATE, SPEAKING_RATE, Pcm, pcm_from_bytes
from pipeline.g711 import A_LAW, MU_LAW
from pipeline.resample import REACH, Resampler
from server.realtime.checks import Json, as_object, wrong

BLOCK_MS = 32
"""What is heard at a time, the VAD's chunk. More often would cost a wake-up and decide nothing."""

SLICE = 31
"""Blocks converted at a time; a second, with what waits before them. A client may send minutes at once."""

DELTA = SPEAKING_RATE // 10
"""Samples that are sent at a time, at most: 100 ms."""

LAWS = {"audio/pcmu": MU_LAW, "audio/pcma": A_LAW}
"""What is a byte a sample; everything else is two, the lower one first."""


@dataclass(frozen=True, slots=True)
class Format:
    """One of the ways to write mono sound."""

    type: Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
    rate_hz: int

    @property
    def width(self) -> int:
        """Bytes of one sample."""
        return 1 if self.type in LAWS else 2

    def seconds(self, size: int) -> float:
        """How long so many bytes sound."""
        return size / self.width / self.rate_hz

    def decoded(self, raw: bytes) -> Pcm:
        """Whole samples as they were written, at `rate_hz`."""
        law = LAWS.get(self.type)
        return law.decode(raw) if law else pcm_from_bytes(raw)

    def encoded(self, pcm: Pcm) -> bytes:
        """The samples, which are at `rate_hz`, as they are written."""
        law = LAWS.get(self.type)
        return law.encode(pcm) if law else pcm.tobytes()

    def as_json(self) -> Json:
        """The format object, complete; G.711 has no rate there."""
        return {"type": self.type} if self.type in LAWS else {"type": self.type, "rate": self.rate_hz}


FORMATS = (
    Format("audio/pcm", 24_000),
    Format("audio/pcm", 16_000),
    Format("audio/pcm", 8_000),
    Format("audio/pcmu", 8_000),
    Format("audio/pcma", 8_000),
)
"""The first of a type is meant where no rate is given. PCM at 16 and 8 kHz is ours, the others are OpenAI's."""


def format_of(value: object, param: str) -> Format:
    """What a client's format object means. Raises `ProtocolError`."""
    given = as_object(value, param)
    for known in FORMATS:
        if given.get("type") == known.type and given.get("rate") in (None, known.rate_hz):
            return known
    raise wrong(given, param, "audio/pcm with a rate of 24000, 16000 or 8000, audio/pcmu or audio/pcma")


class Decoder:
    """Makes 16 kHz samples of what a client sends in one format, wherever its messages are cut."""

    def __init__(self, source: Format) -> None:
        self.source = source
        self._resampler = Resampler(source.rate_hz, HEARING_RATE)
        self._block = source.rate_hz * BLOCK_MS // 1000 * source.width
        self._waiting = b""

    def feed(self, raw: bytes) -> Iterator[Pcm]:
        """The sound of all blocks that are complete now, converted as it is asked for, up to a second at a time.

        `raw` is of any length; what the iterator is not asked for is lost.
        """
        step = SLICE * self._block
        for start in range(0, len(raw), step):
            self._waiting += raw[start : start + step]
            if len(self._waiting) >= self._block:
                yield self._take(len(self._waiting) // self._block * self._block)

    def flush(self) -> Pcm:
        """The whole samples that fill no block, possibly none. Half a sample goes on waiting for its other half."""
        return self._take(len(self._waiting) // self.source.width * self.source.width)

    def _take(self, size: int) -> Pcm:
        raw, self._waiting = self._waiting[:size], self._waiting[size:]
        return self._resampler.feed(self.source.decoded(raw))


class Encoder:
    """Makes bytes in one format of the 24 kHz samples of one reply, as soon as they are there.

    Together they are as long as the reply, and in time with it, to the sample.
    """

    def __init__(self, target: Format) -> None:
        self.target = target
        self._resampler = Resampler(SPEAKING_RATE, target.rate_hz)
        self._delay = REACH if target.rate_hz != SPEAKING_RATE else 0
        self._early = self._delay * target.rate_hz // SPEAKING_RATE
        """Samples that the resampler has yet to put before the first one."""

    def feed(self, pcm: Pcm) -> Iterator[bytes]:
        """The next samples, of any number, as deltas of 50 to 100 ms; one that is shorter where there is no more.

        What the iterator is not asked for is lost.
        """
        for piece in _pieces(pcm):
            sound = self._resampler.feed(piece)
            early = min(self._early, len(sound))
            self._early -= early
            if early < len(sound):
                yield self.target.encoded(sound[early:])

    def flush(self) -> bytes:
        """The end of the reply, after which no more may come: what the resampler still holds, up to a millisecond."""
        return b"".join(self.feed(np.zeros(self._delay, np.int16)))


def _pieces(pcm: Pcm) -> Iterator[Pcm]:
    """As few as may be, equally long."""
    count = -(-len(pcm) // DELTA)
    for number in range(count):
        yield pcm[number * len(pcm) // count : (number + 1) * len(pcm) // count]
