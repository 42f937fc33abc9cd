"""What was said, in order: what the user said, what the user heard of the answers, which functions were called."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Calls, Message, PromptLine, Result, Role, ToolCall
from pipeline.playout import Playout

SOUND_KEPT = 30.0
"""Seconds of what the user said last that are kept as sound; of what was said before, only the words are."""

PENDING = "There is no result yet."
"""What a model is told of a call that nobody has answered: without a word on each, servers refuse the prompt."""


@dataclass(slots=True)
class Entry:
    """One thing said. Its text may still be on its way: empty until it is known."""

    id: str
    role: Role
    text: str = ""
    playout: Playout | None = None
    """How an answer was spoken, where it was: what a cut is measured against."""
    cut: bool = False
    """The listener has said how much was heard; that is final."""
    spoken: bool = False
    """Whether the user said it aloud."""
    sound: Pcm | None = None
    """What the user said, 16 kHz, while that is kept."""


@dataclass(slots=True)
class Called:
    """A function an answer called. One whose answer was cancelled half way is not complete, and was never called."""

    id: str
    call: ToolCall
    complete: bool = True


@dataclass(slots=True)
class Returned:
    """What came of a call."""

    id: str
    result: Result


Item: TypeAlias = Entry | Called | Returned


@dataclass(slots=True)
class Conversation:
    """An ordered list of items with unique ids."""

    entries: list[Item] = field(default_factory=list[Item])

    def find(self, entry_id: str) -> Item | None:
        """The item of that id, if it is there."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    def add(self, entry: Item, after: str | None = None) -> str | None:
        """Put an item at the end, or behind the one called `after` ("root" = at the front).

        Returns the id of the item before it. Raises `KeyError` when there is no `after`.
        """
        if after == "root":
            self.entries.insert(0, entry)
            return None
        if after is None:
            self.entries.append(entry)
        else:
            self.entries.insert(self._index(after) + 1, entry)
        at = self._index(entry.id)
        return self.entries[at - 1].id if at else None

    def remove(self, entry_id: str) -> bool:
        """Take an item out; False when there was none."""
        kept = [entry for entry in self.entries if entry.id != entry_id]
        removed = len(kept) < len(self.entries)
        self.entries = kept
        return removed

    def truncate(self, entry: Entry, seconds: float) -> None:
        """Only the first `seconds` of a spoken entry were heard; forget the rest."""
        if entry.playout is not None:
            entry.text = entry.playout.heard(seconds)
            entry.cut = True

    def keep(self, entry: Entry, sound: Pcm) -> None:
        """Keep what an entry sounded like, at the cost of the oldest sounds."""
        entry.sound = sound
        room = SOUND_KEPT * HEARING_RATE
        for one in reversed(self.entries):
            if isinstance(one, Entry) and one.sound is not None:
                room -= len(one.sound)
                if room < 0:
                    one.sound = None

    def messages(self, instructions: str = "") -> list[PromptLine]:
        """The prompt: the instructions and all that has a text, each call with its result behind it."""
        head = [Message("system", instructions)] if instructions else []
        return [*head, *_lines(self.entries)]

    def _index(self, entry_id: str) -> int:
        for at, entry in enumerate(self.entries):
            if entry.id == entry_id:
                return at
        raise KeyError(entry_id)


def _lines(items: Iterable[Item]) -> Iterator[PromptLine]:
    """Results are told right behind their calls, wherever the client has put them: servers insist on that."""
    known = {item.call.id for item in items if isinstance(item, Called) and item.complete}
    results = {item.result.call_id: item.result for item in items if isinstance(item, Returned)}
    for kind, group in groupby(items, type):
        if kind is Called:
            calls = [item.call for item in group if isinstance(item, Called) and item.complete]
            if calls:
                yield Calls(calls)
                yield from (results.get(call.id) or Result(call.id, PENDING) for call in calls)
            continue
        for item in group:
            match item:
                case Entry(role=role, text=text) if text:
                    yield Message(role, text)
                case Returned(result=Result(call_id, output)) if call_id not in known:
                    yield Message("system", f"A function has returned: {output}")
                case _:
                    pass
