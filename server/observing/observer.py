"""Whoever watches a server's sessions: hands what happens in them to metrics, log, traces and the dashboard."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from prometheus_client import generate_latest

from pipeline.errors import ConfigError
from pipeline.events import Event
from pipeline.roster import Engines
from server.observing.book import Book
from server.observing.lag import Lag
from server.observing.metrics import Metrics
from server.observing.record import TurnRecord
from server.observing.standing import BudgetStanding, Standing, StandingCollector, engines_now, models_now
from server.observing.trace_context import caller_of
from server.observing.turn_log import TurnLog
from server.settings import ServerSettings

if TYPE_CHECKING:
    from server.observing.traces import Traces

RECENT = 100
"""Turns that the dashboard can show."""

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Either of these variables turns spans on."""

_log = logging.getLogger("antiphon")


@dataclass(eq=False, slots=True)
class Watched:
    """One session that is open."""

    book: Book
    began: float
    """The loop's time."""
    outbox: Callable[[], int]
    """Bytes that wait for its client."""


@dataclass(eq=False, slots=True)
class Observer:
    """One server's. It never raises into a session, and never waits."""

    metrics: Metrics
    log: TurnLog = field(default_factory=TurnLog)
    traces: "Traces | None" = None
    budgets: Callable[[], Sequence[BudgetStanding]] = tuple
    """What was spent, and what may be."""
    sessions: dict[str, Watched] = field(default_factory=dict[str, Watched])
    recent: deque[TurnRecord] = field(default_factory=lambda: deque[TurnRecord](maxlen=RECENT))
    lag: Lag = field(init=False)
    _standing: StandingCollector = field(default_factory=StandingCollector)

    def __post_init__(self) -> None:
        self.lag = Lag(self.metrics.lag)
        self.metrics.registry.register(self._standing)

    def open(self, session: str, traceparent: str, outbox: Callable[[], int]) -> Watched:
        """A session begins; its turns belong to the trace of whoever has asked for it, if that was told."""
        self.metrics.session()
        watched = Watched(Book(session, caller_of(traceparent)), asyncio.get_running_loop().time(), outbox)
        self.sessions[session] = watched
        return watched

    def close(self, watched: Watched) -> None:
        """It is over."""
        if self.sessions.get(watched.book.session) is watched:
            del self.sessions[watched.book.session]

    def take(self, watched: Watched, event: Event) -> None:
        """The next event of a session."""
        try:
            note = watched.book.take(event, asyncio.get_running_loop().time(), time.time())
            if note is not None:
                self.metrics.take(note)
            if isinstance(note, TurnRecord):
                self.recent.append(note)
                self.log.write(note)
                if self.traces:
                    self.traces.write(note)
        except Exception:  # noqa: BLE001  a bug in the bookkeeping must not end a conversation
            _log.exception("%s could not be observed", type(event).__name__)

    def standing(self, engines: Engines, turns: int, waiting: Collection[str]) -> Standing:
        """How things are just now; so many turns are under way, and these sessions wait for their clients."""
        now, fleet = asyncio.get_running_loop().time(), engines.mind.fleet
        told, fallbacks = engines_now(engines, now)
        states = Counter({"listening": 0, "hearing": 0, "thinking": 0, "speaking": 0, "waiting": 0})
        states.update(self.state(one, waiting) for one in self.sessions.values())
        return Standing(
            states,
            turns,
            sum(one.outbox() for one in self.sessions.values()),
            told,
            fallbacks,
            models_now(fleet, now),
            fleet.allowance.level if fleet.catalog else None,
            self.budgets(),
        )

    def state(self, watched: Watched, waiting: Collection[str]) -> str:
        """What goes on in a session."""
        if watched.book.session in waiting:
            return "waiting"
        return watched.book.state(asyncio.get_running_loop().time())

    async def exposition(self, standing: Standing) -> bytes:
        """All metrics, as Prometheus reads them; written in a thread, for it takes some milliseconds."""
        self._standing.standing = standing
        return await asyncio.to_thread(generate_latest, self.metrics.registry)

    async def aclose(self) -> None:
        """Let go of what is still to be sent."""
        if self.traces:
            await asyncio.to_thread(self.traces.close)


def observer_of(settings: ServerSettings, environment: Mapping[str, str]) -> Observer | None:
    """The one these settings ask for, if they do. Raises `ConfigError`."""
    if settings.metrics == "off":
        return None
    metrics = Metrics(settings.release or _version())
    return Observer(metrics, TurnLog(settings.log_words), _traces_of(environment))


def _version() -> str:
    try:
        return version("antiphon")
    except PackageNotFoundError:
        return "unknown"  # run from a folder that was not installed


def _traces_of(environment: Mapping[str, str]) -> "Traces | None":
    """Where the variables want spans, something that makes them."""
    off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    if off or not any(environment.get(one) for one in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        from server.observing.traces import Traces  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed: pip install 'antiphon[otel]'"
        ) from error
    return Traces(OTLPSpanExporter(), environment.get("OTEL_SERVICE_NAME") or "antiphon")
