"""Folds that nobody waits for, on the virtual clock."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from pipeline.context.conversation import Called, Conversation, Entry, Item, Returned
from pipeline.context.folder import PATIENCE, Folder
from pipeline.context.memory import Memory
from pipeline.context.window import SUMMARY, Shape
from pipeline.engines import Finish, Message, Result, ToolCall
from tests.pipeline.fakes import FakeLlm, broken
from tests.virtual_clock import run

GOOD = "Summary: They talked."


def exchange(at: int) -> list[Item]:
    return [Entry(f"u{at}", "user", "Why is that so?"), Entry(f"a{at}", "assistant", "That is how it is.")]


@dataclass
class Talk:
    """A conversation, and who folds it."""

    llm: FakeLlm = field(default_factory=lambda: FakeLlm(replies=[GOOD]))
    conversation: Conversation = field(default_factory=Conversation)
    memory: Memory = field(default_factory=lambda: Memory(Shape(keep=3, every=5)))
    folder: Folder = field(init=False)

    async def __aenter__(self) -> "Talk":
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self.folder = Folder(self.conversation, self.memory, lambda: self.llm, self._tasks)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.folder.close()
        self.folder.rest()  # as a turn does that is cancelled by the end
        await self._tasks.__aexit__(None, None, None)

    def exchange(self, count: int) -> None:
        for _ in range(count):
            for item in exchange(len(self.conversation.entries) // 2):
                self.conversation.add(item)


def test_when_it_is_time_old_turns_become_a_summary() -> None:
    async def scenario() -> Sequence[object]:
        async with Talk() as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(1)
            return await talk.memory.prompt(talk.conversation.entries, "Hi.")

    lines = run(scenario())
    assert lines[0] == Message("system", f"Hi.\n\n{SUMMARY}\nThey talked.")
    assert len(lines) == 1 + 2 * 3


def test_before_it_is_time_no_model_is_asked() -> None:
    async def scenario() -> int:
        async with Talk() as talk:
            talk.exchange(7)
            talk.folder.rest()
            await asyncio.sleep(1)
            return len(talk.llm.prompts)

    assert run(scenario()) == 0


def test_a_new_turn_gives_the_fold_up_at_once_and_it_is_made_later() -> None:
    async def scenario() -> tuple[list[object], float]:
        async with Talk() as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(0.1)
            talk.folder.stop()
            begun = asyncio.get_running_loop().time()
            await asyncio.sleep(0)
            seen: list[object] = [talk.llm.left, talk.memory.digest.summary]
            took = asyncio.get_running_loop().time() - begun
            talk.folder.rest()
            await asyncio.sleep(1)
            return [*seen, talk.memory.digest.summary, talk.folder.folds], took

    assert run(scenario()) == ([1, "", "They talked.", 1], 0.0)


def test_while_it_is_folding_nothing_else_is_folded() -> None:
    async def scenario() -> int:
        async with Talk() as talk:
            talk.exchange(8)
            talk.folder.rest()
            talk.folder.rest()
            await asyncio.sleep(1)
            return len(talk.llm.prompts)

    assert run(scenario()) == 1


def test_a_failed_fold_does_no_harm_and_is_tried_again_when_there_is_more() -> None:
    async def scenario() -> list[object]:
        async with Talk(FakeLlm(replies=[GOOD], failure=broken("model"))) as talk:
            talk.exchange(8)
            asked: list[object] = []
            for _ in range(6):
                talk.folder.rest()
                await asyncio.sleep(1)
                asked.append((len(talk.llm.prompts), talk.memory.digest.summary))
                talk.exchange(1)
                talk.llm.failure = None
            return asked

    assert run(scenario()) == [*[(1, "")] * 5, (2, "They talked.")]


@pytest.mark.parametrize("written", ["", "Because it is.", "Summary: Shall I go on?"])
def test_a_summary_that_is_refused_leaves_all_as_it_was_until_the_second_time(written: str) -> None:
    async def scenario() -> list[object]:
        async with Talk(FakeLlm(replies=[written, written])) as talk:
            seen: list[object] = []
            for count in (8, 4, 1):
                talk.exchange(count)
                talk.folder.rest()
                await asyncio.sleep(1)
                lines = await talk.memory.prompt(talk.conversation.entries, "Hi.")
                seen.append((talk.folder.refused, len(lines), lines[0] == Message("system", "Hi.")))
            return seen

    # then the old turns are put away without a summary: the prompt stays small, and they can still be recalled
    assert run(scenario()) == [(1, 17, True), (1, 25, True), (2, 7, True)]


def test_a_summary_cut_short_is_none() -> None:
    async def scenario() -> int:
        async with Talk(FakeLlm(replies=[["Summary: They", Finish("length")]])) as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(1)
            return talk.folder.refused

    assert run(scenario()) == 1


def test_a_model_that_never_answers_is_not_waited_for_for_ever() -> None:
    async def scenario() -> tuple[int, int]:
        async with Talk(FakeLlm(first_token=float("inf"))) as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(PATIENCE + 1)
            return talk.llm.left, talk.memory.refused

    assert run(scenario()) == (1, 5)


def test_whatever_breaks_in_a_fold_the_conversation_goes_on() -> None:
    async def scenario() -> tuple[str, int]:
        async with Talk(FakeLlm(replies=[GOOD], failure=ZeroDivisionError("oops"))) as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(1)
            return talk.memory.digest.summary, talk.memory.refused

    assert run(scenario()) == ("", 5)


@pytest.mark.parametrize("change", ["cut", "deleted"])
def test_what_has_changed_in_the_meantime_is_not_taken_over(change: str) -> None:
    async def scenario() -> str:
        async with Talk() as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(0.1)
            first = talk.conversation.entries[1]
            assert isinstance(first, Entry)
            if change == "cut":
                first.text = "That"
            else:
                talk.conversation.remove(first.id)
            await asyncio.sleep(1)
            return talk.memory.digest.summary

    assert run(scenario()) == ""


def test_a_fold_that_is_cancelled_by_the_end_of_the_session_leaves_no_task() -> None:
    async def scenario() -> int:
        async with Talk() as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(0.1)
        return len(asyncio.all_tasks())

    assert run(scenario()) == 1


def test_a_model_that_never_ends_is_stopped() -> None:
    async def scenario() -> tuple[int, int]:
        async with Talk(FakeLlm(replies=["word " * 10_000], tokens_per_second=1000.0)) as talk:
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(2)
            return talk.folder.refused, talk.llm.left

    assert run(scenario()) == (1, 1)


def test_a_call_whose_long_result_came_after_the_user_spoke_again_is_told_once() -> None:
    async def scenario() -> tuple[int, bool]:
        async with Talk(FakeLlm(replies=[GOOD] * 100)) as talk:
            for item in (
                Entry("q", "user", "Look that up for me."),
                Called("c", ToolCall("1", "look", "{}")),
                Entry("w", "user", "Are you still at it?"),
                Returned("r", Result("1", "some words of it, " * 700)),
            ):
                talk.conversation.add(item)
            talk.exchange(8)
            talk.folder.rest()
            await asyncio.sleep(30)
            return len(talk.llm.prompts), {"c", "r"} <= talk.memory.digest.told

    assert run(scenario()) == (3, True)
