"""Sound files in and out: whatever PyAV can read as mono 24 kHz samples, and WAV back again."""

import wave
from pathlib import Path
from typing import TypeAlias, cast

import av
import numpy as np
from av import AudioFrame
from av.error import FFmpegError
from numpy.typing import NDArray

from client.errors import SoundFileError

Pcm: TypeAlias = NDArray[np.int16]
"""Mono samples at 24 kHz, shape (n,), as they travel in both directions."""

RATE = 24_000
"""Hz; the only rate of 16-bit PCM that OpenAI Realtime knows."""


def read_sound(path: Path) -> Pcm:
    """All of the file's first audio track. Raises `SoundFileError` when there is no sound to be had from it."""
    try:
        pcm = _decode(path)
    except FileNotFoundError:
        raise SoundFileError(f"there is no file {str(path)!r}") from None
    except (FFmpegError, OSError) as error:
        raise SoundFileError(f"cannot read {str(path)!r} as audio: {error.strerror}") from None
    if not len(pcm):
        raise SoundFileError(f"there is no sound in {str(path)!r}")
    return pcm


def write_wav(path: Path, pcm: Pcm) -> None:
    """The samples as a WAV file, replacing what was there. Raises `SoundFileError` when the place cannot be written."""
    try:
        with path.open("wb") as file, wave.open(file) as sink:
            sink.setnchannels(1)
            sink.setsampwidth(2)
            sink.setframerate(RATE)
            sink.writeframes(pcm.astype("<i2").tobytes())
    except OSError as error:
        raise SoundFileError(f"cannot write {str(path)!r}: {error.strerror}") from None


def voiced_start(pcm: Pcm) -> float:
    """Seconds to the beginning of the first 10 ms that are voiced as `voiced_end` has it, 0.0 for silence."""
    voiced = _voiced(pcm)
    return float(voiced[0]) / 100 if len(voiced) else 0.0


def voiced_end(pcm: Pcm) -> float:
    """Seconds to the end of the last 10 ms that are clearly louder than the background, 0.0 for silence.

    Clearly louder means within 35 dB of the loudest 10 ms and above -60 dBFS: crude, and right for one clean speaker.
    """
    voiced = _voiced(pcm)
    return float(voiced[-1] + 1) / 100 if len(voiced) else 0.0


def _voiced(pcm: Pcm) -> NDArray[np.intp]:
    """Which pieces of 10 ms are."""
    frame = RATE // 100
    frames = pcm[: len(pcm) // frame * frame].reshape(-1, frame).astype(np.float32) / 32768.0
    power = np.square(frames).mean(axis=1)
    return np.flatnonzero(power > max(1e-6, power.max(initial=0.0) * 10**-3.5))


def _decode(path: Path) -> Pcm:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    pieces: list[AudioFrame] = []
    with av.open(str(path)) as container:
        if not container.streams.audio:
            raise SoundFileError(f"there is no sound in {str(path)!r}")
        for frame in container.decode(container.streams.audio[0]):
            pieces += resampler.resample(frame)
        pieces += resampler.resample(None)
    return np.concatenate([np.zeros(0, np.int16), *(cast("Pcm", piece.to_ndarray())[0] for piece in pieces)])
