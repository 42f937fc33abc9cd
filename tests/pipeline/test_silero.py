"""Silero on human speech."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.hearing.silero import Silero
from pipeline.hearing.vad import CHUNK
from tests.speech import clip

pytestmark = pytest.mark.real


def listen(silero: Silero, pcm: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> list[float]:
    return [silero.hear(pcm[at : at + CHUNK]) for at in range(0, len(pcm) - CHUNK + 1, CHUNK)]


def test_speech_is_probable_and_silence_is_not() -> None:
    assert np.mean(listen(Silero(), clip("spk1_snt1"))) > 0.85
    assert max(listen(Silero(), np.zeros(32_000, np.int16))) < 0.1


def test_each_stream_has_a_state_of_its_own() -> None:
    one, other = clip("spk1_snt1"), clip("spk1_snt6")
    apart = listen(Silero(), one), listen(Silero(), other)
    first, second, together = Silero(), Silero(), (list[float](), list[float]())
    for at in range(0, min(len(one), len(other)) - CHUNK + 1, CHUNK):
        together[0].append(first.hear(one[at : at + CHUNK]))
        together[1].append(second.hear(other[at : at + CHUNK]))
    for alone, mixed in zip(apart, together, strict=True):
        assert mixed == pytest.approx(alone[: len(mixed)])


def test_what_was_heard_before_matters_until_it_is_forgotten() -> None:
    silero, speech = Silero(), clip("spk1_snt1")
    fresh = listen(silero, speech)
    again = listen(silero, speech)
    assert again[:3] != pytest.approx(fresh[:3], abs=0.01)
    silero.forget()
    assert listen(silero, speech) == pytest.approx(fresh)


def test_loading_it_leaves_no_identity_behind(tmp_path: Path) -> None:
    code = "from pipeline.hearing import silero; silero.load()"
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []


def test_several_chunks_at_once_are_heard_as_one_after_the_other() -> None:
    one, several, speech = Silero(), Silero(), clip("spk1_snt1")
    for at in range(0, 40 * CHUNK, 4 * CHUNK):
        last = listen(one, speech[at : at + 4 * CHUNK])[-1]
        assert several.hear(speech[at : at + 4 * CHUNK]) == pytest.approx(last, abs=1e-5)
