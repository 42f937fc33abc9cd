"""Sums in words and signs."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from models.wits.arithmetic import reckon
from models.wits.calculator import SumError, evaluate
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
        ("half of a third", "That makes about 0.1667."),
        ("two thirds of ninety", "That makes 60."),
        ("2/3 of 90", "That makes 60."),
        ("three quarters of 80", "0.75 times 80 is 60."),
        ("a half plus a quarter", "0.5 plus 0.25 is 0.75."),
        ("two and three quarters plus one", "2.75 plus 1 is 3.75."),
        ("half the sum of 4 and 6", "That makes 5."),
        ("twice the sum of 3 and 4", "That makes 14."),
        ("the square of the sum of 3 and 4", "That makes 49."),
        ("the sum of 3, 4 and 5", "3 plus 4 plus 5 is 12."),
        ("add 5 and 6 and 7", "5 plus 6 plus 7 is 18."),
        ("the average of 4, 8 and 12", "That makes 8."),
        ("the difference between 4 and 10", "10 minus 4 is 6."),
        ("square of five", "5 squared is 25."),
        ("two to the eighth power", "2 to the power of 8 is 256."),
        ("the third root of 27", "The cube root of 27 is 3."),
        ("fourth root of 16", None),
        ("five less than ten", "10 minus 5 is 5."),
        ("is 5 less than 10", None),
        ("how many times does 7 go into 56", "56 divided by 7 is 8."),
        ("remainder of 17 divided by 5", "17 modulo 5 is 2."),
        ("17 divided by 5 remainder", None),
        ("15 divided by 2 rounded", None),
        ("six times seven then add two", None),
        ("what percent of 80 is 20", "20 divided by 80 is 25 percent."),
        ("20 is what percentage of 50", "20 divided by 50 is 40 percent."),
        ("what is 3/4 as a percentage", "3 divided by 4 is 75 percent."),
        ("20% off 50 dollars", "50 minus 20 percent is 40."),
        ("take 10 percent off 50", "50 minus 10 percent is 45."),
        ("what's an 18% tip on a 50 dollar bill", "18 percent of 50 is 9."),
        ("50 percent plus 20 percent", "50 percent plus 20 percent is 0.7."),
        ("half a dozen plus 2", "6 plus 2 is 8."),
        ("half a million times 2", "500000 times 2 is 1000000."),
        ("two and a half million plus one", "2500000 plus 1 is 2500001."),
        ("three dozen divided by 4", "36 divided by 4 is 9."),
        ("five dollars plus ten dollars", "5 plus 10 is 15."),
        ("5 dollars plus 20 cents", None),
        ("5 euros plus 10 dollars", None),
        ("5 apples plus 3 pears", None),
        ("does two plus two equal five", None),
        ("two times two beers", None),
        ("what is 2 plus 2 in binary", None),
        ("what is 5! plus 3", None),
        ("my son wants to know how much is 12 times 12", "12 times 12 is 144."),
        ("算一下三加五", "3加5等于8。"),
        ("三加五一共是多少", "3加5等于8。"),
        ("三与五的和是多少", "3加5等于8。"),
        ("三和四和五的和", "3加4加5等于12。"),
        ("三加五的和乘以二", "等于16。"),
        ("十和四的差", "10减4等于6。"),
        ("三分之一加二分之一", "约等于0.8333。"),
        ("六十的四分之一", "60乘以0.25等于15。"),
        ("三十的一半", "30除以2等于15。"),
        ("三十的三倍是多少", "30乘以3等于90。"),
        ("一百块打八折是多少", "100乘以0.8等于80。"),
        ("三百元打七五折", "300乘以0.75等于225。"),
        ("二十是八十的百分之几", "20除以80等于25%。"),
        ("比十少五是多少", "10减5等于5。"),
        ("十七除以五的余数", "17除以5的余数等于2。"),
        ("负三加五", "负3加5等于2。"),
        ("2的平方加3的平方", "2的2次方加3的2次方等于13。"),
        ("三块五加两块", None),
        ("五元加三角", None),
        ("十减去三再乘以二", None),
        ("我今年三十加五岁", None),
        ("三加五的平方", None),
        ("九加十六的平方根", None),
        ("3 times 5 less than 10", None),
        ("5 less than 10 times 2", None),
        ("divide 10 by 2 plus 3", None),
        ("the sum of 3 and 4 times 2", None),
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
        ("half a million", "500000"),
        ("half a mile", "half a mile"),
        ("two dozen", "24"),
        ("three point five million", "3500000"),
        ("一下三", "一下 3"),
        ("一共", "一共"),
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
