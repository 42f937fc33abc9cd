"""The keyboard of a talk: single keys that mute, stop and speak, and a line of text for those who would rather type."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

SECOND_THOUGHT = 0.6
"""Seconds within which an `m` turns out to be the first letter of a word: then it mutes nobody."""

LONGEST_LINE = 4000
"""Characters; what is typed beyond is dropped."""

ENTER, ESCAPE, SPACE = "\n", "\x1b", " "
ERASE = ("\x7f", "\b")
ERASE_LINE, ERASE_WORD = "\x15", "\x17"


@dataclass(frozen=True, slots=True)
class Mute:
    """Close the microphone, or open it again."""


@dataclass(frozen=True, slots=True)
class Press:
    """The key of push-to-talk: speak now, or done."""


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop speaking."""


@dataclass(frozen=True, slots=True)
class Line:
    """Say this in writing."""

    text: str


Command: TypeAlias = Mute | Press | Hush | Line


@dataclass(slots=True)
class Keyboard:
    """Turns keys into commands. `line` is what was typed and not yet sent."""

    push_to_talk: bool = False
    line: str = ""
    _muted_at: float = -1e9

    def press(self, key: str, now: float) -> list[Command]:
        """What a key, or a key's escape sequence, asks for; `now` in seconds."""
        if len(key) > 1:  # an arrow or a function key
            return []
        if self.line:
            return self._edit(key)
        if commands := self._command(key, now):
            return commands
        if not key.isprintable() or key == SPACE:
            return []
        doubted, self._muted_at = self._doubted(now), -1e9
        self.line = "m" + key if doubted else key
        return [Mute()] if doubted else []

    def _command(self, key: str, now: float) -> list[Command]:
        """On an empty line keys are commands."""
        match key:
            case "m" if not self._doubted(now):
                self._muted_at = now
                return [Mute()]
            case "\n" | " " if self.push_to_talk:
                return [Press()]
            case "\n" | " " | "\x1b":
                return [Hush()]
            case _:
                return []

    def _doubted(self, now: float) -> bool:
        return now - self._muted_at < SECOND_THOUGHT

    def _edit(self, key: str) -> list[Command]:
        line, self.line = self.line, ""
        if key == ENTER:
            return [Line(line.strip())] if line.strip() else []
        if key in ERASE:
            self.line = line[:-1]
        elif key == ERASE_WORD:
            self.line = line.rstrip().rpartition(" ")[0]
        elif key not in (ERASE_LINE, ESCAPE):
            self.line = (line + key if key.isprintable() else line)[:LONGEST_LINE]
        return []


def keys_in(typed: str) -> Iterator[str]:
    """The single keys in what a terminal sent at once; an escape sequence is one."""
    if typed.startswith(ESCAPE) and len(typed) > 1:
        yield typed
    else:
        yield from typed.replace("\r", ENTER)
