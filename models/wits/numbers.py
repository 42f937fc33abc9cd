"""Numbers between speech and digits: "two hundred and five" and 二百零五 are read; results are written to be spoken."""

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

from models.wits.words import Language

NUMBER: Final = r"-?\d+(?:\.\d+)?"
QUANTITY: Final = rf"{NUMBER}(?:/\d+)?"
"""A number, or what `with_fractions` makes of a third."""

_COUNTING: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_BY_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES: Final = {word: value for value, word in enumerate(_COUNTING.split())} | {"oh": 0}
_TENS: Final = {word: 10 * value for value, word in enumerate(_BY_TENS.split(), 2)}
_SCALES: Final = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SCALES_AND_DOZEN: Final = {*_SCALES, "dozen"}
_PARTS: Final = {
    "half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
_FRACTION = re.compile(
    rf"\b(?:(?P<whole>\d+) and )?(?:(?P<count>\d+|an?) )?(?P<part>half|halves|(?:{'|'.join(_PARTS)})s?)\b"
)
_FRACTION_ZH = re.compile(r"([1-9]\d*) 分之 (\d+)")
_ORDINAL_WORDS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS: Final = {word: place for place, word in enumerate(_ORDINAL_WORDS.split(), 1)} | {"thirtieth": 30}
_ORDINAL = re.compile(rf"\b(?:([2-9]0) )?({'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b")
_DIGITS_ZH: Final = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_PLACES_ZH: Final = {"十": 10, "百": 100, "千": 1000}
_DIGIT_ZH: Final = r"(?:[零〇二两三四五六七八九]|一(?![下共起定样些般直]))"
"""一下 and 一共 are no numbers."""
_NUMBER_ZH = re.compile(
    rf"负?(?:{_DIGIT_ZH}|十(?![零〇十]))(?:{_DIGIT_ZH}|[十百千万亿])*(?:点[零〇一二三四五六七八九]+)?"
)
_PERCENT_ZH = re.compile(r"百分之 (\d+(?:\.\d+)?)")
_MYRIADS: Final = {"万": 10**4, "亿": 10**8}
_MYRIADS_ZH = re.compile(r"(\d{1,30}(?:\.\d{1,30})?) ([万亿])")
_LITERAL = re.compile(r"\d+(?:\.\d+)?")

MAX_TOKEN = 40
"""Characters of a word, a number, or a run of Chinese; longer ones hold no question about numbers."""

MAX_DIGITS = 15
"""Integers longer than this are spoken as a power of ten."""


def digits(plain: str) -> str:
    """The plain text with every number in digits; fractions and ordinals stay words, overlong tokens are left out.

    >>> digits("what is twenty five times one hundred and two")
    'what is 25 times 102'
    """
    plain = " ".join(token for token in plain.split() if len(token) <= MAX_TOKEN)
    plain = _PERCENT_ZH.sub(r"\1 %", plain)
    plain = _MYRIADS_ZH.sub(lambda found: _literal(Fraction(found[1]) * _MYRIADS[found[2]]) + " ", plain)
    tokens = " ".join(_digits_zh(token) if token[0] >= "\u3400" else token for token in plain.split()).split()
    written: list[str] = []
    at = 0
    while at < len(tokens):
        value, after = _read(tokens, at)
        written.append(tokens[at] if value is None else _literal(value))
        at = after
    return " ".join(written)


def with_fractions(text: str) -> str:
    """The text of `digits` with its fractions as one number each: "2 and 3 quarters" is 2.75, "a third" is 1/3."""
    return _FRACTION_ZH.sub(lambda found: _fraction(int(found[2]), int(found[1])), _FRACTION.sub(_part, text))


def with_ordinals(text: str) -> str:
    """The text of `digits` with its ordinals in digits: "20 fifth" and "25 th" are 25th."""
    text = _ORDINAL.sub(lambda found: f"{int(found[1] or 0) + _ORDINALS[found[2]]}th", text)
    return re.sub(r"\b(\d+) (?:st|nd|rd|th)\b", r"\1th", text)


def spoken(value: Fraction, language: Language = "en", decimals: int = 4) -> tuple[str, bool]:
    """The value as a voice can read it, and whether that is exact."""
    if value.denominator == 1 and abs(value) < 10**MAX_DIGITS:
        return str(value.numerator), True
    if 10**-decimals <= abs(value) < 10**MAX_DIGITS:
        rounded = round(value, decimals)
        return f"{_decimal(rounded):f}", rounded == value
    mantissa, power = f"{_decimal(value):.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    if language == "zh":
        return f"{mantissa}乘以10的{int(power)}次方", False
    return f"{mantissa} times 10 to the power of {int(power)}", False


def _part(found: re.Match[str]) -> str:
    word, count = found["part"], found["count"]
    if count is None and word != "half":
        return found[0]
    size = 2 if word == "halves" else _PARTS[word.removesuffix("s")]
    return _fraction(int(found["whole"] or 0) * size + (int(count) if count and count.isdigit() else 1), size)


def _fraction(count: int, size: int) -> str:
    """In decimals where those are exact."""
    value = Fraction(count, size)
    return _literal(value) if 10**6 % value.denominator == 0 else str(value)


def _decimal(value: Fraction) -> Decimal:
    with localcontext() as exact:
        exact.prec = 40
        return (Decimal(value.numerator) / Decimal(value.denominator)).normalize()


def _literal(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{_decimal(value):f}"


def _read(tokens: list[str], at: int) -> tuple[Fraction | None, int]:
    """The number that starts at this token, and the index after it; None and the next index when there is none."""
    if tokens[at : at + 2] == ["half", "a"]:  # "half a million"; not "half a mile"
        whole, after = _whole(tokens, at + 1)
        return (None, at + 1) if whole is None else (whole / 2, after)
    whole, after = _whole(tokens, at)
    if whole is None and not (tokens[at] == "point" and _digit(tokens, at + 1)):
        return None, at + 1
    value = Fraction(0) if whole is None else whole
    if after < len(tokens) and tokens[after] == "point" and value.denominator == 1:
        place, after, start = Fraction(1, 10), after + 1, after
        while (digit := _digit(tokens, after)) is not None:
            value += place * int(digit)
            place, after = place / 10, after + 1
        if after == start + 1:
            after = start
    if tokens[after : after + 3] == ["and", "a", "half"]:
        value, after = value + Fraction(1, 2), after + 3
    if after < len(tokens) and value.denominator > 1 and tokens[after] in _SCALES:
        value, after = value * _SCALES[tokens[after]], after + 1
    return value, after


def _digit(tokens: list[str], at: int) -> str | None:
    """One digit after the point, or the several that recognition wrote together."""
    if at >= len(tokens):
        return None
    value = _ONES.get(tokens[at], 10)
    return str(value) if value < 10 else tokens[at] if re.fullmatch(r"\d", tokens[at]) else None


def _whole(tokens: list[str], at: int) -> tuple[Fraction | None, int]:
    total, part, seen, room = Fraction(0), Fraction(0), False, 0
    start = at
    while at < len(tokens):
        word = tokens[at]
        if word in {"a", "an"} and not seen and tokens[at + 1 : at + 2] and tokens[at + 1] in _SCALES_AND_DOZEN:
            part, room = Fraction(1), 0
        elif word == "dozen" and seen:
            return (total + part) * 12, at + 1
        elif word == "and" and seen and room >= 100 and _small(tokens, at + 1):
            pass
        elif (scale := _SCALES.get(word)) is not None and (seen or part):
            part, total, room = (
                (part * scale, total, 100) if scale == 100 else (Fraction(0), total + part * scale, scale)
            )
        elif not seen and _LITERAL.fullmatch(word) and len(word) <= 40:
            part, room = Fraction(word), 0
        elif (value := _TENS.get(word)) is not None and (not seen or room >= 100):
            part, room = part + value, 10
        elif (value := _ONES.get(word)) is not None and (not seen or room > value) and not (room == 10 and value == 0):
            part, room = part + value, 0
        else:
            break
        seen, at = True, at + 1
    if not seen:
        return None, start
    if tokens[at - 1] == "and":
        at -= 1
    return total + part, at


def _small(tokens: list[str], at: int) -> bool:
    return at < len(tokens) and (tokens[at] in _ONES or tokens[at] in _TENS)


def _digits_zh(run: str) -> str:
    run = re.sub(f"百分之({_NUMBER_ZH.pattern})", r" \1 % ", run)
    return _NUMBER_ZH.sub(lambda found: f" {_literal(_read_zh(found[0]))} ", run)


def _read_zh(text: str) -> Fraction:
    sign = -1 if text.startswith("负") else 1
    whole, _, decimals = text.lstrip("负").partition("点")
    if not any(place in whole for place in "十百千万亿"):
        value = Fraction("".join(str(_DIGITS_ZH[digit]) for digit in whole))
    else:
        value = Fraction(_placed_zh(whole))
    if decimals:
        value += Fraction(int("".join(str(_DIGITS_ZH[digit]) for digit in decimals)), 10 ** len(decimals))
    return sign * value


def _placed_zh(text: str) -> int:
    for mark, scale in (("亿", 10**8), ("万", 10**4)):
        high, found, low = text.rpartition(mark)
        if found:
            return (_placed_zh(high) or 1) * scale + _placed_zh(low)
    total, digit, place = 0, 0, 1
    for character in text:
        if (value := _DIGITS_ZH.get(character)) is not None:
            digit, place = value, 10 if value == 0 else place
        else:
            place = _PLACES_ZH[character]
            total, digit = total + (digit or 1) * place, 0
    return total + digit * max(place // 10, 1)  # 一百五 is 150, 一百零五 is 105
