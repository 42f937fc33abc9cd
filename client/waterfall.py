"""Where the time of a turn went, as bars on a line: each stage from where it began to where it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GOAL_MS = 600
"""The first token is due by then, counted from the end of speech."""

SHORTEST_MS = 1000
"""What the whole width stands for, at least."""

STAGES: Sequence[tuple[str, str, str]] = (
    ("quiet", "speech_end", "paused"),
    ("words", "paused", "asr_final"),
    ("model", "llm_request", "llm_first_token"),
    ("voice", "tts_request", "first_audio"),
    ("floor", "first_audio", "sent"),
)
"""What is shown, and the server's marks it lies between."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage; columns are counted from 0, `end` is exclusive and at least one further than `start`."""

    name: str
    start: int
    end: int
    until_ms: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The stages of one turn, in their order."""

    bars: Sequence[Bar]
    goal: int
    """The column of the 600 ms line."""


def waterfall(marks_ms: Mapping[str, float], columns: int) -> Waterfall:
    """Fit the turn into so many columns, all of it and the goal."""
    shown = [(name, marks_ms[begin], marks_ms[end]) for name, begin, end in STAGES if {begin, end} <= marks_ms.keys()]
    scale = columns / max(SHORTEST_MS, *(until for _, _, until in shown), 0)
    bars = [_bar(name, begin * scale, end * scale, end, columns) for name, begin, end in shown]
    return Waterfall(bars, min(columns - 1, round(GOAL_MS * scale)))


def _bar(name: str, start: float, end: float, until_ms: float, columns: int) -> Bar:
    first = min(columns - 1, max(0, round(start)))
    return Bar(name, first, min(columns, max(first + 1, round(end))), until_ms)
