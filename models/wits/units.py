"""Conversion of units: length, area, mass, temperature, volume, speed, time and data."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from models.wits.asking import remains, without
from models.wits.conversation import Heard
from models.wits.numbers import QUANTITY, digits, spoken, with_fractions
from models.wits.words import Language, capitalised

Kind = Literal["length", "area", "mass", "temperature", "volume", "speed", "calendar", "time", "data"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and its names; a value in the kind's base unit is `value * factor + offset`."""

    kind: Kind
    factor: Fraction
    singular: str
    plural: str
    chinese: str
    offset: Fraction = Fraction(0)


_TABLE: Final = """
length 0.001 millimeter millimeters 毫米 mm millimetre millimetres
length 0.01 centimeter centimeters 厘米 cm centimetre centimetres 公分
length 1 meter meters 米 m metre metres
length 1000 kilometer kilometers 公里 km kilometre kilometres kilometers 千米 k
length 0.0254 inch inches 英寸
length 0.3048 foot feet 英尺 ft
length 0.9144 yard yards 码 yd
length 1609.344 mile miles 英里 mi
length 1852 nautical_mile nautical_miles 海里
length 1/3 Chinese_foot Chinese_feet 尺
length 10/3 zhang zhang 丈
length 500 li li 里 华里
area 0.0001 square_centimeter square_centimeters 平方厘米 square_centimetre square_centimetres
area 1 square_meter square_meters 平方米 square_metre square_metres 平米
area 1000000 square_kilometer square_kilometers 平方公里 square_kilometre square_kilometres 平方千米
area 10000 hectare hectares 公顷
area 2000/3 mu mu 亩
area 0.09290304 square_foot square_feet 平方英尺
area 0.00064516 square_inch square_inches 平方英寸
area 0.83612736 square_yard square_yards 平方码
area 4046.8564224 acre acres 英亩
area 2589988.110336 square_mile square_miles 平方英里
mass 0.000001 milligram milligrams 毫克 mg
mass 0.001 gram grams 克 g gramme grammes
mass 0.05 liang liang 两 市两
mass 0.5 jin jin 斤
mass 1 kilogram kilograms 公斤 kg kilo kilos 千克
mass 1000 tonne tonnes 吨 metric_ton metric_tons
mass 907.18474 ton tons 短吨 short_ton short_tons
mass 0.45359237 pound pounds 磅 lb lbs
mass 0.028349523125 ounce ounces 盎司 oz
mass 6.35029318 stone stone 英石 stones
temperature 1 degree_Celsius degrees_Celsius 摄氏度 celsius centigrade degrees_centigrade degree_centigrade
temperature 5/9 degree_Fahrenheit degrees_Fahrenheit 华氏度 fahrenheit
temperature 1 kelvin kelvin 开尔文 kelvins degrees_kelvin
volume 0.001 milliliter milliliters 毫升 ml millilitre millilitres
volume 1 liter liters 升 l litre litres 公升
volume 1000 cubic_meter cubic_meters 立方米 cubic_metre cubic_metres
volume 0.001 cubic_centimeter cubic_centimeters 立方厘米 cubic_centimetre cubic_centimetres
volume 28.316846592 cubic_foot cubic_feet 立方英尺
volume 0.016387064 cubic_inch cubic_inches 立方英寸
volume 764.554857984 cubic_yard cubic_yards 立方码
volume 3.785411784 gallon gallons 加仑
volume 0.946352946 quart quarts 夸脱
volume 0.473176473 pint pints 品脱
volume 0.2365882365 cup cups 杯
volume 0.0295735295625 fluid_ounce fluid_ounces 液量盎司
volume 0.01478676478125 tablespoon tablespoons 汤匙
volume 0.00492892159375 teaspoon teaspoons 茶匙
speed 1 meter_per_second meters_per_second 米每秒 mps metre_per_second metres_per_second
speed 5/18 kilometer_per_hour kilometers_per_hour 公里每小时 kmh kph kilometre_per_hour kilometres_per_hour 千米每小时
speed 0.44704 mile_per_hour miles_per_hour 英里每小时 mph
speed 463/900 knot knots 节
calendar 1 month months 个月 月
calendar 12 year years 年 calendar_year
calendar 120 decade decades 个十年
calendar 1200 century centuries 世纪 个世纪
time 0.001 millisecond milliseconds 毫秒 ms
time 1 second seconds 秒 秒钟 sec secs
time 60 minute minutes 分钟 min mins
time 900 quarter_of_an_hour quarters_of_an_hour 刻钟
time 3600 hour hours 小时 hr hrs 个小时 个钟头
time 86400 day days 天
time 604800 week weeks 周 个星期 星期 个礼拜
time 31536000 year years 年
time 31622400 leap_year leap_years 闰年
data 1/8 bit bits 比特 位
data 1 byte bytes 字节
data 1000 kilobyte kilobytes 千字节 kb
data 1000000 megabyte megabytes 兆字节 mb 兆
data 1000000000 gigabyte gigabytes 吉字节 gb g字节
data 1000000000000 terabyte terabytes 太字节 tb
data 1024 kibibyte kibibytes 千比字节 kib
data 1048576 mebibyte mebibytes 兆比字节 mib
data 1073741824 gibibyte gibibytes 吉比字节 gib
data 125000 megabit megabits 兆比特
data 125000000 gigabit gigabits 吉比特
"""
"""kind, factor to the kind's base (m, kg, K, l, m/s, s, byte), singular, plural, Chinese, further names.

Gallons to teaspoons are US; a ton is the US short ton; Chinese units are those of the mainland. Of the two years, the
one of 365 days goes by the plain name.
"""
_KINDS_ZH: Final[dict[Kind, str]] = {
    "length": "长度", "area": "面积", "mass": "质量", "temperature": "温度", "volume": "体积", "speed": "速度",
    "calendar": "时间", "time": "时间", "data": "数据量",
}  # fmt: skip
_TWINS: Final = {"ounce": "fluid ounce", "year": "calendar year", "gram": "gigabyte"}
"""Another unit that goes by the same name, or as G by the same letter."""
_OFFSETS: Final = {"degree Celsius": Fraction("273.15"), "degree Fahrenheit": Fraction("459.67") * 5 / 9}


