"""Only what is the same for everybody is answered twice in the same words."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.engines import Calls, Message, Prompt, PromptLine, Result, ToolCall
from pipeline.llm.cache import LONGEST_ANSWER, AnswerCache, Key, key_of, normal
from pipeline.llm.difficulty import built_in

SYSTEM = "You are a helpful voice assistant."
FRANCE = "What is the capital of France?"


def asked(question: str, *before: PromptLine, system: str = SYSTEM) -> Prompt:
    return Prompt([Message("system", system), *before, Message("user", question)])


def key(question: str, *before: PromptLine, system: str = SYSTEM, scope: str = "") -> Key | None:
    return key_of(asked(question, *before, system=system), built_in()(question).kind, scope)


def told(*said: str) -> Sequence[Message]:
    """What the user said before, each answered."""
    return [line for text in said for line in (Message("user", text), Message("assistant", "All right."))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FRANCE, "what is the capital of france"),
        (FRANCE, "Um, what’s the capital of France?"),
        (FRANCE, "Okay, so what is the capital of France, please?"),
        (FRANCE, "Can you tell me what is the capital of France?"),
        (FRANCE, "What is the   capital of ＦＲＡＮＣＥ？"),
        ("Hello!", "hello"),
        ("What is 12.5 times 3?", "what is 12.5 times 3"),
        ("法国的首都是哪里？", "请问法国的首都是哪里"),
        ("法国的首都是哪里？", "嗯，法国的首都是哪里呀？"),
        ("法国的首都是哪里？", "你能告诉我法国的首都是哪里吗？".replace("吗", "")),
    ],
)
def test_what_people_hear_as_the_same_is_the_same(one: str, other: str) -> None:
    assert normal(one) == normal(other)
    assert key(one) == key(other) != None  # noqa: E711  neither is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FRANCE, "What is the capital of Spain?"),
        ("What is 5 - 3?", "What is 5 3?"),
        ("What is 5 - 3?", "What is 5 + 3?"),
        ("What is 3.5 plus 1?", "What is 35 plus 1?"),
        ("What is C?", "What is C++?"),
        ("Which fish can fly?", "Which fish cannot fly?"),
        ("法国的首都是哪里？", "德国的首都是哪里？"),
        ("哪些鱼会飞？", "哪些鱼不会飞？"),
    ],
)
def test_what_is_not_the_same_is_not(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    "question",
    [
        FRANCE,
        "Who painted the Mona Lisa?",
        "How many legs does a spider have?",
        "What is twelve times seven?",
        "Where is Mount Everest?",
        "Hello!",
        "Good morning",
        "光速是多少？",
        "十二乘以七等于多少？",
        "你好",
    ],
)
def test_what_stands_for_itself_may_be_answered_again(question: str) -> None:
    assert key(question)


def test_it_is_the_same_only_behind_the_same_questions() -> None:
    follow_up = "What about Germany?"
    assert key(follow_up, *told(FRANCE)) == key(follow_up, *told("um, what is the capital of France"))
    assert key(follow_up, *told(FRANCE)) != key(follow_up, *told("What is the highest mountain of France?"))


@pytest.mark.parametrize(
    ("asked_for", "one", "other", "question"),
    [
        ("Tell me a riddle.", "What has keys but no locks?", "What dries and gets wet?", "What is the answer?"),
        ("讲个谜语", "什么门永远关不上？", "什么越洗越脏？", "答案是什么？"),
    ],
)
def test_it_is_the_same_only_behind_the_same_answers(asked_for: str, one: str, other: str, question: str) -> None:
    keys = [key(question, Message("user", asked_for), Message("assistant", said)) for said in (one, other, one)]
    assert keys[0] == keys[2] != keys[1]
    assert None not in keys


def test_what_the_user_asked_is_not_what_the_assistant_said() -> None:
    assert key(FRANCE, Message("user", "Hello!")) != key(FRANCE, Message("assistant", normal("Hello!")))


@pytest.mark.parametrize(
    "question",
    [
        "What is it?",
        "Who was he?",
        "And the capital of Spain?",
        "What about Spain and its capital?",
        "How tall is that?",
        "What else is there?",
        "What did you say before?",
        "What is my name?",
        "Where do I live?",
        "What's your name?",
        "What time is it?",
        "What's the weather in Paris?",
        "Who won the match yesterday?",
        "Who is the president of France?",
        "What is the latest version of Python?",
        "How many people live in Berlin now?",
        "How many days until Christmas?",
        "When does the sun set?",
        "Did the Lakers win?",
        "What is Anna's birthday?",
        "离圣诞节有几天",
        "北京下雨吗",
        "Tell me a joke",
        "Why is the sky blue?",
        "I feel sad.",
        "My dog is called Rex.",
        "Never use metric units.",
        "Always answer in Spanish.",
        "Remember the number 42.",
        "Turn off the light.",
        "Send a message to Anna",
        "它是什么？",
        "他是谁？",
        "我叫什么名字？",
        "你叫什么名字？",
        "现在几点？",
        "北京今天天气怎么样？",
        "那西班牙的首都呢？",
        "法国总统是谁？",
        "讲个笑话",
        "以后用英文回答",
        "",
        "...",
    ],
)
def test_what_depends_on_anything_else_is_not(question: str) -> None:
    assert key(question) is None


@pytest.mark.parametrize(
    "said",
    ["Always answer in Spanish.", "My name is Anna.", "I live in Germany.", "以后请用英文回答。", "我住在德国。"],
)
def test_where_the_user_has_told_something_nothing_stands_for_itself(said: str) -> None:
    assert key(FRANCE, *told(said)) is None


def test_where_functions_are_there_or_were_called_models_are_asked() -> None:
    prompt = asked(FRANCE)
    assert key_of(replace(prompt, tools=[{"name": "look_up"}]), "fact") is None
    call = ToolCall("call_1", "look_up", "{}")
    assert key(FRANCE, *told("Hello!"), Calls([call]), Result("call_1", "Paris")) is None


def test_who_wants_variety_or_a_form_of_their_own_asks_a_model() -> None:
    prompt = asked(FRANCE)
    assert key_of(replace(prompt, temperature=1.2), "fact") is None
    assert key_of(replace(prompt, extra={"seed": 1}), "fact") is None


def test_an_answer_belongs_to_those_who_would_have_got_it() -> None:
    keys = {
        key(FRANCE),
        key(FRANCE, system="You are a pirate."),
        key(FRANCE, scope="best"),
        key_of(replace(asked(FRANCE), max_tokens=5), "fact"),
        key_of(replace(asked(FRANCE), temperature=0.5), "fact"),
    }
    assert None not in keys
    assert len(keys) == 5


def test_a_conversation_that_does_not_end_with_a_question_has_none() -> None:
    assert key_of(Prompt([Message("system", SYSTEM)]), "greeting") is None
    assert key_of(Prompt([Message("user", FRANCE), Message("assistant", "Paris.")]), "fact") is None


def known(question: str = FRANCE) -> Key:
    found = key(question)
    assert found
    return found


def test_an_answer_is_given_again_until_it_expires() -> None:
    cache = AnswerCache(60.0)
    assert cache.find(known(), 0.0) is None
    cache.learn(known(), "Paris.", 0.0)
    assert [cache.find(known(), at) for at in (0.0, 59.9, 60.0, 61.0)] == ["Paris.", "Paris.", None, None]
    assert (cache.hits, cache.misses, len(cache)) == (2, 3, 0)


def test_an_answer_that_is_learnt_again_is_fresh() -> None:
    cache = AnswerCache(60.0)
    cache.learn(known(), "Paris.", 0.0)
    cache.learn(known(), "It is Paris.", 50.0)
    assert cache.find(known(), 100.0) == "It is Paris."


@pytest.mark.parametrize("answer", ["", "  ", "Which France do you mean?", "你是说哪个？", "x" * (LONGEST_ANSWER + 1)])
def test_what_is_no_answer_is_not_learnt(answer: str) -> None:
    cache = AnswerCache(60.0)
    cache.learn(known(), answer, 0.0)
    assert len(cache) == 0


def test_only_so_many_are_kept_and_those_go_that_nobody_asks_for() -> None:
    cache = AnswerCache(60.0, most=2)
    spain, italy = known("What is the capital of Spain?"), known("What is the capital of Italy?")
    cache.learn(known(), "Paris.", 0.0)
    cache.learn(spain, "Madrid.", 0.0)
    cache.find(known(), 1.0)
    cache.learn(italy, "Rome.", 1.0)
    assert [cache.find(one, 2.0) for one in (known(), spain, italy)] == ["Paris.", None, "Rome."]


def test_it_is_off_until_it_is_told_for_how_long() -> None:
    assert AnswerCache().key(asked(FRANCE), "fact") is None
    assert AnswerCache(1.0).key(asked(FRANCE), "fact") == known()
