"""How fast voices speak at their natural rate, for guesses about sound that is not there to be measured."""

import re

LETTERS_PER_SECOND = 14.5
"""Of alphabetic text, spaces counted."""

IDEOGRAPHS_PER_SECOND = 4.5
"""Chinese characters and kana."""

IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def seconds_of(text: str) -> float:
    """How long it takes to say this."""
    ideographs = len(IDEOGRAPH.findall(text))
    return ideographs / IDEOGRAPHS_PER_SECOND + (len(text) - ideographs) / LETTERS_PER_SECOND
