"""What may be thrown away, and what it must buy."""

from random import Random

import pytest

from pipeline.llm.allowance import DEAREST, MOST, Allowance


def test_nothing_is_saved_up_at_first_and_everything_is_dear() -> None:
    assert (Allowance().level, Allowance().price) == (0.0, DEAREST)


def test_the_more_is_saved_up_the_less_a_token_must_buy() -> None:
    prices = [Allowance(level=level).price for level in (-500, 0, 1000, 20_000, MOST)]
    assert prices[0] == prices[1]
    assert prices[1:] == sorted(prices[1:], reverse=True)


def test_no_more_is_saved_up_than_the_most() -> None:
    allowance = Allowance()
    allowance.earn(10**9)
    assert allowance.level == MOST


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.3])
def test_whatever_hedging_buys_its_share_of_all_tokens_is_kept(share: float) -> None:
    allowance, chance, used, wasted = Allowance(share), Random(1), 0, 0
    for _ in range(20_000):
        prompt, gain = chance.randint(100, 2000), chance.random()
        if prompt <= allowance.level and gain > allowance.price * prompt:
            allowance.spend(prompt)
            wasted += prompt
        allowance.earn(prompt + 60)
        used += prompt + 60
    assert share * 0.9 <= wasted / (used + wasted) <= share
