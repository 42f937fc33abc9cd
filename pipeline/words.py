"""Words in lists, as they are best read: a string of words, or of phrases; and words without letters."""

import re

HAN = re.compile(r"[\u3400-\u9fff]")
"""A Chinese character: what shows that a text is Chinese, or Japanese."""


def words(text: str) -> frozenset[str]:
    """The words of `text`, which are separated by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of `text`, which are separated by commas; white space within them counts as one space."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))
