"""How busy the server is, and how far answers hold back because of it: quickly when it gets too much, slowly back.

Pure: what is measured and the time come in, a step comes out.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from pipeline.llm.restraint import Restraint, Step

CALM = 15.0
"""Seconds for which there must be less to do before a step is taken back: load comes in waves."""

LOWER = 0.7
"""Of what a step begins at: below it, the step is over. In between, all stays as it is."""

WINDOW = 5.0
"""Seconds over which turns are counted."""

LAG_SHARE = 0.2
"""What each new lag counts, beside those before: one pause of the garbage collector is no load."""

STEPS = (Step.FULL, Step.CHEAPER, Step.SHORTER, Step.LESS_HISTORY)
"""Load never makes anybody fall silent."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Where the first step begins; the second and third at 1.5 and 2 times as much. 0 for "does not matter"."""

    turns_per_second: float = 0.0
    answers: float = 0.0
    """Under way at the same time."""
    lag: float = 0.2
    """Seconds by which the event loop is late: what every sound and every token is late by."""


FURTHER = (1.0, 1.5, 2.0)
"""Times the capacity at which the three steps begin."""


@dataclass(frozen=True, slots=True)
class Busy:
    """What is going on."""

    turns_per_second: float
    answers: int
    lag: float

    def share(self, capacity: Capacity) -> tuple[float, str]:
        """How many times what there is room for is asked, and of what, as people say it."""
        parts = [
            (_share(self.turns_per_second, capacity.turns_per_second), f"{self.turns_per_second:.1f} turns a second"),
            (_share(self.answers, capacity.answers), f"{self.answers} answers at once"),
            (_share(self.lag, capacity.lag), f"the server is {self.lag * 1000:.0f} ms late"),
        ]
        return max(parts, key=lambda part: part[0])


@dataclass(slots=True)
class Load:
    """One for the server. Times are seconds of any one monotonic clock."""

    capacity: Capacity = field(default_factory=Capacity)
    step: Step = Step.FULL
    cause: str = ""
    _calm_since: float = math.inf
    """Since when there has been less to do than the step begins at; infinite while there has not."""
    _turns: "deque[float]" = field(default_factory=deque[float])
    _answers: int = 0
    _lag: float = 0.0

    def began(self, now: float) -> None:
        """A turn begins."""
        self._turns.append(now)
        self._answers += 1

    def ended(self) -> None:
        """One is over, however."""
        self._answers -= 1

    def late(self, seconds: float) -> None:
        """The event loop did something so much later than it was told to."""
        self._lag += LAG_SHARE * (max(0.0, seconds) - self._lag)

    def busy(self, now: float) -> Busy:
        """What is going on now."""
        while self._turns and now - self._turns[0] > WINDOW:
            self._turns.popleft()
        return Busy(len(self._turns) / WINDOW, self._answers, self._lag)

    def restraint(self, now: float) -> Restraint:
        """How far answers hold back now."""
        self.move(now)
        return Restraint(self.step, f"much is going on ({self.cause})" if self.step else "", hedges=not self.step)

    def move(self, now: float) -> None:
        """Up by as many steps as it takes, down one by one. Calm counts from the first call that sees it."""
        share, what = self.busy(now).share(self.capacity)
        due = sum(share >= further for further in FURTHER)
        if due >= self.step:
            if due > self.step:
                self.step, self.cause = STEPS[due], what
            self._calm_since = math.inf
        elif share >= FURTHER[self.step - 1] * LOWER:
            self._calm_since = math.inf
        elif now - (since := min(self._calm_since, now)) >= CALM:
            self.step, self._calm_since = STEPS[self.step - 1], now
        else:
            self._calm_since = since


def _share(amount: float, capacity: float) -> float:
    return amount / capacity if capacity else 0.0
