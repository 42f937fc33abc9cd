"""What a speech server may answer with: raw samples, WAV or MP3, brought to 24 kHz as it arrives."""

import struct
from typing import Protocol

import numpy as np

from pipeline.audio import SILENT, SPEAKING_RATE, Pcm, pcm_from_bytes
from pipeline.errors import EngineError
from pipeline.tts.mp3 import Mp3Decoder

HEAD = 12
"""Bytes that are enough to tell one format from another."""

SAMPLES_BITE = 16_384
"""A third of a second at 24 kHz."""

LONGEST_HEADER = 65_536
"""Bytes before a WAV's samples that are still believed."""

_FOREIGN = {b"OggS": "Ogg", b"fLaC": "FLAC"}


class Decoder(Protocol):
    """Turns a stream of bytes, split anywhere, into samples at 24 kHz."""

    bite: int
    """Bytes that it decodes in a millisecond or less, on a slow machine two."""

    def feed(self, raw: bytes) -> Pcm:
        """The samples that these bytes complete; maybe none."""
        ...

    def finish(self) -> Pcm:
        """The samples still inside, once all bytes are fed."""
        ...


def decoder_for(content_type: str, head: bytes) -> Decoder:
    """The decoder for a body with these first `HEAD` bytes. The bytes are believed first: labels are often wrong.

    Raises `EngineError` when it is no sound, or none of the formats we know.
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WavDecoder()
    labelled_mp3 = "mpeg" in content_type or "mp3" in content_type
    if head[:3] == b"ID3" or (labelled_mp3 and head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
        return Mp3Decoder()
    if head[:4] in _FOREIGN:
        raise EngineError(f"the server sends {_FOREIGN[head[:4]]}; it should send pcm, wav or mp3")
    if content_type.startswith(("text/", "application/json")):
        raise EngineError(f"the server sends {content_type} instead of sound, beginning {head!r}")
    return PcmDecoder(SPEAKING_RATE, channels=1)


class PcmDecoder:
    """16-bit little-endian samples at any rate; channels are mixed into one."""

    bite = SAMPLES_BITE

    def __init__(self, rate: int, channels: int) -> None:
        self._channels = channels
        self._odd = b""
        self._resampler = None
        if rate != SPEAKING_RATE:
            import soxr  # noqa: PLC0415 - needed for few servers

            self._resampler = soxr.ResampleStream(rate, SPEAKING_RATE, 1, dtype="int16")

    def feed(self, raw: bytes) -> Pcm:
        """A sample that is split between two calls is completed by the second."""
        raw = self._odd + raw
        whole = len(raw) - len(raw) % (2 * self._channels)
        raw, self._odd = raw[:whole], raw[whole:]
        pcm = pcm_from_bytes(raw)
        if self._channels > 1:
            pcm = pcm.reshape(-1, self._channels).mean(axis=1).astype(np.int16)
        return self._resampler.resample_chunk(pcm) if self._resampler else pcm

    def finish(self) -> Pcm:
        """Half a sample at the end is dropped."""
        return self._resampler.resample_chunk(SILENT, last=True) if self._resampler else SILENT


class WavDecoder:
    """A WAV whose sizes may be wrong, as they are when it is written before the sound is done."""

    bite = SAMPLES_BITE

    def __init__(self) -> None:
        self._header = b""
        self._pcm: PcmDecoder | None = None

    def feed(self, raw: bytes) -> Pcm:
        """Raises `EngineError` when the samples are not 16-bit integers."""
        if self._pcm:
            return self._pcm.feed(raw)
        self._header += raw
        at, described = 12, None
        while len(self._header) >= at + 8:
            kind, size = struct.unpack_from("<4sI", self._header, at)
            if kind == b"data" and described:
                self._pcm = described
                return described.feed(self._header[at + 8 :])
            if kind == b"fmt " and len(self._header) >= at + 24:
                described = _described(self._header[at + 8 : at + 24])
            at += 8 + size + size % 2
        if len(self._header) > LONGEST_HEADER:
            raise EngineError(f"the server sends a WAV without sound in its first {LONGEST_HEADER} bytes")
        return SILENT

    def finish(self) -> Pcm:
        """The samples left in the resampler."""
        return self._pcm.finish() if self._pcm else SILENT


def _described(fmt: bytes) -> PcmDecoder:
    encoding, channels, rate, _, _, bits = struct.unpack("<HHIIHH", fmt)
    if encoding not in (1, 0xFFFE) or bits != 16 or not channels or not rate:
        raise EngineError(f"the server sends WAV with {bits} bits (encoding {encoding}); it should be 16-bit PCM")
    return PcmDecoder(rate, channels)
