"""Recordings with labels: what is said in them, and where speech begins and ends."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from client.errors import SoundFileError
from client.sound import RATE, Pcm, read_sound

LABELS = "clips.tsv"
"""Tab-separated, beside the recordings or one folder up: file, speech_start, speech_end, transcript, and what else."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled recording. Seconds from its beginning; the speaker may pause in between."""

    name: str
    pcm: Pcm
    speech_start: float
    speech_end: float
    transcript: str = ""

    def after_quiet(self, seconds: float) -> "Clip":
        """The same, with so much silence before it."""
        pcm = np.concatenate([np.zeros(round(seconds * RATE), np.int16), self.pcm])
        return Clip(self.name, pcm, self.speech_start + seconds, self.speech_end + seconds, self.transcript)


def read_clips(folder: Path) -> list[Clip]:
    """All labelled recordings in `folder`. Raises `SoundFileError` when labels or recordings are missing or wrong."""
    labels = next((place / LABELS for place in (folder, folder.parent) if (place / LABELS).is_file()), None)
    if labels is None:
        raise SoundFileError(f"there is no {LABELS} in {str(folder)!r} or above it")
    with labels.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    try:
        clips = [
            Clip(
                row["file"],
                read_sound(folder / row["file"]),
                float(row["speech_start"]),
                float(row["speech_end"]),
                row["transcript"],
            )
            for row in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise SoundFileError(f"{str(labels)!r} has a row without a good {error}") from None
    if not clips:
        raise SoundFileError(f"{str(labels)!r} names no recordings")
    return clips
