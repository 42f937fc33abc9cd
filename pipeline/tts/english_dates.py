"""Dates, years and times of day in English, as an American says them."""

import re

from pipeline.tts import numbers
from pipeline.tts.rules import Match, rules
from pipeline.words import words

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NO_PLURAL = words("was is has as this its his does plus minus times equals across versus yes always perhaps")
"""Words that end in s and are no plural, so that a number before them may be a year."""

_START = r"(?<![\w.,])"
_MONTH = (
    r"(Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.|(?=\s[0-9]))|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
    r"|Sep(?:tember|t?\.)|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_NOON = r"(?:[ ]?([AaPp])(?:\.[ ]?[Mm]\b(?:\.|(?=\W|$))|[Mm]\b))"
_OF_A_DECADE = "|".join(
    rf"(?<=\b{word} )" for word in sorted(words("the The my his her our your their early mid late"))
)
"""Behind these words 30s are years, and no seconds."""
_YEAR_CUE = re.compile(
    r"\b(?:in|since|by|until|till|from|of|to|year|before|after|around|circa|early|late|mid)\s$", re.IGNORECASE
)
_PREPOSITION = re.compile(r"\b(?:on|by|until|till|from|to|since|before|after|is|was|of)\s$", re.IGNORECASE)


def spoken_date(year: str, month: int, day: int, written: str) -> str:
    """`written` where there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return written
    return f"{MONTHS[month - 1]} {numbers.ordinal(day)}" + (f", {numbers.year(int(year))}" if year else "")


def _iso_date(match: Match) -> str:
    said = spoken_date(match[1], int(match[2]), int(match[3]), match[0])
    return said + (" " if match[0].endswith("T") else "")


def _slashed_date(match: Match) -> str:
    first, second = int(match[1]), int(match[2])
    month, day = (first, second) if first <= 12 else (second, first)
    return spoken_date(match[3], month, day, match[0])


def _dotted_date(match: Match) -> str:
    return spoken_date(match[3], int(match[2]), int(match[1]), match[0])


def _month_day(match: Match) -> str:
    month, day, year = match.groups()
    said = f"{_month(month)} {numbers.ordinal(int(day))}"
    return said + (f", {numbers.year(int(year))}" if year else "")


def _month_days(match: Match) -> str:
    month, first, last, year = match.groups()
    said = f"{_month(month)} {numbers.ordinal(int(first))} to {numbers.ordinal(int(last))}"
    return said + (f", {numbers.year(int(year))}" if year else "")


def _day_month(match: Match) -> str:
    day, month, year = match.groups()
    the = "the " if _PREPOSITION.search(match.string[max(0, match.start() - 8) : match.start()]) else ""
    said = f"{the}{numbers.ordinal(int(day))} of {_month(month)}"
    return said + (f", {numbers.year(int(year))}" if year else "")


def _month(name: str) -> str:
    return next(month for month in MONTHS if month.startswith(name[:3]))


def _time(match: Match) -> str:
    hour, minute, second, half = int(match[1]), int(match[2]), match[3], match[4]
    if hour > 24 or minute > 59:
        return match[0]
    said = numbers.cardinal(hour)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{numbers.cardinal(minute)}"
    elif not half and not int(second or 0):
        said = "midnight" if hour == 0 else f"{said} o'clock" if hour <= 12 else f"{said} hundred"
    if int(second or 0):
        said += f" and {numbers.cardinal(int(second))} second{'' if int(second) == 1 else 's'}"
    return said + (_noon(match, half) if half else "")


def _hour(match: Match) -> str:
    return numbers.cardinal(int(match[1])) + _noon(match, match[2])


def _noon(match: Match, half: str) -> str:
    """AM or PM; the dot of "p.m." stays where it ends the sentence too."""
    behind = match.string[match.end() :].lstrip()
    ends = match[0].endswith(".") and (not behind or behind[0].isupper())
    return f" {half.upper()}M" + ("." if ends else "")


def _decade(match: Match) -> str:
    said = numbers.year(int(match[1]))
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


def _year(match: Match) -> str:
    """As a year, unless what follows is counted."""
    number, behind = int(match[0]), re.match(r"\s([a-z]+s)\b", match.string[match.end() : match.end() + 30])
    counted = behind is not None and behind[1] not in _NO_PLURAL
    cued = _YEAR_CUE.search(match.string[max(0, match.start() - 12) : match.start()]) is not None
    return numbers.year(number) if not counted and (number >= 1500 or cued) else numbers.cardinal(number)


DATES = rules(
    (r"(?<![\w-])([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:T(?=[0-9])|(?![\w-]))", _iso_date),
    (r"(?<![\w/])([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?![\w/])", _slashed_date),
    (r"(?<![\w.])([0-3]?[0-9])\.([01]?[0-9])\.((?:19|20)[0-9]{2})(?![\w.]?[0-9])", _dotted_date),
    (rf"(?<=[0-9])\s?[-–—]\s?(?={_MONTH} [0-9]{{1,2}}\b)", " to "),
    (rf"\b{_MONTH} ([0-9]{{1,2}})\s?[-–—]\s?([0-9]{{1,2}})(?:, ([12][0-9]{{3}}))?(?![\w/:]|[.,][0-9])", _month_days),
    (rf"\b{_MONTH}(?= (?:of )?[12][0-9]{{3}}\b)", lambda match: _month(match[1])),
    (rf"\b{_MONTH} ([0-3]?[0-9])(?:st|nd|rd|th)?(?:,? ([12][0-9]{{3}}))?(?![\w%:]|[.,][0-9]|[-–][0-9])", _month_day),
    (rf"{_START}([0-3]?[0-9])(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? ([12][0-9]{{3}}))?(?!\w)", _day_month),
)

TIMES = rules(
    (r"(?<![\w.])['’]?([12][0-9][0-9]0)['’]?s\b", _decade),
    (rf"(?=['’1-9])(?:(?<![\w.])['’]|{_OF_A_DECADE})([1-9]0)['’]?s\b", _decade),
    (r"(?<![\w.])([5-9]0)s(?= (?:music|songs?|hits|movies?|films?|fashion|rock|pop|style|kids?|era)\b)", _decade),
    (r"(?<![\w.])(10)s(?= of\b)", _decade),
    (rf"(?<![\w:.])([0-9]{{1,2}}):([0-9]{{2}})(?::([0-9]{{2}}))?(?![0-9:]){_NOON}?", _time),
    (rf"{_START}(1[0-2]|0?[1-9]){_NOON}", _hour),
)

YEARS = rules(
    (r"(?<![\w.,])(?:1[0-9]|20)[0-9]{2}(?![\w]|[.,][0-9])", _year),
)
