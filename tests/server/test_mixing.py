"""What is mixed in has the level it is said to have, and pauses grow where they are."""

import numpy as np
import pytest

from pipeline.audio import HEARING_RATE, Pcm
from server.mixing import LEAD, LONGEST_PAUSE, TAIL, drawn_out, heard, level, looped, through_room
from server.recordings import Pause, Recording


def tone(hz: float, seconds: float, amplitude: float) -> Pcm:
    at = np.arange(round(seconds * HEARING_RATE)) / HEARING_RATE
    return (amplitude * np.sin(2 * np.pi * hz * at)).astype(np.int16)


SENTENCE = Recording(
    "a.flac",
    np.concatenate([tone(500, 1.0, 8000), np.zeros(HEARING_RATE // 2, np.int16), tone(500, 1.0, 8000)]),
    0.0,
    2.5,
    "One, and two.",
    [Pause(1.0, 1.5, "one")],
)


def test_a_pause_is_drawn_out_where_it_is() -> None:
    longer = drawn_out(SENTENCE, 2.0)
    assert longer.pauses == [Pause(1.0, 2.0, "one")]
    assert (longer.speech_end, len(longer.pcm)) == (3.0, 3 * HEARING_RATE)
    assert not longer.pcm[HEARING_RATE : 2 * HEARING_RATE].any()
    assert np.array_equal(longer.pcm[2 * HEARING_RATE :], SENTENCE.pcm[-HEARING_RATE:])


def test_no_pause_becomes_endless() -> None:
    [pause] = drawn_out(SENTENCE, 9.0).pauses
    assert pause.end - pause.start == pytest.approx(LONGEST_PAUSE)
    assert drawn_out(SENTENCE, 1.0) is SENTENCE


@pytest.mark.parametrize("below", [0.0, 10.0, 20.0])
def test_noise_is_as_much_softer_as_asked(below: float) -> None:
    noise = np.random.default_rng(1).normal(0, 500, HEARING_RATE).astype(np.int16)
    mixed = heard(SENTENCE, noise, below)
    assert len(mixed.pcm) == len(SENTENCE.pcm) + round((LEAD + TAIL) * HEARING_RATE)
    assert (mixed.speech_start, mixed.speech_end) == (LEAD, LEAD + 2.5)
    assert mixed.pauses == [Pause(LEAD + 1.0, LEAD + 1.5, "one")]
    alone = level(mixed.pcm[-HEARING_RATE:])
    assert 20 * np.log10(level(SENTENCE.pcm) / alone) == pytest.approx(below, abs=1.0)


def test_rumble_counts_for_nothing() -> None:
    assert level(tone(50, 1.0, 8000)) < level(tone(500, 1.0, 80))


def test_there_is_always_a_little_hiss() -> None:
    assert heard(SENTENCE).pcm[:1000].any()
    assert np.array_equal(heard(SENTENCE).pcm, heard(SENTENCE).pcm)


def test_what_is_looped_has_no_seams() -> None:
    ramp = np.arange(10, dtype=np.int16)
    assert np.abs(np.diff(looped(ramp, 95))).max() == 1
    assert len(looped(ramp, 95)) == 95


def test_a_room_lets_a_voice_linger() -> None:
    click = np.zeros(HEARING_RATE, np.int16)
    click[100] = 20_000
    after = np.abs(through_room(click).astype(int))
    assert after[100] >= 15_000
    assert after[200:1000].max() > 10 * after[4000:].max()
    assert not after[:100].any()
