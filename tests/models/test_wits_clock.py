"""The time, the date and how far away a day is."""

from datetime import UTC, datetime

import pytest

from models.wits import clock, dates
from models.wits.conversation import Line, hear

NOW = datetime(2026, 11, 21, 15, 7, tzinfo=UTC)


def ask(said: str) -> str | None:
    heard = hear([Line("user", said)], NOW)
    return clock.tell(heard) or dates.tell(heard)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("what time is it", "It's 3:07 PM."),
        ("What's the time?", "It's 3:07 PM."),
        ("hey do you know what time it is", "It's 3:07 PM."),
        ("could you tell me the time please", "It's 3:07 PM."),
        ("what time is it in tokyo", "In Tokyo it's 12:07 AM."),
        ("what time is it in narnia", "I don't know the time in Narnia, but here it's 3:07 PM."),
        ("what's the date", "Today is Saturday, November 21, 2026."),
        ("what day is it", "Today is Saturday, November 21, 2026."),
        ("what day is tomorrow", "Tomorrow is Sunday, November 22, 2026."),
        ("what day was yesterday", "Yesterday was Friday, November 20, 2026."),
        ("what day of the week is it", "Today is Saturday, November 21, 2026."),
        ("what is today's date", "Today is Saturday, November 21, 2026."),
        ("what year is it", "It's 2026."),
        ("which month is it", "It's November."),
        ("现在几点了", "现在是下午3点零7分。"),
        ("东京现在几点", "东京现在是凌晨0点零7分。"),
        ("今天星期几？", "今天是2026年11月21日，星期六。"),
        ("明天是几号", "明天是2026年11月22日，星期日。"),
        ("今年是哪一年", "今年是2026年。"),
        ("what date is it today", "Today is Saturday, November 21, 2026."),
        ("tell me what day it is tomorrow", "Tomorrow is Sunday, November 22, 2026."),
        ("is it saturday", "Today is Saturday, November 21, 2026."),
        ("后天星期几", "后天是2026年11月23日，星期一。"),
        ("time in tokyo japan", "In Tokyo it's 12:07 AM."),
        ("what time is it in germany", "In Germany it's 4:07 PM."),
        ("what's today", "Today is Saturday, November 21, 2026."),
        ("whats tomorrows date", "Tomorrow is Sunday, November 22, 2026."),
        ("is tomorrow monday", "Tomorrow is Sunday, November 22, 2026."),
        ("what year is next year", "Next year is 2027."),
        ("what month was last month", "Last month was October."),
        ("is 2028 a leap year", "Yes, 2028 is a leap year."),
        ("is it a leap year", "No, 2026 is not a leap year."),
        ("how many days in february 2028", "February 2028 has 29 days."),
        ("伦敦时间", "伦敦现在是下午3点零7分。"),
        ("明年是哪一年", "明年是2027年。"),
        ("去年是几几年", "去年是2025年。"),
        ("下个月是几月", "下个月是12月。"),
        ("2028年是闰年吗", "2028年是闰年。"),
        ("二月有多少天", "2026年2月有28天。"),
    ],
)
def test_the_clock_is_read_out(said: str, expected: str) -> None:
    assert ask(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("what time will it be in 90 minutes", "It will be 4:37 PM."),
        ("what time is it in 2 hours", "It will be 5:07 PM."),
        ("in half an hour what time will it be", "It will be 3:37 PM."),
        ("what time was it three hours ago", "It was 12:07 PM."),
        ("what time will it be in tokyo in an hour and a half", "In Tokyo it will be 1:37 AM."),
        ("三小时后是几点", "那时是晚上6点零7分。"),
        ("半小时后几点", "那时是下午3点37分。"),
        ("两个半小时前是几点", "那时是中午12点37分。"),
        ("what date is it in 3 days", "That is Tuesday, November 24, 2026."),
        ("what's the date two weeks from today", "That is Saturday, December 5, 2026."),
        ("what day was it three days ago", "That was Wednesday, November 18, 2026."),
        ("what's the date in a month", "That is Monday, December 21, 2026."),
        ("what date is next monday", "That is Monday, November 23, 2026."),
        ("what day is the day after tomorrow", "The day after tomorrow is Monday, November 23, 2026."),
        ("what day is christmas", "Christmas is Friday, December 25, 2026."),
        ("when is new year's eve", "New Year's Eve is Thursday, December 31, 2026."),
        ("what day of the week was july fourth 1776", "That was Thursday, July 4, 1776."),
        ("what day is the first of december", "That is Tuesday, December 1, 2026."),
        ("how many days until christmas", "It's 34 days until Friday, December 25."),
        ("how long until december 31st", "It's 40 days until Thursday, December 31."),
        ("how many days until tomorrow", "It's 1 day until Sunday, November 22."),
        ("三天后是星期几", "3天后是2026年11月24日，星期二。"),
        ("两周后是几号", "那天是2026年12月5日，星期六。"),
        ("大后天几号", "大后天是2026年11月24日，星期二。"),
        ("下周一是几号", "那天是2026年11月23日，星期一。"),
        ("上周五是几号", "那天是2026年11月13日，星期五。"),
        ("圣诞节是星期几", "那天是2026年12月25日，星期五。"),
        ("2027年1月1日是星期几", "那天是2027年1月1日，星期五。"),
        ("离圣诞节还有几天", "离12月25日还有34天。"),
    ],
)
def test_times_and_days_away_from_now_are_found(said: str, expected: str) -> None:
    assert ask(said) == expected


@pytest.mark.parametrize(
    "said",
    [
        "what time does the train leave",
        "what time is noon",
        "what time zone are you in",
        "what time is it on mars",
        "what is time",
        "what is the time difference between london and tokyo",
        "what time is it in paris when it is noon in london",
        "i don't have the time",
        "what day is the party",
        "what day is garbage day",
        "which day works for you",
        "what day of the week was i born",
        "what day comes after monday",
        "what day is it not",
        "what a day",
        "what day is february 30",
        "which year was he born",
        "what month is it in japanese",
        "the date of the wedding was a surprise",
        "it was the best time of my life",
        "how many days until my birthday",
        "火车几点开",
        "会议几点",
        "火星现在几点",
        "美国现在几点",
        "会议是几号开始的",
        "今天有几号线地铁",
        "春节是几号",
        "你是几号出生的",
    ],
)
def test_the_time_of_something_else_is_not_the_time(said: str) -> None:
    assert ask(said) is None


def test_next_friday_is_left_open_where_it_may_be_this_one() -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    asked = "what date is next friday"
    assert dates.tell(hear([Line("user", asked)], monday)) is None