def _named_units() -> dict[str, Unit]:
    named: dict[str, Unit] = {}
    for row in _TABLE.split("\n"):
        if not row:
            continue
        kind, factor, *names = row.replace("_", "\u00a0").split(" ")
        names = [name.replace("\u00a0", " ") for name in names]
        offset = _OFFSETS.get(names[0], Fraction(0))
        unit = Unit(_kind(kind), Fraction(factor), names[0], names[1], names[2], offset)
        named.update((name.lower(), unit) for name in names)
    return named


def _kind(word: str) -> Kind:
    return next(kind for kind in _KINDS_ZH if kind == word)


UNITS: Final = _named_units()
"""Every name, in lower case, with the unit it stands for."""

_BY_LENGTH = sorted(UNITS, key=len, reverse=True)
_U = r"(?:in(?= (?:in|to|into)\b)|" + "|".join(rf"{re.escape(name)}\b" for name in _BY_LENGTH if name.isascii()) + ")"
_Z = "(?:" + "|".join(re.escape(name) for name in _BY_LENGTH) + ")"
_AMOUNT_EN = (
    rf"(?:(?<![\w.])(?P<amount>{QUANTITY})(?: of)?(?: an?)?|\b(?:an?|one|the)) (?P<unit>{_U})"
    rf"(?:(?: and)? (?P<more>{QUANTITY})(?: (?P<smaller>{_U}))?)?"
)
_AMOUNT_ZH = rf"(?P<amount>{QUANTITY})?个?(?P<unit>{_Z})(?:[零又]?(?P<more>{QUANTITY})(?P<smaller>{_Z}))?"
_TO_EN = re.compile(
    rf"{_AMOUNT_EN} (?:is |are |equals? |makes? |be |converted |mean )?"
    rf"(?:in|to|into|as|how many|=|how much) (?:how many |how much |the )?(?P<target>{_U})(?: and (?P<rest>{_U}))?"
)
_MANY_EN = re.compile(
    rf"\bhow (?:many|much) (?P<target>{_U}) "
    rf"(?:(?:are|is|there|do|does|to|go|goes|fit|make|makes|make up|equal|equals|you get|in|into|from) )+?{_AMOUNT_EN}"
)
_TO_ZH = re.compile(
    rf"{_AMOUNT_ZH}(?:等于|相当于|是|有|合|等|换算|转换|换|转|变|成|为|=|到|多少){{1,5}}(?:几|多少)?个?(?P<target>{_Z})"
)
_MANY_ZH = re.compile(rf"(?:几|多少)个?(?P<target>{_Z})(?:等于|是|有|合|=)+{_AMOUNT_ZH}")
_SMALLER: Final = {"foot": "inch", "stone": "pound"}
"""The unit that goes without saying: "six foot two"."""

