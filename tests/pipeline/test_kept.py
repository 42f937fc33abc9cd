"""An utterance kept for later, and the end of an endless one."""

import numpy as np
import pytest

from pipeline.asr.kept import MOST, Kept


def test_what_was_kept_comes_back_whole_or_piece_by_piece() -> None:
    kept = Kept()
    assert len(kept.pcm()) == 0
    kept.add(np.array([1, 2], np.int16))
    kept.add(np.array([3], np.int16))
    assert kept.pcm().tolist() == [1, 2, 3]
    assert (kept.pop().tolist(), kept.samples) == ([1, 2], 1)
    kept.clear()
    with pytest.raises(IndexError):
        kept.pop()


def test_of_too_much_the_oldest_is_forgotten() -> None:
    kept, minute = Kept(), np.zeros(MOST // 10, np.int16)
    for number in range(12):
        kept.add(minute + np.int16(number))
    assert (kept.samples, int(kept.pop()[0])) == (MOST, 2)


def test_of_a_large_piece_the_end_is_kept() -> None:
    kept, minute = Kept(), np.zeros(MOST // 10, np.int16)
    kept.add(np.arange(MOST).astype(np.int16))
    kept.add(minute)
    assert kept.samples == MOST
    assert int(kept.pop()[0]) == int(np.int64(MOST // 10).astype(np.int16))
