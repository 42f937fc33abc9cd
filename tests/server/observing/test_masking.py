"""What is personal is masked, and what is not is left alone."""

import time

import pytest

from server.observing.masking import LONGEST, masked


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("write to jane.doe+x@mail.example.org, please", "write to [email], please"),
        ("我的邮箱是wang.li@example.cn。", "我的邮箱是[email]。"),
        ("It is jane dot doe at example dot com", "It is [email]"),
        ("邮箱是 wangli 艾特 example 点 com", "邮箱是 [email]"),
        ("call +49 (0)171 555-2368 now", "call [phone] now"),
        ("my number is 0171 555 2368.", "my number is [phone]."),
        ("(555) 123-4567", "[phone]"),
        ("我的电话是13800138000，谢谢", "我的电话是[phone]，谢谢"),
        ("座机：010-62345678", "座机：[phone]"),
        ("电话：１３８００１３８０００", "电话：[phone]"),
        ("card 4111 1111 1111 1111 expires", "card [card] expires"),
        ("卡号6222-0212-3456-7894吗", "卡号[card]吗"),
        ("身份证11010519491231002X", "身份证[id]"),
        ("five five five, one two three four", "[number]"),
        ("oh one seven one, double five five two", "[number]"),
        ("我的号码是一三八零零一三八零零零", "我的号码是[number]"),
        ("幺三八 零零幺三 八零零零", "[number]"),
        ("Incorrect API key: sk-proj-AbC123dEf456", "Incorrect API key: [key]"),
        ("use ghp_abcdefghijklmnopqrst1234", "use [key]"),
        ("Authorization: Bearer abc.DEF-123456", "Authorization: Bearer [key]"),
        ("https://user:secret@host.example/v1 is down", "https://[key]@host.example/v1 is down"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[key]"),
        ("token A1b2C3d4E5f6A1b2C3d4E5f6", "token [key]"),
    ],
)
def test_what_is_personal_is_masked(said: str, told: str) -> None:
    assert masked(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "",
        "It rains on 2026-11-25 at 10:45, and 12.5 mm are expected.",
        "Twelve times seven is 84, and pi is 3.14159.",
        "One, two, three, four: go!",
        "明天是2026年11月25日，气温12度。",
        "一二三，开始！",
        "The year 1984 by George Orwell costs 350 euros.",
        "Meet me at ten at the station dot",
        "gpt-4o-mini-2024-07-18 answered in 350 ms",
        "order 123456 of 24 pieces",
        "whisper-1 at http://192.168.178.201:8000/v1 broke off",
        "Antidisestablishmentarianism is a long word",
    ],
)
def test_what_is_not_is_left_alone(said: str) -> None:
    assert masked(said) == said


def test_a_card_needs_its_check_digit_or_it_is_told_as_another_number() -> None:
    assert masked("4111 1111 1111 1111") == "[card]"
    assert masked("4111 1111 1111 1112") == "[phone]"
    assert masked("411111111111112") == "[phone]"


@pytest.mark.parametrize("endless", ["a@", "1 ", "one ", "a.", "一", "bearer ", "x dot ", "sk-"])
def test_no_text_takes_long(endless: str) -> None:
    begin = time.process_time()
    masked(endless * 100_000)
    assert time.process_time() - begin < 0.05


def test_of_a_long_text_the_rest_is_cut_off() -> None:
    assert masked("word " * 1000) == ("word " * 1000)[:LONGEST] + "…"
