"""What stands in a prompt for the turns that are no longer in it; and a conversation by its exchanges."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

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
    asked: Entry | None = None
    """What was said last of what was put away, if the assistant said it: the next may be the answer."""

    def open(self, items: Sequence[Item]) -> list[Item]:
        """Those that are still in the prompt; and the calls whose results are: some come when the call was put away."""
        there = [item for item in items if item.id not in self.away]
        late = returned([there]) - _called([there])
        return [item for item in items if item.id not in self.away or _calls(item, late)] if late else there

    def put_away(self, items: Sequence[Item]) -> "Digest":
        """Without these in the prompt, but with what has to be kept of them."""
        ids = {item.id for item in items}
        before = [self.asked] if self.asked and ids.isdisjoint(self.away) else []
        fresh = notes_of([*before, *items])
        said = {note.text.casefold() for note in fresh}
        notes = [note for note in self.notes if note.text.casefold() not in said] + fresh
        return replace(self, notes=heaviest(notes, MOST_NOTES), away=self.away | ids, asked=_asked(items, self.asked))

    def tell(self, summary: str, ids: Collection[str]) -> "Digest":
        """With a summary that tells of these, too."""
        return replace(self, summary=summary, told=self.told | frozenset(ids))

    def outlive(self, ids: Collection[str]) -> "Digest":
        """These are no longer items, and nobody has taken them back: what it says of them holds, until the next time
        that anything is taken back."""
        return replace(self, away=self.away.difference(ids))

    def among(self, ids: frozenset[str] | set[str]) -> "Digest":
        """Only what is from these items. A summary that tells of another is given up: it cannot be unsaid in part."""
        if self.away <= ids:
            return self
        notes = tuple(note for note in self.notes if note.item in ids)
        summary, told = (self.summary, self.told) if self.told <= ids else ("", frozenset[str]())
        asked = self.asked if self.asked and self.asked.id in ids else None
        return Digest(summary, notes, told, self.away.intersection(ids), asked)


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
    """What the user said, with all that follows up to when they speak again; what precedes their first word alone.

    Items of the user's without any words, as reminders have, are part of what precedes them.
    """
    found: list[list[Item]] = []
    for users, run in groupby(items, is_users):
        said = list(run)
        if not found or (users and any(isinstance(item, Entry) and item.text for item in said)):
            found.append([])
        found[-1] += said
    return found


def is_users(item: Item) -> bool:
    """Whether it is the user's: what they said, or a silence of theirs."""
    return isinstance(item, Entry) and item.role == "user"


def is_clients(item: Item) -> bool:
    """Whether it is the client's own: an instruction, a document."""
    return isinstance(item, Entry) and item.role == "system"


def separable(groups: Sequence[Sequence[Item]], gone: int, keep: int = 0) -> list[Item]:
    """What can be put away of the oldest `gone` exchanges; what is the client's own stays.

    A call stays where its result does. One that nobody has answered stays while it is of the last `keep` exchanges, and
    no longer: some functions never return anything.
    """
    going, staying = returned(groups[:gone]), returned(groups[gone:])
    held = staying | (_called(groups[max(0, len(groups) - keep) :]) - going)
    return [item for group in groups[:gone] for item in group if not (is_clients(item) or _calls(item, held))]


def returned(groups: Sequence[Sequence[Item]]) -> set[str]:
    """The calls whose results are there."""
    return {item.result.call_id for group in groups for item in group if isinstance(item, Returned)}


def _asked(items: Sequence[Item], before: Entry | None) -> Entry | None:
    for item in reversed(items):
        if isinstance(item, Entry) and item.text:
            return item if item.role == "assistant" else None
    return before


def _calls(item: Item, calls: Collection[str]) -> bool:
    return isinstance(item, Called) and item.complete and item.call.id in calls


def _called(groups: Sequence[Sequence[Item]]) -> set[str]:
    return {item.call.id for group in groups for item in group if isinstance(item, Called)}
