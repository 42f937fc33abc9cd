"""What one answer's requests came to: who was asked and why, who answered, what it cost and what was thrown away."""

from dataclasses import dataclass, field


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
    wasted: int = 0
    """Tokens of requests that were thrown away for another one's."""
    saved: float = 0.0
    """Seconds the first request would have taken longer, by what is usual for it; 0 when it answers itself."""
    cost: float = 0.0
    """Dollars, of all that were asked, by the catalogue's prices."""
