"""The time, the date and the day, here and in the larger cities."""

import re
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.wits.conversation import Heard

_OF_SOMETHING = (
    r"(?! (?:does|do|did|will|would|should|shall|can|(?:was|were)(?! (?:it|yesterday|the day))"
    r"|are (?:they|you)|is (?:the(?! day)|my|your|his|her|our)|of|for)\b)"
)
"""The train's time is not the time."""
_TIME_EN = re.compile(
    rf"\b(?:what|which) (?:the )?time\b{_OF_SOMETHING}|\bhow late is it\b"
    r"|\bwhat is the (?:current |exact )?time\b(?! of)"
    r"|\b(?:tell|give|know|got|have) (?:me |us )?the (?:current |exact )?time\b|\btime is it\b"
    r"|^(?:the )?(?:current )?time(?: please| now)?$"
)
_DATE_EN = re.compile(
    r"\b(?:what|which|tell me|know|give me|what is)"
    r"(?: (?:is|it|the|today(?:'s)?|tomorrow|yesterday|current|exact))* date\b"
    rf"{_OF_SOMETHING}|^(?:the )?date(?: please| today)?$|\btoday is date\b"
)
_DAY_EN = re.compile(
    rf"\b(?:what|which) (?:week)?day\b{_OF_SOMETHING}|\bday of the week\b|\bwhat is today$"
    r"|\btell me (?:what|which|the) day\b"
    r"|\bis (?:it|today) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
)
_MONTH_EN = re.compile(r"\b(?:what|which) month(?: is (?:it|this)| are we| it is|$)")
_YEAR_EN = re.compile(r"\b(?:what|which) year(?: is (?:it|this)| are we| it is|$)")
_TIME_ZH = re.compile(r"现在.{0,6}几点|几点(?:钟|了|啦|呀|啊)*$|现在.{0,4}什么时(?:间|候)|现在的?时间|^时间$")
_DATE_ZH = re.compile(r"[今明昨前后]天.{0,4}几[号月]|^.{0,3}几[月号].{0,3}$|(?:今天|现在).{0,4}日期|什么日期$")
_DAY_ZH = re.compile(r"[今明昨前后]天.{0,4}(?:星期|礼拜|周)[几一二三四五六日天]|^.{0,3}(?:星期|礼拜|周)几.{0,2}$")
_YEAR_ZH = re.compile(r"今年.{0,4}年|(?:现在|今年).{0,4}哪一?年|^哪一?年$|几几年$")
_PLACE_EN = re.compile(r"\b(?:in|at|for) (?!the\b)([a-z ]+?)(?: right now| now| please| today| at the moment)*$")

_WEEKDAYS_ZH: Final = "一二三四五六日"
_OFFSETS: Final = (
    (re.compile(r"\bday after tomorrow\b|后天"), 2, "The day after tomorrow", "后天"),
    (re.compile(r"\bday before yesterday\b|前天"), -2, "The day before yesterday", "前天"),
    (re.compile(r"\btomorrow\b|明天"), 1, "Tomorrow", "明天"),
    (re.compile(r"\byesterday\b|昨天"), -1, "Yesterday", "昨天"),
)
_ZONES: Final = {
    "amsterdam 阿姆斯特丹": "Europe/Amsterdam", "athens 雅典": "Europe/Athens", "auckland 奥克兰": "Pacific/Auckland",
    "bangkok 曼谷": "Asia/Bangkok", "beijing 北京": "Asia/Shanghai", "berlin 柏林": "Europe/Berlin",
    "boston 波士顿": "America/New_York", "brussels 布鲁塞尔": "Europe/Brussels", "cairo 开罗": "Africa/Cairo",
    "chicago 芝加哥": "America/Chicago", "delhi 德里": "Asia/Kolkata", "denver 丹佛": "America/Denver",
    "dubai 迪拜": "Asia/Dubai", "dublin 都柏林": "Europe/Dublin", "helsinki 赫尔辛基": "Europe/Helsinki",
    "hong_kong 香港": "Asia/Hong_Kong", "istanbul 伊斯坦布尔": "Europe/Istanbul", "jakarta 雅加达": "Asia/Jakarta",
    "lagos 拉各斯": "Africa/Lagos", "lisbon 里斯本": "Europe/Lisbon", "london 伦敦": "Europe/London",
    "los_angeles 洛杉矶": "America/Los_Angeles", "madrid 马德里": "Europe/Madrid",
    "mexico_city 墨西哥城": "America/Mexico_City",
    "moscow 莫斯科": "Europe/Moscow", "mumbai 孟买": "Asia/Kolkata", "nairobi 内罗毕": "Africa/Nairobi",
    "new_york 纽约": "America/New_York", "oslo 奥斯陆": "Europe/Oslo", "paris 巴黎": "Europe/Paris",
    "prague 布拉格": "Europe/Prague", "rome 罗马": "Europe/Rome", "san_francisco 旧金山": "America/Los_Angeles",
    "sao_paulo 圣保罗": "America/Sao_Paulo", "seattle 西雅图": "America/Los_Angeles", "seoul 首尔": "Asia/Seoul",
    "shanghai 上海": "Asia/Shanghai", "singapore 新加坡": "Asia/Singapore", "stockholm 斯德哥尔摩": "Europe/Stockholm",
    "sydney 悉尼": "Australia/Sydney", "taipei 台北": "Asia/Taipei", "tokyo 东京": "Asia/Tokyo",
    "toronto 多伦多": "America/Toronto", "vienna 维也纳": "Europe/Vienna", "warsaw 华沙": "Europe/Warsaw",
    "washington 华盛顿": "America/New_York", "zurich 苏黎世": "Europe/Zurich",
}  # fmt: skip
_CITIES: Final = {
    city.replace("_", " "): (names.split()[0].replace("_", " ").title(), names.split()[1], zone)
    for names, zone in _ZONES.items()
    for city in names.split()
}


