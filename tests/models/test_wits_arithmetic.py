"""Sums in words and signs."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from models.wits.arithmetic import SumError, evaluate, reckon
from models.wits.conversation import Line, hear
from models.wits.numbers import digits
from models.wits.words import plain
from tests.deadline import ends

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def ask(said: str) -> str | None:
    return reckon(hear([Line("user", said)], NOW))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("what is twelve times seven", "12 times 7 is 84."),
        ("what's 15% of 80", "15 percent of 80 is 12."),
        ("fifteen percent of eighty", "15 percent of 80 is 12."),
        ("how much is one hundred and five minus five", "105 minus 5 is 100."),
        ("what is 80 plus ten percent", "80 plus 10 percent is 88."),
        ("two to the power of ten", "2 to the power of 10 is 1024."),
        ("five squared", "5 squared is 25."),
        ("what is the square root of two", "The square root of 2 is about 1.4142."),
        ("cube root of twenty seven", "The cube root of 27 is 3."),
        ("square root of a quarter million plus one", None),
        ("(3+4)*2", "That makes 14."),
        ("What is (3 + 4) × 2?", "That makes 14."),
        ("two plus three times four", "2 plus 3 times 4 is 14."),
        ("1,000 / 8", "1000 divided by 8 is 125."),
        ("what is ten divided by three", "10 divided by 3 is about 3.3333."),
        ("subtract three from ten", "10 minus 3 is 7."),
        ("the sum of 3 and 4", "3 plus 4 is 7."),
        ("multiply six by seven", "6 times 7 is 42."),
        ("three minus five", "3 minus 5 is minus 2."),
        ("three point one four times two", "3.14 times 2 is 6.28."),
        ("two plus to", "2 plus 2 is 4."),
        ("what is 10 divided by zero", "Nothing can be divided by zero."),
        ("what is the square root of minus four", None),
        ("2**0.5", "2 to the power of 0.5 is about 1.4142."),
        ("三加五等于几", "3加5等于8。"),
        ("十二乘以七", "12乘以7等于84。"),
        ("八十的百分之十五", "80的15%等于12。"),
        ("一百五十减三十等于多少", "150减30等于120。"),
        ("二十除以三", "20除以3约等于6.6667。"),
        ("2的10次方", "2的10次方等于1024。"),
        ("九的平方根是多少", "根号9等于3。"),
        ("三点五加一", "3.5加1等于4.5。"),
        ("五除以零", "不能除以零。"),
        ("i scored 12 - 7 against the other team", None),
        ("the flight leaves at 9 and lands at 11", None),
        ("how much is 3 times the sum of 4 and 5", "That makes 27."),
        ("what's 7/11", "7 divided by 11 is about 0.6364."),
        ("what time does 7/11 close", None),
        ("what does 50/50 mean", None),
        ("what's the score, 5-2?", None),
        ("what's 555-1234", None),
        ("what is 2026-11-27", None),
        ("7/11便利店在哪", None),
        ("12-7是多少", "12减7等于5。"),
        ("hello", None),
    ],
)
def test_a_sum_is_answered_and_nothing_else_is(said: str, expected: str | None) -> None:
    assert ask(said) == expected


@pytest.mark.parametrize(
    "said",
    [
        "9**9**9**9",
        "two to the power of a trillion",
        "what is 0.5 ^ 999999999999",
        "2 ^ 4000 * 2 ^ 4000",
        "what is " + " ^ ".join(["99"] * 40),
        "what is " + "(" * 90 + "1 + 1",
        "what is " + "- " * 900 + "1 + 1",
        "1 + " * 400 + "1",
        "what is " + "9" * 900 + " * 9",
    ],
)
def test_every_sum_comes_to_an_end(said: str) -> None:
    with ends():
        ask(said)


@pytest.mark.parametrize(
    ("tokens", "value"),
    [
        ("2 ^ 3 ^ 2", 512),
        ("- 2 ^ 2", -4),
        ("2 ^ - 1", Fraction(1, 2)),
        ("10 - 2 - 3", 5),
        ("7 mod 4", 3),
        ("√ ( 9 + 16 )", 5),
        ("1 ^ 99999999999", 1),
        ("50 %", Fraction(1, 2)),
    ],
)
def test_signs_bind_as_in_writing(tokens: str, value: Fraction) -> None:
    assert evaluate(tokens.split()) == value


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(SyntaxError):
        evaluate(["1", "+"])
    with pytest.raises(SumError):
        evaluate(["0", "^", "-", "1"])


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("twenty five", "25"),
        ("one hundred and two thousand three hundred and four", "102304"),
        ("two and a half", "2.5"),
        ("zero point zero five", "0.05"),
        ("a dozen eggs", "12 eggs"),
        ("3 million", "3000000"),
        ("one two three", "1 2 3"),
        ("a hundred and the rest", "100 and the rest"),
        ("一百五", "150"),
        ("一百零五", "105"),
        ("二千零二十六", "2026"),
        ("三万五千", "35000"),
        ("3万", "30000"),
        ("二零二六", "2026"),
        ("十", "10"),
        ("负五", "-5"),
    ],
)
def test_numbers_in_words_become_digits(said: str, written: str) -> None:
    assert digits(plain(said)) == written
