"""Which of several models is asked when: a schedule that failures hasten, and a first word puts off."""

import math
from collections.abc import Iterable


class Race:
    """One turn's requests. Times are seconds since the first of them left."""

    def __init__(self, schedule: Iterable[float]) -> None:
        self.schedule = list(schedule)
        """When each is to leave at the latest, never decreasing; the first at 0."""
        self.begun = 0
        self.running = 0

    def due(self) -> float:
        """When the next is to leave: at once if none is running; infinite if there is none left."""
        if self.begun == len(self.schedule):
            return math.inf
        return self.schedule[self.begun] if self.running else 0.0

    def begin(self) -> int:
        """The next leaves; its number."""
        self.begun += 1
        self.running += 1
        return self.begun - 1

    def end(self) -> None:
        """One has failed, or was closed."""
        self.running -= 1

    def put_off(self, until: float) -> None:
        """Somebody speaks: the next is not needed before `until`."""
        if self.begun < len(self.schedule):
            later = until - self.schedule[self.begun]
            self.schedule[self.begun :] = [at + later for at in self.schedule[self.begun :]]

    @property
    def lost(self) -> bool:
        """Whether nobody is left."""
        return self.begun == len(self.schedule) and not self.running
