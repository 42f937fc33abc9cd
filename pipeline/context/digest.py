"""What stands in a prompt for the turns that are no longer in it; and a conversation by its exchanges."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.context.conversation import Called, Entry, Item, Returned
from pipeline.context.notes import Note, notes_of

MOST_NOTES = 200
"""Of which the lightest go first, then the oldest."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The past of a conversation. Items are named by their ids: the conversation still has them."""

    summary: str = ""
    notes: tuple[Note, ...] = ()
    """What the user wants kept, word for word, of the items that are put away."""
    told: frozenset[str] = frozenset()
    """The items that the summary tells of."""
    away: frozenset[str] = frozenset()
    """The items that are no longer in the prompt; those told are among them."""

    def open(self, items: Iterable[Item]) -> list[Item]:
        """Those that are still in the prompt."""
        return [item for item in items if item.id not in self.away]

    def put_away(self, items: Sequence[Item]) -> "Digest":
        """Without these in the prompt, but with what has to be kept of them."""
        fresh = notes_of(items)
        said = {note.text.casefold() for note in fresh}
        notes = [note for note in self.notes if note.text.casefold() not in said] + fresh
        return replace(self, notes=heaviest(notes, MOST_NOTES), away=self.away | {item.id for item in items})

    def tell(self, summary: str, ids: Collection[str]) -> "Digest":
        """With a summary that tells of these, too."""
        return replace(self, summary=summary, told=self.told | frozenset(ids))

    def among(self, ids: frozenset[str] | set[str]) -> "Digest":
        """Only what is from these items. A summary that tells of another is given up: it cannot be unsaid in part."""
        if self.away <= ids:
            return self
        notes = tuple(note for note in self.notes if note.item in ids)
        away = self.away.intersection(ids)
        return replace(self, notes=notes, away=away) if self.told <= ids else Digest(notes=notes, away=away)


def heaviest(notes: Sequence[Note], most: int, cost: Callable[[Note], int] = lambda _: 1) -> tuple[Note, ...]:
    """As many as there is room for, in their order: the heaviest, and of those the newest.

    One that does not fit leaves the room to the others.
    """
    kept: list[int] = []
    for at in sorted(range(len(notes)), key=lambda at: (notes[at].weight, at), reverse=True):
        if (needed := cost(notes[at])) <= most:
            most -= needed
            kept.append(at)
    return tuple(notes[at] for at in sorted(kept))


def exchanges(items: Iterable[Item]) -> list[list[Item]]:
    """What the user said, with all that follows up to when they speak again; what precedes their first word alone."""
    found: list[list[Item]] = []
    spoke = False
    for item in items:
        speaks = isinstance(item, Entry) and item.role == "user"
        if not found or (speaks and not spoke):
            found.append([])
        found[-1].append(item)
        spoke = speaks
    return found


def separable(items: Sequence[Item]) -> list[Item]:
    """Those that can be put away: a call stays until its result goes with it."""
    results = {item.result.call_id for item in items if isinstance(item, Returned)}
    return [item for item in items if not (isinstance(item, Called) and item.complete and item.call.id not in results)]
