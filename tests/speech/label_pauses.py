"""Finds the pauses inside the recorded sentences: `python -m tests.speech.label_pauses` writes `pauses.tsv` anew.

A pause is where the sound is far softer than the speaker for a fifth of a second or more, between two words. Which
words have been said by then is found by aligning the transcript with the sound (pocketsphinx). The labels were checked
by eye against the words and the loudness.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from pipeline.audio import HEARING_RATE, Pcm
from tests.speech import CLIPS, HERE, clip

sphinx: Any = import_module("pocketsphinx")  # Any: it does not tell its types

SOFTER_DB = 32
"""Than the loud parts of the speech (95th percentile of 10 ms)."""

OVER_NOISE_DB = 7
"""Over the softest parts (5th percentile) it is quiet all the same: one recording has a crowd in it."""

SHORTEST = 0.2
"""Seconds; shorter ones end no turn."""

STOP = 0.06
"""Seconds; a shorter quiet is a consonant."""

UNKNOWN_WORDS = {"woodcutters": "W UH D K AH T ER Z"}
"""Words that pocketsphinx does not know, and how they are said."""


def main() -> None:
    """Write the labels."""
    lines = ["file\tstart\tend\tsaid"]
    lines += [f"{name}.flac\t{start:.2f}\t{end:.2f}\t{said}" for name in CLIPS for start, end, said in pauses(name)]
    (HERE / "pauses.tsv").write_text("\n".join(lines) + "\n")


def pauses(name: str) -> Iterator[tuple[float, float, str]]:
    """Each with the words that have been said by then."""
    said = re.findall(r"[a-z']+", CLIPS[name].transcript.lower().replace("-", " "))
    middles = word_middles(clip(name), said)
    merged: list[tuple[float, float, int]] = []
    for start, end in soft(clip(name), CLIPS[name].speech_start + 0.1, CLIPS[name].speech_end - 0.1):
        count = sum(middle < (start + end) / 2 for middle in middles)
        if merged and merged[-1][2] == count:  # a click or a breath in between
            merged[-1] = (merged[-1][0], end, count)
        elif 0 < count < len(said):
            merged.append((start, end, count))
    for start, end, count in merged:
        if end - start >= SHORTEST - 1e-9:
            yield start, end, " ".join(said[:count])


def word_middles(pcm: Pcm, words: list[str]) -> list[float]:
    """Where each word is, seconds."""
    decoder: Any = sphinx.Decoder(lm=None, samprate=HEARING_RATE, loglevel="FATAL")
    for word, sounds in UNKNOWN_WORDS.items():
        decoder.add_word(word, sounds, True)
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    found: list[Any] = [part for part in decoder.seg() if not part.word.startswith(("<", "["))]
    assert len(found) == len(words)
    return [(part.start_frame + part.end_frame + 1) / 200 for part in found]


def soft(pcm: Pcm, first: float, last: float) -> Iterator[tuple[float, float]]:
    """Where it is soft for longer than a consonant, between two times, seconds."""
    frame = HEARING_RATE // 100
    frames = pcm[: len(pcm) // frame * frame].reshape(-1, frame).astype(np.float64)
    level = 10 * np.log10(np.square(frames).mean(axis=1) + 1)
    softest, loud = np.percentile(level, (5, 95))
    quiet = [False, *(level < max(loud - SOFTER_DB, softest + OVER_NOISE_DB)), False]
    edges = np.flatnonzero(np.diff(quiet)) / 100
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= STOP and start >= first and end <= last:
            yield float(start), float(end)


if __name__ == "__main__":
    main()
