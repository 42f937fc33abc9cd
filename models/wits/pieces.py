"""Text in the pieces that a model would stream it in, and an estimate of how many tokens a text is."""

import re
from typing import Final

from models.wits.words import HAN

_PIECE = re.compile(rf"\s*(?:[{HAN}]{{1,2}}|[^\W{HAN}]+(?:['’][^\W{HAN}]+)?|[^\w\s])|\s+")
_ASCII_PER_TOKEN: Final = 4


def pieces(text: str) -> list[str]:
    """Words with the space before them, punctuation alone, Chinese by two characters; joined they are the text."""
    return _PIECE.findall(text)


def estimate_tokens(text: str) -> int:
    """About what a real tokenizer would count: four Latin letters a token, one Chinese character a token."""
    wide = (len(text.encode(errors="replace")) - len(text)) // 2  # UTF-8 spends two extra bytes on each
    return wide + (len(text) - wide + _ASCII_PER_TOKEN - 1) // _ASCII_PER_TOKEN
