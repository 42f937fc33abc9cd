"""The date and the day of the week, days from now, and what is to be known of months and years."""

import calendar
import re
from datetime import date
from typing import Final

from models.wits.asking import remains, without
from models.wits.conversation import Heard
from models.wits.days import MONTH_EN, MONTHS, WEEKDAY_EN, WEEKDAY_ZH, WEEKDAYS_ZH, Named, named_day
from models.wits.numbers import digits, with_ordinals

_ASKED_EN = re.compile(
    r"\b(?:what|which|know|tell (?:me|us)|give (?:me|us))\b|^(?:the )?(?:current )?date\b|^(?:today|tomorrow)'s date\b"
)
_CORE_EN = re.compile(
    r"\b(?:(?:current|exact) )?(?:day and date|date|(?:week ?)?day(?: of (?:the )?(?:week|month))?)\b"
)
_WHEN_EN = re.compile(r"^when (?:is|was)\b")
_IS_IT_EN = re.compile(
    rf"^(?P<day>(?:is|was) (?:it|the day|today|tomorrow|yesterday)\b.*?) (?:an? )?(?:{WEEKDAY_EN})(?: today| yet)?$"
)
_UNTIL_EN = re.compile(
    r"\bhow (?:many days|long)(?: (?:is|are|do|we|have|it|there|left|to go))* (?:until|till|til|to|before) (?P<day>.+)"
)
_NEXT_EN = re.compile(
    r"\b(?:what|which) (?P<unit>month|year) (?:(?:is|was) (?P<which>next|last|this) (?:month|year)|is it|is this|it is"
    r"|are we in)(?: now| right now)?$|\bwhat is (?P<other>next|last) (?P<of>month|year)$"
    r"|^(?:what|which) (?P<now>month|year)$"
)
_LEAP_EN = re.compile(r"\bis (?P<year>it|this(?: year)?|\d{4}) a leap year$")
_LENGTH_EN = re.compile(
    rf"\bhow many days (?:(?:are|is|does|there|in|has) )*(?:the month of )?(?P<month>{MONTH_EN}|this month)(?: have)?"
    r"(?: (?P<year>\d{4})| this year)?$"
)
_CORE_ZH = re.compile(r"几月几[号日]|几[号日]|(?:周|星期|礼拜)几|什么日[子期]|日期|哪1?天|什么时候")
_IS_IT_ZH = re.compile(rf"^(?P<day>.天|大.天)是?{WEEKDAY_ZH}(?:吗|对吗|吧)?$")
_UNTIL_ZH = re.compile(r"^(?:请问|现在)?(?:距离?|离|到)(?P<day>.+?)(?:还有|还剩|有)(?:几|多少)天$")
_YEARS_ZH: Final = {"前年": -2, "去年": -1, "今年": 0, "现在": 0, "明年": 1, "后年": 2}
_YEAR_ZH = re.compile(r"^(?P<which>前年|去年|今年|现在|明年|后年)?是?(?:哪1?年|几几年|多少年)$")
_MONTH_ZH = re.compile(r"^(?P<which>上个?月|这个?月|本月|现在|今天|下个?月)是?几月份?$")
_LEAP_ZH = re.compile(r"^(?P<year>今年|明年|去年|\d{4}年)是不?是?闰年吗?$")
_LENGTH_ZH = re.compile(r"^(?:(?P<year>今年|明年|\d{4}年)的?)?(?P<month>\d{1,2}月份?|这个月)1?共?有?(?:多少|几)天$")
_FINAL_ZH = re.compile(r"[了呀啊呢啦]+$")


def tell(heard: Heard) -> str | None:
    """The date, the day or how far away one is; None when that was not asked, or anything besides."""
    today, text = heard.now.date(), with_ordinals(digits(heard.plain))
    if heard.language == "zh":
        return _tell_zh(_FINAL_ZH.sub("", text.replace(" ", "")), today)
    return _until_en(text, today) or _calendar_en(text, today) or _day_en(text, today)


def _day_en(text: str, today: date) -> str | None:
    if asked := _IS_IT_EN.search(text):
        return _told_en(named_day(asked["day"], today) or Named(today, "", "", "Today"), today)
    past = re.search(r"\bwas\b", text) is not None
    named = named_day(text, today, past=past)
    rest = text if named is None else named.rest
    core = _CORE_EN.search(rest)
    if core is not None:
        asked = _ASKED_EN.search(text) and not re.search(r"\ban? (?:day|date)\b", rest)
        rest = without(rest, core)
    elif named is not None and named.name in {"Today", "Tomorrow", "Yesterday"}:
        asked = re.match(r"what (?:is|was)\b", text)
    else:
        asked = named is not None and _WHEN_EN.match(text)
    if not asked or remains(re.sub(r"\b(?:of|on|for|fall|falls)\b", " ", rest)):
        return None
    return _told_en(named or Named(today, "", "", "Today"), today)


