"""Trimming: silence around a clause goes, pauses inside it stay, however the sound is split."""

import numpy as np
import pytest

from pipeline.audio import Pcm
from pipeline.tts.silence import LEAD, PAUSE, Trim

TONE: Pcm = np.full(2400, 5000, np.int16)
PAUSE_INSIDE: Pcm = np.zeros(24_000, np.int16)
LONG_SILENCE: Pcm = np.zeros(24_000, np.int16)


def trimmed(sound: Pcm, chunk: int) -> Pcm:
    trim = Trim()
    pieces = [trim.feed(sound[start : start + chunk]) for start in range(0, len(sound), chunk)]
    return np.concatenate([*pieces, trim.finish()])


@pytest.mark.parametrize("chunk", [1, 100, 480, 1920, 5000, 10**6])
def test_what_is_left_does_not_depend_on_the_split(chunk: int) -> None:
    sound = np.concatenate((LONG_SILENCE, TONE, PAUSE_INSIDE, TONE, LONG_SILENCE))
    lead, pause = np.zeros(LEAD, np.int16), np.zeros(PAUSE, np.int16)
    expected = np.concatenate((lead, TONE, PAUSE_INSIDE, TONE, pause))
    sound = sound if chunk > 1 else sound[20_000:60_000]
    np.testing.assert_array_equal(trimmed(sound, chunk), expected)


def test_a_voice_that_ends_abruptly_gets_its_pause() -> None:
    assert len(trimmed(TONE, 480)) == len(TONE) + PAUSE


def test_silence_alone_leaves_nothing() -> None:
    assert not trimmed(LONG_SILENCE, 480).size


def test_sound_is_not_held_back() -> None:
    trim = Trim()
    assert len(trim.feed(TONE)) == len(TONE)
    assert len(trim.feed(LONG_SILENCE)) == PAUSE
