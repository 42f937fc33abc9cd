"""A voice stands out of noise and echo; neither does."""

import numpy as np
import pytest

from client.loudness import SILENT_DB, Loudness, decibels
from client.sound import RATE, Pcm

SILENT: Pcm = np.zeros(480, np.int16)


def noise(db: float, seed: int = 0) -> Pcm:
    return np.random.default_rng(seed).normal(0, 32768 * 10 ** (db / 20), 480).astype(np.int16)


def test_full_scale_is_zero_and_nothing_is_a_bound() -> None:
    assert decibels(np.full(RATE, 32767, np.int16)) == pytest.approx(0, abs=0.01)
    assert decibels(SILENT) == decibels(SILENT[:0]) == SILENT_DB


@pytest.mark.parametrize(
    ("background", "heard", "played", "voiced"),
    [
        (-70, -30, SILENT_DB, True),
        (-70, -55, SILENT_DB, False),
        (-35, -30, SILENT_DB, False),
        (-35, -15, SILENT_DB, True),
        (-70, -45, -10, False),
        (-70, -30, -10, True),
    ],
    ids=["voice", "too soft", "noise", "voice in noise", "left-over echo", "voice over echo"],
)
def test_it_tells_a_voice_from_the_rest(background: float, heard: float, played: float, voiced: bool) -> None:
    loudness = Loudness()
    for number in range(200):
        loudness.voiced(noise(background, number), noise(played, number))
    assert loudness.voiced(noise(heard), noise(played)) is voiced


def test_noise_that_begins_is_taken_for_a_voice_only_for_a_while() -> None:
    loudness = Loudness()
    for number in range(50):
        loudness.voiced(noise(-60, number), SILENT)
    heard = [loudness.voiced(noise(-40, number), SILENT) for number in range(400)]
    assert heard[0]
    assert not any(heard[-50:])


def test_the_echo_of_what_was_played_a_moment_ago_is_no_voice() -> None:
    loudness = Loudness()
    for _ in range(10):
        loudness.voiced(noise(-70), noise(-10))
    assert not loudness.voiced(noise(-45), SILENT)
