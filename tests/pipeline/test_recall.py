"""Old turns that bear on a question."""

import time
from collections.abc import Iterator
from random import Random

import pytest

from pipeline.context.recall import TOP, Recall

TURNS = {
    "drink": "How do I make the grapefruit thing? Fill a glass with ice and the juice of half a grapefruit.",
    "castle": "What's the name of the castle near there? You mean Schloss Bürgeln, above Kandern.",
    "moon": "How far away is the moon? About 384,000 kilometres.",
    "cat": "Why do cats knead blankets? As kittens they knead their mother.",
    "code": "My gate code is 4719. I have it.",
    "rome": "When did we go to Rome? In the spring of 2019.",
    "suzhou": "苏州有什么好玩的地方？拙政园和平江路都很值得去。",
    "train": "从上海坐高铁要多久？最快大约二十五分钟。",
    "song": "推荐一首安静的中文歌吧。可以听听旅行的意义。",
    "lisbon": "What do people eat in Lisbon? Grilled sardines and custard tarts.",
    "snow": "Is there still snow? On the north side there may be some.",
    "egg": "How long do I boil an egg? Five to six minutes.",
}


@pytest.fixture
def recall() -> Iterator[Recall]:
    recall = Recall()
    for name, text in TURNS.items():
        recall.add(name, text)
    yield recall
    recall.close()


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How did that grapefruit drink go again?", "drink"),
        ("What was the castle called?", "castle"),
        ("Tell me the gate code.", "code"),
        ("And the distance to the moon?", "moon"),
        ("Why was it that cats knead?", "cat"),
        ("Does 4719 mean anything to you?", "code"),
        ("Ottilie's egg, how long was that to boil?", "egg"),
        ("苏州那个地方叫什么？", "suzhou"),
        ("上海的高铁多久？", "train"),
        ("What was it that people eat in Lisbon?", "lisbon"),
    ],
)
def test_what_bears_on_the_question_is_found(recall: Recall, question: str, found: str) -> None:
    assert recall.search(question)[:1] == [found]


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Thanks!",
        "Yes, please.",
        "And then?",
        "What do you think?",
        "Tell me a joke about elephants.",
        "What is the capital of Mongolia?",
        "How is the traffic towards the airport this evening?",
        "Can you book the early bus to Vienna for my parents?",
        "谢谢。",
        "今天天气怎么样？",
        "讲个笑话吧",
        '"; DROP TABLE turns; --',
        "NOT(a b) OR x* ^y",
    ],
)
def test_where_nothing_bears_on_it_nothing_is(recall: Recall, question: str) -> None:
    assert recall.search(question) == []


def test_a_topic_of_most_turns_says_nothing() -> None:
    recall = Recall()
    for at in range(20):
        recall.add(str(at), f"Something about the garden and number {at + 100}.")
    assert recall.search("What about the garden?") == []
    assert recall.search("What about the garden and 107?") == ["7"]
    recall.close()


def test_at_most_three_are_recalled(recall: Recall) -> None:
    for at in range(3):
        recall.add(f"castle {at}", f"The castle has {at + 2} towers.")
    assert len(recall.search("Which castle was that?")) == TOP == 3


def test_what_is_forgotten_is_not_found_and_what_is_changed_is_found_as_it_is(recall: Recall) -> None:
    recall.forget(["castle", "nothing"])
    recall.add("moon", "How far away is the sun?")
    assert recall.search("What was the castle called?") == []
    assert recall.search("And the moon?") == []
    assert recall.search("And the sun?") == ["moon"]


def test_an_empty_index_has_nothing() -> None:
    recall = Recall()
    assert recall.search("What was the castle called?") == []
    recall.close()
    recall.close()


def test_a_thousand_turns_are_searched_in_no_time(recall: Recall) -> None:
    chance, words = Random(1), " ".join(TURNS.values()).split()
    for at in range(1000):
        recall.add(str(at), " ".join(chance.choices(words, k=40)))
    took: list[float] = []
    for _ in range(20):
        begin = time.perf_counter()
        recall.search("How far was the castle near Kandern from the moon, and what did we eat in Lisbon?")
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.002, "seconds; the best of twenty, for the machine may be busy"
