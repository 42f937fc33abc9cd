"""The turn's stopwatch and its deadline: one definition of every latency number.

Marks are seconds of the event loop's monotonic clock; the zero of a turn is `speech_end`, the moment the last voiced
sample was spoken (backdated by the quiet that was waited out), or the moment a typed question came in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

Mark = Literal[
    "speech_end",  # the last voiced sample of the question
    "paused",  # the quiet was long enough to start work on an answer
    "asr_final",  # the question's words are known
    "endpoint",  # it was decided that the user is done: the floor is given
    "model_chosen",  # who will answer
    "llm_request",  # the prompt left
    "llm_first_token",  # the first piece of content came
    "first_clause",  # enough of it to be spoken
    "tts_request",  # the voice was asked
    "first_audio",  # its first samples came
    "sent",  # they left for the listener
]

MARKS: tuple[Mark, ...] = get_args(Mark)

FIRST_TOKEN_TARGET = 0.6
"""Seconds from `speech_end` to `llm_first_token`; the deadline every choice of a turn is made against."""


@dataclass(slots=True)
class TurnClock:
    """Marks of one turn; the first write of each wins."""

    now: Callable[[], float]
    marks: dict[Mark, float] = field(default_factory=dict[Mark, float])

    def mark(self, mark: Mark, at: float | None = None) -> None:
        """Stamp `mark` with the time it is, or with `at`."""
        if mark not in self.marks:
            self.marks[mark] = self.now() if at is None else at

    def time_left(self) -> float:
        """Seconds until the first token is late; negative once it is."""
        return self.marks["speech_end"] + FIRST_TOKEN_TARGET - self.now()

    def marks_ms(self) -> dict[Mark, float]:
        """The marks made so far, in ms since `speech_end`, in the order of a turn."""
        zero = self.marks.get("speech_end", 0.0)
        return {mark: round((self.marks[mark] - zero) * 1000, 1) for mark in MARKS if mark in self.marks}
