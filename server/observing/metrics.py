"""The metrics that count turns: what Prometheus is told of each record. docs/metrics.md explains every one.

Labels have few values whatever happens: models, engines and functions are named as the server's owner named them, and
beyond `MOST_NAMES` they are `other`; nothing comes from a user.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from pipeline.clock import MARKS
from pipeline.events import AnswerDropped, Fault, HearingFailed
from server.observing.book import Note
from server.observing.record import STAGES, Interruption, TurnRecord, parts_of

MOST_NAMES = 40
"""Models, and engines of one stage, that have a label of their own."""

OTHER = "other"

STAGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Seconds; the deadline of 0.6 s and the alerts' 2 and 5 s are edges, so that what is asked of them is exact."""

TOKEN_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)

LAG_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)

REASONS = ("turn_detected", "client_cancelled", "hung_up", "max_output_tokens", "content_filter")
"""Why an answer is not complete; a failure has its stage instead."""


@dataclass(slots=True)
class Names:
    """The values of one label, as many as there may be."""

    most: int = MOST_NAMES
    _known: set[str] = field(default_factory=set[str])

    def of(self, name: str) -> str:
        """The name, or `other` where there are too many already; `none` for no name."""
        if name not in self._known and len(self._known) >= self.most:
            return OTHER
        self._known.add(name)
        return name or "none"


