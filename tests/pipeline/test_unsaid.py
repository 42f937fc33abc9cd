"""What is left to say when a voice breaks off, with and without the times of its words."""

import pytest

from pipeline.tts.unsaid import Word, has_words, unsaid, unsaid_by_time

TEXT = "One two, three. Four!"
WORDS = [Word("One", 0.5), Word("two", 1.0), Word("three", 1.5), Word("Four", 2.0)]


@pytest.mark.parametrize(
    ("seconds", "rest"),
    [
        (0.0, "One two, three. Four!"),
        (0.4, "One two, three. Four!"),
        (0.5, "two, three. Four!"),
        (1.2, "three. Four!"),
        (1.5, "Four!"),
        (2.0, ""),
        (9.0, ""),
    ],
)
def test_a_word_is_said_when_its_end_was_heard(seconds: float, rest: str) -> None:
    assert unsaid(TEXT, WORDS, seconds) == rest


@pytest.mark.parametrize(
    ("text", "words", "rest"),
    [
        ("One two three", [Word("One", 0.5)], "two three"),
        ("the cat and the dog", [Word("the", 0.2), Word("cat", 0.4), Word("and", 0.5), Word("the", 0.7)], "dog"),
        ("25 people came", [Word("twenty-five", 0.5), Word("people", 0.8)], "came"),
        ("你好，世界", [Word("你好", 0.5)], "世界"),
    ],
)
def test_words_are_found_in_order_and_unknown_ones_passed_over(text: str, words: list[Word], rest: str) -> None:
    assert unsaid(text, words, 1.0) == rest


@pytest.mark.parametrize(
    ("text", "seconds", "speed", "rest"),
    [
        ("one two three four five six", 0.0, 1.0, "one two three four five six"),
        ("one two three four five six", 0.8, 1.0, "three four five six"),
        ("one two three four five six", 0.8, 2.0, "five six"),
        ("one two three", 60.0, 1.0, "three"),
        ("今天天气很好", 0.7, 1.0, "天气很好"),
        ("word", 60.0, 1.0, "word"),
    ],
)
def test_without_times_an_estimate_rather_repeats_a_word_than_drops_one(
    text: str, seconds: float, speed: float, rest: str
) -> None:
    assert unsaid_by_time(text, seconds, speed) == rest


@pytest.mark.parametrize(("text", "sounds"), [("…", False), ("", False), (" - ", False), ("a", True), ("好", True)])
def test_a_word_has_a_letter_or_digit(text: str, sounds: bool) -> None:
    assert has_words(text) is sounds
