"""What the listener has heard by now: arithmetic over what was sent and when, for a player that never pauses by itself.

Sound is sent faster than it is spoken, so what was generated, sent and heard are three different things; the
conversation remembers the last.
"""

import re
from dataclasses import dataclass, field

from pipeline.tts.pace import seconds_of

WORD = re.compile(r"\s*(?:[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)")
"""A word with the space before it; a Chinese, Japanese or Korean character is one by itself."""


@dataclass(slots=True)
class SpokenClause:
    """A clause as it was written, and how long it takes to say."""

    text: str
    seconds: float = 0.0
    complete: bool = False
    """Whether all of it was said; until then, and where its sound broke off, its length is a guess from its text."""
    speed: float = 1.0
    """Of the voice, for that guess."""

    def length(self) -> float:
        """Seconds from its first sample to its last."""
        return self.seconds if self.complete else max(self.seconds, seconds_of(self.text) / self.speed)


@dataclass(slots=True)
class Playout:
    """The reply's sound on its way to the listener. Clauses are numbered from 0; times are the loop's."""

    clauses: list[SpokenClause] = field(default_factory=list[SpokenClause])
    sent: float = 0.0
    """Seconds of sound sent."""
    until: float = 0.0
    """When the last sample sent so far will have been played."""
    _starts: dict[int, float] = field(default_factory=dict[int, float])

    def begin(self, text: str, speed: float = 1.0) -> int:
        """The next clause will say this; returns its number."""
        self.clauses.append(SpokenClause(text, speed=speed))
        return len(self.clauses) - 1

    def add(self, clause: int, seconds: float, now: float) -> None:
        """So much of that clause's sound leaves for the listener now."""
        start = max(self.until, now)
        self._starts.setdefault(clause, start)
        self.until = start + seconds
        self.sent += seconds
        self.clauses[clause].seconds += seconds

    def complete(self, clause: int) -> None:
        """That clause has no more sound, and all of it was said."""
        self.clauses[clause].complete = True

    def delay(self, since: float, seconds: float) -> None:
        """The player stood still from the loop's time `since`, for so long."""
        if self.until > since:
            self.until += seconds
        self._starts = {clause: start + seconds * (start >= since) for clause, start in self._starts.items()}

    def starts(self, clause: int) -> float | None:
        """When that clause begins to play; None while none of its sound was sent."""
        return self._starts.get(clause)

    def heard_seconds(self, now: float) -> float:
        """How much of the reply has been played."""
        return self.sent - max(0.0, self.until - now)

    def heard(self, seconds: float) -> str:
        """The words a listener knows who heard the first `seconds`; a prefix of what was written, cut between words."""
        text = ""
        for clause in self.clauses:
            length = clause.length()
            if seconds < length - 0.01:
                return (text + _first_part(clause.text, seconds / length)).rstrip()
            text += clause.text
            seconds -= length
        return text


def _first_part(text: str, share: float) -> str:
    """The words of `text` that end within its first `share` of characters."""
    limit, end = share * len(text), 0
    for word in WORD.finditer(text):
        if word.end() > limit:
            break
        end = word.end()
    return text[:end]
