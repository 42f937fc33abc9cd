"""The prompts of one conversation, from its first turn to its hundredth."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from pipeline.context.conversation import PENDING, Called, Conversation, Entry, Item, Returned
from pipeline.context.folding import Fold
from pipeline.context.memory import Memory
from pipeline.context.tokens import of_prompt
from pipeline.context.window import NOTES, RECALLED, SUMMARY, Shape
from pipeline.engines import Calls, Message, PromptLine, Result, ToolCall

THINGS = [
    *("castle", "moon", "bridge", "garden", "train", "cheese", "winter"),
    *("piano", "harbour", "lantern", "saddle", "compass", "violin", "meadow"),
]


def exchange(at: int) -> list[Item]:
    thing = THINGS[at % len(THINGS)]
    asked = Entry(f"u{at}", "user", f"Where did they build that {thing} of theirs?")
    return [asked, Entry(f"a{at}", "assistant", f"The {thing} stands where the old one was, not far from the others.")]


def fold(memory: Memory, items: list[Item]) -> bool:
    made = memory.due(items)
    return made is not None and memory.fold(made, f"They spoke of things ({len(made.items)}).", items)


def head(lines: list[PromptLine]) -> str:
    first = lines[0]
    assert isinstance(first, Message)
    return first.text


def prompted(memory: Memory, items: Sequence[Item], instructions: str, question: str = "") -> list[PromptLine]:
    return asyncio.run(memory.prompt(items, instructions, question))


def recalled(lines: list[PromptLine]) -> list[str]:
    return [line.text for line in lines if isinstance(line, Message) and line.text.startswith(RECALLED)]


def test_a_short_conversation_is_told_as_it_is() -> None:
    memory, items = Memory(), exchange(0)
    assert prompted(memory, items, "Be brief.") == Conversation(items).messages("Be brief.")
    assert prompted(memory, items, "Be brief.", "And then?")[-1] == Message("user", "And then?")


@pytest.mark.parametrize("folding", [True, False])
@pytest.mark.parametrize("budget", [300, 600, 2000])
def test_a_long_one_stays_under_its_budget(budget: int, folding: bool) -> None:
    memory, items = Memory(Shape(budget=budget, notes=100, recalled=60)), list[Item]()
    for at in range(100):
        items += exchange(at)
        if folding:
            fold(memory, items)
        lines = prompted(memory, items, "Be brief.", f"And the {THINGS[at % len(THINGS)]}?")
        assert of_prompt(lines) <= budget
        assert lines[-1] == Message("user", f"And the {THINGS[at % len(THINGS)]}?")
    memory.close()


def test_between_two_folds_a_prompt_begins_with_the_one_before() -> None:
    memory, items, before, broken = Memory(Shape(recalled=0)), list[Item](), list[PromptLine](), 0
    for at in range(60):
        items += exchange(at)
        lines = prompted(memory, items, "Be brief.")
        broken += lines[: len(before)] != before
        before = lines
        fold(memory, items)
    assert broken == (60 - 3) // 5
    memory.close()


def test_without_folds_a_prompt_seldom_begins_otherwise() -> None:
    memory, items, before, broken = Memory(Shape(budget=1000, recalled=0)), list[Item](), list[PromptLine](), 0
    for at in range(100):
        items += exchange(at)
        lines = prompted(memory, items, "Be brief.")
        broken += lines[: len(before)] != before
        before = lines
    assert broken <= 10
    memory.close()


def test_what_was_put_away_is_recalled_when_it_is_asked_for() -> None:
    memory, items = Memory(), list[Item]()
    for at in range(13):
        items += exchange(at)
        fold(memory, items)
    lines = prompted(memory, items, "", "What about that castle?")
    assert recalled(lines) == [
        f"{RECALLED}\nuser: Where did they build that castle of theirs?\n"
        "assistant: The castle stands where the old one was, not far from the others."
    ]
    assert lines[-1] == Message("user", "What about that castle?")
    assert recalled(prompted(memory, items, "", "What about that violin?")) == [], "it is in the prompt as it is"
    assert recalled(prompted(memory, items, "", "Fine, thanks.")) == []
    memory.close()


def test_instructions_are_kept_though_no_model_ever_summarises() -> None:
    memory, items = Memory(Shape(budget=500)), list[Item]([Entry("n", "user", "Never call me before nine.")])
    for at in range(30):
        items += exchange(at)
        prompted(memory, items, "Be brief.")
    assert head(prompted(memory, items, "Be brief.")) == f"Be brief.\n\n{NOTES}\n- Never call me before nine."
    memory.close()


def test_what_is_deleted_is_nowhere_any_more() -> None:
    told = Entry("n", "user", "Bo Yang owes me 4711 euros."), Entry("m", "assistant", "I see.")
    memory, items = Memory(), list[Item](told)
    for at in range(7):
        items += exchange(at)
    assert fold(memory, items)
    assert "4711" in head(prompted(memory, items, ""))
    assert SUMMARY in head(prompted(memory, items, ""))
    del items[0]
    text = str(prompted(memory, items, "", "What does Bo Yang owe?"))
    assert "4711" not in text
    assert SUMMARY not in text
    again = memory.due([*items, *(item for at in range(7, 12) for item in exchange(at))])
    assert again is not None, "the rest is summarised anew"
    assert "u0" in {item.id for item in again.items}
    memory.close()


def test_what_is_gone_by_age_is_still_known_until_something_is_taken_back() -> None:
    told = Entry("n", "user", "Bo Yang owes me 4711 euros."), Entry("m", "assistant", "I see.")
    memory, items = Memory(), list[Item](told)
    for at in range(7):
        items += exchange(at)
    assert fold(memory, items)
    before = head(prompted(memory, items, ""))
    gone = {item.id for item in items[:4]}
    del items[:4]
    memory.outlive(gone)
    assert head(prompted(memory, items, "")) == before
    assert ("n" in memory.recall, "u1" in memory.recall) == (False, True)
    del items[0]
    text = str(prompted(memory, items, ""))
    assert "4711" not in text
    assert SUMMARY not in text
    memory.close()


def test_calls_and_their_results_are_never_told_apart() -> None:
    memory, items = Memory(Shape(budget=700)), list[Item]()
    for at in range(60):
        items.append(Entry(f"q{at}", "user", "Look at that!"))
        items.append(Called(f"c{at}", ToolCall(str(at), "look", "{}")))
        if at >= 2:
            items.append(Returned(f"r{at - 2}", Result(str(at - 2), "It is a bird. " * 5)))
        fold(memory, items)
        lines = prompted(memory, items, "Be brief.")
        called = [call.id for line in lines if isinstance(line, Calls) for call in line.calls]
        assert called == [line.call_id for line in lines if isinstance(line, Result)]
        assert not any(isinstance(line, Message) and "has returned" in line.text for line in lines)
        told = {line.call_id for line in lines if isinstance(line, Result) and line.output == PENDING}
        assert told <= {str(at), str(at - 1)}, "of all others the results are there"
    memory.close()


def command(at: int) -> list[Item]:
    """An exchange with a call that nobody answers."""
    call = ToolCall(str(at), "set_light", f'{{"lamp": {at}, "state": "on"}}')
    return [Entry(f"u{at}", "user", "Light, please!"), Called(f"c{at}", call), Entry(f"a{at}", "assistant", "Done.")]


@pytest.mark.parametrize("folding", [True, False])
@pytest.mark.parametrize("budget", [300, 2000])
def test_calls_that_nobody_answers_leave_the_prompt_with_their_turns(budget: int, folding: bool) -> None:
    memory, items, folds = Memory(Shape(budget=budget)), list[Item](), 0
    for at in range(100):
        items += command(at)
        lines = prompted(memory, items, "Be brief.", "And now?")
        assert of_prompt(lines) <= budget
        told = [call.id for line in lines if isinstance(line, Calls) for call in line.calls]
        assert told[-2:] == [str(one) for one in range(max(0, at - 1), at + 1)], "those of the last turns are told"
        folds += folding and fold(memory, items)
    assert folds <= 100 // 3
    memory.close()


def test_a_result_that_comes_when_its_call_was_put_away_brings_it_back() -> None:
    memory, items = Memory(), command(100)
    for at in range(8):
        items += exchange(at)
    assert fold(memory, items)
    assert "set_light" not in str(prompted(memory, items, ""))
    items.append(Returned("r", Result("100", "It is broken.")))
    *_, called, result = prompted(memory, items, "")
    assert isinstance(called, Calls)
    assert [call.name for call in called.calls] == ["set_light"]
    assert result == Result("100", "It is broken.")
    for at in range(8, 16):
        items += exchange(at)
    assert fold(memory, items)
    assert "is broken" not in str(prompted(memory, items, ""))
    memory.close()


def test_a_conversation_from_elsewhere_is_caught_up_with_though_a_call_in_it_was_never_answered() -> None:
    memory, items = Memory(), [item for at in range(200) for item in command(at)]
    asyncio.run(memory.catch_up(items))
    lines = prompted(memory, items, "", "And now?")
    assert sum(isinstance(line, Calls) for line in lines) == 3
    memory.close()


def test_a_conversation_from_elsewhere_is_caught_up_with() -> None:
    memory, items = Memory(), [item for at in range(200) for item in exchange(at)]
    asyncio.run(memory.catch_up(items))
    assert len(prompted(memory, items, "", "And now?")) <= 3 * 2 + 2
    made = memory.due(items)
    assert made is not None
    assert made.items[0].id == "u0"
    memory.close()


def test_while_much_is_put_away_others_have_their_turns() -> None:
    memory, items, turns = Memory(), [item for at in range(200) for item in exchange(at)], 0

    async def scenario() -> None:
        nonlocal turns
        async with asyncio.TaskGroup() as tasks:
            made = tasks.create_task(memory.prompt(items, "Be brief."))
            while not made.done():
                turns += 1
                await asyncio.sleep(0)

    asyncio.run(scenario())
    assert turns > 100
    memory.close()


def test_a_prompt_that_is_given_up_half_way_leaves_the_memory_in_order() -> None:
    memory, items = Memory(), [item for at in range(200) for item in exchange(at)]

    async def scenario() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await memory.prompt(items, "Be brief.")

    asyncio.run(scenario())
    assert prompted(memory, items, "Be brief.") == prompted(Memory(), items, "Be brief.")
    memory.close()


def test_of_a_whole_book_only_the_beginning_is_looked_through() -> None:
    memory = Memory()
    text = "My cat is called Tom. " + "The fox jumps over the dog. " * 10_000 + "My dog is called Rex."
    items = [Entry("book", "user", text), *(item for at in range(8) for item in exchange(at))]
    told = head(prompted(memory, items, ""))
    assert "My cat is called Tom." in told
    assert "Rex" not in told
    memory.close()


RULES = Entry("rules", "system", "You are the agent of Acme. " + "With each price goes the legal disclaimer. " * 10)


def test_the_clients_own_instructions_stay_when_a_conversation_is_caught_up_with() -> None:
    memory, items = Memory(), [RULES, *(item for at in range(20) for item in exchange(at))]
    asyncio.run(memory.catch_up(items))
    assert Message("system", RULES.text) in prompted(memory, items, "", "And now?")
    assert len(prompted(memory, items, "", "And now?")) <= 1 + 3 * 2 + 2
    memory.close()


@pytest.mark.parametrize("folding", [True, False])
@pytest.mark.parametrize("budget", [400, 2000])
def test_the_clients_own_instructions_stay_when_turns_have_to_go(budget: int, folding: bool) -> None:
    memory, items, folds = Memory(Shape(budget=budget, recalled=0)), list[Item](), 0
    for at in range(100):
        items += exchange(at)
        if at == 4:
            items.append(RULES)
        lines = prompted(memory, items, "Be brief.", "And now?")
        assert of_prompt(lines) <= budget
        assert at < 4 or Message("system", RULES.text) in lines
        folds += folding and fold(memory, items)
    assert folds <= 100 // 3
    memory.close()


def test_documents_of_the_clients_that_leave_no_room_go_and_its_instructions_stay() -> None:
    memory, items = Memory(), [RULES, *exchange(0), Entry("doc", "system", "word " * 2500), *exchange(1), *exchange(2)]
    lines = prompted(memory, items, "Be brief.", "And now?")
    assert Message("system", RULES.text) in lines
    assert of_prompt(lines) < 2000
    assert Message("user", "Where did they build that castle of theirs?") in lines, "no turn need go for it"
    memory.close()


def test_a_summary_of_what_has_changed_is_not_taken_over() -> None:
    memory, items = Memory(), [item for at in range(8) for item in exchange(at)]
    made = memory.due(items)
    assert isinstance(made, Fold)
    assert memory.fold(made, "They spoke.", items[1:]) is False
    assert memory.fold(made, "They spoke.", items) is True
    assert memory.fold(made, "They spoke again.", items) is False, "it was made of another summary"
    memory.close()


def test_the_count_learns_from_what_servers_report() -> None:
    memory, items = Memory(Shape(budget=600)), [item for at in range(12) for item in exchange(at)]
    lines = prompted(memory, items, "Be brief.")
    for _ in range(10):
        memory.learn(lines, (), 2 * of_prompt(lines))
    assert 2 * of_prompt(prompted(memory, items, "Be brief.")) <= 610
    memory.close()
