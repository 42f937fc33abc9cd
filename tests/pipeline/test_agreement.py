"""What two decodes in a row agree on, in scripts with and without spaces."""

import pytest

from pipeline.asr.agreement import Agreement, join


@pytest.mark.parametrize(
    ("decodes", "shown"),
    [
        (["Ask"], [""]),
        (["Ask not", "Ask not what", "Ask not what your"], ["", "Ask not", "Ask not what"]),
        # The last word of a decode is half heard, and the next one puts it right.
        (["the child all", "the child almost", "the child almost hurt"], ["", "the child", "the child almost"]),
        # Case and punctuation may change without the word being another.
        (["sunday is the best.", "Sunday is, the best part"], ["", "Sunday is, the best"]),
        # An empty decode (the gate closed) takes nothing back.
        (["one two", "one two three", "", "one"], ["", "one two", "one two", "one two"]),
        # Nor does a shorter agreement ...
        (["one two three", "one two three", "won too three", "one"], ["", "one two three"] + ["one two three"] * 2),
        # ... but two decodes that agree on as much may put the beginning right.
        (["won two", "won two", "one two", "one two three"], ["", "won two", "won two", "one two"]),
        (["今天天", "今天天气", "今天天气很好。"], ["", "今天天", "今天天气"]),
        (["我想听 Hello", "我想听 Hello Kitty 的歌"], ["", "我想听 Hello"]),
        (["你好,世", "你好，世界"], ["", "你好，世"]),
        ([" Hello world", " Hello world"], ["", "Hello world"]),
    ],
)
def test_only_what_two_decodes_in_a_row_agree_on_is_shown(decodes: list[str], shown: list[str]) -> None:
    agreement = Agreement()
    assert [agreement.hear(text) for text in decodes] == shown


@pytest.mark.parametrize(
    ("passages", "whole"),
    [
        ([], ""),
        (["", "one", "", "two"], "one two"),
        (["我今天。", "很好"], "我今天。很好"),
        (["I said", "你好", "and left"], "I said 你好 and left"),
    ],
)
def test_passages_are_joined_as_their_script_wants(passages: list[str], whole: str) -> None:
    assert join(passages) == whole