_MINUS = re.compile(r"(?:\bminus|\bnegative|(?<!\d )-|负) ?(?=\d)")
_WRITTEN = re.compile(r"(?<![\d.] )(?:(\d+) )?\b([1-9]) / ([1-9]\d?)\b(?= [a-z])")
"""1 1/2 cups."""
_SPEED = re.compile(r"\b(?:km|(kilometer|kilometre|meter|metre|mile)s) (?:an?|per) (hour|second)\b")
_DEGREES_EN = re.compile(r"\bdegrees? (?P<to>in|to|into|as) (?P<scale>celsius|centigrade|fahrenheit)\b")
_DEGREES_ZH: Final = (
    (re.compile(rf"(摄氏|华氏)({QUANTITY}|几|多少)度"), r"\2\1度"),
    (re.compile(r"(?<=\d)度(?=\D+摄氏度)"), "华氏度"),
    (re.compile(r"(?<=\d)度(?=\D+华氏度)"), "摄氏度"),
)
_LIANG = re.compile(r"(?<=[一二两三四五六七八九十百千几少半\d])两")
"""After a number, 两 is no number."""
_HALVES_ZH: Final = (
    (re.compile(r"(\d+)个半"), r"\g<1>.5个"),
    (re.compile(r"半个?"), "0.5"),
    (re.compile(r"(\d+)米(\d{1,2})(?![\d米分厘公])"), r"\1.\2米"),
)
"""两个半小时, 半公里, 一米八."""


def convert(heard: Heard) -> str | None:
    """The answer to a question about units; None when there was none, or anything besides."""
    return _convert_zh(heard.plain) if heard.language == "zh" else _convert_en(heard.plain)


def _convert_en(plain: str) -> str | None:
    text = _MINUS.sub("-", with_fractions(_WRITTEN.sub(_written, digits(plain))))
    text = _SPEED.sub(lambda found: f"{found[1] or 'kilometer'}s per {found[2]}", text)
    text = _DEGREES_EN.sub(lambda found: f"{_other(found['scale'])} {found['to']} {found['scale']}", text)
    if (asked := _MANY_EN.search(text)) and not remains(f"{text[: asked.start()]} how many {text[asked.end() :]}"):
        return _answer(asked, "en", sure=True)
    if (asked := _TO_EN.search(text)) and not remains(without(text, asked)):
        return _answer(asked, "en")
    return None


def _convert_zh(plain: str) -> str | None:
    text = digits(_LIANG.sub(" liang ", plain).replace("零下", "负"))
    text = _MINUS.sub("-", with_fractions(text)).replace(" ", "")
    for pattern, written in _DEGREES_ZH + _HALVES_ZH:
        text = pattern.sub(written, text)
    asked = _TO_ZH.search(text) or _MANY_ZH.search(text)
    if asked is None or remains(without(text, asked)):
        return None
    return _answer(asked, "zh", sure=True)


