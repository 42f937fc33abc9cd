"""Numbers as words, in English (American: no "and", short scale) and in Chinese (Mandarin, simplified)."""

import unicodedata

LONGEST = 15
"""Digits of the longest number that is said as a quantity; longer ones are said digit by digit, as codes are."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_HAN_DIGITS = "零一二三四五六七八九"
_HAN_PLACES = ("", "十", "百", "千")
_HAN_SCALES = ("", "万", "亿", "万亿")

FRACTIONS = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅛": "1/8",
    "⅜": "3/8",
    "⅝": "5/8",
    "⅞": "7/8",
}
"""Fractions that are one character, as they would be written with figures."""


def cardinal(number: int) -> str:
    """42 -> forty-two. `number` is 0 or more, of up to 15 digits."""
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
    scale, name = next((scale, name) for scale, name in _SCALES if number >= scale)
    many, rest = divmod(number, scale)
    return f"{cardinal(many)} {name}" + (f" {cardinal(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """21 -> twenty-first. `number` is 0 or more."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    if last in _ORDINALS:
        return words[:cut] + _ORDINALS[last]
    return words[:-1] + "ieth" if last.endswith("y") else words + "th"


def year(number: int) -> str:
    """1999 -> nineteen ninety-nine, 2005 -> two thousand five, 1900 -> nineteen hundred."""
    century, rest = divmod(number, 100)
    if not 1000 <= number <= 9999 or number % 1000 < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def digits(figures: str) -> str:
    """ "007" -> zero zero seven. Anything but 0-9 in `figures` is skipped."""
    return " ".join(_SMALL[int(figure)] for figure in figures if figure in "0123456789")


def quantity(figures: str) -> str:
    """ "1,234.50" -> one thousand two hundred thirty-four point five zero; ".5" -> zero point five.

    A whole part with a leading zero is said digit by digit: it is a code, not a quantity.
    """
    whole, point, decimals = figures.replace(",", "").partition(".")
    said = digits(whole) if _is_code(whole) else cardinal(int(whole or "0"))
    return f"{said} point {digits(decimals)}" if point and decimals else said


def raised(figures: str) -> str:
    """A power as it is written on the line: ⁸ as ^8."""
    return f"^{unicodedata.normalize('NFKC', figures)}"


def han_cardinal(number: int, *, liang: bool = False) -> str:
    """10010 -> 一万零一十. `number` is 0 or more, of up to 15 digits.

    `liang`: a measure word follows, so a lone 2 is 两. A leading 2 of hundreds and above is 两 in any case.
    """
    if number == 2 and liang:
        return "两"
    if number < 10:
        return _HAN_DIGITS[number]
    said, skipped = "", False
    for scale in reversed(range(len(_HAN_SCALES))):
        group = number // 10_000**scale % 10_000
        if group:
            said += "零" if said and (skipped or group < 1000) else ""
            said += ("两" if group == 2 and scale else _han_group(group)) + _HAN_SCALES[scale]
        skipped = group == 0
    said = said.removeprefix("一") if said.startswith("一十") else said
    return "两" + said[1:] if said[0] == "二" and said[1] in "百千" else said


def _han_group(group: int) -> str:
    """1..9999 -> 一千零五."""
    said, zero = "", False
    for place in reversed(range(4)):
        figure = group // 10**place % 10
        if figure:
            said += ("零" if zero and said else "") + _HAN_DIGITS[figure] + _HAN_PLACES[place]
        zero = figure == 0
    return said


def han_digits(figures: str) -> str:
    """ "2026" -> 二零二六. Anything but 0-9 in `figures` is skipped."""
    return "".join(_HAN_DIGITS[int(figure)] for figure in figures if figure in "0123456789")


def han_quantity(figures: str, *, liang: bool = False) -> str:
    """ "3.14" -> 三点一四; `liang` as in `han_cardinal`. A whole part with a leading zero is said digit by digit."""
    whole, point, decimals = figures.replace(",", "").partition(".")
    said = han_digits(whole) if _is_code(whole) else han_cardinal(int(whole or "0"), liang=liang and not decimals)
    return f"{said}点{han_digits(decimals)}" if point and decimals else said


def _is_code(figures: str) -> bool:
    return (figures[:1] == "0" and len(figures) > 1) or len(figures) > LONGEST
