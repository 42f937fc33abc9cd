"""What was said, in order: what the user said, what the user heard of the answers, which functions were called."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Calls, Message, PromptLine, Result, Role, ToolCall
from pipeline.playout import Playout

SOUND_KEPT = 15.0
"""Seconds of what the user said last that are kept as sound; of what was said before, only the words are."""

FRONT = "root"
"""What is before the first item, as the wire says it."""

LASTING = 1_000
"""Items that stay; of more, the oldest go when there is time. That is over an hour of talk, of which a model is told a
small part; and what is as long as the conversation, such as writing it down, takes a millisecond."""

REMEMBERED = 100
"""Deleted items of which it is known where they were."""

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
    complete: bool = True
    """Whether an answer came to its end."""
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
    _gone: dict[str, str] = field(default_factory=dict[str, str])
    """Which item was before each that was taken out: a client may name one that it has just deleted."""

    def find(self, entry_id: str) -> Item | None:
        """The item of that id, if it is there."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    def add(self, entry: Item, after: str | None = None) -> str | None:
        """Put an item at the end, or behind the one called `after` (`FRONT` for none).

        Returns the id of the item before it. Raises `KeyError` when there is no `after`, and never was.
        """
        self._gone.pop(entry.id, None)  # it is there again, and nothing leads away from it
        while after in self._gone:
            after = self._gone[after]
        if after == FRONT:
            self.entries.insert(0, entry)
            return None
        at = len(self.entries) if after is None else self._index(after) + 1
        self.entries.insert(at, entry)
        return self.entries[at - 1].id if at else None

    def remove(self, entry_id: str) -> bool:
        """Take an item out; False when there was none."""
        try:
            at = self._index(entry_id)
        except KeyError:
            return False
        self._gone[entry_id] = self.entries[at - 1].id if at else FRONT
        if len(self._gone) > REMEMBERED:
            del self._gone[next(iter(self._gone))]
        del self.entries[at]
        return True

    def outgrow(self) -> set[str]:
        """Let the oldest items go where there are too many, what is said by the system last; returns their ids."""
        surplus = max(0, len(self.entries) - LASTING)
        older = sorted(self.entries[: len(self.entries) // 2], key=_is_systems)
        gone = {item.id for item in older[:surplus]}
        if gone:
            self.entries[:] = [item for item in self.entries if item.id not in gone]
        return gone

    def waits(self) -> bool:
        """Whether a function that was called since the user spoke last has yet to return."""
        returned = {item.result.call_id for item in self.entries if isinstance(item, Returned)}
        since = self.entries[_last_said(self.entries) :]
        calls = [item for item in since if isinstance(item, Called) and item.complete]
        return any(item.call.id not in returned for item in calls)

    def size(self) -> int:
        """Characters of all items, their names among them."""
        return sum(map(length, self.entries))

    def last(self) -> str:
        """The id of the item at the end, as something to go behind."""
        return self.entries[-1].id if self.entries else FRONT

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


def length(item: Item) -> int:
    """Characters of an item, its names among them."""
    match item:
        case Entry(text=text):
            return len(item.id) + len(text)
        case Called(call=call):
            return len(item.id) + len(call.id) + len(call.name) + len(call.arguments)
        case Returned(result=result):
            return len(item.id) + len(result.call_id) + len(result.output)


def _lines(items: Sequence[Item]) -> Iterator[PromptLine]:
    """Servers insist on a result right behind each call, so a call is told where its result is.

    One that has none yet is told where it was made, once the user has gone on to something else.
    """
    calls = {item.call.id: item.call for item in items if isinstance(item, Called) and item.complete}
    results = {item.result.call_id for item in items if isinstance(item, Returned)}
    spoken = _last_said(items)
    for kind, group in groupby(enumerate(items), lambda numbered: type(numbered[1])):
        if kind is Returned:
            yield from _answered([item.result for _, item in group if isinstance(item, Returned)], calls)
        elif kind is Called:
            ids = [item.call.id for at, item in group if isinstance(item, Called) and at < spoken]
            yield from _answered([Result(one, PENDING) for one in ids if one in calls and one not in results], calls)
        else:
            entries = [item for _, item in group if isinstance(item, Entry)]
            yield from (Message(entry.role, entry.text) for entry in entries if entry.text)


def _is_systems(item: Item) -> bool:
    return isinstance(item, Entry) and item.role == "system"


def _last_said(items: Sequence[Item]) -> int:
    """Where the user spoke last; 0 where they have not."""
    return max((at for at, item in enumerate(items) if _is_said(item)), default=0)


def _is_said(item: Item) -> bool:
    return isinstance(item, Entry) and item.role == "user" and bool(item.text)


def _answered(results: Sequence[Result], calls: Mapping[str, ToolCall]) -> Iterator[PromptLine]:
    """Calls and what came of them, in the order in which they were made."""
    by_id = {result.call_id: result for result in results if result.call_id in calls}
    made = [call for call in calls.values() if call.id in by_id]
    if made:
        yield Calls(made)
        yield from (by_id[call.id] for call in made)
    for result in results:
        if result.call_id not in calls:
            yield Message("system", f"A function has returned: {result.output}")
