"""Judges from the words whether someone is done speaking: graded, because patience is.

The rules look at how the text ends and, where that leaves it open, at what kind of sentence it is. Punctuation helps
but does not decide: some recognisers give none, and Whisper puts a full stop behind whatever it has heard so far.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from pipeline.hearing import endings
from pipeline.hearing.endpoint import UNKNOWN
from pipeline.words import HAN

Words: TypeAlias = list[str]

DANGLING = 0.05
"""More must come."""
OPEN = 0.12
"""More will come, unless the speaker gives up."""
HALF_OPEN = 0.35
"""As it stands it is odd, but people say such things."""
PHRASED = 0.4
"""The recogniser wrote a comma behind a whole phrase: often more follows, and often that was all."""
CLOSED = 0.85
"""Whole, but one could go on."""
DONE = 0.92
"""Nothing is missing."""

PHONE_NUMBERS = {7: 0.6, 8: 0.5, 10: CLOSED, 11: DONE}
"""How finished that many figures sound: those that local and national phone numbers have, more than others."""

RECENT = 300
"""Characters of the end that are looked at."""

_STOP = re.compile("[.!?。！？…]+(?![0-9A-Za-z])")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class Judge(Protocol):
    """Tells from the words whether the speaker is done."""

    def finished(self, text: str, language: str) -> float:
        """0.0: surely more to come; 1.0: surely finished. `language` is an ISO 639-1 code, or empty."""
        ...


class RuleJudge:
    """Word lists and a few patterns, for English and Chinese; punctuation alone for all other languages."""

    def finished(self, text: str, language: str) -> float:
        """As `Judge.finished`; takes some 15 microseconds."""
        text = text[-RECENT:].strip()
        sentence = _last_sentence(text)
        if not _WORD.search(sentence):
            return UNKNOWN
        if HAN.search(sentence):
            bare = _chinese("".join(_WORD.findall(sentence)))
        elif language[:2].lower() in ("en", ""):
            bare = _english(_WORD.findall(sentence.lower().replace("’", "'")))
        else:
            bare = UNKNOWN
        return _punctuated(bare, text.rstrip("\"”')）"))


def _last_sentence(text: str) -> str:
    """From behind the last full stop that has words behind it."""
    start = 0
    for stop in _STOP.finditer(text):
        if _WORD.search(text, stop.end()):
            start = stop.end()
    return text[start:]


def _punctuated(bare: float, said: str) -> float:
    """What the marks at the end make of the judgement about the bare words."""
    if said.endswith(("...", "…", "-", "—", "–", ":", "：")):
        return min(bare, OPEN)
    if said.endswith((",", "，", "、", ";", "；")):
        return PHRASED if bare > UNKNOWN and len(said) > 8 else min(bare, OPEN)
    if said.endswith(("?", "？")):
        return 0.95 if bare > OPEN else 0.5
    if said.endswith((".", "!", "。", "！")):
        return 0.93 if bare > 0.4 else bare + 0.15
    return bare


def _english(words: Words) -> float:
    """The judgement about one sentence, in small letters, without marks."""
    if (known := _pair(words)) is not None:
        return known
    start = 0
    while start < len(words) - 1 and words[start] in endings.OPENINGS:
        start += 1
    said = words[start:]
    if " ".join(said) in endings.SHORT_REPLIES:
        return CLOSED if start else HALF_OPEN
    if _is_answer(words) or _is_answer(said):
        return DONE
    return next(score for rule in _RULES if (score := rule(said)) is not None)


def _is_answer(said: Words) -> bool:
    """Whether all of it is short answers: "no thank you", "stop", "okay thanks"."""
    return " ".join(said) in endings.ANSWERS or (len(said) <= 4 and endings.ANSWERS.issuperset(said))


def _please(said: Words) -> float | None:
    """A request may end in it (turn it off please) or only begin with it (can you please)."""
    if said[-1] != "please":
        return None
    return OPEN if _before(said) in ("you", "i") else 0.9


def _number(said: Words) -> float | None:
    """Dictated figures go on until there are as many as a phone number has."""
    count, figures = 0, 0
    for word in reversed(said):
        if word not in endings.NUMBERS and not word.isdigit():
            break
        count += 1
        figures += len(word) if word.isdigit() else 2 if word in ("double", "triple") else 1
    if not count:
        return None
    announced = not endings.DICTATED.isdisjoint(said[-count - 4 : -count])
    if (count > 1 and figures >= 3 and endings.SCALES.isdisjoint(said[-count:])) or announced:
        return PHONE_NUMBERS.get(figures, 0.3 if figures < 10 else CLOSED)
    if said[-1] in ("double", "triple", "point", "oh"):
        return OPEN
    return 0.4 if said[-1] in endings.TENS or said[-count - 1 : -count] == ["for"] else 0.5


def _pair(said: Words) -> float | None:
    """The last two words, where they are known together."""
    pair = " ".join(said[-2:])
    if pair in endings.CLOSED:
        return CLOSED
    return DANGLING if pair in endings.LEFT_OPEN else None


def _question(said: Words) -> float | None:
    """A question about something may end in words that would dangle elsewhere: what are you looking for."""
    last, before = said[-1], _before(said)
    if not _asks(said[-10:]):
        return None
    if last in endings.PRONOUNS and before in endings.COPULAS:
        return 0.88
    if last in endings.STRANDABLE and before not in endings.ASKING:
        return 0.65
    if last in endings.TAKERS and before in endings.PRONOUNS:
        return CLOSED
    if last in endings.COPULAS and before not in endings.ASKING and before not in endings.TAKERS:
        return 0.65
    return None


def _verb(said: Words) -> float | None:
    """A verb that still wants its object: i want, i am looking."""
    last, before = said[-1], _before(said)
    if last not in endings.TAKERS:
        return None
    if before in endings.PRONOUNS or before in endings.SUBJECTS:
        return OPEN
    return 0.25 if not before or before == "to" or before in endings.AUXILIARIES else None


def _last_word(said: Words) -> float | None:
    """The last word, where it leans on the next."""
    last, before = said[-1], _before(said)
    if last in ("you", "it", "this", "that") and before in endings.LINKING:
        return OPEN
    if last in ("you", "it") and before in endings.AUXILIARIES:
        return HALF_OPEN
    if last in endings.ASKING and last != "what" and before in endings.KNOWING:
        return 0.55
    return _LAST.get(last)


def _particle(said: Words) -> float | None:
    """Turn the lights off; but: the lights off."""
    if said[-1] not in endings.PARTICLES:
        return None
    return 0.5 if endings.PHRASAL.isdisjoint(said[-6:-1]) else 0.8


def _noun(said: Words) -> float | None:
    """A noun that has not come yet, or that nothing is said about."""
    before = _before(said)
    if before in endings.DETERMINERS and said[-1] in endings.ATTRIBUTES:
        return 0.6 if _asks(said[-10:]) else 0.2
    subject = said[0] in endings.DETERMINERS and (len(said) == 2 or (len(said) == 3 and said[1] in endings.ATTRIBUTES))
    return HALF_OPEN if subject else None


def _kind(said: Words) -> float:
    """Nothing dangles: how complete a sentence of this kind and length mostly is."""
    if _asks(said[-10:]):
        return CLOSED if len(said) > 2 else 0.7
    if said[0] in endings.ASKING and len(said) <= 3:
        return 0.5
    if said[0] in endings.ASKING_AUXILIARIES and len(said) > 2:
        return 0.8
    if said[0] in endings.COMMANDS:
        return 0.75 if len(said) > 1 else HALF_OPEN
    return 0.7 if len(said) > 4 else 0.65 if len(said) > 2 else 0.6


def _asks(said: Words) -> bool:
    """Whether a question word has a verb behind it that asks: what is, what's; not: when you add."""
    place = next((place for place, word in enumerate(said[:-1]) if word in endings.ASKING), None)
    if place is None:
        return False
    return "'" in said[place] or not endings.ASKING_AUXILIARIES.isdisjoint(said[place + 1 :])


