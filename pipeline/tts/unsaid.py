"""When a voice breaks off: which part of the text is still to be said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.tts.pace import IDEOGRAPH, seconds_of

_OF_A_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the voice reports it."""

    text: str
    end: float
    """Seconds from the start of the sound to the word's last."""


def has_words(text: str) -> bool:
    """Whether there is a letter or digit in it: a voice makes no sound of "…"."""
    return _OF_A_WORD.search(text) is not None


def unsaid(text: str, words: Iterable[Word], seconds: float) -> str:
    """What is left of `text` when the sound stops after `seconds`; empty when no word is.

    A word cut in the middle is said again. Words that are not in the text as they stand are passed over.
    """
    position = 0
    for word in words:
        found = text.find(word.text, position)
        if word.end > seconds:
            break
        if found >= 0:
            position = found + len(word.text)
    return _from_first_word(text[position:])


def unsaid_by_time(text: str, seconds: float, speed: float = 1.0) -> str:
    """The same where the voice reports no words: an estimate that rather says a word twice than leaves one out."""
    left = seconds * speed
    position = 0
    for at, letter in enumerate(text):
        ideograph = IDEOGRAPH.match(letter) is not None
        left -= seconds_of(letter)
        if left < 0:
            break
        if ideograph or letter.isspace():
            position = at if ideograph else at + 1
    return _from_first_word(text[position:])


def _from_first_word(text: str) -> str:
    first = _OF_A_WORD.search(text)
    return text[first.start() :] if first else ""
