"""The list of what was said."""

import pytest

from pipeline.context.conversation import Conversation, Entry
from pipeline.engines import Message
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
    assert found is not None
    assert found.text == "B"
    assert (conversation.remove("b"), conversation.find("b"), conversation.remove("b")) == (True, None, False)


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
