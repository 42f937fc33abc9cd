"""What may be spent on requests that are thrown away, and how much each such token must buy."""

import math
from dataclasses import dataclass

DEAREST = 2e-3
"""The chance of being in time that a token must buy when nothing is saved up: a fifth for a prompt of 100."""

CHEAPER_AFTER = 10_000
"""Tokens saved up that bring the price down to 1/e."""

MOST = 60_000
"""Tokens that can be saved up, for when a model falters."""


@dataclass(slots=True)
class Allowance:
    """A purse for hedging that fills with every token spent on answers.

    The emptier it is, the more a token must buy. So the price settles where as much is spent as comes in, and what
    there is goes to the turns where a token helps most: an auction in which nobody has to know the others' bids.
    """

    share: float = 0.05
    """Of all tokens, those that may be thrown away; 0 for none."""
    level: float = 0.0
    """Tokens; negative after more was thrown away than could be foreseen."""

    def earn(self, tokens: int) -> None:
        """An answer has taken so many tokens."""
        self.level = min(MOST, self.level + self.share / (1 - self.share) * tokens)

    def spend(self, tokens: int) -> None:
        """So many were thrown away."""
        self.level -= tokens

    @property
    def price(self) -> float:
        """The chance of being in time that each token of a hedge must buy."""
        return DEAREST * math.exp(-max(0.0, self.level) / CHEAPER_AFTER)
