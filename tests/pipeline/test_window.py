"""What a prompt is made of, and that it stays within its budget."""

import pytest

from pipeline.context.conversation import Called, Conversation, Entry, Item, Returned
from pipeline.context.digest import Digest, exchanges, heaviest, separable
from pipeline.context.notes import FACT, INSTRUCTION, REMARK, Note
from pipeline.context.tokens import of_prompt
from pipeline.context.window import (
    LEAST_ROOM,
    NOTES,
    RECALLED,
    SUMMARY,
    Shape,
    compose,
    excerpt,
    fitting,
    head,
    overflow,
    room,
)
from pipeline.engines import Calls, Message, PromptLine, Result, ToolCall


def user(name: str, text: str = "") -> Entry:
    return Entry(name, "user", text or f"Question {name}?")


def answer(name: str, text: str = "") -> Entry:
    return Entry(name, "assistant", text or f"Answer {name}.")


def call(name: str) -> Called:
    return Called(f"call {name}", ToolCall(name, "look", "{}"))


def result(name: str) -> Returned:
    return Returned(f"result {name}", Result(name, "seen"))


SILENT = Entry("silent", "user")
"""What was no words, or is not understood yet; or they said nothing, and were reminded."""


def ids(items: list[Item]) -> list[str]:
    return [item.id for item in items]


@pytest.mark.parametrize(
    ("items", "groups"),
    [
        ([], []),
        ([user("1"), answer("2"), user("3")], [["1", "2"], ["3"]]),
        ([answer("0"), user("1"), answer("2")], [["0"], ["1", "2"]]),
        ([user("1"), user("2"), answer("3")], [["1", "2", "3"]]),
        ([user("1"), call("c"), result("c"), answer("2")], [["1", "call c", "result c", "2"]]),
        ([user("1"), answer("2"), SILENT, answer("3"), user("4")], [["1", "2", "silent", "3"], ["4"]]),
        ([user("1"), answer("2"), SILENT, user("3")], [["1", "2"], ["silent", "3"]]),
        ([SILENT, answer("1"), user("2")], [["silent", "1"], ["2"]]),
    ],
)
def test_an_exchange_is_what_the_user_says_and_what_follows(items: list[Item], groups: list[list[str]]) -> None:
    assert [ids(group) for group in exchanges(items)] == groups


def test_a_call_is_put_away_only_with_its_result() -> None:
    groups = [[user("1"), call("a")], [user("2"), call("b"), result("b")], [user("3"), result("a")]]
    assert ids(separable(groups, 2)) == ["1", "2", "call b", "result b"]
    assert ids(separable(groups, 3)) == ["1", "call a", "2", "call b", "result b", "3", "result a"]


@pytest.mark.parametrize(("keep", "gone"), [(1, "1 call a 2 call b"), (2, "1 call a 2"), (3, "1 2")])
def test_a_call_that_nobody_answers_stays_for_some_exchanges(keep: int, gone: str) -> None:
    groups = [[user("1"), call("a")], [user("2"), call("b")], [user("3")]]
    assert " ".join(ids(separable(groups, 2, keep))) == gone


def test_a_call_that_was_cancelled_half_way_is_nothing_to_wait_for() -> None:
    broken = call("a")
    broken.complete = False
    assert separable([[broken], [user("1")]], 1, 2) == [broken]


NOTE = Note("1", "Call me Sam.", INSTRUCTION)


@pytest.mark.parametrize(
    ("instructions", "digest", "told"),
    [
        ("", Digest(), ""),
        ("Be brief.", Digest(), "Be brief."),
        ("Be brief.", Digest("They met."), f"Be brief.\n\n{SUMMARY}\nThey met."),
        ("", Digest("They met.", (NOTE,)), f"{NOTES}\n- Call me Sam.\n\n{SUMMARY}\nThey met."),
    ],
)
def test_the_system_prompt_tells_what_was_before(instructions: str, digest: Digest, told: str) -> None:
    assert head(instructions, digest, Shape()) == told


def test_where_there_is_no_room_for_all_notes_the_lightest_go_then_the_oldest() -> None:
    notes = [Note(str(at), text, weight) for at, (text, weight) in enumerate(
        [("a", REMARK), ("b", FACT), ("c", INSTRUCTION), ("d", FACT), ("e", REMARK)]
    )]  # fmt: skip
    kept = ["".join(note.text for note in heaviest(notes, most)) for most in range(6)]
    assert kept == ["", "c", "cd", "bcd", "bcde", "abcde"]


def test_a_note_that_is_too_long_leaves_the_room_to_the_others() -> None:
    long = f"Remember these people: {'Sam and ' * 400}Al."
    digest = Digest().put_away([user("1", "I'm allergic to peanuts."), user("2", "Call me Sam."), user("3", long)])
    assert len(digest.notes) == 3
    assert head("", digest, Shape()) == f"{NOTES}\n- I'm allergic to peanuts.\n- Call me Sam."


def test_what_does_not_fit_is_not_shown_but_stays_known() -> None:
    notes = tuple(Note(str(at), f"My number is {at}.", FACT) for at in range(100))
    told = head("", Digest(notes=notes), Shape(notes=40))
    assert "is 99." in told
    assert "is 90." not in told


