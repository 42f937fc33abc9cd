"""Requests and tokens per minute: what an endpoint still lets us ask, by its catalogue row and by what it tells."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.engines import RateLimit

REFUSED_FOR = 1.0
"""Seconds to leave an endpoint alone that refused us without saying for how long."""


@dataclass(slots=True)
class Bucket:
    """Fills steadily up to a minute's worth; a limit of 0 is none. Times are seconds of any one monotonic clock."""

    per_minute: float
    level: float = field(init=False)
    _rate: float = field(init=False)
    _at: float = -math.inf

    def __post_init__(self) -> None:
        self.level, self._rate = self.per_minute, self.per_minute / 60

    def holds(self, amount: float, now: float) -> bool:
        """Whether that much may be taken. More than a minute's worth may be taken from a full one."""
        return not self.per_minute or self._filled(now) >= min(amount, self.per_minute)

    def take(self, amount: float, now: float) -> None:
        """Use that much, allowed or not; a negative amount is given back."""
        self.level, self._at = min(self.per_minute, self._filled(now) - amount), now

    def learn(self, limit: RateLimit, now: float) -> None:
        """Believe what the server says: others may use the same key, and limits change."""
        self.per_minute, self.level, self._at = limit.limit, limit.remaining, now
        used = limit.limit - limit.remaining
        self._rate = used / limit.reset if used > 0 and limit.reset > 0 else limit.limit / 60

    def _filled(self, now: float) -> float:
        elapsed = now - self._at
        return self.per_minute if math.isinf(elapsed) else min(self.per_minute, self.level + elapsed * self._rate)


@dataclass(slots=True)
class Rates:
    """What one endpoint allows, shared by all sessions."""

    requests: Bucket
    tokens: Bucket
    _refused_until: float = -math.inf

    def allow(self, tokens: int, now: float) -> bool:
        """Whether a request of so many tokens, prompt and answer, would be let through."""
        return now >= self._refused_until and self.requests.holds(1, now) and self.tokens.holds(tokens, now)

    def take(self, tokens: int, now: float) -> None:
        """A request leaves that may use so many tokens."""
        self.requests.take(1, now)
        self.tokens.take(tokens, now)

    def settle(self, reserved: int, used: int, now: float) -> None:
        """It has used this many of them."""
        self.tokens.take(used - reserved, now)

    def learn(self, limits: Iterable[RateLimit], now: float) -> None:
        """Take over what the server says of itself."""
        for limit in limits:
            (self.requests if limit.name == "requests" else self.tokens).learn(limit, now)

    def refused(self, now: float, retry_after: float | None = None) -> None:
        """Too many requests, says the server, and perhaps for how many seconds."""
        until = now + (REFUSED_FOR if retry_after is None else retry_after)
        self._refused_until = max(self._refused_until, until)
