"""The line that each turn leaves in the log."""

import logging

import orjson
import pytest

from server.logs import JsonFormatter
from server.observing.turn_log import TurnLog, fields, summary
from tests.server.observing.turns import MARKS, hedged, late, record


def test_people_read_what_came_of_a_turn_and_when() -> None:
    assert summary(record()) == (
        "resp_1 completed, first token 400 ms, first sound 530 ms, asr whisper, llm small, tts espeak-ng, "
        "trace 0af7651916cd43dd8448eb211c80319c"
    )
    assert "late: llm" in summary(record(marks_ms=late(900.0)))
    assert "no first token" in summary(record(marks_ms={"speech_end": 0.0}))
    assert "cancelled (turn_detected)" in summary(record(outcome="cancelled", reason="turn_detected"))


def test_machines_get_all_of_it() -> None:
    told = fields(record(account=hedged(), marks_ms=late(900.0)))
    assert told == {
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "parent_id": None,
        "session": "sess_1",
        "turn": "resp_1",
        "asked_at": "1970-01-01T00:16:40.000+00:00",
        "seconds": 2.0,
        "outcome": "completed",
        "reason": "",
        "fault": "",
        "interruption": None,
        "marks_ms": late(900.0),
        "in_time": False,
        "blamed": "llm",
        "engines": {"asr": "whisper", "llm": "small", "tts": "espeak-ng"},
        "model": "large",
        "why": "nobody else is in time",
        "kind": "fact",
        "time_left_ms": 400.0,
        "wait_ms": 250.0,
        "asked": ["small", "large"],
        "failures": ["small: server error"],
        "prompt_tokens": 120,
        "cached_tokens": 20,
        "completion_tokens": 30,
        "wasted_tokens": 150,
        "saved_ms": 300.0,
        "cost_usd": 0.002,
        "head_start_ms": 380.0,
        "listened_seconds": 1.5,
        "spoken_seconds": 1.5,
    }


def test_no_word_of_anybody_is_told_unless_that_is_wanted() -> None:
    said = record(heard="Write to jane@example.com.")
    assert "rain" not in orjson.dumps(fields(said)).decode()
    assert "jane" not in orjson.dumps(fields(said)).decode()
    told = fields(said, words=True)
    assert (told["question"], told["answer"]) == ("Does it rain?", "Write to [email].")


def test_what_providers_say_is_masked_too() -> None:
    failed = record(outcome="failed", fault="llm", reason="401 Incorrect API key: sk-proj-AbC123dEf456")
    assert "AbC123" not in orjson.dumps(fields(failed)).decode() + summary(failed)


def test_the_line_is_an_object_with_a_field_for_each(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "antiphon.turn"):
        TurnLog().write(record())
    [line] = caplog.records
    told = orjson.loads(JsonFormatter().format(line))
    assert (told["logger"], told["level"], told["turn"]) == ("antiphon.turn", "info", "resp_1")
    assert told["marks_ms"] == MARKS
    assert told["message"] == summary(record())


def test_nobody_pays_for_a_line_that_is_not_wanted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "antiphon.turn"):
        TurnLog().write(record())
    assert caplog.records == []
