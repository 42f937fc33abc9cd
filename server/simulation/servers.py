"""The models' servers on the simulated day: they let a request through or turn it away, and answer when they will."""

from dataclasses import dataclass, field

from pipeline.llm.catalog import Model
from pipeline.llm.rates import Bucket
from server.simulation.traffic import Turn
from server.simulation.worlds import World

FAILS_AFTER = 0.05
"""Seconds until a server says no."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a request."""

    after: float
    """Seconds until the first token, or until it has failed."""
    answers: bool
    limited: bool = False
    """Turned away for being one too many."""


@dataclass(slots=True)
class Servers:
    """Those of one world, as one policy meets them."""

    world: World
    _buckets: dict[str, Bucket] = field(default_factory=dict[str, Bucket])

    def ask(self, model: Model, turn: Turn, number: int, now: float) -> Fate:
        """The n-th request of a turn to a model, counted from 0."""
        if not self.lets_through(model, now):
            return Fate(FAILS_AFTER, answers=False, limited=True)
        if model.name in self.world.limited:
            self._bucket(model, now).take(1, now)
        wait = turn.wait(model.name, number)
        return Fate(FAILS_AFTER, answers=False) if wait is None else Fate(wait, answers=True)

    def lets_through(self, model: Model, now: float) -> bool:
        """Whether a request would be turned away now."""
        limit = self.world.limited.get(model.name)
        return limit is None or not limit.covers(now) or self._bucket(model, now).holds(1, now)

    def _bucket(self, model: Model, now: float) -> Bucket:
        limit = self.world.limited[model.name]
        if not limit.covers(now):
            return Bucket(0)
        if model.name not in self._buckets:
            self._buckets[model.name] = Bucket(limit.factor)
        return self._buckets[model.name]
