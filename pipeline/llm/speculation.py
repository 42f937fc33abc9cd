"""Answers that are begun before the user is surely done: what they may waste, and what they have."""

from dataclasses import dataclass

HEAD_START = 4_000
"""Tokens that may be wasted before anything was earned."""

MOST = 40_000
"""Tokens that can be saved up."""


@dataclass(slots=True)
class Speculation:
    """A purse that fills with every token of an answer that was wanted. While it is empty, models are not asked before
    the user is done: their servers charge for a question that was taken back as for any other.
    """

    share: float = 0.5
    """Tokens that may be wasted for each token of a wanted answer; 0 for none."""
    level: float = HEAD_START
    dropped: int = 0
    """Answers that were begun and not wanted."""
    wasted: int = 0
    """Tokens of theirs."""

    @property
    def affordable(self) -> bool:
        """Whether an answer may be begun that is perhaps not wanted."""
        return self.share > 0 and self.level > 0

    def keep(self, tokens: int) -> None:
        """An answer was wanted, and took so many tokens that are paid for."""
        self.level = min(MOST, self.level + self.share * tokens)

    def drop(self, tokens: int, *, paid: bool) -> None:
        """An answer was not; what costs nothing may be wasted as one likes."""
        self.dropped += 1
        self.wasted += tokens
        if paid:
            self.level -= tokens
