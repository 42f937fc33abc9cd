"""Whether a model may be asked: one that keeps failing is left alone, then tried with one request at a time."""

from dataclasses import dataclass
from typing import Literal

FAILURES = 3
"""In a row, after which a model is left alone."""

FIRST_REST, LONGEST_REST = 5.0, 120.0
"""Seconds it is left alone; doubled each time the trial fails."""

State = Literal["closed", "open", "half_open"]


@dataclass(slots=True)
class Breaker:
    """One model's circuit breaker. Times are seconds of any one monotonic clock.

    Each `begin` is followed by one of `worked`, `failed` and `dropped`.
    """

    failures: int = 0
    """In a row."""
    _rest: float = 0.0
    _until: float = 0.0
    _trying: bool = False

    def state(self, now: float) -> State:
        """Closed while all is well, open while nobody is to ask, half open when one may."""
        if not self._rest:
            return "closed"
        return "open" if now < self._until else "half_open"

    def allows(self, now: float) -> bool:
        """Whether a request may leave."""
        match self.state(now):
            case "closed":
                return True
            case "open":
                return False
            case "half_open":
                return not self._trying

    def begin(self, now: float) -> None:
        """A request leaves, allowed or not: when every model is down, one is asked all the same."""
        self._trying = self._trying or self.state(now) == "half_open"

    def worked(self) -> None:
        """It has answered, and its answer is whole: all is forgiven."""
        self.failures, self._rest, self._trying = 0, 0.0, False

    def failed(self, now: float) -> None:
        """It refused, broke off, or did not answer in all the time it had.

        Requests that were under way when it was left alone do not lengthen its rest.
        """
        self.failures += 1
        match self.state(now):
            case "closed" if self.failures >= FAILURES:
                self._leave_alone(FIRST_REST, now)
            case "half_open":
                self._leave_alone(min(2 * self._rest, LONGEST_REST), now)
            case _:
                pass

    def dropped(self) -> None:
        """The request was closed before it could be told how it would have ended."""
        self._trying = False

    def _leave_alone(self, seconds: float, now: float) -> None:
        self._rest, self._until, self._trying = seconds, now + seconds, False
