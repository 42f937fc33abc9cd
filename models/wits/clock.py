"""The time of day: now or some hours away, here and elsewhere."""

import re
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Literal

from models.wits.asking import remains, without
from models.wits.conversation import Heard
from models.wits.numbers import QUANTITY, digits, with_fractions
from models.wits.places import place_of
from models.wits.words import capitalised

Tense = Literal["was", "is", "will be"]

_TIME_EN = re.compile(
    r"\b(?:(?:what|which) (?:the )?time (?:(?:is|was) it|it (?:is|was)|will it be|it will be)\b|what time$"
    r"|what (?:is|was|will) (?:the (?:(?:current|exact|local) )?|current )time\b(?: be\b)?"
    r"|time is it\b|how late is it\b"
    r"|(?:(?:tell|give) (?:me|us)|you know|do you have|have you got|got) the (?:current |exact )?time\b)"
    r"|^(?:the )?(?:current )?time(?= (?:in|at|please|now)\b|$)"
)
_TIME_ZH = re.compile(r"几点(?:钟|几分)?|什么时间|现在.{0,2}什么时候|时间(?:几点)?$")
_SHIFT_EN = re.compile(
    rf"(?:\b(?P<ahead>in|after) )?\b(?:(?P<amount>{QUANTITY})(?: an?)?|an?) (?P<unit>second|minute|hour)s?\b"
    r"(?: and (?P<more>0\.\d+))?(?:'? time\b)?(?: (?P<way>ago|from now|later)\b)?"
)
_SHIFT_ZH = re.compile(r"(?P<amount>\d+|半)个?(?P<half>半?)(?P<unit>小时|钟头|分钟|秒钟?)[之以]?(?P<way>[后前])")
_SECONDS: Final = {
    "second": 1, "minute": 60, "hour": 3600, "秒": 1, "秒钟": 1, "分钟": 60, "小时": 3600, "钟头": 3600,
}  # fmt: skip
_PLACE_EN = re.compile(
    r"\b(?:in|at|for) (?!the\b)(?P<place>[a-z]+(?: [a-z]+){0,2}?)(?: (?:right )?now| please| today)*$"
)
_HERE_EN = re.compile(r"\b(?:here|there|today)\b")
_FAR: Final = 100 * 365 * 86400
"""Seconds; longer than that nobody's clock is asked for."""


def tell(heard: Heard) -> str | None:
    """The time that was asked for; None when none was, or anything besides."""
    return _tell_zh(heard) if heard.language == "zh" else _tell_en(heard)


def _tell_en(heard: Heard) -> str | None:
    text = with_fractions(digits(heard.plain))
    if (asked := _TIME_EN.search(text)) is None:
        return None
    rest, now, tense = without(text, asked), heard.now, "is"
    if (shift := _SHIFT_EN.search(rest)) and (tense := _tense(shift)):
        amount = Fraction(shift["amount"] or 1) + Fraction(shift["more"] or 0)
        if (moved := _moved(now, amount * _SECONDS[shift["unit"]], past=tense == "was")) is None:
            return None
        rest, now = without(rest, shift), moved
    if shift is None and re.search(r"\bwas\b|\bwill\b", asked[0]):
        return None
    found = _PLACE_EN.search(" ".join(rest.split()))
    if remains(_HERE_EN.sub(" ", rest if found is None else rest.replace(found[0].strip(), " "))):
        return None
    it = "it's" if tense == "is" else f"it {tense}"
    if found is None:
        return f"{capitalised(it)} {_time_en(now)}."
    place = place_of(found["place"])
    there = place.at(now) if place else None
    if place is None or there is None:
        return f"I don't know the time in {found['place'].title()}, but here {it} {_time_en(now)}."
    return f"In {place.name} {it} {_time_en(there)}."


def _tense(shift: re.Match[str]) -> Tense | None:
    """Whether that is ahead or past; None where it is neither: "in 5 minutes ago", "5 minutes"."""
    match shift["ahead"], shift["way"]:
        case (None, "ago"):
            return "was"
        case (None, "from now" | "later") | ("in" | "after", None):
            return "will be"
        case _:
            return None


def _moved(now: datetime, seconds: Fraction, *, past: bool) -> datetime | None:
    if seconds > _FAR:
        return None
    return now + timedelta(seconds=float(-seconds if past else seconds))


def _tell_zh(heard: Heard) -> str | None:
    text = digits(heard.plain).replace(" ", "")
    if (asked := _TIME_ZH.search(text)) is None:
        return None
    rest, now, when = without(text, asked), heard.now, "现在"
    if shift := _SHIFT_ZH.search(rest):
        amount = Fraction(1, 2) if shift["amount"] == "半" else Fraction(shift["amount"])
        amount += Fraction(1, 2) if shift["half"] else 0
        if (moved := _moved(now, amount * _SECONDS[shift["unit"]], past=shift["way"] == "前")) is None:
            return None
        rest, now, when = without(rest, shift), moved, "那时"
    left = remains(re.sub(r"当地|那[边里]|这[边里]", "", rest))
    if not left:
        return f"{when}是{_time_zh(now)}。"
    place = place_of(left)
    there = place.at(now) if place else None
    return f"{place.chinese}{when}是{_time_zh(there)}。" if place and there else None


def _time_en(now: datetime) -> str:
    return f"{now.hour % 12 or 12}:{now.minute:02} {'AM' if now.hour < 12 else 'PM'}"


def _time_zh(now: datetime) -> str:
    periods = ((5, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    period = next(name for end, name in periods if now.hour < end)
    minutes = "整" if now.minute == 0 else f"零{now.minute}分" if now.minute < 10 else f"{now.minute}分"
    return f"{period}{now.hour % 12 or now.hour}点{minutes}"