class Metrics:
    """One server's; a process may have several."""

    def __init__(self, version: str) -> None:
        disable_created_metrics()  # a gauge beside each counter that nobody reads
        self.version = version
        self.registry = CollectorRegistry()
        self._models, self._engines = Names(), Names(3 * MOST_NAMES)
        self._declare_turns()
        self._declare_costs()
        self._declare_rest()
        self._begin_at_nothing()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def take(self, note: Note) -> None:
        """What has just happened in a session."""
        match note:
            case TurnRecord():
                self._turn(note)
            case AnswerDropped(usage=usage, account=account):
                self.speculations.labels("dropped").inc()
                self.wasted.labels("speculation").inc(account.tokens or usage.prompt + usage.completion)
                self._spend(account.model or next(iter(account.asked), ""), account.cost)
                self._ask(account.asked)
            case HearingFailed():
                self.unheard.inc()
            case str():
                self.interruptions.labels(note).inc()

    def session(self) -> None:
        """A session has begun."""
        self.sessions.inc()

    def lag(self, seconds: float) -> None:
        """The event loop was so late."""
        self.loop_lag.observe(seconds)

    def _turn(self, record: TurnRecord) -> None:
        ended, model = record.ended, self._models.of(record.model)
        self.turns.labels(model, self.version, ended.outcome).inc()
        for part in parts_of(ended.marks_ms):
            self.stages[part.name].observe(part.took / 1000)
        for mark, at in ended.marks_ms.items():
            if mark != "speech_end":
                self.marks[mark].observe(max(0.0, at) / 1000)
        if record.first_token is not None:
            self.first_token.labels(model, self.version, ended.outcome).observe(max(0.0, record.first_token))
        if record.in_time is not None:
            self.due.labels(model, self.version).inc()
            self.good.labels(model, self.version).inc(record.in_time)
        for stage, engine in ended.engines.items():
            self.engine_turns.labels(stage, self._engines.of(engine)).inc()
        if ended.fault:
            self.faults.labels(ended.fault).inc()
        elif ended.reason:
            self.ended_early.labels(ended.reason if ended.reason in REASONS else OTHER).inc()
        if "paused" in ended.marks_ms:
            self.speculations.labels("kept").inc()
            self.head_start.inc(record.head_start)
        self._account(record, model)

    def _account(self, record: TurnRecord, model: str) -> None:
        ended, account = record.ended, record.ended.account
        for kind, tokens in (
            ("prompt", ended.usage.prompt - ended.usage.cached),
            ("cached", ended.usage.cached),
            ("completion", ended.usage.completion),
        ):
            self.tokens.labels(model, kind).inc(max(0, tokens))
        self._spend(account.model, account.cost)
        self._ask(account.asked or ([record.model] if "llm_request" in ended.marks_ms else []))
        self.model_failures.inc(len(account.failures))
        self.wasted.labels("hedge").inc(account.wasted)
        if len(account.asked) > 1 and account.model:
            won = account.model != account.asked[0]
            self.hedged.labels("other" if won else "first").inc()
            self.hedge_saved.inc(max(0.0, account.saved))

    def _ask(self, models: Iterable[str]) -> None:
        for model in models:
            self.asked.labels(self._models.of(model)).inc()

    def _spend(self, model: str, dollars: float) -> None:
        if dollars > 0:
            self.cost.labels(self._models.of(model)).inc(dollars)

    def _declare_turns(self) -> None:
        self.turns = self._counter("turns", "Answers that are over.", ("model", "version", "outcome"))
        self.first_token = self._histogram(
            "first_token_seconds",
            "From the end of speech to the first token of the answer.",
            ("model", "version", "outcome"),
            TOKEN_BUCKETS,
        )
        self.due = self._counter(
            "first_tokens_due", "Answers whose first token was due within 600 ms.", ("model", "version")
        )
        self.good = self._counter("first_tokens_in_time", "Those of them that kept it.", ("model", "version"))
        self.stage = self._histogram(
            "turn_stage_seconds", "What each stage adds to the wait for the first sound.", ("stage",), STAGE_BUCKETS
        )
        self.mark = self._histogram(
            "turn_mark_seconds", "From the end of speech to each mark of a turn.", ("mark",), STAGE_BUCKETS
        )
        self.stages = {name: self.stage.labels(name) for name in STAGES}  # what is looked up for every turn
        self.marks = {name: self.mark.labels(name) for name in MARKS[1:]}
        self.ended_early = self._counter("turns_ended_early", "Answers cancelled or cut short.", ("reason",))
        self.faults = self._counter("turn_faults", "Answers that failed, by the stage that did.", ("stage",))
        self.unheard = self._counter("unheard_questions", "Utterances that no recogniser could make words of.")
        self.interruptions = self._counter("interruptions", "Times the user spoke into an answer.", ("kind",))
        self.engine_turns = self._counter("engine_turns", "Answers each engine took part in.", ("stage", "engine"))

    def _declare_costs(self) -> None:
        self.tokens = self._counter("tokens", "Tokens of answers that were given.", ("model", "kind"))
        self.wasted = self._counter("wasted_tokens", "Tokens of requests that were thrown away.", ("cause",))
        self.cost = self._counter("cost_dollars", "What models were paid, by the catalogue's prices.", ("model",))
        self.asked = self._counter("model_requests", "Requests to each model.", ("model",))
        self.model_failures = self._counter("model_failures", "Requests that failed while a turn waited for them.")
        self.hedged = self._counter("hedged_turns", "Turns for which a second model was asked.", ("answered_by",))
        self.hedge_saved = self._counter("hedge_saved_seconds", "What the first request would have taken longer.")
        self.speculations = self._counter("speculations", "Answers begun before the user was done.", ("outcome",))
        self.head_start = self._counter("speculation_saved_seconds", "What the first sound came sooner for it.")

    def _declare_rest(self) -> None:
        self.sessions = self._counter("sessions", "Conversations that have begun.")
        self.loop_lag = self._histogram(
            "event_loop_lag_seconds", "How late the event loop was, sampled four times a second.", (), LAG_BUCKETS
        )
        Info("antiphon_build", "What is running.", registry=self.registry).info({"version": self.version})

    def _begin_at_nothing(self) -> None:
        """Show what has yet to happen as 0: the first of a kind is an increase only then."""
        for counter, values in (
            (self.interruptions, get_args(Interruption)),
            (self.faults, [fault for fault in get_args(Fault) if fault]),
            (self.ended_early, [*REASONS, OTHER]),
            (self.speculations, ("kept", "dropped")),
            (self.wasted, ("speculation", "hedge")),
            (self.hedged, ("first", "other")),
        ):
            for value in values:
                counter.labels(value)

    def _counter(self, name: str, what: str, labels: Iterable[str] = ()) -> Counter:
        return Counter(f"antiphon_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, labels: Iterable[str], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"antiphon_{name}", what, labels, registry=self.registry, buckets=buckets)
