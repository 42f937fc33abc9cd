"""The embedded brain's answers, as a table of what is heard and what is said."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from models.wits import Question, think
from models.wits.conversation import Line, hear
from models.wits.smalltalk import chat

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
        (["i moved to paris", "where do i live"], "You live in Paris."),
        (["this is ana speaking", "who am i"], "Your name is Ana."),
        (["my name is bob please", "what's my name"], "Your name is Bob."),
        (["my friends call me mike", "what is my name"], "Your name is Mike."),
        (["he said my name is bob", "what is my name"], "You haven't told me your name yet."),
        (["if my name is bob", "what is my name"], "You haven't told me your name yet."),
        (["she asked if i live in oslo", "where do i live"], "You haven't told me where you live yet."),
        (["call me a taxi", "what is my name"], "You haven't told me your name yet."),
        (["call me later", "what is my name"], "You haven't told me your name yet."),
        (["my name is hard to pronounce", "what is my name"], "You haven't told me your name yet."),
        (["my name is bob or maybe tom", "what is my name"], "You haven't told me your name yet."),
        (["I'm Dutch.", "who am i"], "You haven't told me your name yet."),
        (["my name is bob", "is my name ana", "what is my name"], "Your name is Bob."),
        (["i like you", "what do i like"], "You haven't told me what you like yet."),
        (["i can't remember my pin", "what is my pin"], "You haven't told me your pin yet."),
        (["remember to buy milk", "what should i remember"], "So far: buy milk."),
        (["remember to buy milk", "what did i ask you to remember"], "So far: buy milk."),
        (["my name is ana", "spell my name"], "A, N, A."),
        (["我住在上海", "我搬到北京了", "我住在哪里"], "你住在北京。"),
        (["我住在上海", "我现在住在北京", "我住在哪里"], "你住在北京。"),
        (["我的钥匙在桌子上", "我的钥匙在哪"], "你的钥匙在桌子上。"),
        (["我很喜欢吃鱼", "我喜欢吃什么"], "你喜欢吃鱼。"),
        (["大家都叫我小王", "我叫什么"], "你叫小王。"),
        (["明天叫我起床", "我叫什么"], "你还没有告诉我。"),
        (["帮我叫车", "我叫什么"], "你还没有告诉我。"),
        (["他叫我走", "我叫什么"], "你还没有告诉我。"),
        (["我是好人", "我来自哪里"], "你还没有告诉我。"),
        (["我住的地方很大", "我住在哪里"], "你还没有告诉我。"),
    ],
)
def test_what_was_told_is_remembered(said: Sequence[str], expected: str) -> None:
    assert answer(*said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["my name is not bob", "what is my name"], "You haven't told me your name yet."),
        (["my name is ana", "my name is not bob", "what is my name"], "Your name is Ana."),
        (["my name is ana", "my name isn't ana", "what is my name"], "You haven't told me your name yet."),
        (["my name is not ana", "my name is ana", "what is my name"], "Your name is Ana."),
        (["don't call me bob", "what is my name"], "You haven't told me your name yet."),
        (
            ["i live in oslo", "i don't live in oslo anymore", "where do i live"],
            "You haven't told me where you live yet.",
        ),
        (["i live in oslo", "i no longer live in oslo", "where do i live"], "You haven't told me where you live yet."),
        (["i am not 30 years old", "how old am i"], "You haven't told me how old you are yet."),
        (["my dog is not called rex", "what is my dog called"], "You haven't told me your dog's name yet."),
        (["my favorite color is not blue", "what's my favorite color"], "You haven't told me your favorite color yet."),
        (["my name is ana", "please forget my name", "what is my name"], "You haven't told me your name yet."),
        (["my name is ana", "please forget my name"], "Okay, I won't bring up your name."),
        (["我叫小明", "我不叫小明", "我叫什么"], "你还没有告诉我。"),
        (["我住在上海", "我不住在上海了", "我住在哪里"], "你还没有告诉我。"),
        (["我的狗不叫旺财", "我的狗叫什么"], "你还没有告诉我。"),
        (["我的生日不是五月三号", "我的生日是哪天"], "你还没有告诉我。"),
        (["别叫我小明", "我叫什么"], "你还没有告诉我。"),
        (["我叫小明", "忘了我的名字", "我叫什么"], "你还没有告诉我。"),
    ],
)
def test_what_is_denied_or_to_be_forgotten_is_known_no_more(said: Sequence[str], expected: str) -> None:
    assert answer(*said) == expected


@pytest.mark.parametrize(
    "said",
    ["my name is not bob", "i can't remember my pin", "my guess is paris", "i will never forget you", "我的天是吧"],
)
def test_what_tells_nothing_is_not_noted(said: str) -> None:
    assert not re.match("Got it|All right:|Good to know|I'll remember|Nice to meet|好的，我记住", answer(said))


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
        ("count from 5 to 8", "5, 6, 7, 8."),
        ("count down from three", "3, 2, 1."),
        ("count to zero", "count to zero"),
        ("count to a million", "count to a million"),
        ("count by twos to ten", "count by twos to ten"),
        ("从三数到五", "3，4，5。"),
        ("从五数到三", "5，4，3。"),
        ("spell cat", "C, A, T."),
        ("can you spell receive for me", "R, E, C, E, I, V, E."),
        ("what does spell mean", "what does spell mean"),
        ("i love you", "kind"),
        ("i hate you", "sorry"),
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


@pytest.mark.parametrize(
    "said",
    [
        "she told me a joke",
        "he said thank you",
        "what does how are you mean",
        "how do you say good night in french",
        "help me find my keys",
        "play is important for kids",
        "i see you",
        "他跟我说再见了",
        "你好像不懂",
        "停电了",
        "放学了",
        "发烧了怎么办",
        "测试成绩出来了",
        "我不喜欢下雨天",
        "别笑话我",
    ],
)
def test_what_only_sounds_like_small_talk_is_none(said: str) -> None:
    assert chat(hear([Line("user", said)], NOW)) is None


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
