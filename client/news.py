"""What a talk tells whoever shows it, be it a screen, plain lines or a script: a dataclass for each fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

Side: TypeAlias = Literal["you", "antiphon"]

Doing: TypeAlias = Literal["listening", "hearing", "thinking", "speaking"]
"""What the assistant does; `hearing` while the user speaks."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The talk begins, or goes on over another sound card."""

    url: str
    microphone: str
    speakers: str
    echo: str
    """How echo is kept out, as a line for the user."""


@dataclass(frozen=True, slots=True)
class Words:
    """All that one side has said in this turn so far."""

    who: Side
    text: str
    final: bool
    """Nothing is added any more, and nothing corrected."""
    interrupted: bool = False
    """The rest of it will not be heard."""


@dataclass(frozen=True, slots=True)
class State:
    """The assistant does something else than before."""

    doing: Doing


@dataclass(frozen=True, slots=True)
class Microphone:
    """Whether the user can be heard."""

    open: bool


@dataclass(frozen=True, slots=True)
class Level:
    """How loud the microphone is, 50 times a second."""

    db: float
    """dBFS: -90 for nothing, 0 for full scale."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The figures of one answer."""

    first_token_ms: float | None
    """From the end of speech to the model's first token, as the server measured it; None where it does not say."""
    ear_to_ear_ms: float | None
    """From the user's last sound at the microphone to the answer's first at the speakers, as we measured it."""
    marks_ms: Mapping[str, float] = field(default_factory=dict[str, float])
    """The server's stopwatch, from the end of speech."""
    choice: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Which models it asked, why, and what that came to, in the words of the wire; empty where it does not say."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know."""

    text: str


@dataclass(frozen=True, slots=True)
class Typing:
    """The line the user is typing, up to now; empty when there is none."""

    text: str


News: TypeAlias = Ready | Words | State | Microphone | Level | Turn | Notice | Typing


class View(Protocol):
    """Shows a talk to somebody."""

    def show(self, news: News) -> None:
        """Called on the event loop: quick, and never fails."""
        ...
