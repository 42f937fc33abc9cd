"""Conversion of units: length, mass, temperature, volume, speed, time and data."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from models.wits.conversation import Heard
from models.wits.numbers import NUMBER, digits, spoken
from models.wits.words import Language, capitalised

Kind = Literal["length", "mass", "temperature", "volume", "speed", "time", "data"]


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
length 0.0254 inch inches 英寸 寸
length 0.3048 foot feet 英尺 ft
length 0.9144 yard yards 码 yd
length 1609.344 mile miles 英里 mi
length 1852 nautical_mile nautical_miles 海里
mass 0.000001 milligram milligrams 毫克 mg
mass 0.001 gram grams 克 g gramme grammes
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
time 0.001 millisecond milliseconds 毫秒 ms
time 1 second seconds 秒 秒钟 sec secs
time 60 minute minutes 分钟 min mins
time 3600 hour hours 小时 hr hrs 个小时 个钟头
time 86400 day days 天
time 604800 week weeks 周 个星期 星期 个礼拜
time 31536000 year years 年
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

Gallons to teaspoons are US; a ton is the US short ton; the jin is that of mainland China.
"""
_KINDS_ZH: Final[dict[Kind, str]] = {
    "length": "长度", "mass": "质量", "temperature": "温度", "volume": "体积", "speed": "速度", "time": "时间",
    "data": "数据量",
}  # fmt: skip
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
_U = "(" + "|".join(rf"{re.escape(name)}\b" for name in _BY_LENGTH if name.isascii()) + ")"
_Z = "(" + "|".join(re.escape(name) for name in _BY_LENGTH) + ")"
_TO_EN = re.compile(
    rf"(?<![\w.])(?:({NUMBER})|an?)(?: of)? {_U}(?: and)?(?: ({NUMBER})(?: {_U})?)? "
    rf"(?:is |are |equals? |makes? |be |converted |mean )?"
    rf"(?:in|to|into|as|how many|=|how much) (?:how many |how much |the )?{_U}"
)
_MANY_EN = re.compile(rf"\bhow (?:many|much) {_U}\b.{{0,40}}?(?<![\w.])(?:(?:({NUMBER})|an?|one|the) )?{_U}(?:\b|$)")
_TO_ZH = re.compile(
    rf"({NUMBER})?\s*(?:个\s*)?{_Z}\s*"
    rf"(?:等于|相当于|是|有|合|等|换算|转换|换|转|变|成|为|=|到|多少|\s)+(?:几|多少)?\s*个?\s*{_Z}"
)
_HALF = re.compile(r"\bhalf an?\b")
_MINUS = re.compile(r"(?:\bminus|\bnegative|(?<!\d )-|负) ?(?=\d)")
_DEGREES_ZH = re.compile(rf"(摄氏|华氏)\s*({NUMBER})\s*度")


def convert(heard: Heard) -> str | None:
    """The answer to a question about units; None when there was none."""
    text = digits(_HALF.sub("0.5", heard.plain).replace("零下", "负"))
    text = _MINUS.sub("-", text)
    if heard.language == "zh":
        if (asked := _TO_ZH.search(_DEGREES_ZH.sub(r"\2 \1度", text))) is None:
            return None
        return _answer(Fraction(asked[1] or 1), UNITS[asked[2]], UNITS[asked[3]], "zh", sure=True)
    if asked := _TO_EN.search(text):
        return _convert_en(asked)
    if asked := _MANY_EN.search(text):
        return _answer(Fraction(asked[2] or 1), UNITS[asked[3]], UNITS[asked[1]], "en", sure=True)
    return None


def _convert_en(asked: re.Match[str]) -> str | None:
    source, target, amount = UNITS[asked[2]], UNITS[asked[5]], Fraction(asked[1] or 1)
    given = ""
    if asked[3]:  # "6 foot 2 in centimeters"
        smaller = UNITS[asked[4]] if asked[4] else UNITS["inch"] if source is UNITS["foot"] else None
        if smaller is None or smaller.kind != source.kind:
            return None
        given = f"{asked[1] or 1} {source.plural if amount != 1 else source.singular} {asked[3]}"
        amount += Fraction(asked[3]) * smaller.factor / source.factor
    return _answer(amount, source, target, "en", given=given)


def _answer(
    amount: Fraction, source: Unit, target: Unit, language: Language, *, sure: bool = False, given: str = ""
) -> str | None:
    """`sure` says that this can only have been a question about units; `given` is the amount as it was said."""
    if source.kind != target.kind and "ounce" in target.singular + source.singular:
        source, target = _fluid(source), _fluid(target)
    if source.kind != target.kind:
        return _mismatch(source, target, language) if sure else None
    value = (amount * source.factor + source.offset - target.offset) / target.factor
    decimals = 1 if target.kind == "temperature" else 2 if abs(value) >= 10 else 3 if abs(value) >= 1 else 6
    result, exact = spoken(value, language, decimals)
    if language == "zh":
        given, _ = spoken(amount, language)
        return f"{given}{source.chinese}{'等于' if exact else '约等于'}{result}{target.chinese}。"
    unit = target.singular if result == "1" else target.plural
    given = given or f"{spoken(amount)[0]} {source.singular if amount == 1 else source.plural}".replace("-", "minus ")
    return f"{capitalised(given)} is {'' if exact else 'about '}{result.replace('-', 'minus ')} {unit}."


def _fluid(unit: Unit) -> Unit:
    return UNITS["fluid ounce"] if unit is UNITS["ounce"] else unit


def _mismatch(source: Unit, target: Unit, language: Language) -> str:
    if language == "zh":
        return f"{source.chinese}是{_KINDS_ZH[source.kind]}，{target.chinese}是{_KINDS_ZH[target.kind]}，不能换算。"
    return (
        f"{capitalised(source.plural)} measure {source.kind} and {target.plural} measure {target.kind}, "
        "so one can't become the other."
    )
