"""Keys are commands on an empty line, and text on any other."""

import pytest

from client.keys import Command, Hush, Keyboard, Line, Mute, Press, keys_in


def pressed(keys: str, *, push_to_talk: bool = False, pace: float = 1.0) -> tuple[list[Command], str]:
    """The commands of these keys, one each `pace` seconds, and what is on the line."""
    keyboard = Keyboard(push_to_talk)
    commands = [command for number, key in enumerate(keys) for command in keyboard.press(key, number * pace)]
    return commands, keyboard.line


@pytest.mark.parametrize(
    ("keys", "commands", "line"),
    [
        ("m", [Mute()], ""),
        ("mm", [Mute(), Mute()], ""),
        (" ", [Hush()], ""),
        ("\x1b", [Hush()], ""),
        ("hello\n", [Line("hello")], ""),
        ("hello", [], "hello"),
        ("two words", [], "two words"),
        ("am\n", [Line("am")], ""),
        ("ab\x7f", [], "a"),
        ("a\x7f", [], ""),
        ("a\x7fm", [Mute()], ""),
        ("two words\x17\n", [Line("two")], ""),
        ("wrong\x15right\n", [Line("right")], ""),
        ("never mind\x1b", [], ""),
        ("a \n", [Line("a")], ""),
        ("你好\n", [Line("你好")], ""),
        ("\x01\x02", [], ""),
    ],
)
def test_a_key_does_what_it_says(keys: str, commands: list[Command], line: str) -> None:
    assert pressed(keys) == (commands, line)


def test_an_m_that_begins_a_word_unmutes_again() -> None:
    assert pressed("my\n", pace=0.2) == ([Mute(), Mute(), Line("my")], "")


def test_with_push_to_talk_space_and_enter_are_the_button() -> None:
    assert pressed(" \n", push_to_talk=True) == ([Press(), Press()], "")
    assert pressed("a b\n", push_to_talk=True) == ([Line("a b")], "")


@pytest.mark.parametrize(
    ("typed", "keys"),
    [("ab", ["a", "b"]), ("\x1b[A", ["\x1b[A"]), ("\x1b", ["\x1b"]), ("a\r", ["a", "\n"]), ("", [])],
)
def test_an_escape_sequence_is_one_key(typed: str, keys: list[str]) -> None:
    assert list(keys_in(typed)) == keys


def test_arrows_do_nothing() -> None:
    assert Keyboard().press("\x1b[A", 0.0) == []
