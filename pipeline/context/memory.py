"""What one conversation's prompts are made from: its digest, its index of old turns, and its count of tokens."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.context.conversation import Entry, Item
from pipeline.context.counting import Tally
from pipeline.context.digest import Digest, exchanges, separable
from pipeline.context.folding import Fold, due, rows_of
from pipeline.context.recall import Recall
from pipeline.context.window import Shape, compose, excerpt, fitting, head, overflow
from pipeline.engines import Message, PromptLine

AROUND_RECALLED = 30
"""Tokens of the line that says what is recalled."""


@dataclass(eq=False)
class Memory:
    """Follows the conversation as it is: items that were deleted since are forgotten at the next prompt."""

    shape: Shape = field(default_factory=Shape)
    tally: Tally = field(default_factory=Tally)
    digest: Digest = field(default_factory=Digest)
    recall: Recall = field(default_factory=Recall)
    refused: int = 0
    """How many exchanges there were when their summary was refused last; 0 when it was not."""
    _around: int = 0
    """Tokens of the last prompt around the conversation's turns."""
    _turns: dict[str, list[Item]] = field(default_factory=dict[str, list[Item]])
    """The exchanges in the index, by their first items."""

    async def prompt(
        self,
        items: Sequence[Item],
        instructions: str,
        question: str = "",
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> list[PromptLine]:
        """What a model is asked, within the budget. `question` is what the user says when it is no item yet.

        About 1 ms, however long the conversation is. Where much has to be put away at once, others have the loop in
        between; not while a prompt of the same conversation is made.
        """
        self._follow(items)
        now = [*items, Entry("", "user", question)] if question else items
        system, recent = head(instructions, self.digest, self.shape), self.digest.open(now)
        self._around = self.tally([Message("system", system)], tools)
        if gone := overflow(recent, self._around, self.shape, self.tally):
            await self._make_room(gone)
            system, recent = head(instructions, self.digest, self.shape), self.digest.open(now)
        lines = compose(system, recent)
        left = round((self.shape.budget - self.tally(lines, tools)) / self.tally.ratio) - AROUND_RECALLED
        recalled = fitting(self._recalled(question or _asked(recent)), min(self.shape.recalled, left))
        return compose(system, recent, recalled) if recalled else lines

    async def catch_up(self, items: Sequence[Item]) -> None:
        """Take over a conversation that was had elsewhere: all but its latest turns are put away.

        Half a millisecond a turn, between which others have the loop. To be done before the first prompt.
        """
        await asyncio.sleep(0)
        self._follow(items)
        groups = exchanges(self.digest.open(items))
        await self._make_room(separable(groups, max(0, len(groups) - self.shape.keep)))

    def outlive(self, ids: set[str]) -> None:
        """These are no longer items, since there are so many, and not because somebody has taken them back.

        What was noted and summarised of them stays; word for word they are not recalled. Not while a prompt is made.
        """
        if ids:
            self.digest = self.digest.outlive(ids)
            self._unindex(ids.__contains__)

    def learn(self, lines: Sequence[PromptLine], tools: Sequence[Mapping[str, Any]], reported: int) -> None:
        """The model's server has counted this prompt."""
        self.tally.learn(lines, tools, reported)

    def due(self, items: Sequence[Item]) -> Fold | None:
        """What should be folded now, if anything."""
        self._follow(items)
        return due(items, self.digest, self._around, self.shape, self.tally, self.refused)

    def fold(self, fold: Fold, summary: str, items: Sequence[Item]) -> bool:
        """Take a summary over, unless what it tells of has changed since; whether it was."""
        ids = {item.id for item in items}
        there = all(item.id in ids for item in fold.items) and rows_of(fold.items) == fold.rows
        if not there or self.digest.summary != fold.before:
            return False
        self._tell(summary, fold)
        return True

    def refuse(self, fold: Fold) -> None:
        """There is no good summary of these. When it is the second time, they are put away without one."""
        if self.refused:
            self._tell(self.digest.summary, fold)
        else:
            self.postpone(fold)

    def postpone(self, fold: Fold) -> None:
        """Nobody could summarise these: they are tried again when there are more."""
        self.refused = fold.exchanges

    def close(self) -> None:
        """Let go of the index."""
        self.recall.close()

    def _tell(self, summary: str, fold: Fold) -> None:
        self._put_away(self.digest.open(fold.items))
        self.digest = self.digest.tell(summary, {item.id for item in fold.items})
        self.refused = 0

    async def _make_room(self, gone: Sequence[Item]) -> None:
        for group in exchanges(gone):
            await asyncio.sleep(0)
            self._put_away(group)

    def _put_away(self, items: Sequence[Item]) -> None:
        """Out of the prompt, into the index: each exchange by its first item."""
        self.digest = self.digest.put_away(items)
        for group in exchanges(items):
            self._turns[group[0].id] = group
            self.recall.add(group[0].id, " ".join(item.text for item in group if isinstance(item, Entry)))

    def _follow(self, items: Sequence[Item]) -> None:
        """Forget what is no longer in the conversation."""
        there = {item.id for item in items}
        if self.digest.away <= there:
            return
        self.digest = self.digest.among(there)
        self._unindex(lambda item: item not in there)

    def _unindex(self, gone: Callable[[str], bool]) -> None:
        for name, group in list(self._turns.items()):
            if any(gone(item.id) for item in group):
                del self._turns[name]
                self.recall.forget([name])

    def _recalled(self, question: str) -> list[str]:
        return [excerpt(self._turns[name]) for name in self.recall.search(question)]


def _asked(items: Sequence[Item]) -> str:
    """What the user has said last."""
    return next((item.text for item in reversed(items) if isinstance(item, Entry) and item.role == "user"), "")
