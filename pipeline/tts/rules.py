"""Rules that put figures and signs into words: patterns in an order, each with what is said instead."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

Match: TypeAlias = "re.Match[str]"
Rule: TypeAlias = "tuple[re.Pattern[str], str | Callable[[Match], str]]"
Pass: TypeAlias = "tuple[re.Pattern[str] | None, Sequence[Rule]]"
"""What a text must have in it for some rules to have work, None where any may, and those rules."""


def rules(*rows: tuple[str, str | Callable[[Match], str]]) -> Sequence[Rule]:
    """Each pattern with its words."""
    return [(re.compile(pattern), said) for pattern, said in rows]


def applied(passes: Sequence[Pass], text: str) -> str:
    """The text after all of them, in their order: what one has put into words, no later one sees as figures."""
    for needed, those in passes:
        if needed is None or needed.search(text):
            for pattern, said in those:
                text = pattern.sub(said, text)
    return text
