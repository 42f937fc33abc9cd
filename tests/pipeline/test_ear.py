"""The ear's bookkeeping: nothing of the sound is lost or doubled, and every sample has its time."""

import numpy as np
import pytest

from pipeline.hearing.ear import BEGINNING_CHUNKS, Ear, SampleClock
from pipeline.hearing.endpoint import Began, Endpointing, Sign
from pipeline.hearing.vad import CHUNK

RATE = 16_000


class LoudIsSpeech:
    """Takes positive samples for speech; remembers what it was shown."""

    def __init__(self) -> None:
        self.chunks = list[int]()

    def hear(self, chunk: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> float:
        self.chunks.append(len(chunk))
        return float(chunk.max() > 0)


@pytest.mark.parametrize("piece", [1, 160, 320, 511, 512, 513, 1600, 30_000])
def test_however_sound_is_cut_it_is_heard_the_same(piece: int) -> None:
    pcm = np.concatenate((np.zeros(9000, np.int16), np.ones(9000, np.int16), np.zeros(12_000, np.int16)))
    vad, ear = LoudIsSpeech(), Ear(LoudIsSpeech(), Endpointing())
    ear._vad = vad  # pyright: ignore[reportPrivateUsage]
    told = list[Sign]()
    for start in range(0, len(pcm), piece):
        for _, signs in ear.hear(pcm[start : start + piece]):
            told += signs
    whole = Ear(LoudIsSpeech(), Endpointing())
    assert told == [sign for _, signs in whole.hear(pcm) for sign in signs]
    assert set(vad.chunks) == {CHUNK}
    assert len(vad.chunks) == len(pcm) // CHUNK


def test_a_beginning_comes_with_the_sound_that_led_up_to_it() -> None:
    ear = Ear(LoudIsSpeech(), Endpointing(prefix=0.32))
    ramp = np.arange(-40 * CHUNK, 10 * CHUNK, dtype=np.int32).clip(-32_000, 1).astype(np.int16)
    heard = list(ear.hear(ramp))
    [(at, sound)] = [(at, chunk) for at, (chunk, signs) in enumerate(heard) if any(isinstance(s, Began) for s in signs)]
    assert len(sound) == (10 + BEGINNING_CHUNKS + 1) * CHUNK
    assert np.array_equal(sound, ramp[(at + 1) * CHUNK - len(sound) : (at + 1) * CHUNK])


def test_what_led_up_to_one_beginning_is_not_told_again_at_the_next() -> None:
    ear = Ear(LoudIsSpeech(), Endpointing(prefix=3.0))
    burst = np.concatenate((np.ones(5 * CHUNK, np.int16), np.zeros(30 * CHUNK, np.int16)))
    list(ear.hear(burst))
    told = [chunk for chunk, signs in ear.hear(burst) if any(isinstance(sign, Began) for sign in signs)]
    assert len(told[0]) < 36 * CHUNK


def test_positions_count_from_where_the_ear_begins_to_listen() -> None:
    ear = Ear(LoudIsSpeech(), Endpointing(), position=100.0)
    signs = [sign for _, signs in ear.hear(np.ones(10 * CHUNK, np.int16)) for sign in signs]
    assert signs == [Began(100.0)]


@pytest.mark.parametrize(
    ("pieces", "at", "when"),
    [
        # a live stream: samples are as old as they are
        ([(0.02, 0.02), (0.02, 0.04), (0.02, 0.06)], 0.06, 0.06),
        ([(0.02, 0.02), (0.02, 0.04), (0.02, 0.06)], 0.05, 0.05),
        ([(0.02, 0.02), (0.02, 0.04), (0.02, 0.06)], 0.0, 0.0),
        # the network held some pieces back: each is dated by the one after it that it cannot be younger than
        ([(0.02, 0.02), (0.02, 0.5), (0.02, 0.5)], 0.05, 0.5),
        ([(0.02, 0.02), (0.02, 0.5), (0.02, 0.5)], 0.03, 0.49),
        # a file, faster than it was spoken: by its arrival
        ([(5.0, 1.0), (5.0, 1.1), (5.0, 1.2)], 15.0, 1.2),
        ([(5.0, 1.0), (5.0, 1.1), (5.0, 1.2)], 12.0, 1.1),
        ([(5.0, 1.0), (5.0, 1.1), (5.0, 1.2)], 7.0, 1.0),
        # not yet heard
        ([], 0.0, 0.0),
    ],
)
def test_when_a_sample_was_spoken(pieces: list[tuple[float, float]], at: float, when: float) -> None:
    clock = SampleClock()
    for seconds, now in pieces:
        clock.arrived(seconds, now)
    assert clock.when(at) == pytest.approx(when)
    assert clock.position == pytest.approx(sum(seconds for seconds, _ in pieces))


def test_the_sample_clock_remembers_the_last_seconds_only() -> None:
    clock = SampleClock()
    for piece in range(100_000):
        clock.arrived(0.02, (piece + 1) * 0.02)
    assert clock.when(clock.position - 4.0) == pytest.approx(1996.0)
