"""Words in lists, as they are best read: a string of words, or of phrases; and words without letters."""

import re

HAN = re.compile(r"[\u3400-\u9fff]")
"""A Chinese character: what shows that a text is Chinese, or Japanese."""


LATIN = re.compile(r"[A-Za-z]")
"""A letter that Chinese is not written with."""


def words(text: str) -> frozenset[str]:
    """The words of `text`, which are separated by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of `text`, which are separated by commas; white space within them counts as one space."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


STRAY = "\ufffd"
"""What stands for half a character whose other half is missing."""


def mended(text: str) -> tuple[str, str]:
    """The text without halves of characters, which no JSON may have; and a half at its end that may be completed."""
    try:
        text.encode()
    except UnicodeEncodeError:
        half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        whole = text.removesuffix(half) if half else text
        return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), half
    return text, ""
