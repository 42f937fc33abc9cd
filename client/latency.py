"""What the latency benchmark says: single turns, counted from the labelled end of speech, and their percentiles."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from client.samples import Goal, Groups
from client.stages import AGREES_MS
from client.uncertainty import interval, share_quantile

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

GOALS: Mapping[str, Goal] = {
    "ear_to_ear_ms": "lower",
    "first_audio_ms": "lower",
    "first_token_ms": "lower",
    "endpoint_ms": "lower",
    "own_ms": "lower",
    "early_replies": "lower",
    "split_turns": "lower",
    "unanswered": "lower",
    "wasted_tokens": "lower",
}
"""What a change of the server is judged by; the stages explain it."""


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
    disagreement: Mapping[str, float] = field(default_factory=dict[str, float])
    """How far what was seen is from the server's marks; see `client.stages`."""
    wasted_tokens: int | None = None
    """Of all its models, what they wrote and nobody heard; None where the server does not say."""


class Report(TypedDict):
    """What `antiphon bench latency --json` writes, besides what there is to say of the machine."""

    overall: dict[str, dict[str, float]]
    intervals: dict[str, dict[str, tuple[float, float]]]
    """Where each percentile would lie in 95 of 100 repetitions."""
    early_replies: int
    split_turns: int
    unanswered: int
    turns: int
    wasted_tokens: int | None
    agreement: dict[str, dict[str, float]]
    """How far what is seen from outside is from the server's marks, and in how many turns that is little."""
    samples: dict[str, Groups]
    goals: dict[str, Goal]
    clips: list[dict[str, Any]]


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed: one that was measured."""
    return sorted(values)[max(0, math.ceil(share * len(values) - 1e-9) - 1)]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99, to a tenth; of fewer than a hundred values p99 is the worst."""
    return {name: round(quantile(values, share), 1) for name, share in PERCENTILES.items()}


def overall(samples: Mapping[str, Groups]) -> dict[str, dict[str, float]]:
    """Percentiles of each latency."""
    return {
        name: percentiles([value for values in groups.values() for value in values])
        for name, groups in samples.items()
        if name.endswith("_ms")
    }


def intervals(samples: Mapping[str, Groups]) -> dict[str, dict[str, tuple[float, float]]]:
    """How sure the percentiles are."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for figure, groups in samples.items():
        if figure.endswith("_ms"):
            ranges = {name: interval(groups, share_quantile(share)) for name, share in PERCENTILES.items()}
            found[figure] = {name: (round(one.low, 1), round(one.high, 1)) for name, one in ranges.items()}
    return found


def samples_of(measured: Iterable[Measured]) -> dict[str, Groups]:
    """By figure and clip: latencies of the turns that were answered and not too early, for those would look fast; of
    all turns, what should not have happened."""
    samples: dict[str, dict[str, list[float]]] = {}
    for one in measured:
        figures: dict[str, float] = dict(one.latencies) if one.answered and not one.early else {}
        figures |= {"early_replies": one.early, "split_turns": one.turns > 1, "unanswered": not one.answered}
        if one.wasted_tokens is not None:
            figures["wasted_tokens"] = one.wasted_tokens
        for name, value in figures.items():
            samples.setdefault(name, {}).setdefault(one.clip, []).append(round(float(value), 1))
    return {name: samples[name] for name in sorted(samples, key=_place)}


def report(measured: Sequence[Measured]) -> Report:
    """All of it, ready for JSON."""
    samples = samples_of(measured)
    wasted = [one.wasted_tokens for one in measured if one.wasted_tokens is not None]
    seen = dict.fromkeys(name for one in measured for name in one.disagreement)
    apart = {name: [abs(one.disagreement[name]) for one in measured if name in one.disagreement] for name in seen}
    return {
        "overall": overall(samples),
        "intervals": intervals(samples),
        "early_replies": sum(one.early for one in measured),
        "split_turns": sum(one.turns > 1 for one in measured),
        "unanswered": sum(not one.answered for one in measured),
        "turns": len(measured),
        "wasted_tokens": sum(wasted) if wasted else None,
        "agreement": {name: _agreement(values) for name, values in apart.items()},
        "samples": samples,
        "goals": {name: goal for name, goal in GOALS.items() if name in samples},
        "clips": [_clip(clip, measured) for clip in dict.fromkeys(one.clip for one in measured)],
    }


def _agreement(apart: Sequence[float]) -> dict[str, float]:
    within = sum(value <= AGREES_MS for value in apart)
    return {**percentiles(apart), "within": within, "turns": len(apart)}


def _clip(clip: str, measured: Sequence[Measured]) -> dict[str, Any]:
    of_clip = [one for one in measured if one.clip == clip]
    return {"clip": clip, "overall": overall(samples_of(of_clip)), "runs": [_run(one) for one in of_clip]}


def _run(one: Measured) -> dict[str, Any]:
    return {
        "transcript": one.transcript,
        "turns": one.turns,
        "early": one.early,
        "answered": one.answered,
        "problem": one.problem,
        "wasted_tokens": one.wasted_tokens,
        **{name: round(value, 1) for name, value in one.latencies.items()},
    }


ORDER = (
    *("ear_to_ear_ms", "first_audio_ms", "first_token_ms", "first_text_ms", "transcript_ms", "endpoint_ms"),
    *("end_error_ms", "pause_ms", "asr_ms", "choose_ms", "ask_ms", "llm_ms", "clause_ms", "queue_ms", "tts_ms"),
    *("floor_ms", "send_ms", "unexplained_ms", "quiet_ms", "own_ms"),
)
"""What one wants to know first, then why."""


def _place(figure: str) -> int:
    return ORDER.index(figure) if figure in ORDER else len(ORDER)


def table(
    rows: Mapping[str, Mapping[str, float]], ranges: Mapping[str, Mapping[str, tuple[float, float]]] | None = None
) -> str:
    """Percentiles as columns, for people; with `ranges`, the 95 % interval behind each."""
    width = 24 if ranges else 10
    lines = [f"{'':18}" + "".join(f"{name:>{10}}{'':{width - 10}}" for name in PERCENTILES).rstrip()]
    for name, values in rows.items():
        cells = (f"{values[column]:10.1f}" + _range(ranges, name, column, width - 10) for column in PERCENTILES)
        lines.append(f"{name:18}{''.join(cells)}".rstrip())
    return "\n".join(lines)


def _range(ranges: Mapping[str, Mapping[str, tuple[float, float]]] | None, name: str, column: str, width: int) -> str:
    if not ranges or name not in ranges:
        return ""
    low, high = ranges[name][column]
    return f"{f' [{low:.0f}, {high:.0f}]':{width}}"
