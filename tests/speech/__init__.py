"""A few recorded sentences to listen to; `README.md` says whose they are."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np

from pipeline.audio import HEARING_RATE, Pcm

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Clip:
    """One line of `clips.tsv`; times are seconds from the start of the file."""

    seconds: float
    speech_start: float
    speech_end: float
    transcript: str


def _read_clips() -> Mapping[str, Clip]:
    with (HERE / "clips.tsv").open(newline="") as lines:
        return {
            Path(row["file"]).stem: Clip(
                float(row["seconds"]), float(row["speech_start"]), float(row["speech_end"]), row["transcript"]
            )
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        }


CLIPS: Mapping[str, Clip] = _read_clips()
"""By the name that `clip` takes: "jfk", "spk1_snt1", ..."""


@cache
def clip(name: str) -> Pcm:
    """The recording at 16 kHz; read-only, since all tests share it."""
    resampler = av.AudioResampler("s16", "mono", HEARING_RATE)
    with av.open(HERE / f"{name}.flac") as recording:
        pieces = [piece.to_ndarray()[0] for frame in recording.decode(audio=0) for piece in resampler.resample(frame)]
    pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    pcm: Pcm = np.concatenate(pieces)
    pcm.flags.writeable = False
    return pcm