@pytest.mark.parametrize(("around", "left"), [(0, 1000), (600, 400), (750, 250), (900, 250), (5000, 250)])
def test_a_long_system_prompt_leaves_the_conversation_some_room(around: int, left: int) -> None:
    assert room(around, Shape(budget=1000)) == left
    assert LEAST_ROOM == 0.25


def turns(count: int, words: int = 40) -> list[Item]:
    text = " ".join(["word"] * words)
    return [item for at in range(count) for item in (user(f"u{at}", f"{at} {text}"), answer(f"a{at}", text))]


def test_nothing_goes_while_all_fits() -> None:
    assert overflow(turns(5), 100, Shape(budget=2000), of_prompt) == []


def test_when_it_overflows_whole_exchanges_go_oldest_first_and_several_at_once() -> None:
    items = turns(10)
    gone = overflow(items, 0, Shape(budget=800), of_prompt)
    assert ids(gone) == ids(items[: len(gone)])
    assert len(gone) % 2 == 0
    left = of_prompt(Conversation(items[len(gone) :]).messages())
    assert 0.4 * 800 < left <= 0.6 * 800


def test_the_newest_exchange_stays_whole_however_long_it_is() -> None:
    items = [*turns(3), user("long", "word " * 5000)]
    assert ids(overflow(items, 0, Shape(budget=800), of_prompt)) == ids(turns(3))
    assert overflow(items[-1:], 0, Shape(budget=800), of_prompt) == []


def test_a_call_whose_result_is_not_there_yet_is_not_put_away() -> None:
    items = [user("1", "word " * 600), call("c"), user("2", "word " * 600), result("c"), answer("3")]
    gone = overflow(items, 0, Shape(budget=800), of_prompt)
    assert ids(gone) == ["1"]
    lines = compose("", Digest().put_away(gone).open(items))
    assert [type(line) for line in lines] == [Message, Calls, Result, Message]


def test_what_is_recalled_stands_before_what_the_user_said_last() -> None:
    lines = compose("Hi.", [user("1"), answer("2"), user("3")], ["user: A\nassistant: B", "user: C"])
    recalled = Message("system", f"{RECALLED}\nuser: A\nassistant: B\nuser: C")
    assert lines == [
        Message("system", "Hi."),
        Message("user", "Question 1?"),
        Message("assistant", "Answer 2."),
        recalled,
        Message("user", "Question 3?"),
    ]


@pytest.mark.parametrize(
    ("items", "before"),
    [
        ([user("1"), call("c"), result("c")], 0),
        ([call("c"), result("c"), user("1")], 2),
        ([call("c"), result("c")], 2),
        ([], 0),
    ],
)
def test_what_is_recalled_never_comes_between_a_call_and_its_result(items: list[Item], before: int) -> None:
    lines: list[PromptLine] = compose("", items, ["user: A"])
    assert lines[before] == Message("system", f"{RECALLED}\nuser: A")


def test_an_exchange_is_recalled_in_short() -> None:
    items = [user("1", "What\nis it?"), call("c"), result("c"), answer("2", "x" * 300), Entry("3", "system", "Psst.")]
    assert excerpt(items, 20) == f"user: What is it?\nassistant: {'x' * 19}…"


@pytest.mark.parametrize(("most", "kept"), [(-5, 0), (0, 0), (3, 1), (5, 1), (6, 2), (100, 3)])
def test_as_many_texts_as_fit(most: int, kept: int) -> None:
    texts = ["two words", "two words", "two words"]
    assert fitting(texts, most) == texts[:kept]


def test_a_digest_forgets_with_the_conversation() -> None:
    digest = Digest().put_away([user("1", "Call me Sam."), user("2", "I'm from Rome.")]).tell("They met.", ["1"])
    assert digest.among({"1", "2", "3"}) is digest
    assert digest.among({"1"}) == Digest("They met.", (NOTE,), frozenset("1"), frozenset("1"))
    without = digest.among({"2"})
    assert (without.summary, without.told, without.away) == ("", frozenset(), frozenset("2"))
    assert [note.text for note in without.notes] == ["I'm from Rome."]


def test_what_is_said_again_is_kept_where_it_was_said_last() -> None:
    digest = (
        Digest().put_away([user("1", "Call me Sam.")]).put_away([user("2", "Call me Al."), user("3", "call me Sam.")])
    )
    assert [note.item for note in digest.notes] == ["2", "3"]


ASKED = [user("1", "Hello there."), answer("2", "What are you allergic to?")]
PEANUTS = user("3", "Peanuts and shellfish.")


def test_an_answer_to_what_was_put_away_before_it_is_kept_with_the_question() -> None:
    digest = Digest().put_away(ASKED).put_away([PEANUTS])
    assert [note.text for note in digest.notes] == ["(asked: What are you allergic to?) Peanuts and shellfish."]
    assert Digest().put_away(ASKED).among({"1"}).put_away([PEANUTS]).notes == (), "the question was deleted"
    assert Digest().put_away(ASKED).put_away([user("4", "Why?")]).put_away([PEANUTS]).notes == ()


def test_what_was_put_away_before_answers_nothing_that_came_later() -> None:
    digest = Digest().put_away([PEANUTS]).put_away(ASKED)
    assert digest.put_away([PEANUTS]).notes == ()
