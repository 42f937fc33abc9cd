"""Which words of a transcript still in the making can be shown: those that two decodes in a row agree on."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts written without spaces between words: Thai to Khmer, kana, Han."""

_PIECE = re.compile(rf"\s*(?:[{_UNSPACED}][^\w\s]*|[^\s{_UNSPACED}]+)")
"""A word, or one character where words are not spaced, with the white space before it and the punctuation after it."""


@dataclass(slots=True)
class Agreement:
    """LocalAgreement-2 (Liu et al. 2020, "Low-Latency Sequence-to-Sequence Speech Recognition"), over whole texts.

    Made for decodes that each hear all the audio from its beginning: the end of a decode is a guess about half a word,
    and the next decode, which heard more, tends to keep the rest.
    """

    _last: Sequence[str] = ()
    _agreed: Sequence[str] = field(default=())

    def hear(self, text: str) -> str:
        """The agreed beginning once the newest decode is `text`: as that one spells it, and never less than before."""
        pieces: list[str] = _PIECE.findall(text)
        pairs = zip(self._last, pieces, strict=False)
        common = sum(1 for _ in takewhile(lambda pair: _bare(pair[0]) == _bare(pair[1]), pairs))
        if common >= len(self._agreed):
            self._agreed = pieces[:common]
        self._last = pieces
        return "".join(self._agreed).strip()


def join(texts: Sequence[str]) -> str:
    """Passages that follow each other as one text, spaced where their script spaces words."""
    whole = ""
    for text in filter(None, texts):
        unspaced = re.search(rf"[{_UNSPACED}][^\w\s]*$", whole) and re.match(f"[{_UNSPACED}]", text)
        whole += text if unspaced or not whole else f" {text}"
    return whole


def _bare(piece: str) -> str:
    """The piece without what a later decode may change without changing the word: case and punctuation."""
    letters = (letter for letter in piece if unicodedata.category(letter)[0] not in "PZC")
    return "".join(letters).casefold()
