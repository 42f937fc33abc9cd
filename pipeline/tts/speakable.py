"""What a voice is given to say: a clause of a reply without markup, its numbers and symbols in words."""

import re
from collections.abc import Callable, Mapping

from pipeline.tts import english, mandarin
from pipeline.tts.markup import plain

READERS: Mapping[str, Callable[[str], str]] = {"en": english.read, "zh": mandarin.read}
"""Who puts numbers and symbols into words, by ISO 639-1 code. In other languages that is left to the voice."""

_HAN = "\u3400-\u9fff"
_FIGURES = r"[0-9.:%/-]{0,20}"
_HAN_RUN = re.compile(rf"((?:{_FIGURES}[{_HAN}])+(?:[，。！？、；：]|{_FIGURES}(?<=[0-9%])(?![ A-Za-z]))*)")
_LATIN_RUN = re.compile(rf"([^{_HAN}，。！？、；：（）“”《》]+)")
_PROSE_WORD = re.compile(r"(?<![\w-])(?:[a-z]{2,}|[AaI](?=\s))(?![\w-])")
_STRAY = re.compile(r"^(?:[\s!?,.;:…，。！？；：、)\]}»’”·|/*~=—–-]|[#>+](?=\s))+")
_LOW = re.compile("(?<=[₀-₉])(?=[0-9])|(?<=x)(?=[₀-₉])")
"""Between a figure below the line and what it is no part of: log₂8, and x₂ that is not "times two"."""
_ONE_WAY_TO_WRITE = (
    {0xFF10 + figure: 0x30 + figure for figure in range(10)}
    | {0x2080 + figure: 0x30 + figure for figure in range(10)}
    | {0x2460 + figure: str(figure + 1) for figure in range(20)}
    | str.maketrans("％＋－＝＄", "%+-=$")
)
"""Full-width figures and signs, figures below the line (H₂O) and in circles (①)."""


def speakable(text: str, language: str) -> str:
    """`text` as it is to be said in `language` (ISO 639-1, region ignored); empty when there is nothing to say.

    Takes whole replies and fragments of markdown alike, never raises, and leaves what is speakable already as it is.
    """
    language = re.split("[-_]", language, maxsplit=1)[0].lower()
    said = plain(text, language)
    if language in READERS:
        said = "".join(
            READERS[tongue](part)
            for tongue, part in _tongues(_LOW.sub(" ", said).translate(_ONE_WAY_TO_WRITE), language)
        )
    said = _STRAY.sub("", " ".join(said.split()))
    said = re.sub(r"(?<=\S) +(?=[,.;!?，。！？；：、)）](?!\w))", "", said)
    said = re.sub(rf"(?<=[{_HAN}，。！？；：、]) (?=[{_HAN}，。！？；：、])", "", said)
    return said if any(char.isalnum() for char in said) else ""


def _tongues(text: str, language: str) -> list[tuple[str, str]]:
    """Cut `text` where the language changes, so that each number is said in the language around it."""
    if language == "zh":
        parts = [("en" if len(_PROSE_WORD.findall(part)) >= 3 else "zh", part) for part in _LATIN_RUN.split(text)]
    else:
        parts = [("zh" if index % 2 else "en", part) for index, part in enumerate(_HAN_RUN.split(text))]
    merged: list[tuple[str, str]] = []
    for tongue, part in parts:
        if merged and merged[-1][0] == tongue:
            merged[-1] = (tongue, merged[-1][1] + part)
        else:
            merged.append((tongue, part))
    return merged
