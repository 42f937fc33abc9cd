"""Numbers as words in English and Chinese."""

import pytest

from pipeline.tts import numbers


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"),
        (7, "seven"),
        (13, "thirteen"),
        (20, "twenty"),
        (42, "forty-two"),
        (100, "one hundred"),
        (105, "one hundred five"),
        (999, "nine hundred ninety-nine"),
        (1000, "one thousand"),
        (1234, "one thousand two hundred thirty-four"),
        (10_000, "ten thousand"),
        (1_000_001, "one million one"),
        (2_500_000_000, "two billion five hundred million"),
        (10**12, "one trillion"),
    ],
)
def test_cardinals(number: int, said: str) -> None:
    assert numbers.cardinal(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zeroth"),
        (1, "first"),
        (2, "second"),
        (3, "third"),
        (4, "fourth"),
        (5, "fifth"),
        (8, "eighth"),
        (9, "ninth"),
        (11, "eleventh"),
        (12, "twelfth"),
        (13, "thirteenth"),
        (20, "twentieth"),
        (21, "twenty-first"),
        (32, "thirty-second"),
        (100, "one hundredth"),
        (101, "one hundred first"),
        (1000, "one thousandth"),
    ],
)
def test_ordinals(number: int, said: str) -> None:
    assert numbers.ordinal(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1999, "nineteen ninety-nine"),
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1066, "ten sixty-six"),
        (2000, "two thousand"),
        (2005, "two thousand five"),
        (2010, "twenty ten"),
        (2026, "twenty twenty-six"),
        (2100, "twenty-one hundred"),
        (476, "four hundred seventy-six"),
        (12026, "twelve thousand twenty-six"),
    ],
)
def test_years(number: int, said: str) -> None:
    assert numbers.year(number) == said


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ("3.14", "three point one four"),
        ("1,234.50", "one thousand two hundred thirty-four point five zero"),
        (".5", "zero point five"),
        ("0.05", "zero point zero five"),
        ("5.", "five"),
        ("007", "zero zero seven"),
        ("0", "zero"),
        ("1" * 16, " ".join(["one"] * 16)),
    ],
)
def test_quantities_in_figures(figures: str, said: str) -> None:
    assert numbers.quantity(figures) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (22, "二十二"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (112, "一百一十二"),
        (200, "两百"),
        (222, "两百二十二"),
        (1000, "一千"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1200, "一千二百"),
        (2000, "两千"),
        (10_000, "一万"),
        (10_001, "一万零一"),
        (10_010, "一万零一十"),
        (20_000, "两万"),
        (22_000, "两万二千"),
        (100_000, "十万"),
        (100_500, "十万零五百"),
        (1_205_000, "一百二十万五千"),
        (100_000_000, "一亿"),
        (100_010_000, "一亿零一万"),
        (100_005_000, "一亿零五千"),
        (200_000_000, "两亿"),
        (1_400_000_000, "十四亿"),
        (10**12, "一万亿"),
    ],
)
def test_chinese_cardinals(number: int, said: str) -> None:
    assert numbers.han_cardinal(number) == said


def test_only_a_lone_two_changes_before_a_measure_word() -> None:
    assert [numbers.han_cardinal(number, liang=True) for number in (1, 2, 12, 20, 22)] == [
        "一",
        "两",
        "十二",
        "二十",
        "二十二",
    ]


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ("3.14", "三点一四"),
        ("0.5", "零点五"),
        ("1,000", "一千"),
        ("007", "零零七"),
        ("2.5", "二点五"),
        ("9" * 16, "九" * 16),
    ],
)
def test_chinese_quantities_in_figures(figures: str, said: str) -> None:
    assert numbers.han_quantity(figures, liang=True) == said


def test_digits_are_said_one_by_one() -> None:
    assert numbers.digits("4-0 7") == "four zero seven"
    assert numbers.han_digits("2026") == "二零二六"


def _value(said: str) -> int:
    """What English words amount to: the reverse, written independently."""
    small = {numbers.cardinal(number): number for number in range(100)}
    total, group = 0, 0
    for word in said.split():
        scale = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}.get(word)
        if scale is None:
            group += small[word]
        elif scale == 100:
            group *= 100
        else:
            total, group = total + group * scale, 0
    return total + group


def _han_value(said: str) -> int:
    total, section, figure = 0, 0, 0
    for char in said.removesuffix("万亿") + "兆" * said.endswith("万亿"):
        if char in "零一二三四五六七八九":
            figure = "零一二三四五六七八九".index(char)
        elif char == "两":
            figure = 2
        elif char in "十百千":
            section += (figure or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            figure = 0
        else:
            total += (section + figure) * {"万": 10**4, "亿": 10**8, "兆": 10**12}[char]
            section, figure = 0, 0
    return total + section + figure


def test_words_amount_to_the_number_they_say() -> None:
    sample = [*range(2500), *(7**power for power in range(17)), *(10**power + 3 for power in range(15))]
    assert [_value(numbers.cardinal(number)) for number in sample] == sample
    below = [number for number in sample if number < 10**12]
    assert [_han_value(numbers.han_cardinal(number)) for number in below] == below
