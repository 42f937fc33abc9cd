"""Words as they come from speech recognition: no capitals, no punctuation, contractions in every spelling."""

import re
import unicodedata
from typing import Final, Literal

Language = Literal["en", "zh"]

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
"""The Chinese characters, for use inside a character class."""

_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[a-zA-Z]+")
_TOKEN = re.compile(rf"\d+(?:\.\d+)?|[{HAN}]+|[^\W\d_{HAN}]+(?:'[a-z]+)?|[-+*/^()%=√]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

_SPELLINGS: Final = (
    (re.compile(r"\b(what|who|where|when|how|that|it|there|here)'?s\b"), r"\1 is"),
    (re.compile(r"\b(can|do|does|did|is|are|was|were|have|has|had|would|could|should)n'?t\b"), r"\1 not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\bi'm\b|\bim\b"), "i am"),
    (re.compile(r"\b(you|we|they)'re\b"), r"\1 are"),
    (re.compile(r"\b(i|you|we|they)'ve\b"), r"\1 have"),
    (re.compile(r"\b(i|you|we|they|it)'ll\b"), r"\1 will"),
    (re.compile(r"° ?c\b"), " celsius"),
    (re.compile(r"° ?f\b"), " fahrenheit"),
    (re.compile(r"\bkm ?/ ?h\b"), "kmh"),
    (re.compile(r"\bm ?/ ?s\b"), "mps"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"[×·]"), "*"),
    (re.compile(r"÷"), "/"),
    (re.compile(r"−"), "-"),
    (re.compile(r"(?<=[a-z])-(?=[a-z])"), " "),
)

_COMMON: Final = (
    "a about all also am an and any are as at be been but by can could did do does for from get give had has "
    "have he her him his how i if in into is it its just let like make me my no not now of off on or our out "
    "over please say she so some tell than that the their them then there they this to up us use want was we "
    "were what when where which who why will with would yes you your using given user "
)
COMMON: Final = frozenset(_COMMON.split())
"""Words that carry no topic."""

_SWAPS: Final = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "am": "are",
    "you": "I", "your": "my", "yours": "mine", "yourself": "myself",
}  # fmt: skip
_SUBJECT_FOLLOWS: Final = (
    "and but or if so that what who where when how why which think as did do does are were can could will would have"
)
_BEFORE_SUBJECT: Final = frozenset(_SUBJECT_FOLLOWS.split())
"""Words that a subject may follow: behind others, "you" is no subject."""


def language_of(text: str) -> Language | None:
    """The language by its script; None when there are no words."""
    han, latin = len(_HAN.findall(text)), len(_LATIN_WORD.findall(text))
    if han == latin == 0:
        return None
    return "zh" if han > latin else "en"


def straight(text: str) -> str:
    """The same text with plain apostrophes, half-width characters and single spaces; capitals stay."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return " ".join(text.split())


def plain(text: str) -> str:
    """Lower-case tokens with one space between; only the signs of arithmetic survive of the punctuation."""
    text = _THOUSANDS.sub("", straight(text).lower())
    for spelling, written in _SPELLINGS:
        text = spelling.sub(written, text)
    return " ".join(_TOKEN.findall(text))


def stem(word: str) -> str:
    """Enough of a word to find it again in another form: lights -> light, timers -> timer, reminding -> remind."""
    for ending in ("ing", "es", "ed", "er", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def topics(text: str) -> set[str]:
    """The stems of the words that carry a topic, and the pairs of Chinese characters."""
    found: set[str] = set()
    for token in plain(text).split():
        if _HAN.match(token):
            found.update(token[at : at + 2] for at in range(len(token) - 1))
        elif token not in COMMON and token.isalnum():
            found.add(stem(token))
    return found


def mirrored(text: str) -> str:
    """The same sentence from the other side: "I lost my key" -> "you lost your key"."""
    if _HAN.search(text):
        return text.translate(str.maketrans("我你", "你我"))
    words = text.lower().split()
    objects = {at for at, before in enumerate(words[:-1], 1) if before not in _BEFORE_SUBJECT}
    swapped = [
        "me" if at in objects and word.lower().strip(",.") == "you" else _SWAPS.get(word.lower().strip(",."), word)
        for at, word in enumerate(text.split())
    ]
    return " ".join(swapped).replace("I are", "I am")


def capitalised(text: str) -> str:
    """With its first letter in upper case, the rest untouched."""
    return text[:1].upper() + text[1:]


def named(text: str) -> str:
    """A proper name that recognition wrote in lower case, in capitals again; else as it was."""
    return text.title() if text.islower() else text
