"""Spans, sent by the real SDK to a receiver that speaks OTLP over a real socket."""

import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from server.observing.observer import observer_of
from server.observing.record import parts_of
from server.observing.trace_context import TraceContext
from server.observing.turn_log import fields
from server.settings import ServerSettings
from tests.server.observing.turns import MARKS, PLACE, hedged, record

pytestmark = pytest.mark.real


class Receiver:
    """What it got, by name; started on a free port."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.services: set[str] = set()
        receiver = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                receiver.take(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in http.server
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.services.add(named["service.name"])
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def named(self, name: str) -> Span:
        [span] = [span for span in self.spans if span.name == name]
        return span


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Generator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)  # the exporter reads the variables itself
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def send(receiver: Receiver, place: TraceContext = PLACE, **other: Any) -> None:
    """One turn, until it has arrived."""
    observer = observer_of(ServerSettings(), {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url})
    assert observer
    assert observer.traces
    turn = record(**other)
    observer.traces.write(type(turn)(turn.session, place, turn.ended, turn.at, turn.seconds))
    observer.traces.close()


def told(span: Span) -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in span.attributes}


def test_a_turn_is_a_span_with_one_below_it_for_each_stage(receiver: Receiver) -> None:
    send(receiver)
    turn = receiver.named("antiphon.turn")
    stages = sorted((span for span in receiver.spans if span is not turn), key=lambda span: span.start_time_unix_nano)
    assert all(span.parent_span_id == turn.span_id and span.trace_id == turn.trace_id for span in stages)
    assert [told(span)["antiphon.stage"] for span in stages] == [part.name for part in parts_of(MARKS)]
    assert receiver.services == {"antiphon"}


def test_the_spans_lie_where_the_marks_are(receiver: Receiver) -> None:
    send(receiver)
    turn, chat = receiver.named("antiphon.turn"), receiver.named("chat small")
    assert turn.start_time_unix_nano == 1000 * 10**9
    assert turn.end_time_unix_nano == 1002 * 10**9
    assert (chat.start_time_unix_nano - turn.start_time_unix_nano) / 1e6 == pytest.approx(MARKS["llm_request"])
    assert (chat.end_time_unix_nano - turn.start_time_unix_nano) / 1e6 == pytest.approx(MARKS["llm_first_token"])


def test_they_have_the_ids_of_the_log(receiver: Receiver) -> None:
    send(receiver)
    turn, line = receiver.named("antiphon.turn"), fields(record())
    assert (turn.trace_id.hex(), turn.span_id.hex()) == (line["trace_id"], line["span_id"])


def test_they_are_below_the_callers_span_and_left_out_where_that_is(receiver: Receiver) -> None:
    send(receiver, PLACE.child())
    turn = receiver.named("antiphon.turn")
    assert (turn.trace_id.hex(), turn.parent_span_id.hex()) == (PLACE.trace, PLACE.span)
    send(receiver, TraceContext(PLACE.trace, PLACE.span, sampled=False).child())
    assert len([span for span in receiver.spans if span.name == "antiphon.turn"]) == 1


def test_attributes_follow_the_conventions_for_generative_ai(receiver: Receiver) -> None:
    send(receiver, account=hedged())
    turn, chat = told(receiver.named("antiphon.turn")), told(receiver.named("chat large"))
    assert (turn["gen_ai.conversation.id"], turn["gen_ai.response.id"]) == ("sess_1", "resp_1")
    assert (turn["antiphon.wasted_tokens"], turn["antiphon.in_time"]) == (150, True)
    assert (chat["gen_ai.operation.name"], chat["gen_ai.request.model"]) == ("chat", "large")
    assert (chat["gen_ai.usage.input_tokens"], chat["gen_ai.usage.output_tokens"]) == (120, 30)


def test_a_failed_turn_is_an_error_without_its_secrets(receiver: Receiver) -> None:
    send(receiver, outcome="failed", fault="llm", reason="no key sk-proj-AbC123dEf456")
    turn = receiver.named("antiphon.turn")
    assert turn.status.code == Status.STATUS_CODE_ERROR
    assert turn.status.message == "no key [key]"
    assert told(turn)["error.type"] == "llm"


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "TRUE"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_traced_unless_the_variables_say_where_to(variables: dict[str, str]) -> None:
    observer = observer_of(ServerSettings(), variables)
    assert observer
    assert observer.traces is None
