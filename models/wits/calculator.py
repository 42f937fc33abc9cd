"""A calculator with exact fractions: reads signs by a small parser, so that no text runs code, or for long."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

MAX_TOKENS = 100
MAX_BITS = 4096
"""Of any number on the way; 2 to the power of 4096 has 1,234 digits."""


class SumError(Exception):
    """The sum has no value that can be said; the message is `zero`, `big` or `real`."""


def evaluate(tokens: list[str]) -> Fraction:
    """The value of a sum given as numbers, also "-2" and "2/3", and the signs + - * / ^ % ( ) √ ∛ mod.

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
            of_percent = start == 3 and self.tokens[1] == "%"
            if self.at == start + 2 and self.tokens[start + 1] == "%" and not of_percent:
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
        elif self.at < len(self.tokens) and self.tokens[self.at][-1].isdigit():
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
