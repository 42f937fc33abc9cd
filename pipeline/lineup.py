"""Which of several engines to try now: one that has just failed rests for a while and goes to the end of the line."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pipeline.errors import EngineError, LimitedError, RefusedError

_log = logging.getLogger(__name__)

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

    failures: Counter[str] = field(default_factory=Counter[str])
    """How often each engine has let somebody down, ever; a refused request is none."""
    _rests: dict[str, _Rest] = field(default_factory=dict[str, _Rest])
    _limits: dict[str, float] = field(default_factory=dict[str, float])
    """Until when each that was asked too often wants to be left alone, whatever it still answers."""

    def line(self, engines: Iterable[E], now: float) -> Sequence[E]:
        """All of them in their given order, but those that rest come last: trying them is better than silence."""
        return sorted(engines, key=lambda engine: self.resting(engine.name, now))

    def resting(self, name: str, now: float) -> bool:
        """Whether this engine failed too recently to be tried first, or was asked too often."""
        failed = name in self._rests and now < self._rests[name].until
        return failed or now < self._limits.get(name, now)

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

    def limited(self, name: str, seconds: float, now: float) -> float:
        """Leaves an engine alone for as long as it says, which is no failure of its own. Returns those seconds."""
        self._limits[name] = max(now + seconds, self._limits.get(name, now))
        return seconds

    def blame(self, engine: Named, failure: EngineError, now: float, successor: Named | None) -> None:
        """One line of the log, and a rest for the engine, unless all it did was refuse this request."""
        then = f"{successor.name} takes over" if successor else "nobody takes over"
        if isinstance(failure, RefusedError):
            _log.warning("%s; %s", failure, then)
            return
        self.failures[engine.name] += 1
        told = failure.retry_after if isinstance(failure, LimitedError) else None
        rest = self.failed(engine.name, now) if told is None else self.limited(engine.name, told, now)
        _log.warning("%s; %s rests for %.0f s, %s", failure, engine.name, rest, then)

    def worked(self, name: str) -> None:
        """An engine has answered: whatever was held against it is forgotten."""
        self._rests.pop(name, None)


def unheeded(_name: str) -> None:
    """For those who do not care which engine is used."""


def unpaid(_name: str, _characters: int) -> None:
    """For those whom speech costs nothing."""
