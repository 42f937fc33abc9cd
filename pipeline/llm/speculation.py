"""Answers that are begun before the user is surely done: what they may waste, and what they have."""

from dataclasses import dataclass

from pipeline.llm.account import Account

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

    @property
    def affordable(self) -> bool:
        """Whether an answer may be begun that is perhaps not wanted."""
        return self.share > 0 and self.level > 0

    def settle(self, account: Account, *, wanted: bool) -> None:
        """A turn is over, or was taken back before anybody knew of it. What costs nothing may be wasted as one likes,
        and makes nothing good."""
        if account.cost <= 0:
            return
        if wanted:
            self.level = min(MOST, self.level + self.share * account.tokens)
        else:
            self.level -= account.tokens
