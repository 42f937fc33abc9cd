"""Units: length, area, mass, temperature, volume, speed, time and data."""

from datetime import UTC, datetime

import pytest

from models.wits.conversation import Line, hear
from models.wits.units import convert

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def ask(said: str) -> str | None:
    return convert(hear([Line("user", said)], NOW))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("how many feet are in a mile", "1 mile is 5280 feet."),
        ("convert five miles to kilometers", "5 miles is about 8.047 kilometers."),
        ("what is 100 fahrenheit in celsius", "100 degrees Fahrenheit is about 37.8 degrees Celsius."),
        ("minus forty degrees celsius in fahrenheit", "Minus 40 degrees Celsius is minus 40 degrees Fahrenheit."),
        ("What's -10°F in °C?", "Minus 10 degrees Fahrenheit is about minus 23.3 degrees Celsius."),
        ("What's 20°C in °F?", "20 degrees Celsius is 68 degrees Fahrenheit."),
        ("5 km in miles", "5 kilometers is about 3.107 miles."),
        ("how many ounces in a gallon", "1 gallon is 128 fluid ounces."),
        ("how many seconds are there in an hour", "1 hour is 3600 seconds."),
        ("six foot two in centimeters", "6 feet 2 is 187.96 centimeters."),
        ("how many grams is half a pound", "0.5 pounds is about 226.8 grams."),
        ("100 km/h in mph", "100 kilometers per hour is about 62.14 miles per hour."),
        ("how many megabytes are in two gigabytes", "2 gigabytes is 2000 megabytes."),
        (
            "how many kilograms in a meter",
            "Meters measure length and kilograms measure mass, so one can't become the other.",
        ),
        ("五公里等于多少英里", "5公里约等于3.107英里。"),
        ("100华氏度是多少摄氏度", "100华氏度约等于37.8摄氏度。"),
        ("摄氏20度是多少华氏度", "20摄氏度等于68华氏度。"),
        ("零下四十摄氏度是多少华氏度", "-40摄氏度等于-40华氏度。"),
        ("摄氏零下20度是多少华氏度", "-20摄氏度等于-4华氏度。"),
        ("一斤是多少克", "1斤等于500克。"),
        ("把5公里换算成英里", "5公里约等于3.107英里。"),
        ("一小时有多少秒", "1小时等于3600秒。"),
        ("一公斤是多少米", "公斤是质量，米是长度，不能换算。"),
        ("72 degrees in celsius", "72 degrees Fahrenheit is about 22.2 degrees Celsius."),
        ("5 ft 11 in in cm", "5 feet 11 inches is 180.34 centimeters."),
        ("eleven stone four in kg", "11 stone 4 is about 71.67 kilograms."),
        ("7 pounds 8 ounces in kilograms", "7 pounds 8 ounces is about 3.402 kilograms."),
        ("180 cm in feet and inches", "180 centimeters is about 5 feet 11 inches."),
        ("90 minutes in hours and minutes", "90 minutes is 1 hour 30 minutes."),
        ("how many seconds in 2 minutes and 30 seconds", "2 minutes 30 seconds is 150 seconds."),
        ("how many minutes are in an hour and a half", "1.5 hours is 90 minutes."),
        ("a quarter of a mile in feet", "0.25 miles is 1320 feet."),
        ("two thirds of a cup in ml", "0.6667 cups is about 157.73 milliliters."),
        ("1/2 cup in tablespoons", "0.5 cups is 8 tablespoons."),
        ("1 1/2 cups in ml", "1.5 cups is about 354.88 milliliters."),
        ("12 in to cm", "12 inches is 30.48 centimeters."),
        ("100 kilometers an hour in miles an hour", "100 kilometers per hour is about 62.14 miles per hour."),
        ("how many square feet in an acre", "1 acre is 43560 square feet."),
        ("how many months in a year", "1 year is 12 months."),
        ("how many years in a century", "1 century is 100 years."),
        ("how many days in a leap year", "1 leap year is 366 days."),
        ("一斤等于几两", "1斤等于10两。"),
        ("三斤五两是多少克", "3斤5两等于1750克。"),
        ("一亩是多少平方米", "1亩约等于666.67平方米。"),
        ("五里是多少公里", "5里等于2.5公里。"),
        ("一米八是多少厘米", "1.8米等于180厘米。"),
        ("两个半小时是多少分钟", "2.5小时等于150分钟。"),
        ("半小时是多少分钟", "0.5小时等于30分钟。"),
        ("五英尺十英寸是多少厘米", "5英尺10英寸等于177.8厘米。"),
        ("零下十度是多少华氏度", "-10摄氏度等于14华氏度。"),
        ("华氏一百度等于摄氏多少度", "100华氏度约等于37.8摄氏度。"),
        ("多少克等于一斤", "1斤等于500克。"),
        ("一年有几个月", "1年等于12个月。"),
        ("一个G等于多少兆", "1吉字节等于1000兆字节。"),
    ],
)
def test_units_are_converted(said: str, expected: str) -> None:
    assert ask(said) == expected


@pytest.mark.parametrize(
    "said",
    [
        "ten below zero celsius in fahrenheit",
        "minus 300 celsius in kelvin",
        "1000 in km to miles",
        "i walked 5 miles in 2 hours",
        "5 km plus 3 miles in km",
        "how many miles is it to the moon in km",
        "how many seconds until the hour",
        "how many cups of coffee in a day",
        "how many hours should i sleep in a day",
        "how many days in a week do you work",
        "how many hours a day",
        "how many days are left in this year",
        "how many days in a month",
        "how many days in 5 years",
        "5 miles in seconds",
        "一个月有多少天",
        "圣诞节是星期几",
        "55寸是多少厘米",
        "一天要喝多少升水",
        "一光年是多少公里",
    ],
)
def test_what_is_more_than_a_conversion_or_none_is_left_alone(said: str) -> None:
    assert ask(said) is None
