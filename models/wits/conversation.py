"""What a wit is given: the thing just said, and all that came before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from models.wits.words import Language, language_of, plain

Role = Literal["system", "user", "assistant", "tool"]

MAX_LINES = 200
"""Older lines are not read: what is remembered costs time on the event loop."""

MAX_CHARACTERS = 1_000
"""Of one line: a minute of speech. Documents are not what the wits are for."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool the assistant wants run; `arguments` is a JSON object as text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the conversation."""

    role: Role
    text: str
    calls: tuple[Call, ...] = ()
    call_id: str = ""
    """On a tool's line: the call it answers."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was just said, in its setting."""

    raw: str
    """As it was written, with its capitals and punctuation."""
    plain: str
    """Lower case, no punctuation, contractions written out, one space between tokens."""
    language: Language
    before: tuple[Line, ...]
    """All lines but the one just said, oldest first."""
    now: datetime

    @property
    def turn(self) -> int:
        """How many times the assistant has spoken."""
        return sum(line.role == "assistant" for line in self.before)

    def texts(self, role: Role) -> list[str]:
        """What `role` said before, oldest first."""
        return [line.text for line in self.before if line.role == role and line.text]


def hear(lines: Sequence[Line], now: datetime) -> Heard:
    """Take the last thing the user said since the assistant spoke; empty when there is none."""
    lines = [line for line in lines[:-MAX_LINES] if line.role == "system"] + list(lines[-MAX_LINES:])
    at = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].role in {"user", "assistant"}), None)
    if at is None or lines[at].role == "assistant":
        raw, before = "", lines
    else:
        raw, before = lines[at].text[:MAX_CHARACTERS].strip(), lines[:at] + lines[at + 1 :]
    before = tuple(Line(line.role, line.text[:MAX_CHARACTERS], line.calls, line.call_id) for line in before)
    earlier = " ".join(line.text for line in before[-6:] if line.role == "user")
    return Heard(raw, plain(raw), language_of(raw) or language_of(earlier) or "en", before, now)
