"""Numbers between speech and digits: "two hundred and five" and 二百零五 are read; results are written to be spoken."""

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

from models.wits.words import Language

NUMBER: Final = r"-?\d+(?:\.\d+)?"

_COUNTING: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_BY_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES: Final = {word: value for value, word in enumerate(_COUNTING.split())} | {"oh": 0}
_TENS: Final = {word: 10 * value for value, word in enumerate(_BY_TENS.split(), 2)}
_SCALES: Final = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_DIGITS_ZH: Final = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_PLACES_ZH: Final = {"十": 10, "百": 100, "千": 1000}
_NUMBER_ZH = re.compile(
    r"负?(?:[零〇一二两三四五六七八九]|十(?![零〇十]))[零〇一二两三四五六七八九十百千万亿]*(?:点[零〇一二三四五六七八九]+)?"
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
    """The plain text with every number in digits; "half" and ordinals stay words, overlong tokens are left out.

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


def _decimal(value: Fraction) -> Decimal:
    with localcontext() as exact:
        exact.prec = 40
        return (Decimal(value.numerator) / Decimal(value.denominator)).normalize()


def _literal(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{_decimal(value):f}"


def _read(tokens: list[str], at: int) -> tuple[Fraction | None, int]:
    """The number that starts at this token, and the index after it; None and the next index when there is none."""
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
        return value + Fraction(1, 2), after + 3
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
        if word in {"a", "an"} and not seen and tokens[at + 1 : at + 2] and tokens[at + 1] in {*_SCALES, "dozen"}:
            part, room = Fraction(1), 0
            if tokens[at + 1] == "dozen":
                return Fraction(12), at + 2
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
