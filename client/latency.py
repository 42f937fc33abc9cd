"""What a benchmark says: latencies of single turns, counted from the labelled end of speech, and their percentiles."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypedDict

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

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Measured:
    """One clip spoken to the server, and what came back."""

    clip: str
    latencies: Mapping[str, float] = field(default_factory=dict[str, float])
    """`first_token_ms`, `first_audio_ms`, ..., the stages, `own_ms`; what could not be measured is not in it."""
    transcript: str = ""
    turns: int = 0
    """How many turns the server made of the clip; one is right."""
    early: bool = False
    """The server began to speak before the clip's speech had ended."""
    answered: bool = False
    problem: str = ""


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed: one that was measured."""
    return sorted(values)[max(0, math.ceil(share * len(values) - 1e-9) - 1)]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99, to a tenth; of fewer than a hundred values p99 is the worst."""
    return {name: round(quantile(values, share), 1) for name, share in PERCENTILES.items()}


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


def overall(measured: Iterable[Measured]) -> dict[str, dict[str, float]]:
    """Percentiles of each latency, over the turns that were answered and not too early: those would look fast."""
    counted = [one.latencies for one in measured if one.answered and not one.early]
    names = dict.fromkeys(name for latencies in counted for name in latencies)
    return {name: percentiles([latencies[name] for latencies in counted if name in latencies]) for name in names}


class Report(TypedDict):
    """What `antiphon bench latency --json` writes."""

    overall: dict[str, dict[str, float]]
    early_replies: int
    split_turns: int
    unanswered: int
    turns: int
    clips: list[dict[str, Any]]


def report(measured: Sequence[Measured]) -> Report:
    """All of it, ready for JSON."""
    return {
        "overall": overall(measured),
        "early_replies": sum(one.early for one in measured),
        "split_turns": sum(one.turns > 1 for one in measured),
        "unanswered": sum(not one.answered for one in measured),
        "turns": len(measured),
        "clips": [
            {
                "clip": clip,
                "overall": overall(one for one in measured if one.clip == clip),
                "runs": [
                    {
                        "transcript": one.transcript,
                        "turns": one.turns,
                        "early": one.early,
                        "answered": one.answered,
                        "problem": one.problem,
                        **{name: round(value, 1) for name, value in one.latencies.items()},
                    }
                    for one in measured
                    if one.clip == clip
                ],
            }
            for clip in dict.fromkeys(one.clip for one in measured)
        ],
    }


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Percentiles as columns, for people."""
    lines = [f"{'':18}" + "".join(f"{name:>10}" for name in PERCENTILES)]
    lines += [
        f"{name:18}" + "".join(f"{values[column]:10.1f}" for column in PERCENTILES) for name, values in rows.items()
    ]
    return "\n".join(lines)
