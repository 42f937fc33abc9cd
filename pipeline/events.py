"""What a session tells its listener: one frozen dataclass per fact, one union.

An utterance and the turn that answers it have ids of their own: the first becomes the user's entry in the
conversation, the second the assistant's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pipeline.audio import Pcm
from pipeline.clock import Mark
from pipeline.engines import RateLimit, ToolCall, Usage
from pipeline.llm.account import Account


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
class FellSilent:
    """The user has said nothing for so long that they are asked whether they are still there."""

    utterance: str
    """The silence, as an entry of the conversation."""
    since: float
    until: float
    """Where in the audio of the session, seconds."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The user has taken back what was said: these are no longer entries of the conversation."""

    entries: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReplyBegan:
    """An answer is on its way."""

    turn: str
    aloud: bool = True
    """Whether it will be heard, or only read."""
    apart: bool = False
    """Whether it stays out of the conversation."""


@dataclass(frozen=True, slots=True)
class SayingBegan:
    """The answer has words, which now become an entry of the conversation."""

    turn: str
    entry: str
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


@dataclass(frozen=True, slots=True)
class CallBegan:
    """The answer calls a function, which now becomes an entry of the conversation; what with is yet to come."""

    turn: str
    entry: str
    call: str
    """The id that its result will name."""
    name: str
    after: str | None = None
    """The entry before it."""


@dataclass(frozen=True, slots=True)
class CallGrew:
    """The next part of a call's arguments."""

    turn: str
    entry: str
    arguments: str


@dataclass(frozen=True, slots=True)
class CallMade:
    """A call is complete, and can be carried out."""

    turn: str
    entry: str
    call: ToolCall


@dataclass(frozen=True, slots=True)
class AnswerDropped:
    """An answer that was begun in a pause is thrown away, since the user goes on; nobody ever heard of it."""

    turn: str
    marks_ms: Mapping[Mark, float]
    usage: Usage
    """What was asked and said in vain; nothing where no model had been asked yet."""
    account: Account = field(default_factory=Account)


Outcome: TypeAlias = Literal["completed", "cancelled", "failed", "incomplete"]

Fault: TypeAlias = Literal["", "asr", "llm", "tts", "bug"]
"""What has let the user down; "" where nothing has."""


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """Nothing more of this answer will come. Playing what was sent may take longer."""

    turn: str
    outcome: Outcome
    reason: str
    """Why it was cancelled (`turn_detected`, `client_cancelled`) or is incomplete (`max_output_tokens`,
    `content_filter`), or what failed; empty when completed."""
    heard: str
    """What the user knows of the answer: all of it, when completed."""
    marks_ms: Mapping[Mark, float]
    engines: Mapping[str, str]
    """Who did it: `asr`, `llm`, `tts`."""
    speech_end: float | None
    """Where in the audio the question's last voiced sample was, seconds; None for a typed one."""
    usage: Usage
    """What the model was asked and said, estimated where its server does not tell."""
    listened: float = 0.0
    """Seconds of the question's sound."""
    limits: Sequence[RateLimit] = ()
    account: Account = field(default_factory=Account)
    """Which models were asked for it, and why."""
    fault: Fault = ""
    """Which stage has failed."""


Event: TypeAlias = (
    SpeechBegan
    | SpeechEnded
    | Committed
    | Partial
    | Heard
    | HearingFailed
    | FellSilent
    | Forgotten
    | ReplyBegan
    | SayingBegan
    | Said
    | Spoken
    | CallBegan
    | CallGrew
    | CallMade
    | AnswerDropped
    | ReplyEnded
)

Emit: TypeAlias = Callable[[Event], None]
"""Takes an event at once, never blocks, never fails: a listener that cannot keep up is its own keeper's concern."""