def _written(found: re.Match[str]) -> str:
    return spoken(Fraction(found[1] or 0) + Fraction(int(found[2]), int(found[3])), decimals=6)[0]


def _other(scale: str) -> str:
    """Degrees that are wanted in one scale are of the other."""
    return "celsius" if scale == "fahrenheit" else "fahrenheit"


def _unit(name: str) -> Unit:
    return UNITS["inch" if name == "in" else name]


def _answer(asked: re.Match[str], language: Language, *, sure: bool = False) -> str | None:
    """`sure` says that this can only have been a question about units."""
    source, target, amount = _unit(asked["unit"]), _unit(asked["target"]), Fraction(asked["amount"] or 1)
    source, target = _alike(source, target), _alike(target, source)
    if source.kind != target.kind:
        return _mismatch(source, target, language) if sure and "calendar" not in {source.kind, target.kind} else None
    if source is UNITS["year"] and amount != 1:
        return None  # several years have leap days among them
    given = _measure(amount, source, language)
    if asked["more"]:
        more, name = Fraction(asked["more"]), asked["smaller"] or _SMALLER.get(source.singular)
        smaller = _unit(name) if name else source
        if smaller.kind != source.kind or (smaller is source and more >= 1):
            return None
        amount += more * smaller.factor / source.factor
        if smaller is source:  # "an hour and a half"
            given = _measure(amount, source, language)
        elif asked["smaller"]:
            given += f"{'' if language == 'zh' else ' '}{_measure(more, smaller, language)}"
        else:
            given += f" {asked['more']}"
    base = amount * source.factor + source.offset
    if target.kind == "temperature" and base < 0:
        return None  # nothing is colder than zero kelvin
    value = (base - target.offset) / target.factor
    parts = asked.groupdict()
    if parts.get("rest"):
        return _in_two(given, value, target, _unit(parts["rest"]))
    decimals = 1 if target.kind == "temperature" else 2 if abs(value) >= 10 else 3 if abs(value) >= 1 else 6
    number, exact = spoken(value, language, decimals)
    if language == "zh":
        return f"{given}{'等于' if exact else '约等于'}{number}{target.chinese}。"
    unit = target.singular if number == "1" else target.plural
    return f"{capitalised(given)} is {'' if exact else 'about '}{number.replace('-', 'minus ')} {unit}."


def _in_two(given: str, value: Fraction, larger: Unit, smaller: Unit) -> str | None:
    """To the nearest of the smaller unit: "5 feet 11 inches"."""
    if smaller.kind != larger.kind or value < 0 or (size := larger.factor / smaller.factor) <= 1:
        return None
    total = round(value * size)
    whole = total // size
    measures = f"{_measure(Fraction(whole), larger, 'en')} {_measure(total - whole * size, smaller, 'en')}"
    return f"{capitalised(given)} is {'' if total == value * size else 'about '}{measures}."


def _measure(amount: Fraction, unit: Unit, language: Language) -> str:
    number, _ = spoken(amount, language)
    if language == "zh":
        return f"{number}{unit.chinese}"
    return f"{number.replace('-', 'minus ')} {unit.singular if amount == 1 else unit.plural}"


def _alike(unit: Unit, other: Unit) -> Unit:
    """The unit, or the one that goes by its name and measures what the other does."""
    twin = UNITS.get(_TWINS.get(unit.singular, ""))
    return unit if twin is None or twin.kind != other.kind or unit.kind == other.kind else twin


def _mismatch(source: Unit, target: Unit, language: Language) -> str:
    if language == "zh":
        return f"{source.chinese}是{_KINDS_ZH[source.kind]}，{target.chinese}是{_KINDS_ZH[target.kind]}，不能换算。"
    return (
        f"{capitalised(source.plural)} measure {source.kind} and {target.plural} measure {target.kind}, "
        "so one can't become the other."
    )
