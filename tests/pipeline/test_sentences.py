"""Sentences, and which of them ask."""

import pytest

from pipeline.context.sentences import asks, core, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("  \n ", []),
        ("Hello", ["Hello"]),
        ("My name is Bo. I live in Rome! Why?", ["My name is Bo.", "I live in Rome!", "Why?"]),
        ("Not before 9 a.m. on Mondays.", ["Not before 9 a.m. on Mondays."]),
        ("Dr. Okafor, Mrs. Lee and St. John came.", ["Dr. Okafor, Mrs. Lee and St. John came."]),
        ("It costs 3.50 euros. Really.", ["It costs 3.50 euros.", "Really."]),
        ("one\ntwo", ["one", "two"]),
        ("我叫李雷。你呢？好的！", ["我叫李雷。", "你呢？", "好的！"]),
        ("Fine. 我叫李雷。OK.", ["Fine.", "我叫李雷。", "OK."]),
    ],
)
def test_a_text_is_its_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("What time is it", True),
        ("Is it raining?", True),
        ("you said nine?", True),
        ("Um, so how far is it?", True),
        ("When is my train", True),
        ("When I say stop, be quiet.", False),
        ("Have you seen it", True),
        ("Have a look.", False),
        ("Can you remember that my code is 12?", False),
        ("Could you please be brief?", False),
        ("My name is Sam, okay?", False),
        ("My code is 12, can you keep that for me?", False),
        ("Don't you think so", True),
        ("Don't do that.", False),
        ("I know what it is.", False),
        ("你叫什么名字", True),
        ("今天冷吗", True),
        ("以后叫我老王，好吗？", False),
        ("我叫李雷。", False),
        ("什么都行", False),
        ("你叫我什么？", True),
        ("不管他说什么，你怎么想", True),
        ("Could you call me 小明?", False),
        ("Who is 小明", True),
        ("你认识 Bo 吗", True),
    ],
)
def test_a_question_is_told_by_its_beginning_and_its_end(sentence: str, question: bool) -> None:
    assert asks(sentence) is question


@pytest.mark.parametrize(
    ("sentence", "rest"),
    [
        ("Okay, so please call me Sam.", "call me Sam."),
        ("Could you please call me Sam?", "call me Sam?"),
        ("Call me Sam, all right?", "Call me Sam"),
        ("No swearing.", "No swearing."),
        ("No, never mind.", "never mind."),
        ("嗯，请叫我老王，好吗？", "叫我老王"),
        ("不要叫我。", "不要叫我。"),
        ("以后说慢一点，好么？", "以后说慢一点"),
        ("Okay, please call me 小明.", "call me 小明."),
        ("", ""),
    ],
)
def test_what_people_warm_up_with_is_not_the_core(sentence: str, rest: str) -> None:
    assert core(sentence) == rest
