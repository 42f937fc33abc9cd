"""The speakers play what was added, in order, and know what was heard of it."""

import time

import numpy as np
import pytest

from client.playback import AUDIBLE, DUCKED, LONGEST, RAMP, Cut, Playback
from client.sound import RATE, Pcm


def ramp(samples: int) -> Pcm:
    return np.arange(1, samples + 1).astype(np.int16)


def test_pieces_are_played_end_to_end_and_padded_with_silence() -> None:
    playback = Playback()
    playback.add("a", ramp(3))
    playback.add("a", ramp(4))
    assert playback.take(5).tolist() == [1, 2, 3, 1, 2]
    assert playback.busy
    assert playback.take(4).tolist() == [3, 4, 0, 0]
    assert not playback.busy


def test_an_interruption_says_how_much_was_heard() -> None:
    playback = Playback()
    playback.add("a", ramp(RATE))
    playback.take(RATE // 4)
    assert playback.silence() == [Cut("a", 250)]
    assert not playback.take(10).any()


def test_what_is_still_on_its_way_to_the_ear_was_not_heard() -> None:
    playback = Playback()
    playback.add("a", ramp(RATE))
    playback.take(RATE // 4)
    assert playback.silence(latency=0.1) == [Cut("a", 150)]


def test_the_count_starts_again_with_each_item() -> None:
    playback = Playback()
    playback.add("a", ramp(RATE))
    playback.add("b", ramp(RATE))
    playback.add("c", ramp(RATE))
    playback.take(RATE + RATE // 2)
    assert playback.silence() == [Cut("b", 500), Cut("c", 0)]


def test_an_item_that_never_began_was_heard_for_nothing() -> None:
    playback = Playback()
    playback.add("a", ramp(RATE))
    assert playback.silence() == [Cut("a", 0)]


def test_what_was_played_to_its_end_is_not_cut() -> None:
    playback = Playback()
    playback.add("a", ramp(100))
    playback.take(200)
    assert playback.silence() == []


def test_the_queue_has_an_end() -> None:
    playback = Playback()
    playback.add("a", np.ones(LONGEST, np.int16))
    playback.add("a", np.ones(10, np.int16))
    playback.take(LONGEST)
    assert not playback.busy


def test_ducking_is_soft_at_once_without_a_click_and_can_be_undone() -> None:
    playback = Playback()
    playback.add("a", np.full(RATE, 10000, np.int16))
    playback.duck()
    down = playback.take(2 * RAMP)
    assert down[0] > 9900
    assert np.abs(np.diff(down[:RAMP])).max() < 25
    assert down[-1] == pytest.approx(10000 * DUCKED, abs=1)
    assert (playback.take(RAMP) == down[-1]).all()
    playback.restore()
    up = playback.take(2 * RAMP)
    assert np.abs(np.diff(up)).max() < 25
    assert up[-1] == 10000


def test_a_ramp_may_take_several_pieces() -> None:
    playback = Playback()
    playback.add("a", np.full(RATE, 10000, np.int16))
    playback.duck()
    pieces = np.concatenate([playback.take(RAMP // 4) for _ in range(5)])
    assert np.abs(np.diff(pieces)).max() < 25
    assert pieces[-1] == pytest.approx(10000 * DUCKED, abs=1)


def test_after_an_interruption_the_next_reply_is_loud_again() -> None:
    playback = Playback()
    playback.add("a", ramp(RATE))
    playback.duck()
    playback.take(RAMP)
    playback.silence()
    playback.add("b", np.full(RAMP, 10000, np.int16))
    assert (playback.take(RAMP) == 10000).all()


def test_an_item_sounds_with_its_first_audible_sample() -> None:
    playback = Playback()
    playback.add("a", np.full(RATE, AUDIBLE, np.int16))
    playback.take(RATE)
    assert playback.sounded("a") is None
    playback.add("a", np.full(RATE, -AUDIBLE - 1, np.int16))
    begun = time.monotonic()
    playback.take(480)
    first = playback.sounded("a")
    playback.take(480)
    assert first is not None
    assert begun <= first <= time.monotonic()
    assert playback.sounded("a") == first
    assert playback.sounded("b") is None
