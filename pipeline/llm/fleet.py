"""All models as one server knows them: how soon they answer, whether they may be asked, and what hedging may cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from pipeline.engines import RateLimit
from pipeline.errors import EngineError, LimitedError, RefusedError
from pipeline.llm.again import Again
from pipeline.llm.allowance import Allowance
from pipeline.llm.catalog import Model
from pipeline.llm.health import Breaker
from pipeline.llm.latency import COLD_AFTER, Latencies, Predictor
from pipeline.llm.rates import Bucket, Rates
from pipeline.llm.router import Candidate, Choice, Need, Purse, choose

PROBE_AFTER = 0.75 * COLD_AFTER
"""Seconds without a request after which a model is to be asked something small, to keep it warm and known."""

Ending = Literal["whole", "broken", "left"]
"""How an answer that has begun ends. One that we leave would perhaps have broken off, and perhaps not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request under way."""

    model: Model
    at: float
    deadline: float
    """Seconds it had to be in time."""
    prompt_tokens: int
    reserved: int
    """Tokens of prompt and answer that were taken off its rates."""
    latencies: Latencies
    number: int
    """Of all requests."""


@dataclass(slots=True)
class Standing:
    """What is held for and against one model."""

    breaker: Breaker
    rates: Rates
    again: Again = field(default_factory=Again)


@dataclass(slots=True)
class Fleet:
    """One for all sessions. Times are seconds of any one monotonic clock; nothing here waits.

    Each `ask` is followed by one of `answered`, `failed`, `limited`, `refused`, `closed` and `outpaced`; an answered
    one by `settle`, once it is over, however it ends. The allowance is the caller's to fill and to spend from.
    """

    catalog: Sequence[Model]
    allowance: Allowance = field(default_factory=Allowance)
    predictor: Predictor = field(default_factory=Predictor)
    standing: dict[str, Standing] = field(init=False)
    _count: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.standing = {one.name: _standing(one) for one in self.catalog}

    def restock(self, catalog: Sequence[Model]) -> None:
        """Other models from now on. What is known of those that stay as they are is kept; those that go may still be
        answering.
        """
        before = {one.name: one for one in self.catalog}
        self.catalog = catalog
        for one in catalog:
            known = before.get(one.name)
            if known is None or _promise(known) != _promise(one):
                self.predictor.forget(one)
                self.standing[one.name] = _standing(one)
            elif _limits(known) != _limits(one):
                self.standing[one.name] = _standing(one)

    def choose(self, need: Need, now: float, among: Sequence[Model] | None = None, *, hedges: bool = True) -> Choice:
        """Who is asked for this turn, and why; of those `among` the catalogue that can be reached, if not of all."""
        purse = Purse(self.allowance.price, self.allowance.level if self.allowance.share and hedges else 0.0)
        models = self.catalog if among is None else among
        return choose(need, [self._candidate(one, need, now) for one in models], purse, now)

    def open(self, model: Model, now: float) -> bool:
        """Whether it works, as far as is known."""
        return self.standing[model.name].breaker.allows(now)

    def ask(self, model: Model, need: Need, time_left: float, now: float) -> Asked:
        """A request leaves."""
        standing = self.standing[model.name]
        standing.breaker.begin(now)
        standing.rates.take(need.tokens, now)
        latencies = self.predictor.of(model, need.prompt_tokens, now)
        self.predictor.asked(model, now)
        return Asked(model, now, max(time_left, 0.0), need.prompt_tokens, need.tokens, latencies, next(self._count))

    def answered(self, asked: Asked, now: float) -> None:
        """Its first token is here; whether it works, its end will show."""
        asked.latencies.came(now - asked.at, now)

    def failed(self, asked: Asked, now: float) -> None:
        """It failed before its first token: to the predictor, one that has missed the deadline."""
        asked.latencies.waited(max(now - asked.at, asked.deadline), now)
        self.standing[asked.model.name].breaker.failed(now)
        self.standing[asked.model.name].rates.settle(asked.reserved, 0, now)

    def limited(self, asked: Asked, now: float, retry_after: float | None = None) -> None:
        """It was turned away for asking too much: no fault of the model's, and nothing is known of its speed."""
        self.standing[asked.model.name].rates.refused(now, retry_after)
        self.refused(asked, now)

    def refused(self, asked: Asked, now: float) -> None:
        """It was turned away for what it asks: nothing is known of the model."""
        self.standing[asked.model.name].breaker.dropped()
        self.standing[asked.model.name].rates.settle(asked.reserved, 0, now)

    def blame(self, asked: Asked, error: EngineError, now: float) -> None:
        """It raised this before its first token."""
        match error:
            case RefusedError():
                self.refused(asked, now)
            case LimitedError():
                self.limited(asked, now, error.retry_after)
            case _:
                self.failed(asked, now)

    def closed(self, asked: Asked, now: float) -> None:
        """We closed it before its first token: all that is known is that it was not sooner."""
        asked.latencies.waited(now - asked.at, now)
        self.standing[asked.model.name].breaker.dropped()
        self.standing[asked.model.name].rates.settle(asked.reserved, asked.prompt_tokens, now)

    def outpaced(self, asked: Asked, winner: Asked, now: float) -> None:
        """We closed it because another one of its turn has just answered."""
        if asked.model is winner.model:
            first, second = sorted((asked, winner), key=lambda one: one.number)
            waited = now - first.at, now - second.at
            self.standing[asked.model.name].again.learn(asked.latencies, winner is second, waited, now)
        self.closed(asked, now)

    def learn(self, model: Model, limits: Sequence[RateLimit], now: float) -> None:
        """Its server has told what it lets us ask."""
        self.standing[model.name].rates.learn(limits, now)

    def settle(self, asked: Asked, used: int, now: float, ending: Ending = "whole") -> None:
        """The answer is over, and took so many tokens with its prompt."""
        standing = self.standing[asked.model.name]
        standing.rates.settle(asked.reserved, used, now)
        match ending:
            case "whole":
                standing.breaker.worked()
            case "broken":
                standing.breaker.failed(now)
            case "left":
                standing.breaker.dropped()

    def to_probe(self, now: float) -> Sequence[Model]:
        """Those that nobody has asked for so long that they grow cold, and what is known of them grows old."""
        return [one for one in self.catalog if self.predictor.idle(one, now) > PROBE_AFTER and self.open(one, now)]

    def _candidate(self, model: Model, need: Need, now: float) -> Candidate:
        standing = self.standing[model.name]
        return Candidate(
            model,
            self.predictor.of(model, need.prompt_tokens, now),
            self.open(model, now),
            standing.rates.allow(need.tokens, now),
            standing.again.worth,
        )


def _promise(model: Model) -> tuple[str, str, float, float]:
    """Who it is, and how fast it is said to be."""
    return model.url, model.model, model.first_token_p50_ms, model.first_token_p90_ms


def _limits(model: Model) -> tuple[float | None, float | None]:
    return model.requests_per_minute, model.tokens_per_minute


def _standing(model: Model) -> Standing:
    """Of one that nothing is known of yet."""
    return Standing(Breaker(), Rates(Bucket(model.requests_per_minute), Bucket(model.tokens_per_minute)))
