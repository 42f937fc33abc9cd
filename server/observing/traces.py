"""Turns as OpenTelemetry spans: one for each turn, and below it one for each stage; `pip install 'antiphon[otel]'`.

They go where the standard OTEL_* variables say, from a thread of the SDK's own. The names of attributes are those of
the conventions for generative AI where there are some (https://opentelemetry.io/docs/specs/semconv/gen-ai/).
"""

from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from server.observing.masking import masked
from server.observing.record import Part, Stage, TurnRecord, parts_of
from server.observing.trace_context import TraceContext

TURN = "antiphon.turn"
"""The name of a turn's span."""

SPANS: Mapping[Stage, str] = {
    "pause": "wait for the pause",
    "asr": "transcribe",
    "choose": "choose a model",
    "ask": "ask",
    "llm": "chat",
    "clause": "first clause",
    "queue": "wait for the voice",
    "tts": "speak",
    "floor": "wait for the floor",
    "send": "send",
}
"""Those of its stages'; the model's has its name behind it."""


class Traces:
    """Makes spans of records. Nothing here waits: the SDK's thread sends them, and drops them when it cannot."""

    def __init__(self, exporter: SpanExporter, service: str) -> None:
        self._ids = _Ids()
        named = Resource.create({"service.name": service})
        self._provider = TracerProvider(resource=named, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("antiphon")

    def write(self, record: TurnRecord) -> None:
        """One turn, from the end of the question to its own."""
        ended, begin = record.ended, round(record.at * 1e9)
        self._ids.place = record.place
        turn = self._tracer.start_span(
            TURN, _below_caller(record.place), SpanKind.SERVER, attributes(record), (), begin
        )
        below = set_span_in_context(turn)
        for part in parts_of(ended.marks_ms):
            name = f"{SPANS['llm']} {record.model}".rstrip() if part.name == "llm" else SPANS[part.name]
            kind = SpanKind.CLIENT if part.name in ("asr", "llm", "tts") else SpanKind.INTERNAL
            start = begin + round(part.begin * 1e6)
            span = self._tracer.start_span(name, below, kind, attributes_of(record, part), (), start)
            span.end(start + round(part.took * 1e6))
        if ended.fault:
            turn.set_status(Status(StatusCode.ERROR, masked(ended.reason)))
        turn.end(begin + round(record.seconds * 1e9))

    def close(self) -> None:
        """Send what is left; blocks for as long as the exporter's own timeout."""
        self._provider.shutdown()


def attributes(record: TurnRecord) -> Mapping[str, AttributeValue]:
    """Of a turn's span; what is empty is left out."""
    ended, account = record.ended, record.ended.account
    told: Mapping[str, AttributeValue | None] = {
        "gen_ai.conversation.id": record.session,
        "gen_ai.response.id": ended.turn,
        "error.type": ended.fault,
        "antiphon.outcome": ended.outcome,
        "antiphon.reason": masked(ended.reason),
        "antiphon.in_time": record.in_time,
        "antiphon.interruption": record.interruption,
        "antiphon.engine.asr": ended.engines.get("asr"),
        "antiphon.engine.llm": ended.engines.get("llm"),
        "antiphon.engine.tts": ended.engines.get("tts"),
        "antiphon.why": masked(account.why),
        "antiphon.kind": account.kind,
        "antiphon.wasted_tokens": account.wasted,
        "antiphon.cost_usd": account.cost,
    }
    return {name: value for name, value in told.items() if value is not None and value != ""}


def attributes_of(record: TurnRecord, part: Part) -> Mapping[str, AttributeValue]:
    """Of a stage's span."""
    if part.name != "llm":
        return {"antiphon.stage": part.name}
    usage = record.ended.usage
    return {
        "antiphon.stage": part.name,
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": record.model,
        "gen_ai.usage.input_tokens": usage.prompt,
        "gen_ai.usage.output_tokens": usage.completion,
        "gen_ai.usage.cache_read.input_tokens": usage.cached,
    }


def _below_caller(place: TraceContext) -> Context:
    if not place.parent:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if place.sampled else TraceFlags.DEFAULT)
    caller = SpanContext(int(place.trace, 16), int(place.parent, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(caller), Context())


class _Ids(RandomIdGenerator):
    """Gives a turn's span the ids that it has in the log."""

    place: TraceContext | None = None
    """That of the span to come; None for any."""

    def generate_trace_id(self) -> int:
        """Asked for spans that have nothing above them, and before the span's own id."""
        return int(self.place.trace, 16) if self.place else super().generate_trace_id()

    def generate_span_id(self) -> int:
        """Asked once for each span."""
        place, self.place = self.place, None
        return int(place.span, 16) if place else super().generate_span_id()
