"""MP3 decoded as it arrives: any split of the bytes goes in, 24 kHz samples come out."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from pipeline.audio import SILENT, SPEAKING_RATE, Pcm

CODEC_DELAY = 1105
"""Samples, at the stream's own rate, that come before the sound: 576 of LAME's encoder, 529 of any decoder."""


class Mp3Decoder:
    """One stream. Decoding 100 ms of sound takes about 0.1 ms, so it may run on the event loop."""

    bite = 4_096
    """See `Decoder`; at 48 kbit/s, two thirds of a second."""

    def __init__(self) -> None:
        import av  # noqa: PLC0415 - loaded by the engine's `start`

        self._codec: Any = av.AudioCodecContext.create("mp3", "r")  # its stubs leave Packet's parameter open
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SPEAKING_RATE)
        self._skip: int | None = None

    def feed(self, raw: bytes) -> Pcm:
        """The samples that these bytes complete; often none. A damaged frame (24 ms) is left out, as players do."""
        return self._decode(self._codec.parse(raw))

    def finish(self) -> Pcm:
        """The samples still inside the codec once all bytes are fed. They end in the encoder's padding, silence."""
        return self._decode([*self._codec.parse(b""), None], last=True)

    def _decode(self, packets: Iterable[Any], *, last: bool = False) -> Pcm:
        pieces: list[Pcm] = []
        for packet in packets:
            try:
                frames = self._codec.decode(packet)
            except ValueError:  # av.error.InvalidDataError
                continue
            for frame in frames:
                if self._skip is None:
                    self._skip = round(CODEC_DELAY * SPEAKING_RATE / frame.sample_rate)
                frame.pts = None  # else the resampler fills with silence what was left out
                pieces += [mono.to_ndarray()[0] for mono in self._resampler.resample(frame)]
        if last and pieces:
            pieces += [mono.to_ndarray()[0] for mono in self._resampler.resample(None)]
        return self._without_delay(np.concatenate(pieces)) if pieces else SILENT

    def _without_delay(self, pcm: Pcm) -> Pcm:
        skipped = min(self._skip or 0, len(pcm))
        self._skip = (self._skip or 0) - skipped
        return pcm[skipped:]
