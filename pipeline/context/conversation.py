"""What was said, in order: what the user said, and what the user heard of the answers."""

from dataclasses import dataclass, field

from pipeline.engines import Message, Role
from pipeline.playout import Playout


@dataclass(slots=True)
class Entry:
    """One thing said. Its text may still be on its way: empty until it is known."""

    id: str
    role: Role
    text: str = ""
    playout: Playout | None = None
    """How it was spoken, where it was: what a cut is measured against."""
    cut: bool = False
    """The listener has said how much was heard; that is final."""


@dataclass(slots=True)
class Conversation:
    """An ordered list of entries with unique ids."""

    entries: list[Entry] = field(default_factory=list[Entry])

    def find(self, entry_id: str) -> Entry | None:
        """The entry of that id, if it is there."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    def add(self, entry: Entry, after: str | None = None) -> str | None:
        """Put an entry at the end, or behind the one called `after` ("root" = at the front).

        Returns the id of the entry before it. Raises `KeyError` when there is no `after`.
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
        """Take an entry out; False when there was none."""
        kept = [entry for entry in self.entries if entry.id != entry_id]
        removed = len(kept) < len(self.entries)
        self.entries = kept
        return removed

    def truncate(self, entry: Entry, seconds: float) -> None:
        """Only the first `seconds` of a spoken entry were heard; forget the rest."""
        if entry.playout is not None:
            entry.text = entry.playout.heard(seconds)
            entry.cut = True

    def messages(self, instructions: str = "") -> list[Message]:
        """The prompt: the instructions and all that has a text."""
        head = [Message("system", instructions)] if instructions else []
        return head + [Message(entry.role, entry.text) for entry in self.entries if entry.text]

    def _index(self, entry_id: str) -> int:
        for at, entry in enumerate(self.entries):
            if entry.id == entry_id:
                return at
        raise KeyError(entry_id)