def tell(heard: Heard) -> str | None:
    """The time, date, weekday, month or year that was asked for; None when none was."""
    return _tell_zh(heard) if heard.language == "zh" else _tell_en(heard)


def _tell_en(heard: Heard) -> str | None:
    text = heard.plain
    if _TIME_EN.search(text):
        return _time_elsewhere_en(text, heard.now) or f"It's {_time_en(heard.now)}."
    asks_date, asks_day = _DATE_EN.search(text), _DAY_EN.search(text)
    if asks_date or asks_day:
        shift, when = _shift(text)
        day = heard.now + timedelta(days=shift)
        verb = "was" if shift < 0 else "is"
        return f"{when or 'Today'} {verb} {day:%A}, {day:%B} {day.day}, {day.year}."
    if _MONTH_EN.search(text):
        return f"It's {heard.now:%B}."
    if _YEAR_EN.search(text):
        return f"It's {heard.now.year}."
    return None


def _tell_zh(heard: Heard) -> str | None:
    text, now = heard.plain, heard.now
    if _TIME_ZH.search(text):
        city = next((city for city in _CITIES if city in text), None)
        there = _there(city, now) if city else None
        if city and there:
            return f"{_CITIES[city][1]}现在是{_time_zh(there)}。"
        return f"现在是{_time_zh(now)}。"
    asks_date, asks_day = _DATE_ZH.search(text), _DAY_ZH.search(text)
    if not asks_date and not asks_day:
        return f"今年是{now.year}年。" if _YEAR_ZH.search(text) else None
    shift, _ = _shift(text)
    name = next((zh for _, days, _, zh in _OFFSETS if days == shift), "今天")
    day = now + timedelta(days=shift)
    return f"{name}是{day.year}年{day.month}月{day.day}日，星期{_WEEKDAYS_ZH[day.weekday()]}。"


def _shift(text: str) -> tuple[int, str]:
    """Days from today, and what that day is called in English."""
    return next(((days, name) for pattern, days, name, _ in _OFFSETS if pattern.search(text)), (0, ""))


def _time_elsewhere_en(text: str, now: datetime) -> str | None:
    asked = _PLACE_EN.search(text)
    if asked is None:
        return None
    place = asked[1].strip()
    there = _there(place, now)
    if there is None:
        return f"I don't know the time in {place.title()}, but here it's {_time_en(now)}."
    return f"In {_CITIES[place][0]} it's {_time_en(there)}."


def _there(city: str, now: datetime) -> datetime | None:
    if city not in _CITIES:
        return None
    try:
        return now.astimezone(ZoneInfo(_CITIES[city][2]))
    except ZoneInfoNotFoundError:  # a system without a time zone database
        return None


def _time_en(now: datetime) -> str:
    return f"{now.hour % 12 or 12}:{now.minute:02} {'AM' if now.hour < 12 else 'PM'}"


def _time_zh(now: datetime) -> str:
    periods = ((5, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    period = next(name for end, name in periods if now.hour < end)
    minutes = "整" if now.minute == 0 else f"零{now.minute}分" if now.minute < 10 else f"{now.minute}分"
    return f"{period}{now.hour % 12 or now.hour}点{minutes}"
