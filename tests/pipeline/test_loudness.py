"""Quiet is told from speech without a voice activity detector, on real recordings in several backgrounds."""

import numpy as np
import pytest

from pipeline.asr.loudness import Loudness
from pipeline.audio import HEARING_RATE, Pcm
from tests.speech import CLIPS, clip


def hiss(seconds: float, amplitude: float) -> Pcm:
    return np.random.default_rng(1).normal(0, amplitude, int(seconds * HEARING_RATE)).astype(np.int16)


def heard(*sounds: Pcm) -> Loudness:
    loudness = Loudness()
    whole = np.concatenate(sounds)
    for start in range(0, len(whole), 512):
        loudness.hear(whole[start : start + 512])
    return loudness


@pytest.mark.parametrize("amplitude", [0, 3, 30])
@pytest.mark.parametrize("name", CLIPS)
def test_after_the_last_word_it_is_quiet_and_before_it_is_not(name: str, amplitude: float) -> None:
    loudness = heard(hiss(0.3, amplitude), clip(name), hiss(0.6, amplitude))
    end = 0.3 + CLIPS[name].seconds
    assert loudness.quiet_since(int((end + 0.04) * HEARING_RATE))
    assert not loudness.quiet_since(int((end - 0.2) * HEARING_RATE))
    assert not loudness.quiet_since(0)


def test_nothing_new_is_quiet() -> None:
    assert Loudness().quiet_since(0)
    assert heard(clip("jfk")).quiet_since(len(clip("jfk")))


def test_a_new_word_is_not_quiet() -> None:
    first = np.concatenate((hiss(0.3, 3), clip("spk1_snt6"), hiss(0.3, 3)))
    assert not heard(first, clip("spk1_snt5")[: HEARING_RATE // 2]).quiet_since(len(first))


def test_a_cut_is_made_in_the_pause() -> None:
    before, after = clip("spk1_snt1"), clip("spk1_snt5")
    loudness = heard(before, hiss(0.4, 3), after)
    cut = loudness.quietest(HEARING_RATE, len(before) + len(after))
    assert len(before) < cut < len(before) + 0.4 * HEARING_RATE


def test_a_loud_moment_is_not_forgotten_and_the_background_is_that_of_the_last_half_minute() -> None:
    loudness = heard(hiss(60.0, 3), hiss(0.5, 3000), hiss(60.0, 30))
    assert not loudness.quiet_since(0)
    assert not loudness.quiet_since(60 * HEARING_RATE)
    assert loudness.quiet_since(int(60.6 * HEARING_RATE))
    assert loudness.quietest(100 * HEARING_RATE, 110 * HEARING_RATE) > 100 * HEARING_RATE
