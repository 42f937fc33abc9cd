"""What a summary must not lose or invent: numbers, names, negations."""

import re

from models.wits.numbers import digits
from models.wits.words import plain, topics
from pipeline.words import words

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b", re.I)
_NAME = re.compile(r"(?<=[\w,;:'’\"(-]\s)[A-Z][\w'’-]*[\w]|[《「『“]([^》」』”]{1,20})[》」』”]")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nor|neither|nobody|nothing|without|cannot|except|avoid\w*|refus\w+|forbid\w*|stop\w*|dislik\w+"
    r"|hat(?:es?|ed)|allergic|free of)\b|n['’]t\b|[不没别勿无莫未]|禁止|拒绝|讨厌|过敏|除了",
    re.I,
)
_POSSESSIVE = re.compile(r"['’]s\b")
_NO_NAMES = words("I I'm I'd I've I'll OK Okay Yes No Mr Mrs Ms Dr")

LOOKED_THROUGH = 4_000
"""Characters of one text that are searched for what it says: four minutes of speech. What is longer was never said, and
would take a second a megabyte."""

TOPICS_SHARED = 0.6
"""Of the topics of two sentences, from where on they are about the same."""


def numbers(text: str) -> list[str]:
    """All but 0 and 1, which are as often words as numbers; in digits, also where they are written out."""
    return [number for number in _NUMBER.findall(digits(plain(_ORDINAL.sub("", text)))) if number not in ("0", "1")]


def written_numbers(text: str) -> list[str]:
    """Those that stand there in digits."""
    return [number for number in _NUMBER.findall(plain(_ORDINAL.sub("", text))) if number not in ("0", "1")]


def digit_run(text: str) -> str:
    """All digits of a text in one run, as they stand there and as they are said: "4 7 1 9" and "4719" are the same."""
    return " ".join("".join(re.findall(r"\d", one)) for one in (text, digits(plain(text))))


def names(text: str) -> list[str]:
    """Words in capitals that do not begin a sentence, and Chinese names in quotation marks."""
    found = [match[1] or match[0] for match in _NAME.finditer(text)]
    return [name for name in found if name.replace("’", "'") not in _NO_NAMES]


def subjects(text: str) -> set[str]:
    """What it is about: the stems of its telling words, and pairs of Chinese characters."""
    return topics(_POSSESSIVE.sub("", text))


def negates(text: str) -> bool:
    """Whether it says of something that it is not, or must not be."""
    return bool(_NEGATION.search(text))


def about_the_same(sentence: str, other: str) -> bool:
    """Whether most of what the first is about comes up in the other."""
    mine = subjects(_NEGATION.sub(" ", sentence))
    return len(mine) > 1 and len(mine & subjects(other)) >= TOPICS_SHARED * len(mine)
