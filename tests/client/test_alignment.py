"""What was played is found again however late the card is, and jitter moves nothing."""

import numpy as np
import pytest

from client.alignment import CERTAIN, JUMP, LEAD, Alignment
from client.sound import RATE, Pcm

PIECE = RATE // 50


def offsets(delays: list[float]) -> list[float]:
    """By how many seconds what is said to be played lies behind what is taken, piece by piece."""
    alignment, found = Alignment(), list[float]()
    samples: Pcm = (np.arange(len(delays) * PIECE) % 30000).astype(np.int16)
    for number, delay in enumerate(delays):
        taken = samples[number * PIECE : (number + 1) * PIECE]
        found.append((int(taken[-1]) - int(alignment.played(taken, delay)[-1])) % 30000 / RATE)
    return found


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.06, 0.25])
def test_it_looks_back_as_far_as_the_card_is_late_but_for_the_lead(delay: float) -> None:
    assert offsets([delay] * 40)[-1] == pytest.approx(max(0.0, delay - LEAD) if delay > JUMP else 0.0, abs=1e-3)


def test_jitter_moves_nothing() -> None:
    jitter = np.random.default_rng(0).uniform(-JUMP / 2, JUMP / 2, 50)
    assert len(set(offsets([0.2] * 20 + [0.2 + float(one) for one in jitter])[20:])) == 1


def test_a_jump_is_followed_once_it_is_certain() -> None:
    found = offsets([0.1] * 20 + [0.3] + [0.1] * 5 + [0.3] * 10)
    assert found[25] == pytest.approx(0.06)
    assert found[26 + CERTAIN // 2] == pytest.approx(0.26)


def test_a_card_that_is_later_than_can_be_is_followed_as_far_as_we_remember() -> None:
    alignment = Alignment()
    pieces = [alignment.played(np.ones(PIECE, np.int16), 10.0) for _ in range(CERTAIN)]
    assert [len(piece) for piece in pieces] == [PIECE] * CERTAIN
