"""Which of several engines to try now: one that has just failed rests for a while and goes to the end of the line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

FIRST_REST = 30.0
"""Seconds an engine rests after a failure; doubled at each further failure in a row."""

LONGEST_REST = 300.0
"""Seconds; however often it fails, an engine is tried again this soon."""


class Named(Protocol):
    """All that a line-up needs to know of an engine."""

    @property
    def name(self) -> str:
        """Tells it from the others in the line."""
        ...


E = TypeVar("E", bound=Named)


@dataclass(frozen=True, slots=True)
class _Rest:
    until: float
    seconds: float


@dataclass(slots=True)
class Resting:
    """Remembers who failed and when. Times are seconds of any one monotonic clock."""

    _rests: dict[str, _Rest] = field(default_factory=dict[str, _Rest])

    def fit(self, engines: Sequence[E], now: float) -> Sequence[E]:
        """Those not resting, in their given order; all of them when all rest, since trying is better than silence."""
        return [engine for engine in engines if not self.resting(engine.name, now)] or engines

    def resting(self, name: str, now: float) -> bool:
        """Whether this engine failed too recently to be tried first."""
        return name in self._rests and now < self._rests[name].until

    def failed(self, name: str, now: float) -> float:
        """Sends an engine to rest, and says for how many seconds.

        A failure while it rests (several sessions may share one outage) is the same failure, and changes nothing.
        """
        known = self._rests.get(name)
        if known and now < known.until:
            return known.until - now
        seconds = min(known.seconds * 2, LONGEST_REST) if known else FIRST_REST
        self._rests[name] = _Rest(now + seconds, seconds)
        return seconds

    def worked(self, name: str) -> None:
        """An engine has answered: whatever was held against it is forgotten."""
        self._rests.pop(name, None)
