"""The embedded brain's answers, as a table of what is heard and what is said."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from models.wits import Question, think
from models.wits.conversation import Line

NOW = datetime(2026, 11, 21, 15, 7, tzinfo=UTC)


def talk(*said: str, system: str = "") -> list[str]:
    """A conversation with the brain: what it answers to each thing said."""
    lines = [Line("system", system)] if system else []
    replies: list[str] = []
    for text in said:
        lines.append(Line("user", text))
        reply = think(Question(lines, NOW))
        assert isinstance(reply, str)
        lines.append(Line("assistant", reply))
        replies.append(reply)
    return replies


def answer(*said: str, system: str = "") -> str:
    """What is answered to the last thing said."""
    return talk(*said, system=system)[-1]


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
    ],
)
def test_the_clock_is_read_out(said: str, expected: str) -> None:
    assert answer(said) == expected


@pytest.mark.parametrize(
    "said",
    [
        "what time does the train leave",
        "what day is the party",
        "which year was he born",
        "the date of the wedding was a surprise",
        "it was the best time of my life",
        "火车几点开",
        "会议是几号开始的",
    ],
)
def test_the_time_of_something_else_is_not_the_time(said: str) -> None:
    assert not {"15:07", "3:07", "2026", "3点"} & set(answer(said).replace(".", " ").split())


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
    ],
)
def test_units_are_converted(said: str, expected: str) -> None:
    assert answer(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["my name is ana", "what's my name"], "Your name is Ana."),
        (["Hi, I'm Bob.", "who am i"], "Your name is Bob."),
        (["My name is Ana. What's my name?"], "Your name is Ana."),
        (["my name is ana", "actually my name is anna", "what is my name"], "Your name is Anna."),
        (["call me mike", "do you remember my name"], "Your name is Mike."),
        (["what is my name"], "You haven't told me your name yet."),
        (["my dog is called rex", "what is my dog called"], "Your dog is called Rex."),
        (["i have a cat named tom", "what's my cat's name"], "Your cat is called Tom."),
        (["what is my cat called"], "You haven't told me your cat's name yet."),
        (["i live in oslo", "hello", "where do i live"], "You live in Oslo."),
        (["i am 42 years old", "how old am i"], "You are 42 years old."),
        (["my favorite color is blue", "what's my favorite color"], "Your favorite color is blue."),
        (["my birthday is may third", "when is my birthday"], "Your birthday is may third."),
        (["remember that the door code is 1234", "what is the door code"], "The door code is 1234."),
        (["Please don't forget: my flight is at nine.", "when is my flight"], "Your flight is at nine."),
        (["remember i parked on level three", "where did i park"], "You told me: you parked on level three."),
        (["my name is ana and i live in oslo", "where do i live"], "You live in Oslo."),
        (["i like cheese", "what do i like"], "You like cheese."),
        (["我叫小明", "我叫什么名字"], "你叫小明。"),
        (["我叫小明你呢", "你还记得我的名字吗"], "你叫小明。"),
        (["我的狗叫旺财", "我的狗叫什么"], "你的狗叫旺财。"),
        (["我住在上海", "我住在哪里"], "你住在上海。"),
        (["请记住门的密码是1234", "门的密码是多少"], "门的密码是1234。"),
        (["我最喜欢的颜色是蓝色", "我最喜欢的颜色是什么"], "你的最喜欢的颜色是蓝色。"),
        (["我叫什么名字"], "你还没有告诉我。"),
    ],
)
def test_what_was_told_is_remembered(said: Sequence[str], expected: str) -> None:
    assert answer(*said) == expected


def test_the_system_prompt_names_the_persona_and_the_user() -> None:
    system = "You are Nova, a cheerful guide.\nThe user's name is Ana. The user lives in Oslo."
    assert answer("what's your name", system=system) == "I'm Nova."
    assert answer("what is my name", system=system) == "Your name is Ana."
    assert answer("where do i live", system=system) == "You live in Oslo."
    assert answer("你叫什么名字", system="你叫小爱，是一个助手。") == "我是小爱。"


def test_a_plain_helpful_assistant_is_not_taken_for_a_name() -> None:
    assert answer("who are you", system="You are a helpful assistant.") == "I'm the small built-in brain of Antiphon."


def test_all_that_is_known_can_be_asked_for() -> None:
    told = answer("my name is ana", "my name is anna", "i live in oslo", "what do you know about me")
    assert told == "So far: your name is Anna; you live in Oslo."


def test_the_last_reply_is_repeated_on_request() -> None:
    assert answer("what time is it", "can you repeat that please") == "It's 3:07 PM."
    assert answer("现在几点", "再说一遍") == "现在是下午3点零7分。"
    assert answer("the cat sleeps", "what did i just say") == "You said: the cat sleeps"


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("hello", "Hello"),
        ("hey there nova", "!"),
        ("good morning", "Hello"),
        ("how are you doing today", "well"),
        ("thanks a lot", "welcome"),
        ("good night", "Goodbye"),
        ("tell me a joke", "scarecrow"),
        ("what can you do", "convert units"),
        ("can you hear me", "hear"),
        ("are you a robot", "program"),
        ("what's the weather like", "weather"),
        ("turn off the lights", "can't do that"),
        ("never mind", "Okay"),
        ("count to five", "1, 2, 3, 4, 5."),
        ("spell cat", "C, A, T."),
        ("um", "listening"),
        ("...", "catch"),
        ("你好", "你好"),
        ("讲个笑话", "数学"),
        ("谢谢你", "不客气"),
        ("再见", "再见"),
        ("你能做什么", "换算"),
    ],
)
def test_small_talk_is_answered(said: str, part: str) -> None:
    assert part in answer(said)


def test_jokes_are_not_told_twice_in_a_row() -> None:
    jokes = talk("tell me a joke", "another one", "tell me another joke", "one more joke")
    assert len(set(jokes)) == 4


def test_the_user_is_called_by_name_when_leaving() -> None:
    assert answer("my name is ana", "goodbye") == "Goodbye, Ana."


@pytest.mark.parametrize(
    "said",
    [
        "the child almost heard the small dog",
        "sunday is the best part of the week",
        "the pencils have all been used",
        "Why is the sky blue?",
        "tell me about napoleon",
        "今天我去了公园",
        "天空为什么是蓝色的",
    ],
)
def test_what_it_cannot_answer_is_echoed_with_the_hint_once(said: str) -> None:
    first, *later = talk(said, said, said, said)
    words = said.lower().rstrip("?").removeprefix("the ")
    assert words in first.lower()
    assert "Ollama" in first
    assert "OpenAI" in first
    assert all("Ollama" not in reply for reply in later)
    assert len(set(later)) > 1


def test_replies_are_fit_to_be_spoken() -> None:
    for said in ("# title **bold** `code`", "hello", "<b>the cat</b> sleeps [here](x)", "what can you do"):
        assert not set(answer(said)) & set("*#`[]<>|")


def test_nothing_said_yet_opens_the_conversation() -> None:
    assert answer("", system="Greet the user.") == "Hello! What can I do for you?"
    assert answer("", system="你是一个助手，请先打招呼。") == "你好！有什么可以帮你？"
