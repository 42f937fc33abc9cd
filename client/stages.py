"""The stages of a turn: what the server's stopwatch says of each, what can be seen from outside, whether both agree.

The chain of stages leads from the labelled end of speech to the first sound of the answer without a gap: each begins
where the one before it ends. What it leaves over of the silence that was heard is shown as unexplained.
"""

from collections.abc import Mapping
from typing import TypeAlias

Marks: TypeAlias = Mapping[str, float]
"""The server's own stopwatch: milliseconds from the last voiced sample as the server detected it."""

STAGES: Mapping[str, tuple[str, str]] = {
    "pause_ms": ("speech_end", "paused"),
    "endpoint_ms": ("speech_end", "endpoint"),
    "asr_ms": ("paused", "asr_final"),
    "choose_ms": ("asr_final", "model_chosen"),
    "ask_ms": ("model_chosen", "llm_request"),
    "llm_ms": ("llm_request", "llm_first_token"),
    "clause_ms": ("llm_first_token", "first_clause"),
    "queue_ms": ("first_clause", "tts_request"),
    "tts_ms": ("tts_request", "first_audio"),
}
"""Each stage of a turn: from this mark to that one."""

CHAIN: Mapping[str, str] = {
    "end_error_ms": "end of speech as heard",
    "pause_ms": "pause",
    "asr_ms": "ASR",
    "choose_ms": "model choice",
    "ask_ms": "request",
    "llm_ms": "LLM to its first token",
    "clause_ms": "first clause",
    "queue_ms": "on to the voice",
    "tts_ms": "TTS to its first sound",
    "floor_ms": "held until the turn is over",
    "send_ms": "sending",
    "unexplained_ms": "unexplained",
    "quiet_ms": "quiet before the voice",
}
"""In their order, with what people call them. Together they are the silence from ear to ear."""

OUTSIDE = ("choose_ms", "clause_ms", "tts_ms", "own_ms")
"""What nobody but the server can tell."""

ADDS_UP_MS = 5.0
"""How much of the silence may be left unexplained, on one machine."""

AGREES_MS = 15.0
"""How far what is seen from outside may be from the server's mark, on one machine."""


def inside(marks: Marks, end_error_ms: float | None) -> dict[str, float]:
    """What the server's marks say about a turn.

    `end_error_ms` is how much later than the label the server believes the speech to have ended: marks count from
    there, and moved by it they count from the label. None when the server does not say: no `first_token_ms` then.
    """
    found = {
        stage: marks[end] - marks[begin] for stage, (begin, end) in STAGES.items() if begin in marks and end in marks
    }
    if {"endpoint", "first_audio", "sent"} <= marks.keys():
        ready = max(marks["first_audio"], marks["endpoint"])
        found["floor_ms"] = ready - marks["first_audio"]
        found["send_ms"] = marks["sent"] - ready
    if {"choose_ms", "ask_ms", "queue_ms", "send_ms"} <= found.keys():
        found["own_ms"] = found["choose_ms"] + found["ask_ms"] + found["queue_ms"] + found["send_ms"]
    if end_error_ms is not None:
        found["end_error_ms"] = end_error_ms
        if "llm_first_token" in marks:
            found["first_token_ms"] = marks["llm_first_token"] + end_error_ms
    return found


def unexplained(found: Mapping[str, float]) -> float | None:
    """What the stages leave over of the time to the first sound as it was seen from outside; None where one is missing.

    It is the way to the server and back, and whatever the stages overlook.
    """
    known = [stage for stage in CHAIN if stage not in ("unexplained_ms", "quiet_ms")]
    if not {"first_audio_ms", *known} <= found.keys():
        return None
    return found["first_audio_ms"] - sum(found[stage] for stage in known)


def disagreement(seen: Mapping[str, float], marks: Marks, end_error_ms: float) -> dict[str, float]:
    """How much later than the server's mark each thing was seen from outside, in milliseconds.

    `seen` counts from the label. What a turn finds out before it has the floor is told when it has it.
    """
    told = {
        "endpoint": ("endpoint",),
        "transcript": ("asr_final", "endpoint"),
        "first text": ("llm_first_token", "endpoint"),
        "first sound": ("sent",),
    }
    return {
        name: seen[name] - max(marks[mark] for mark in needed) - end_error_ms
        for name, needed in told.items()
        if name in seen and all(mark in marks for mark in needed)
    }
