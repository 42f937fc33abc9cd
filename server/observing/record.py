"""One turn, told: when it was, what each stage took, who answered, and whether it came in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pipeline.clock import FIRST_TOKEN_TARGET, Mark
from pipeline.events import ReplyEnded
from server.observing.trace_context import TraceContext

Interruption: TypeAlias = Literal["barge_in", "early_reply", "split_turn"]
"""Spoken into an answer by somebody who has heard it; into one that came while they were not done; or before its first
sound, going on with what they had said."""

Stage: TypeAlias = Literal["pause", "asr", "choose", "ask", "llm", "clause", "queue", "tts", "floor", "send"]

STAGES: Mapping[Stage, Mark] = {
    "pause": "paused",
    "asr": "asr_final",
    "choose": "model_chosen",
    "ask": "llm_request",
    "llm": "llm_first_token",
    "clause": "first_clause",
    "queue": "tts_request",
    "tts": "first_audio",
    "floor": "endpoint",
    "send": "sent",
}
"""The parts of the wait for the first sound, each with the mark that ends it, laid end to end: the server works ahead
while it waits for the user to be done, and the floor is only what is left of that once the sound is there."""

BEFORE_WORDS: Sequence[Stage] = ("pause", "asr", "choose", "ask", "llm")
"""Those that the first token waits for."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stage of a turn; both in ms, from the end of speech and from its own beginning."""

    name: Stage
    begin: float
    took: float


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """An answer that is over, completed or not."""

    session: str
    place: TraceContext
    ended: ReplyEnded
    at: float
    """Unix time when the question had been asked."""
    seconds: float
    """From there to the end of the answer."""
    spoken: float = 0.0
    """Seconds of sound that were sent."""
    question: str = ""
    """What was understood; "" for a question in writing."""
    interruption: Interruption | None = None
    """What cut it short, if somebody spoke."""

    @property
    def model(self) -> str:
        """Who answered; "" while nobody did."""
        return self.ended.account.model or self.ended.engines.get("llm", "")

    @property
    def first_token(self) -> float | None:
        """Seconds from the end of speech."""
        at = self.ended.marks_ms.get("llm_first_token")
        return None if at is None else at / 1000

    @property
    def in_time(self) -> bool | None:
        """Whether the first token met the deadline; None where none was due.

        None is due where nobody asked a model, or the user took the question back before the deadline.
        """
        if self.first_token is not None:
            return self.first_token <= FIRST_TOKEN_TARGET
        asked = "llm_request" in self.ended.marks_ms
        patient = self.ended.outcome != "cancelled" or self.seconds > FIRST_TOKEN_TARGET
        return False if self.ended.fault or (asked and patient) else None

    @property
    def head_start(self) -> float:
        """Seconds that the first sound came sooner because work began in the pause, before the user was done."""
        marks = self.ended.marks_ms
        if "paused" not in marks or "endpoint" not in marks:
            return 0.0
        ready = marks.get("first_audio", marks.get("llm_first_token", marks["paused"]))
        return max(0.0, min(marks["endpoint"], ready) - marks["paused"]) / 1000


def parts_of(marks_ms: Mapping[Mark, float]) -> Sequence[Part]:
    """The stages that took place, in order; they add up to the last mark."""
    parts, now = list[Part](), 0.0
    for name, mark in STAGES.items():
        if mark in marks_ms:
            took = max(0.0, marks_ms[mark] - now)
            parts.append(Part(name, now, took))
            now += took
    return parts


def blamed(marks_ms: Mapping[Mark, float]) -> Stage | None:
    """The stage that the first token waited for longest; None where none took place."""
    parts = [part for part in parts_of(marks_ms) if part.name in BEFORE_WORDS]
    return max(parts, key=lambda part: part.took).name if parts else None
