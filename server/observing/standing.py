"""How the server stands just now: sessions, engines, models, budgets, what waits; as Prometheus is told of it.

It is read on the event loop when somebody asks, and costs nothing in between.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline.llm.budget import Budget, Key, Kind, day_of
from pipeline.llm.fleet import Fleet
from pipeline.llm.health import State
from pipeline.roster import Engines

TYPICAL_PROMPT = 500
"""Tokens of the prompt whose wait is predicted for all to see."""

STATES: Sequence[State] = ("closed", "half_open", "open")


@dataclass(frozen=True, slots=True)
class EngineStanding:
    """One engine of a stage."""

    stage: str
    name: str
    ready: bool
    in_use: bool
    failures: int


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """One model of the catalogue. Seconds; infinite where too many first tokens never came."""

    name: str
    state: State
    """Of its circuit breaker: asked freely, once, or not at all."""
    usual: float
    """The predicted median wait for its first token."""
    long: float
    """Likewise the 95th percentile."""


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """One budget, in dollars."""

    name: str
    """Of a fixed few: `day`, `month`, ...; never a user's."""
    spent: float
    limit: float


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it, at one moment."""

    sessions: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many of them listen, hear, think, speak, or wait for a client that was cut off."""
    turns: int = 0
    """Under way, most of which only listen."""
    outbox_bytes: int = 0
    engines: Sequence[EngineStanding] = ()
    fallbacks: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """By stage, whether another than the first choice is at work."""
    models: Sequence[ModelStanding] = ()
    allowance: float | None = None
    """Tokens saved up for hedging; None where there is no choice of models."""
    budgets: Sequence[BudgetStanding] = ()


class StandingCollector(Collector):
    """Tells the standing that it was shown last."""

    def __init__(self) -> None:
        self.standing = Standing()

    def collect(self) -> Iterable[Metric]:
        """See `Collector`; may be called from any thread."""
        now = self.standing
        yield _gauge("sessions_now", "Conversations by what goes on in them.", ("state",), _keyed(now.sessions))
        yield _gauge("turns_now", "Turns under way, also those that only listen.", (), [((), now.turns)])
        yield _gauge("outbox_bytes", "What waits for clients to read it.", (), [((), now.outbox_bytes)])
        yield from self._engines(now)
        yield from self._models(now)
        for name, what, values in (
            (
                "budget_spent_dollars",
                "What was spent of each budget.",
                [((one.name,), one.spent) for one in now.budgets],
            ),
            ("budget_limit_dollars", "What may be spent of each.", [((one.name,), one.limit) for one in now.budgets]),
        ):
            yield _gauge(name, what, ("budget",), values)

    def _engines(self, now: Standing) -> Iterator[Metric]:
        labels = ("stage", "engine")
        engines = [((one.stage, one.name), one) for one in now.engines]
        yield _gauge("engine_up", "Whether it works.", labels, [(key, one.ready) for key, one in engines])
        yield _gauge(
            "engine_in_use",
            "Whether it is asked first, or chosen among.",
            labels,
            [(key, one.in_use) for key, one in engines],
        )
        yield _gauge(
            "fallback_in_use", "Whether another than the first choice is at work.", ("stage",), _keyed(now.fallbacks)
        )
        failures = CounterMetricFamily(
            "antiphon_engine_failures", "Times an engine let a turn down, and another took over.", labels=labels
        )
        for key, one in engines:
            failures.add_metric(key, one.failures)
        yield failures

    def _models(self, now: Standing) -> Iterator[Metric]:
        states = [((one.name, state), one.state == state) for one in now.models for state in STATES]
        yield _gauge("model_breaker", "The state each model's circuit breaker is in.", ("model", "state"), states)
        waits = [
            ((one.name, share), wait) for one in now.models for share, wait in (("0.5", one.usual), ("0.95", one.long))
        ]
        what = f"The wait for a first token that is expected of a model, for a prompt of {TYPICAL_PROMPT} tokens."
        yield _gauge("model_expected_first_token_seconds", what, ("model", "quantile"), waits)
        allowance = [] if now.allowance is None else [((), now.allowance)]
        yield _gauge("hedge_allowance_tokens", "What is saved up for second requests.", (), allowance)


def engines_now(engines: Engines, now: float) -> tuple[Sequence[EngineStanding], Mapping[str, bool]]:
    """How the engines stand at the loop's time, and in which stages the first choice is not at work.

    Of the models that are chosen among, each that may be asked is a first choice.
    """
    told, fallbacks, fleet = list[EngineStanding](), dict[str, bool](), engines.mind.fleet
    rows = {row.name for row in fleet.catalog}
    asked = {row.name for row in fleet.catalog if fleet.open(row, now)}
    for stage in engines.stages:
        name = stage.job.lower()
        line = [engine.name for engine in stage.resting.line(stage.ready(), now)]
        known = [one.engine.name for one in stage.candidates if one.state != "starting"]
        others = [engine for engine in line if engine not in rows]
        choices = asked.intersection(line) or set(others[:1] or line[:1])
        if stage.reported.is_set():  # until then nobody knows what the first choice will be
            fallbacks[name] = bool(line and known) and not choices & (rows.intersection(known) or set(known[:1]))
        told += [
            EngineStanding(
                name,
                one.engine.name,
                one.state == "ready",
                one.engine.name in choices,
                stage.resting.failures[one.engine.name],
            )
            for one in stage.candidates
        ]
    return told, fallbacks


def models_now(fleet: Fleet, now: float) -> Sequence[ModelStanding]:
    """How the models stand at the loop's time."""
    told = list[ModelStanding]()
    for model in fleet.catalog:
        waits = fleet.predictor.of(model, TYPICAL_PROMPT, now)
        state = fleet.standing[model.name].breaker.state(now)
        told.append(ModelStanding(model.name, state, waits.usual, waits.long))
    return told


def budgets_now(budget: Budget, now: float) -> Sequence[BudgetStanding]:
    """What everybody together has spent in this day and month, at the Unix time `now`; not those of single users."""
    day, told = day_of(now), list[BudgetStanding]()
    kinds: Mapping[Kind, str] = {"day": day, "month": day[:7]}
    for kind, period in kinds.items():
        limit = budget.limits.of(kind)
        if math.isfinite(limit):
            purse = budget.purses.get(Key(kind, "", period))
            told.append(BudgetStanding(kind, purse.spent if purse else 0.0, limit))
    return told


def _keyed(values: Mapping[str, float]) -> list[tuple[tuple[str, ...], float]]:
    return [((key,), value) for key, value in values.items()]


def _gauge(
    name: str, what: str, labels: Sequence[str], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"antiphon_{name}", what, labels=labels)
    for key, value in values:
        gauge.add_metric(key, value)
    return gauge
