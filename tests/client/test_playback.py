"""The speakers play what was added, in order, and know what was heard of it."""

import numpy as np

from client.playback import LONGEST, Cut, Playback
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
