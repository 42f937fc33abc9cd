"""What a tapped page has heard and played, by the clock of its sound system."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pybase64
import soxr
from numpy.typing import NDArray
from playwright.sync_api import Page

from pipeline.audio import HEARING_RATE, SPEAKING_RATE, Pcm

Sound = NDArray[np.float32]
"""Samples within ±1."""

FRAME = 0.005
"""Seconds over which loudness is measured."""

PIECE = 4096
"""Samples in a piece that tap.js takes."""

QUIET = 10 ** (-50 / 20)
"""What has less amplitude is silence: 50 dB below full scale."""

_TAKE = """() => {
  const { rate, pieces } = window.tapped;
  const taken = pieces.splice(0);
  const bytes = (side) => {
    const raw = new Uint8Array(taken.length * 16384);
    taken.forEach(({ sides }, at) => raw.set(new Uint8Array(sides[side].buffer), at * 16384));
    let text = "";
    for (let i = 0; i < raw.length; i += 8192) text += String.fromCharCode(...raw.subarray(i, i + 8192));
    return btoa(text);
  };
  return { rate, frames: taken.map(({ frame }) => frame), heard: bytes(0), played: bytes(1) };
}"""


@dataclass(frozen=True, slots=True)
class Tapped:
    """Both sides; seconds count from the first sample."""

    rate: int
    """Hz"""
    heard: Sound
    """What the microphone gave, after the browser's echo cancelling and so on."""
    played: Sound
    """What the speakers got."""

    def loudness(self, side: Sound) -> Sound:
        """The RMS of each `FRAME`."""
        size = round(FRAME * self.rate)
        frames = side[: len(side) // size * size].reshape(-1, size)
        return np.sqrt(np.mean(frames**2, axis=1))

    def begins(self, side: Sound, after: float = 0.0, level: float = QUIET) -> float:
        """Seconds until the first sample that is louder than `level`, after so many seconds. Raises `IndexError`."""
        start = round(after * self.rate)
        return float(np.flatnonzero(np.abs(side[start:]) > level)[0] + start) / self.rate

    def falls_silent(self, after: float, seconds: float = 0.5) -> float:
        """When, after that, the speakers got the last sound before so many seconds of silence."""
        start = round(after * self.rate)
        loud = np.flatnonzero(np.abs(self.played[start:]) > 0) + start
        pauses = np.flatnonzero(np.diff(loud) > seconds * self.rate)
        return float(loud[pauses[0]] if len(pauses) else loud[-1]) / self.rate

    def quiet_since(self, side: Sound, after: float, seconds: float) -> float:
        """The first moment after that, since when nothing louder than `QUIET` has come for so many seconds."""
        start = round(after * self.rate)
        loud = np.flatnonzero(np.abs(side[start:]) > QUIET) + start
        pauses = np.flatnonzero(np.diff(loud) > seconds * self.rate)
        return float(loud[pauses[0]] if len(pauses) else loud[-1]) / self.rate + 0.1

    def between(self, side: Sound, start: float, end: float) -> Sound:
        """What came in that time."""
        return side[round(start * self.rate) : round(end * self.rate)]

    def finds(self, sound: Pcm, after: float = 0.0) -> float:
        """Seconds until this recording, 16 kHz, begins in the microphone: where its loudness fits best."""
        ours = self.loudness(self.heard[round(after * self.rate) :])
        wanted = self.loudness(soxr.resample(sound / np.float32(32768), HEARING_RATE, self.rate))
        fit = np.correlate(ours - ours.mean(), wanted - wanted.mean(), "valid")
        return after + int(np.argmax(fit)) * FRAME


def tapped(page: Page) -> Tapped:
    """What a tapped page has heard and played since this was asked last."""
    taken: dict[str, Any] = page.evaluate(_TAKE)
    frames = np.array(taken["frames"]) - taken["frames"][0]
    return Tapped(int(taken["rate"]), *(_placed(taken[side], frames) for side in ("heard", "played")))


def _placed(raw: str, frames: NDArray[np.int64]) -> Sound:
    """Each piece where it belongs: while the machine stands still, the sound system's clock goes on, with nothing."""
    pieces = np.frombuffer(pybase64.b64decode(raw), "<f4").reshape(-1, PIECE)
    sound = np.zeros(int(frames[-1]) + PIECE, np.float32)
    for start, piece in zip(frames, pieces, strict=True):
        sound[start : start + PIECE] = piece
    return sound


def likeness(played: Sound, sent: Pcm, rate: int) -> float:
    """The correlation of what was played, at `rate`, with what was sent, 24 kHz, where they fit best."""
    start, reference = _laid(played, sent, rate)
    piece = played[start : start + len(reference)]
    return float(np.corrcoef(piece, reference[: len(piece)])[0, 1])


def gains(sound: Tapped, sent: Pcm, begins: Iterable[float], seconds: float) -> list[float]:
    """How loud the speakers were for so long from each of those moments, as a share of what was sent, 24 kHz."""
    start, reference = _laid(sound.played, sent, sound.rate)
    original = np.zeros_like(sound.played)
    original[start : start + len(reference)] = reference[: len(original) - start]
    found: list[float] = []
    for begin in begins:
        played, meant = (sound.between(side, begin, begin + seconds) for side in (sound.played, original))
        found.append(float(np.dot(played, meant) / np.dot(meant, meant)))
    return found


def _laid(played: Sound, sent: Pcm, rate: int) -> tuple[int, Sound]:
    """From which sample on that was played, and what was sent as samples of `rate`."""
    reference = soxr.resample(sent / np.float32(32768), SPEAKING_RATE, rate)
    size = 1 << (len(played) + len(reference)).bit_length()
    spectrum = np.fft.rfft(played, size) * np.conj(np.fft.rfft(reference, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(played)])), reference