def _told_en(named: Named, today: date) -> str:
    day = named.day
    verb = "was" if day < today else "is"
    return f"{named.name or 'That'} {verb} {day:%A}, {day:%B} {day.day}, {day.year}."


def _until_en(text: str, today: date) -> str | None:
    if (asked := _UNTIL_EN.search(text)) is None or (named := named_day(asked["day"], today)) is None:
        return None
    days = (named.day - today).days
    if days < 0 or remains(f"{text[: asked.start()]} {named.rest}"):
        return None
    there = f"{named.day:%A}, {named.day:%B} {named.day.day}"
    return f"That is today, {there}." if days == 0 else f"It's {days} day{'' if days == 1 else 's'} until {there}."


def _calendar_en(text: str, today: date) -> str | None:
    if asked := _LEAP_EN.search(text):
        year = int(asked["year"]) if asked["year"].isdigit() else today.year
        return f"Yes, {year} is a leap year." if calendar.isleap(year) else f"No, {year} is not a leap year."
    if asked := _LENGTH_EN.search(text):
        month = MONTHS.get(asked["month"], today.month)
        year = int(asked["year"]) if asked["year"] else today.year
        return f"{calendar.month_name[month]} {year} has {calendar.monthrange(year, month)[1]} days."
    if asked := _NEXT_EN.search(text):
        step = {"next": 1, "last": -1}.get(asked["which"] or asked["other"] or "", 0)
        verb = "is" if step > 0 else "was" if step < 0 else "it is"
        unit = asked["unit"] or asked["of"] or asked["now"]
        value = str(today.year + step) if unit == "year" else calendar.month_name[(today.month - 1 + step) % 12 + 1]
        return f"It's {value}." if step == 0 else f"{'Next' if step > 0 else 'Last'} {unit} {verb} {value}."
    return None


def _tell_zh(text: str, today: date) -> str | None:
    if asked := _IS_IT_ZH.search(text):
        named = named_day(asked["day"], today)
        return None if named is None else _told_zh(named)
    if asked := _UNTIL_ZH.search(text):
        named = named_day(asked["day"], today)
        if named is None or named.rest.strip() or named.day < today:
            return None
        days = (named.day - today).days
        return f"离{named.day.month}月{named.day.day}日还有{days}天。" if days else "就是今天。"
    if (answer := _calendar_zh(text, today)) is not None:
        return answer
    if (core := _CORE_ZH.search(text)) is None:
        return None
    named = named_day(text, today)
    rest = without(text, core) if named is None else _CORE_ZH.sub("", named.rest, count=1)
    if remains(rest) or (named is None and core[0] in {"什么时候", "哪天", "哪1天"}):
        return None
    return _told_zh(named or Named(today, "今天", ""))


def _told_zh(named: Named) -> str:
    day = named.day
    said = named.said if re.fullmatch(r"大?[今明昨前后]天|\d+天[之以]?[后前]", named.said) else "那天"
    return f"{said}是{day.year}年{day.month}月{day.day}日，星期{WEEKDAYS_ZH[day.weekday()]}。"


def _calendar_zh(text: str, today: date) -> str | None:
    if asked := _YEAR_ZH.search(text):
        which = asked["which"] or "今年"
        return f"{which.replace('现在', '今年')}是{today.year + _YEARS_ZH[which]}年。"
    if asked := _MONTH_ZH.search(text):
        step = {"上": -1, "下": 1}.get(asked["which"][0], 0)
        return f"{asked['which']}是{(today.month - 1 + step) % 12 + 1}月。"
    if asked := _LEAP_ZH.search(text):
        year = _year_zh(asked["year"], today)
        return f"{year}年{'是' if calendar.isleap(year) else '不是'}闰年。"
    if asked := _LENGTH_ZH.search(text):
        year = _year_zh(asked["year"] or "今年", today)
        month = today.month if asked["month"] == "这个月" else int(asked["month"].rstrip("月份"))
        return f"{year}年{month}月有{calendar.monthrange(year, month)[1]}天。" if 1 <= month <= 12 else None
    return None


def _year_zh(text: str, today: date) -> int:
    return int(text.rstrip("年")) if text[0].isdigit() else today.year + _YEARS_ZH[text]
