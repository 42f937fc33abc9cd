"""The prompt within its budget: who the assistant is, what was before, and the latest turns whole.

Between two folds the prompt only grows at its end, but for what is recalled, so that servers find its beginning in
their cache.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.context.conversation import PENDING, Called, Conversation, Entry, Item, Returned
from pipeline.context.details import LOOKED_THROUGH
from pipeline.context.digest import Digest, exchanges, heaviest, is_clients, returned, separable
from pipeline.context.tokens import estimate
from pipeline.engines import Message, PromptLine, Result

Counter: TypeAlias = Callable[[Sequence[PromptLine]], int]
"""Tokens of a prompt."""

LEAST_ROOM = 0.25
"""Of the budget, which the conversation has even where the rest of the prompt leaves it less."""

SLID = 0.6
"""Of the room that is left full when turns had to go: each slide empties the caches, so there should be few."""

OWN = 0.5
"""Of the room, which what is the client's own may take before it goes: some clients put in whole documents."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a prompt is made of, in tokens where nothing else is said."""

    budget: int = 2_000
    """Of the whole prompt."""
    keep: int = 3
    """Exchanges at the end that are never folded."""
    every: int = 5
    """Exchanges before those, upon which they are folded."""
    full: float = 0.5
    """Of the room for the conversation: what its turns may take before they are folded in any case."""
    summary: int = 100
    notes: int = 600
    recalled: int = 200


NOTES = "What the user has said, word for word; keep to it. Where it contradicts itself, the later counts:"
SUMMARY = "What was said before, as a record:"
RECALLED = "From earlier in this conversation, as it may matter now:"


def head(instructions: str, digest: Digest, shape: Shape) -> str:
    """The system prompt: nothing of it changes until the digest does."""
    parts = [instructions] if instructions else []
    if kept := _kept(digest, shape.notes):
        parts.append(f"{NOTES}\n{kept}")
    if digest.summary:
        parts.append(f"{SUMMARY}\n{digest.summary}")
    return "\n\n".join(parts)


def room(around: int, shape: Shape) -> int:
    """Tokens for the conversation's turns, when all around them takes so many."""
    return max(shape.budget - around, round(shape.budget * LEAST_ROOM))


def overflow(recent: Sequence[Item], around: int, shape: Shape, count: Counter) -> list[Item]:
    """What has to go of the turns in the prompt, oldest first: none while they fit. The newest always stays, whole.

    What is the client's own stays, too, as far as it takes no more than `OWN` of the room.
    """
    groups = exchanges(recent)
    sizes = [count(Conversation([*group, *_awaited(group)]).messages()) for group in groups]
    size, most = sum(sizes), room(around, shape)
    if size <= most:
        return []
    own = [[item for item in group if is_clients(item)] for group in groups[:-1]]
    surplus = _surplus([item for items in own for item in items], round(most * OWN), count)
    size -= count(Conversation(surplus).messages())
    gone = 0
    while gone < len(groups) - 1 and size > most * SLID:
        size -= sizes[gone] - count(Conversation(own[gone]).messages())
        gone += 1
    ids = {item.id for item in [*surplus, *separable(groups, gone, shape.keep)]}
    return [item for item in recent if item.id in ids]


def compose(system: str, items: Sequence[Item], recalled: Sequence[str] = ()) -> list[PromptLine]:
    """The lines of the prompt: what is recalled comes right before what the user said last."""
    lines = Conversation(list(items)).messages(system)
    if recalled:
        spoken = [at for at, line in enumerate(lines) if isinstance(line, Message) and line.role == "user"]
        at = spoken[-1] if spoken else len(lines)
        lines.insert(at, Message("system", "\n".join([RECALLED, *recalled])))
    return lines


def excerpt(items: Sequence[Item], most: int = 240) -> str:
    """An exchange as it is recalled: who said what, each up to so many characters."""
    said = [item for item in items if isinstance(item, Entry) and item.role != "system" and item.text]
    return "\n".join(f"{item.role}: {_short(item.text, most)}" for item in said)


def fitting(texts: Sequence[str], most: int) -> list[str]:
    """The first ones that together take at most so many tokens."""
    kept: list[str] = []
    for text in texts:
        most -= estimate(text) + 1
        if most < 0:
            break
        kept.append(text)
    return kept


def _surplus(own: Sequence[Item], most: int, count: Counter) -> list[Item]:
    """What there is no room for; what is newer, and what is small enough, has it first."""
    left_out: list[Item] = []
    for item in reversed(own):
        if (size := count(Conversation([item]).messages())) <= most:
            most -= size
        else:
            left_out.append(item)
    return left_out


def _awaited(group: Sequence[Item]) -> list[Item]:
    """What the prompt says of the calls in an exchange that nobody has answered, once the user has spoken again."""
    known = returned([group])
    calls = [item for item in group if isinstance(item, Called) and item.call.id not in known]
    return [Returned(item.id, Result(item.call.id, PENDING)) for item in calls if item.complete]


def _kept(digest: Digest, most: int) -> str:
    """The notes there is room for: the heaviest, and of those the newest."""
    notes = heaviest(digest.notes, most, lambda note: estimate(note.text) + 2)
    return "\n".join(f"- {note.text}" for note in notes)


def _short(text: str, most: int) -> str:
    flat = " ".join(text[:LOOKED_THROUGH].split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"
