"""What one answer's requests came to: who was asked and why, who answered, what it cost and what was thrown away."""

from dataclasses import dataclass, field, replace

from pipeline.engines import Usage
from pipeline.llm.catalog import Model


@dataclass(slots=True)
class Account:
    """Filled in while the answer is under way."""

    model: str = ""
    """Who answers; "" while nobody does."""
    why: str = ""
    """Why that model was chosen, in one line for people; "" where there was no choice."""
    kind: str = ""
    """What the question was taken for: `greeting`, `fact`, `code`, ...; "" where nobody looked."""
    time_left: float | None = None
    """Seconds until the first token was late, when the model was chosen; None where there was no choice."""
    first_token: float = 0.0
    """Seconds from the choice to the first word or call of the one that answers."""
    asked: list[str] = field(default_factory=list[str])
    """Everybody who was, in order."""
    failures: list[str] = field(default_factory=list[str])
    tokens: int = 0
    """Of the prompts and answers of all that were asked, but for those that failed."""
    wasted: int = 0
    """Tokens of requests that were thrown away for another one's."""
    saved: float = 0.0
    """Seconds the first request would have taken longer, by what is usual for it; 0 when it answers itself."""
    cost: float = 0.0
    """Dollars for those tokens, by the catalogue's prices."""


@dataclass(eq=False, slots=True)
class Bill:
    """One request's part of an account: counted by us while it runs, and by its server at the end, if it does."""

    account: Account
    model: Model
    used: Usage
    _entered: tuple[int, float] = (0, 0.0)
    """Tokens and dollars of it that are in the account by now."""

    def __post_init__(self) -> None:
        self._enter(self.used)

    def grow(self, tokens: int) -> None:
        """The answer has more words."""
        self._enter(replace(self.used, completion=self.used.completion + tokens))

    def correct(self, usage: Usage | None) -> None:
        """Its server has counted, or has not."""
        self._enter(usage or self.used)

    def cancel(self) -> None:
        """It failed, and costs nothing."""
        self._enter(Usage(0, 0))

    def _enter(self, used: Usage) -> None:
        tokens, dollars = used.prompt + used.completion, self.model.price(used.prompt, used.completion)
        self.account.tokens += tokens - self._entered[0]
        self.account.cost += dollars - self._entered[1]
        self.used, self._entered = used, (tokens, dollars)
