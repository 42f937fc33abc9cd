"""What a session tells its listener: one frozen dataclass per fact, one union.

An utterance and the turn that answers it have ids of their own: the first becomes the user's entry in the
conversation, the second the assistant's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pipeline.audio import Pcm
from pipeline.clock import Mark


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The user has begun to speak; whatever is playing should fall silent."""

    utterance: str
    at: float
    """Where in the audio of the session, seconds."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The user is done. The words may follow."""

    utterance: str
    at: float
    """Where in the audio the last voiced sample was, seconds."""
    heard_until: float
    """How much audio the session had heard when this was decided, seconds."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The utterance is part of the conversation."""

    utterance: str
    after: str | None
    """The entry before it."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The words so far of an utterance still going on."""

    utterance: str
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of an utterance; empty when there were none."""

    utterance: str
    text: str
    language: str
    seconds: float
    """How long the utterance was."""


@dataclass(frozen=True, slots=True)
class HearingFailed:
    """No ASR could make words of an utterance."""

    utterance: str
    why: str


@dataclass(frozen=True, slots=True)
class ReplyBegan:
    """An answer is on its way."""

    turn: str
    entry: str
    """The id it has in the conversation."""
    aloud: bool = True
    """Whether it will be heard, or only read."""
    after: str | None = None
    """The entry before it."""


@dataclass(frozen=True, slots=True)
class Said:
    """The next piece of the answer's text."""

    turn: str
    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The next piece of the answer's sound, 24 kHz."""

    turn: str
    clause: int
    """Of which clause, counted from 0."""
    pcm: Pcm


Outcome: TypeAlias = Literal["completed", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """Nothing more of this answer will come. Playing what was sent may take longer."""

    turn: str
    outcome: Outcome
    reason: str
    """Why it was cancelled (`turn_detected`, `client_cancelled`) or what failed; empty when completed."""
    heard: str
    """What the user knows of the answer: all of it, when completed."""
    marks_ms: Mapping[Mark, float]
    engines: Mapping[str, str]
    """Who did it: `asr`, `llm`, `tts`."""
    speech_end: float | None
    """Where in the audio the question's last voiced sample was, seconds; None for a typed one."""


Event: TypeAlias = (
    SpeechBegan | SpeechEnded | Committed | Partial | Heard | HearingFailed | ReplyBegan | Said | Spoken | ReplyEnded
)

Emit: TypeAlias = Callable[[Event], None]
"""Takes an event at once, never blocks, never fails: a listener that cannot keep up is its own keeper's concern."""
