"""The days that talk names: "the day after tomorrow", "three weeks ago", "next friday", "july 4th 1776", 下周一."""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WEEKDAYS_ZH: Final = "一二三四五六日"
WEEKDAY_EN: Final = "|".join(calendar.day_name).lower()
WEEKDAY_ZH: Final = r"(?:周|星期|礼拜)([1-6日天])"
MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTH_EN: Final = "|".join(MONTHS)

_NEAR: Final = (
    (re.compile(r"\b(?:the )?day after tomorrow\b|(?<!大)后天"), 2, "The day after tomorrow"),
    (re.compile(r"\b(?:the )?day before yesterday\b|(?<!大)前天"), -2, "The day before yesterday"),
    (re.compile(r"大后天"), 3, ""),
    (re.compile(r"大前天"), -3, ""),
    (re.compile(r"\btomorrow(?:'?s)?\b|明天"), 1, "Tomorrow"),
    (re.compile(r"\byesterday(?:'?s)?\b|昨天"), -1, "Yesterday"),
)
_TODAY = re.compile(r"\btoday(?:'?s)?\b|今天")
_FEASTS: Final = (
    (re.compile(r"\bchristmas eve\b|平安夜"), "Christmas Eve", (12, 24)),
    (re.compile(r"\bchristmas(?: day)?\b|圣诞节?"), "Christmas", (12, 25)),
    (re.compile(r"\bnew year'?s'? eve\b"), "New Year's Eve", (12, 31)),
    (re.compile(r"\bnew year(?:'?s'?)?(?: day)?\b|元旦"), "New Year's Day", (1, 1)),
    (re.compile(r"\bvalentine'?s(?: day)?\b|情人节"), "Valentine's Day", (2, 14)),
    (re.compile(r"\bhalloween\b|万圣节"), "Halloween", (10, 31)),
    (re.compile(r"劳动节"), "Labour Day", (5, 1)),
    (re.compile(r"国庆节?"), "National Day", (10, 1)),
)
_AWAY_EN = re.compile(
    r"\b(?:(?P<ahead>in) )?(?P<count>\d{1,5}|an?) (?P<unit>day|week|month|year)s?(?:'? time\b)?"
    r"(?: (?P<way>ago|from now|from today|later)\b(?: today\b)?)?"
)
_AWAY_ZH = re.compile(r"(?P<count>\d{1,5})个?(?P<unit>天|周|星期|礼拜|月|年)[之以]?(?P<way>[后前])")
_WEEKDAY_EN = re.compile(rf"\b(?:on )?(?:(?P<which>this coming|this|next|last|coming) )?(?P<day>{WEEKDAY_EN})\b")
_WEEKDAY_ZH = re.compile(rf"(?P<which>上|这个?|本|下)?个?{WEEKDAY_ZH}")
_YEAR = r"(?:(?: of| in)? (?P<year>\d{4}|[12]\d \d\d)\b)?"
_DATES: Final = (
    re.compile(rf"\b(?:on )?(?P<month>{MONTH_EN}) (?:the )?(?P<day>\d{{1,2}})(?:th)?\b{_YEAR}"),
    re.compile(rf"\b(?:on )?(?:the )?(?P<day>\d{{1,2}})(?:th)? (?:of )?(?P<month>{MONTH_EN})\b{_YEAR}"),
    re.compile(r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]"),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A day that was named."""

    day: date
    said: str
    """The words for it."""
    rest: str
    """The text without them."""
    name: str = ""
    """In English, where it has one: "Tomorrow", "Christmas"."""


def named_day(text: str, today: date, *, past: bool = False) -> Named | None:
    """The first way in which the text names a day; None when it names none, or one that may be either of two.

    `text` has its numbers and ordinals in digits. A day without a year is the next such; with `past`, the last.
    """
    return next((named for read in _READERS if (named := next(read(text, today, past), None))), None)


def _near(text: str, today: date, _past: bool) -> Iterator[Named]:
    for pattern, days, name in _NEAR:
        if found := pattern.search(text):
            yield _named(today + timedelta(days=days), found, name)
    if found := _AWAY_EN.search(text) or _AWAY_ZH.search(text):
        ahead = found.groupdict().get("ahead")
        if (found["way"] is None) != (ahead is None):
            count = 1 if found["count"].startswith("a") else int(found["count"])
            day = _away(today, -count if found["way"] in {"ago", "前"} else count, found["unit"])
            if day is not None:
                yield _named(day, found)


def _feast(text: str, today: date, past: bool) -> Iterator[Named]:
    for pattern, name, (month, day) in _FEASTS:
        if (found := pattern.search(text)) and (on := _yearly(today, month, day, past)):
            yield _named(on, found, name)


def _date(text: str, today: date, past: bool) -> Iterator[Named]:
    for pattern in _DATES:
        if found := pattern.search(text):
            month = MONTHS.get(found["month"]) or int(found["month"])
            year = int(found["year"].replace(" ", "")) if found["year"] else None
            day = int(found["day"])
            if on := _on(year, month, day) if year else _yearly(today, month, day, past):
                yield _named(on, found)


def _weekday(text: str, today: date, past: bool) -> Iterator[Named]:
    if found := _WEEKDAY_EN.search(text):
        weekday, now, which = WEEKDAY_EN.split("|").index(found["day"]), today.weekday(), found["which"]
        if {"next": weekday > now, "last": weekday < now, "this": weekday == now}.get(which or ""):
            return  # "next friday" on a monday may be either
        back = which == "last" or (which is None and past)
        days = -((now - weekday) % 7 or 7) if back else (weekday - now) % 7 or 7
        yield _named(today + timedelta(days=days), found)
    elif found := _WEEKDAY_ZH.search(text):
        weekday = 6 if found[2] in "日天" else int(found[2]) - 1
        weeks = {"上": -1, "下": 1}.get(found["which"] or "", 0)
        yield _named(today + timedelta(days=weekday - today.weekday(), weeks=weeks), found)


def _today(text: str, today: date, _past: bool) -> Iterator[Named]:
    if found := _TODAY.search(text):
        yield _named(today, found, "Today")


_READERS: Final[tuple[Callable[[str, date, bool], Iterator[Named]], ...]] = (_near, _feast, _date, _weekday, _today)


def _named(day: date, found: re.Match[str], name: str = "") -> Named:
    text = found.string
    return Named(day, found[0], f"{text[: found.start()]} {text[found.end() :]}", name)


def _away(today: date, count: int, unit: str) -> date | None:
    months = {"month": count, "月": count, "year": 12 * count, "年": 12 * count}.get(unit)
    try:
        if months is None:
            return today + timedelta(days=count if unit in {"day", "天"} else 7 * count)
        year, month = divmod(12 * today.year + today.month - 1 + months, 12)
        return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        return None


def _yearly(today: date, month: int, day: int, past: bool) -> date | None:
    if (this := _on(today.year, month, day)) is None or (this <= today if past else this >= today):
        return this
    return _on(today.year + (-1 if past else 1), month, day)


def _on(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
