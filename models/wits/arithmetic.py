"""Sums, in words or signs: read by a small parser with exact fractions, so that no text runs code, or for long."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from models.wits.conversation import Heard
from models.wits.numbers import NUMBER, digits, spoken
from models.wits.words import HAN, Language

MAX_TOKENS = 100
MAX_BITS = 4096
"""Of any number on the way; 2 to the power of 4096 has 1,234 digits."""

_N: Final = rf"({NUMBER})"
_PHRASES: Final = tuple(
    (re.compile(pattern), signs)
    for pattern, signs in (
        (rf"(?:the )?(?:sum|total) of {_N} and {_N}", r"( \1 + \2 )"),
        (rf"(?:the )?difference (?:between|of) {_N} and {_N}", r"( \1 - \2 )"),
        (rf"(?:the )?product of {_N} and {_N}", r"( \1 * \2 )"),
        (rf"(?:the )?quotient of {_N} and {_N}", r"( \1 / \2 )"),
        (rf"add {_N} (?:and|to|with) {_N}", r"\1 + \2"),
        (rf"multiply {_N} (?:and|by|with|times) {_N}", r"\1 * \2"),
        (rf"divide {_N} (?:by|and|through) {_N}", r"\1 / \2"),
        (rf"(?:subtract|take) {_N} (?:away )?from {_N}", r"\2 - \1"),
        (r"\b(?:raised )?to the power(?: of)?\b|\bto the (?=\d+ (?:th )?power)", "^"),
        (r"(?<=\d) (?:th )?power\b", ""),
        (r"\bmultiplied (?:by|with)\b|\btimes\b|(?<=\d )x(?= \d)", "*"),
        (r"\bdivided (?:by|through)\b|(?<=\d )over(?= \d)", "/"),
        (r"\bplus\b|\badded to\b", "+"),
        (r"\bminus\b|\btake away\b|\bnegative\b|\bless\b(?= \d)", "-"),
        (r"\bsquared\b", "^ 2"),
        (r"\bcubed\b", "^ 3"),
        (r"\b(?:the )?(?:cube|cubic|third) root (?:of|from)\b", "∛"),
        (r"\b(?:the )?(?:square )?root (?:of|from)\b|根号", "√"),
        (r"\bper ?cent\b", "%"),
        (r"% of\b", "% *"),
        (r"\b(?:a )?half of\b", "0.5 *"),
        (r"\b(?:a |1 )?third of\b", "( 1 / 3 ) *"),
        (r"\b(?:a |1 )?quarter of\b", "0.25 *"),
        (r"\bthree quarters of\b|\b3 quarters of\b", "0.75 *"),
        (r"\b(?:double|twice)(?= \d)", "2 *"),
        (r"\bmod(?:ulo)?\b", "mod"),
        (r"\b(?:open|left) (?:parenthes[ei]s|paren|brackets?)\b|左括号", "("),
        (r"\b(?:close|closed|right) (?:parenthes[ei]s|paren|brackets?)\b|右括号", ")"),
        (r"([-+*/]) (?:to|too)\b", r"\1 2"),
        (r"([-+*/]) for\b", r"\1 4"),
        (rf"{_N} 的平方根", r"√ \1 "),
        (rf"{_N} 的立方根", r"∛ \1 "),
        (rf"{_N} 的? ?{_N} 次方", r"\1 ^ \2 "),
        (rf"{_N} 的平方", r"\1 ^ 2 "),
        (rf"{_N} 的立方", r"\1 ^ 3 "),
        (rf"{_N} 的一半", r"\1 / 2 "),
        (rf"{_N} 的 {_N} %", r"\2 % * \1 "),
        (rf"{_N} [和与跟] {_N} 的?和", r"\1 + \2 "),
        (rf"{_N} [和与跟] {_N} 的?差", r"\1 - \2 "),
        (rf"{_N} [和与跟] {_N} 的?积", r"\1 * \2 "),
        (rf"{_N} [和与跟] {_N} 的?商", r"\1 / \2 "),
        (r"加上?(?= )", "+"),
        (r"减去?(?= )", "-"),
        (r"乘[以上]?(?= )", "*"),
        (r"除以(?= )", "/"),
    )
)
_RUN = re.compile(r"(?:(?:(?<![^\s])(?:\d+(?:\.\d+)?|[-+*/^()%√∛]|mod)(?![^\s]))\s?)+")
_CUE = re.compile(r"what|how much|calculat|comput|work out|equal|solve|evaluate|tell me|=|多少|等于|几|算|得")
_ASKING = re.compile(
    r"\b(?:what|s|is|are|does|how|much|many|calculate|compute|work|out|equals?|solve|evaluate|tell|me|the|answer|result"
    r"|to|of|for|please|can|could|you|hey|ok|okay|so|and|then|as|an?|decimal|fraction|percentage|make|give)\b"
    r"|=|请问?|多少|等于|什么|一下|[是几算得啊呢]"
)
_JOINED = re.compile(r"\d[-/]\d")
"""A sum in signs, or a name: "24/7", "5-2"."""
_NO_SUM = re.compile(r"\b\d{3}-\d{4}\b|\d[-/]\d+[-/]\d")
"""A telephone number, or a date."""
_WORD = re.compile(rf"[a-z]+|[{HAN}]+")
_NAMES: Final = {
    "en": {
        "+": "plus", "-": "minus", "*": "times", "/": "divided by", "^": "to the power of", "%": "percent",
        "√": "the square root of", "∛": "the cube root of", "mod": "modulo",
    },
    "zh": {
        "+": "加", "-": "减", "*": "乘以", "/": "除以", "^": "的", "%": "%", "√": "根号", "∛": "立方根号", "mod": "模",
    },
}  # fmt: skip


class SumError(Exception):
    """The sum has no value that can be said; the message for each language is in `_EXCUSES`."""


_EXCUSES: Final = {
    "zero": {"en": "Nothing can be divided by zero.", "zh": "不能除以零。"},
    "big": {"en": "That number is too big for me to say.", "zh": "这个数太大了，我说不出来。"},
    "real": {"en": "That has no real result.", "zh": "这个算式没有实数结果。"},
}


def reckon(heard: Heard) -> str | None:
    """The answer to a sum, as a sentence; None when none was asked."""
    text = digits(heard.plain)
    if _NO_SUM.search(heard.raw) or not any(character.isdigit() for character in text):
        return None
    for pattern, signs in _PHRASES:
        text = pattern.sub(signs, text)
    run = max(_RUN.finditer(text), key=lambda found: len(found[0]), default=None)
    if run is None or not _is_sum(tokens := _bare(run[0].split())):
        return None
    rest = text[: run.start()] + text[run.end() :]
    if not _CUE.search(rest) and len(_WORD.findall(rest)) > 2:
        return None
    if _JOINED.search(heard.raw) and _WORD.search(_ASKING.sub("", rest)):
        return None
    try:
        value = evaluate(tokens)
    except SyntaxError:
        return None
    except SumError as error:
        return _EXCUSES[str(error)][heard.language]
    return _say(tokens, value, heard.language)


def evaluate(tokens: list[str]) -> Fraction:
    """The value of a sum given as numbers and the signs + - * / ^ % ( ) √ ∛ mod.

    Raises `SyntaxError` when it is not a sum, `SumError` when it has no value or one over `MAX_BITS`.
    """
    if len(tokens) > MAX_TOKENS or any(len(token) > 40 for token in tokens):
        raise SumError("big")
    parser = _Parser(tokens)
    value = parser.sum()
    if parser.at != len(tokens):
        raise SyntaxError
    return value


@dataclass(slots=True)
class _Parser:
    """Recursive descent; spoken sums bind as written ones do: powers, then signs, then products, then sums."""

    tokens: list[str]
    at: int = 0

    def sum(self) -> Fraction:
        value = self.product()
        while (sign := self._take("+", "-")) is not None:
            start = self.at
            right = self.product()
            if self.at == start + 2 and self.tokens[start + 1] == "%":
                right *= value  # "80 plus 10 percent" is 88, as on a pocket calculator
            value = _bounded(value + right if sign == "+" else value - right)
        return value

    def product(self) -> Fraction:
        value = self.signed()
        while (sign := self._take("*", "/", "mod")) is not None:
            right = self.signed()
            if sign != "*" and right == 0:
                raise SumError("zero")
            value = _bounded(value * right if sign == "*" else value / right if sign == "/" else value % right)
        return value

    def signed(self) -> Fraction:
        minus = False
        while (sign := self._take("+", "-")) is not None:
            minus ^= sign == "-"
        return -self.power() if minus else self.power()

    def power(self) -> Fraction:
        base = self.atom()
        if self._take("^") is None:
            return base
        return _raise(base, self.signed())

    def atom(self) -> Fraction:
        if (root := self._take("√", "∛")) is not None:
            return _root(self.atom(), 2 if root == "√" else 3)
        if self._take("(") is not None:
            value = self.sum()
            if self._take(")") is None:
                raise SyntaxError
        elif self.at < len(self.tokens) and self.tokens[self.at][0].isdigit():
            value = Fraction(self.tokens[self.at])
            self.at += 1
        else:
            raise SyntaxError
        return value / 100 if self._take("%") is not None else value

    def _take(self, *signs: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at] in signs:
            self.at += 1
            return self.tokens[self.at - 1]
        return None


def _is_sum(tokens: list[str]) -> bool:
    numbers = sum(token[0].isdigit() for token in tokens)
    return numbers > 1 or (numbers == 1 and tokens[0] in {"√", "∛"})


def _bare(tokens: list[str]) -> list[str]:
    """Without brackets around the whole."""
    within = tokens[1:-1]
    return within if tokens == ["(", *within, ")"] and not {"(", ")"} & set(within) else tokens


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise SumError("big")
    return value


def _raise(base: Fraction, exponent: Fraction) -> Fraction:
    if base == 0 and exponent < 0:
        raise SumError("zero")
    if exponent.denominator == 1:
        if (
            abs(base) != 1
            and max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent) > MAX_BITS
        ):
            raise SumError("big" if base else "zero")
        return base**exponent.numerator if abs(base) != 1 else base ** (exponent.numerator % 2)
    if base < 0:
        raise SumError("real")
    return _floating(lambda: float(base) ** float(exponent))


def _root(value: Fraction, degree: int) -> Fraction:
    if value < 0:
        raise SumError("real")
    exact = Fraction(_whole_root(value.numerator, degree), _whole_root(value.denominator, degree))
    return exact if exact**degree == value else _floating(lambda: float(value) ** (1 / degree))


def _whole_root(value: int, degree: int) -> int:
    if degree == 2:
        return math.isqrt(value)
    return round(value ** (1 / 3)) if value.bit_length() < 300 else 1


def _floating(compute: Callable[[], float]) -> Fraction:
    try:
        return Fraction(compute())
    except OverflowError:
        raise SumError("big") from None


def _say(tokens: list[str], value: Fraction, language: Language) -> str:
    number, exact = spoken(value, language)
    if language == "zh":
        said = "".join(_NAMES["zh"].get(token, token) for token in tokens)
        said = re.sub(r"^(\d+%)乘以(\d+)$", r"\2的\1", re.sub(r"的(\d+)$", r"的\1次方", said))
        return f"{said}{'等于' if exact else '约等于'}{number}。" if "(" not in tokens else f"得{number}。"
    number = number.replace("-", "minus ")
    if "(" in tokens:
        return f"That makes {'' if exact else 'about '}{number}."
    words = " ".join(_NAMES["en"].get(token, token) for token in tokens).replace("percent times", "percent of")
    words = re.sub(r"to the power of ([23])\b(?!\.)", lambda found: "squared" if found[1] == "2" else "cubed", words)
    return f"{words[0].upper()}{words[1:]} is {'' if exact else 'about '}{number}."
