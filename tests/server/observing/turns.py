"""Made-up turns, as they end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.clock import Mark
from pipeline.engines import Usage
from pipeline.events import ReplyEnded
from pipeline.llm.account import Account
from server.observing.record import TurnRecord
from server.observing.trace_context import TraceContext

PLACE = TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")

MARKS: Mapping[Mark, float] = {
    "speech_end": 0.0,
    "paused": 80.0,
    "asr_final": 200.0,
    "endpoint": 460.0,
    "model_chosen": 201.0,
    "llm_request": 201.5,
    "llm_first_token": 400.0,
    "first_clause": 450.0,
    "tts_request": 450.5,
    "first_audio": 530.0,
    "sent": 530.5,
}

ENGINES = {"asr": "whisper", "llm": "small", "tts": "espeak-ng"}


def ended(**other: Any) -> ReplyEnded:
    """An answer that went well, but for what is other."""
    usual = ReplyEnded("resp_1", "completed", "", "It rains.", MARKS, ENGINES, 2.5, Usage(120, 30, 20), 1.5)
    return replace(usual, **other)


def record(*, seconds: float = 2.0, **other: Any) -> TurnRecord:
    """The same with what surrounds it, 1000 s after the beginning of all time."""
    return TurnRecord("sess_1", PLACE, ended(**other), 1000.0, seconds, 1.5, "Does it rain?")


def hedged() -> Account:
    """Two models were asked, and the second answered."""
    return Account(
        model="large",
        why="nobody else is in time",
        kind="fact",
        time_left=0.4,
        first_token=0.25,
        asked=["small", "large"],
        failures=["small: server error"],
        wasted=150,
        saved=0.3,
        cost=0.002,
    )


def late(ms: float) -> Mapping[Mark, float]:
    """The marks of a turn whose first token came then."""
    return {**MARKS, "llm_first_token": ms, "first_clause": ms, "tts_request": ms, "first_audio": ms, "sent": ms}
