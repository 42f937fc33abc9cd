"""Recorded sentences with labels: where speech begins and ends, where it pauses, and what has been said by then."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.error import FFmpegError

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.errors import ConfigError

LABELS, PAUSES = "clips.tsv", "pauses.tsv"
"""Tab-separated, beside the recordings: file, speech_start, speech_end, transcript; file, start, end, said."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence within a sentence; seconds from the beginning of the recording."""

    start: float
    end: float
    said: str
    """The words before it, in small letters and without marks, as most recognisers give them."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Somebody says something; seconds from its beginning."""

    name: str
    pcm: Pcm
    """16 kHz."""
    speech_start: float
    speech_end: float
    transcript: str
    pauses: Sequence[Pause] = ()

    @property
    def said(self) -> str:
        """All of it, as in `Pause`."""
        return " ".join(re.findall(r"[\w']+", self.transcript.lower().replace("-", " ")))

    @property
    def whole(self) -> bool:
        """Whether the sentence is over at its end: some were cut out of longer ones."""
        return not self.transcript.rstrip().endswith((",", ";", ":"))


def read_recordings(folder: Path) -> list[Recording]:
    """All that are labelled. Raises `ConfigError` when labels or recordings are missing or wrong."""
    pauses: dict[str, list[Pause]] = {}
    try:
        for row in _rows(folder / PAUSES):
            pauses.setdefault(row["file"], []).append(Pause(float(row["start"]), float(row["end"]), row["said"]))
        recordings = [
            Recording(
                row["file"],
                read_pcm(folder / row["file"]),
                float(row["speech_start"]),
                float(row["speech_end"]),
                row["transcript"],
                pauses.get(row["file"], []),
            )
            for row in _rows(folder / LABELS)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"the labels in {str(folder)!r} have a row without a good {error}") from None
    if not recordings:
        raise ConfigError(f"{str(folder / LABELS)!r} names no recordings")
    return recordings


def read_pcm(path: Path) -> Pcm:
    """A sound file as 16 kHz. Raises `ConfigError` when there is no sound to be had from it."""
    resampler = av.AudioResampler("s16", "mono", HEARING_RATE)
    try:
        with av.open(str(path)) as file:
            frames = [piece for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
    except (FFmpegError, OSError, IndexError) as error:
        raise ConfigError(f"cannot read {str(path)!r} as audio: {error}") from None
    frames += resampler.resample(None)
    return np.concatenate([np.zeros(0, np.int16), *(cast("Pcm", frame.to_ndarray())[0] for frame in frames)])


def _rows(path: Path) -> list[Mapping[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the labels {str(path)!r}: {getattr(error, 'strerror', error)}") from None
