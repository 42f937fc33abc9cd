"""What a server exports: every metric with its type and labels, from a registry in which each has a sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from pipeline.clock import MARKS as ALL_MARKS
from pipeline.engines import Usage
from pipeline.events import AnswerDropped, HearingFailed
from server.observing.metrics import Metrics
from server.observing.record import Interruption
from server.observing.standing import BudgetStanding, EngineStanding, ModelStanding, Standing, StandingCollector
from tests.server.observing.turns import MARKS, hedged, record


@dataclass(frozen=True, slots=True)
class Exported:
    """One metric."""

    kind: str
    labels: frozenset[str]


def everything() -> Metrics:
    """Metrics in which every one has a sample."""
    metrics, collector = Metrics("1.2.3"), StandingCollector()
    metrics.take(record(account=hedged(), marks_ms={mark: MARKS[mark] for mark in ALL_MARKS}))
    metrics.take(record(outcome="failed", fault="llm"))
    metrics.take(record(outcome="cancelled", reason="turn_detected"))
    for note in (AnswerDropped("resp_0", {}, Usage(1, 1)), HearingFailed("item_1", "why"), *get_args(Interruption)):
        metrics.take(note)
    metrics.session()
    metrics.lag(0.001)
    collector.standing = Standing(
        {"speaking": 1},
        1,
        0,
        [EngineStanding("llm", "small", ready=True, in_use=True, failures=0)],
        {"llm": False},
        [ModelStanding("small", "closed", 0.3, 0.9)],
        0.0,
        [BudgetStanding("day", 1.0, 2.0)],
    )
    metrics.registry.register(collector)
    return metrics


def exported() -> Mapping[str, Exported]:
    """Our own, by the name that a query has for it, without what a histogram adds."""
    found = dict[str, Exported]()
    for family in everything().registry.collect():
        if family.name.startswith("antiphon"):
            kind = "gauge" if family.type == "info" else family.type
            end = {"counter": "_total", "info": "_info"}.get(family.type, "")
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            found[family.name + end] = Exported(kind, frozenset(labels))
    return found