def _before(said: Words) -> str:
    """The word before the last, or nothing."""
    return said[-2] if len(said) > 1 else ""


_RULES: Sequence[Callable[[Words], float | None]] = (
    *(_please, _number, _question, _verb, _last_word, _particle, _noun, _kind),
)
"""Asked in this order until one knows; `_kind` always does."""

_LAST: Mapping[str, float] = {
    **dict.fromkeys(endings.QUANTIFIERS, HALF_OPEN),
    **dict.fromkeys(endings.ADVERBS | endings.ASKING, OPEN),
    **dict.fromkeys(endings.SUBJECTS | endings.AUXILIARIES | endings.STRANDABLE | endings.SURE_PREPOSITIONS, DANGLING),
    **dict.fromkeys(endings.ARTICLES | endings.CONJUNCTIONS | endings.FILLERS, DANGLING),
}


def _chinese(said: str) -> float:
    """The judgement about one sentence without marks and spaces."""
    if said in endings.CHINESE_ANSWERS:
        return DONE
    figures = len(said) - len(said.rstrip(endings.CHINESE_DIGITS))
    if figures > 2:
        return PHONE_NUMBERS.get(figures, 0.3)
    if said.endswith(endings.CHINESE_CLOSED):
        return CLOSED
    if said.endswith(endings.CHINESE_DANGLING):
        return DANGLING if len(said) > 1 else 0.3
    if said.endswith(endings.CHINESE_DONE):
        return 0.88
    if said.endswith(endings.CHINESE_OPEN):
        return HALF_OPEN
    if endings.CHINESE_ASKING.search(said[-12:]):
        return 0.8
    return 0.5 if figures else 0.65 if len(said) > 3 else 0.55
