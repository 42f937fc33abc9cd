"""What the canceller leaves of our own voice when the sound card stumbles is not taken for the user's."""

from collections.abc import Iterator

import numpy as np
import pytest

from client.alignment import LEAD
from client.duplex import PIECE
from client.echo import Cancelling, OpenEars
from client.loudness import decibels
from client.mirror import Mirror
from client.sound import RATE, Pcm, read_sound
from tests.client.test_echo import QUIET, SPEECH, cancelling, replies, room, voiced

__all__ = ["cancelling"]

SAID: Pcm = replies()[: 30 * RATE]


def stumbling(played: Pcm, echo_db: float) -> Pcm:
    """What a microphone hears of it over a card whose delay jumps twice in three seconds, from 30 to 350 ms."""
    rng = np.random.default_rng(3)
    echo = np.zeros(len(played))
    start, delay = 0, 0.06
    while start < len(played):
        end = min(len(played), start + round(rng.uniform(0.7, 2.5) * RATE))
        source = np.arange(start, end) - round(delay * RATE)
        echo[start:end] = np.where(source >= 0, played[np.maximum(source, 0)], 0)
        start, delay = end, rng.uniform(0.03, 0.35)
    noise = np.random.default_rng(2).normal(0, 8, len(played))
    return (echo * 10 ** (echo_db / 20) + noise).clip(-32768, 32767).astype(np.int16)


def pieces(*sounds: Pcm) -> Iterator[tuple[Pcm, ...]]:
    for start in range(0, len(sounds[0]) // PIECE * PIECE, PIECE):
        yield tuple(sound[start : start + PIECE] for sound in sounds)


def sent(ears: Cancelling | OpenEars, mirror: Mirror, heard: Pcm, played: Pcm) -> Pcm:
    """What goes to the server."""
    clean: list[Pcm] = []
    for one, taken in pieces(heard, played):
        only_us = mirror.only_us(one, taken)
        left = ears.hear(one, mirror.played(len(one), taken))
        clean.append(np.zeros_like(left) if only_us else left)
    return np.concatenate(clean)


@pytest.mark.real
@pytest.mark.parametrize("echo_db", [-20, -10, 0])
def test_a_card_that_stumbles_all_the_time_does_not_make_us_hear_ourselves(
    cancelling: Cancelling, echo_db: float
) -> None:
    heard = stumbling(SAID, echo_db)
    alone = np.concatenate([cancelling.hear(one, played) for one, played in pieces(heard, SAID)])
    assert len(voiced(alone)) > 30
    assert len(voiced(sent(Cancelling(), Mirror(), heard, SAID))) <= 2


@pytest.mark.parametrize("softer", [1, 2, 4])
def test_on_a_steady_card_nobody_is_silenced_who_interrupts(softer: int) -> None:
    heard = room(SAID, -10, 0.06)
    user = read_sound(SPEECH / "spk1_snt5.flac")[::-1] // softer  # nothing that the replies say
    heard[10 * RATE : 10 * RATE + len(user)] += user
    mirror = Mirror()
    told = [mirror.only_us(one, taken) for one, taken in pieces(heard, SAID)]
    assert any(told[:200])
    assert not any(told[500 : 500 + len(user) // PIECE])


def test_a_microphone_that_does_not_hear_the_speakers_is_left_alone() -> None:
    user = read_sound(SPEECH / "spk1_snt5.flac")[::-1]
    user = user[: len(user) // PIECE * PIECE]
    assert np.array_equal(sent(OpenEars(), Mirror(), user, SAID[: len(user)]), user)
    assert np.array_equal(sent(OpenEars(), Mirror(), user, np.zeros_like(user)), user)


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3, 1.5])
def test_an_echo_is_known_wherever_it_comes_from_and_shown_to_the_canceller(delay: float) -> None:
    said = SAID[: 16 * RATE // 5]  # where somebody speaks, whatever the delay
    mirror, heard = Mirror(), room(said, -10, delay)
    told = [(mirror.only_us(one, taken), decibels(one) > -50) for one, taken in pieces(heard, said)]
    known = [only_us for only_us, loud in told if loud]
    assert np.mean(known[20:70]) > 0.95  # then the canceller knows it, too
    end = len(said) - round(max(0.0, delay - LEAD) * RATE)
    shown = mirror.played(PIECE, QUIET)
    assert any(np.array_equal(shown, said[end - PIECE + late : end + late]) for late in range(-96, 97))  # 4 ms
