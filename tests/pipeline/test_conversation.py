"""The list of what was said."""

import numpy as np
import pytest

from pipeline.audio import HEARING_RATE
from pipeline.context.conversation import (
    FRONT,
    LASTING,
    PENDING,
    SOUND_KEPT,
    Called,
    Conversation,
    Entry,
    Item,
    Returned,
)
from pipeline.engines import Calls, Message, PromptLine, Result, ToolCall
from pipeline.playout import Playout


def talk(*ids: str) -> Conversation:
    return Conversation([Entry(entry_id, "user", entry_id.upper()) for entry_id in ids])


@pytest.mark.parametrize(
    ("after", "order", "before"),
    [
        (None, "abx", "b"),
        ("root", "xab", None),
        ("a", "axb", "a"),
        ("b", "abx", "b"),
    ],
)
def test_an_entry_goes_where_it_is_told(after: str | None, order: str, before: str | None) -> None:
    conversation = talk("a", "b")
    assert conversation.add(Entry("x", "user"), after) == before
    assert "".join(entry.id for entry in conversation.entries) == order


def test_the_first_entry_has_none_before_it() -> None:
    assert talk().add(Entry("x", "user")) is None


def test_behind_an_entry_that_is_not_there_nothing_can_go() -> None:
    conversation = talk("a")
    with pytest.raises(KeyError, match="b"):
        conversation.add(Entry("x", "user"), "b")
    assert [entry.id for entry in conversation.entries] == ["a"]


def test_an_entry_is_found_and_removed_by_its_id() -> None:
    conversation = talk("a", "b")
    found = conversation.find("b")
    assert isinstance(found, Entry)
    assert found.text == "B"
    assert (conversation.remove("b"), conversation.find("b"), conversation.remove("b")) == (True, None, False)


def test_behind_an_entry_that_was_just_deleted_is_where_it_was() -> None:
    conversation = talk("a", "b", "c")
    for gone in "ab":
        conversation.remove(gone)
    assert conversation.add(Entry("x", "user"), "b") is None
    assert [entry.id for entry in conversation.entries] == ["x", "c"]


def test_an_entry_that_is_there_again_is_where_it_is() -> None:
    conversation = talk("a", "b")
    conversation.remove("b")
    for again in "bc":
        conversation.add(Entry(again, "user"))
    assert conversation.add(Entry("x", "user"), "b") == "b"
    for gone in ("a", "b"):  # each in front of the other, one after the other
        conversation.remove(gone)
        conversation.add(Entry(gone, "user"), FRONT)
    conversation.remove("a")
    assert conversation.add(Entry("y", "user"), "a") == "b"


def test_of_too_many_items_the_oldest_go_what_the_system_says_last() -> None:
    conversation = talk("system", *map(str, range(LASTING + 2)))
    conversation.entries[0] = Entry("system", "system", "Be brief.")
    entries = conversation.entries
    assert conversation.outgrow() == {"0", "1", "2"}
    assert [entry.id for entry in entries] == ["system", *map(str, range(3, LASTING + 2))]
    assert conversation.outgrow() == set()


def test_what_the_system_says_leaves_room_for_what_is_said_last() -> None:
    conversation = Conversation([Entry(f"{number}", "system") for number in range(LASTING)])
    conversation.add(Entry("q", "user"))
    assert conversation.outgrow() == {"0"}
    assert conversation.last() == "q"


def test_the_size_of_a_conversation_counts_names() -> None:
    items: list[Item] = [
        Entry("a", "user", "bc"),
        Called("d", ToolCall("e", "f", "gh")),
        Returned("i", Result("j", "k")),
    ]
    assert Conversation(items).size() == len("abcdefghijk")


def test_the_prompt_is_the_instructions_and_all_that_has_a_text() -> None:
    conversation = talk("a")
    conversation.add(Entry("silent", "user"))
    conversation.add(Entry("b", "assistant", "Hi."))
    lines = [Message("user", "A"), Message("assistant", "Hi.")]
    assert conversation.messages() == lines
    assert conversation.messages("Be brief.") == [Message("system", "Be brief."), *lines]


def test_a_spoken_entry_is_truncated_to_what_was_heard_a_written_one_is_not() -> None:
    playout = Playout()
    playout.add(playout.begin("one two"), 0.7, 0.0)
    playout.complete(0)
    spoken, written = Entry("s", "assistant", "one two", playout), Entry("w", "assistant", "one two")
    for entry in (spoken, written):
        talk().truncate(entry, 0.35)
    assert (spoken.text, spoken.cut) == ("one", True)
    assert (written.text, written.cut) == ("one two", False)


ASK, TOLD = Entry("q", "user", "Rain?"), Entry("t", "assistant", "Wet.")
RAIN, SUN = ToolCall("c1", "weather", "{}"), ToolCall("c2", "weather", "{}")
WET, DRY = Result("c1", "wet"), Result("c2", "dry")


@pytest.mark.parametrize(
    ("items", "lines"),
    [
        pytest.param(
            [ASK, Called("a", RAIN), Returned("b", WET)],
            [Message("user", "Rain?"), Calls([RAIN]), WET],
            id="a call and its result",
        ),
        pytest.param(
            [Called("a", RAIN), Called("b", SUN), Returned("c", DRY), Returned("d", WET)],
            [Calls([RAIN, SUN]), WET, DRY],
            id="two at once, answered in another order",
        ),
        pytest.param(
            [Called("a", RAIN), Returned("b", WET), Called("c", SUN), Returned("d", DRY)],
            [Calls([RAIN]), WET, Calls([SUN]), DRY],
            id="one after the other",
        ),
        pytest.param(
            [Called("a", RAIN), ASK, Returned("b", WET)],
            [Message("user", "Rain?"), Calls([RAIN]), WET],
            id="the user speaks before the result is there",
        ),
        pytest.param(
            [Called("a", RAIN), ASK],
            [Calls([RAIN]), Result("c1", PENDING), Message("user", "Rain?")],
            id="the user speaks and there is no result yet",
        ),
        pytest.param(
            [Called("a", RAIN), Called("b", SUN), Returned("c", WET)], [Calls([RAIN]), WET], id="one result of two"
        ),
        pytest.param(
            [
                Called("a", RAIN),
                Called("b", SUN),
                Returned("c", WET),
                Entry("d", "assistant", "Wet."),
                Returned("e", DRY),
            ],
            [Calls([RAIN]), WET, Message("assistant", "Wet."), Calls([SUN]), DRY],
            id="the other result after an answer to the first",
        ),
        pytest.param([ASK, Called("a", RAIN, complete=False)], [Message("user", "Rain?")], id="cut off"),
        pytest.param(
            [Returned("b", WET)], [Message("system", "A function has returned: wet")], id="the call was deleted"
        ),
    ],
)
def test_every_call_is_told_with_its_result_right_behind_it(items: list[Item], lines: list[PromptLine]) -> None:
    assert Conversation(items).messages() == lines


def test_of_what_was_said_the_last_sounds_are_kept() -> None:
    conversation, third = Conversation(), np.zeros(round(SOUND_KEPT * HEARING_RATE / 2.5), np.int16)
    entries = [Entry(name, "user", spoken=True) for name in "abc"]
    for entry in entries:
        conversation.add(entry)
        conversation.keep(entry, third)
    assert [entry.sound is not None for entry in entries] == [False, True, True]
