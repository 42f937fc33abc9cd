"""Estimates against the counts of OpenAI's tokenizers, which were taken with js-tiktoken 1.0.21."""

import json
import time

import pytest

from pipeline.context.tokens import MOST_COUNTED, PER_ANSWER, PER_CALL, PER_MESSAGE, estimate, of_prompt
from pipeline.engines import Calls, Message, Result, ToolCall

CODE = '''async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
    """See `Llm`."""
    async with aclosing(self._content(prompt)) as pieces:
        yield await anext(pieces)
'''
JSON = (
    '{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": '
    '{"city": {"type": "string"}}}}}'
)


@pytest.mark.parametrize(
    ("text", "o200k", "cl100k"),
    [
        ("Sure! The weather in Berlin is mild today, about fourteen degrees, with some sun in the afternoon.", 21, 21),
        (
            "You're a friendly voice assistant. Answer briefly, in one or two sentences, without markdown or lists.",
            20,
            21,
        ),
        ("uh what's the time um in new york right now please", 11, 12),
        ("Call me at +49 30 1234567, or write to jane.doe@example.com before 2026-12-24 09:15.", 33, 33),
        ("Photosynthesis converts electromagnetic radiation into chemical energy stored in carbohydrates.", 12, 12),
        (JSON, 39, 38),
        (CODE, 44, 44),
        ("你好！今天北京的天气不错，最高气温二十三度，下午可能有小雨，出门记得带伞。", 29, 41),
        ("我想订明天早上九点从上海到广州的火车票，两张二等座，谢谢。", 24, 36),
        ("你是一个友好的语音助手。请用一两句话简短回答，不要使用列表。如果不知道，就直接说不知道。", 28, 45),
        ("光合作用是植物利用光能把二氧化碳和水转化为有机物并释放氧气的过程，主要发生在叶绿体中。", 37, 54),
        ("帮我播放 Taylor Swift 的歌，音量调到 50%。", 15, 19),
        ("Морозным утром мы пошли гулять в парк, а потом пили чай.", 19, 30),
        ("Guten Morgen! Können Sie mir bitte sagen, wann der nächste Zug nach Köln fährt?", 18, 24),
        ("おはようございます。今日はとてもいい天気ですね。", 13, 21),
    ],
)
def test_an_estimate_is_seldom_too_low_and_never_twice_too_high(text: str, o200k: int, cl100k: int) -> None:
    assert 0.8 * max(o200k, cl100k) <= estimate(text) < 2 * min(o200k, cl100k)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), (" ", 0), ("a", 1), ("7", 1), ("1234", 2), ("...", 2), ("好", 1), ("🎉", 1), ("\n", 1)],
)
def test_the_smallest_texts(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_a_text_is_about_the_sum_of_its_parts() -> None:
    parts = [CODE, JSON, "今天天气不错。" * 8]
    assert abs(estimate("".join(parts)) - sum(map(estimate, parts))) <= len(parts)


def test_a_long_text_is_counted_by_samples() -> None:
    parts = [CODE, JSON, "今天天气不错。" * 8] * 500
    assert estimate("".join(parts)) == pytest.approx(sum(map(estimate, parts)), rel=0.1)


@pytest.mark.parametrize("pair", ["  ", "\n\n", " \n", " \t", "aa"])
def test_no_text_takes_long(pair: str) -> None:
    begin = time.process_time()
    estimate(pair * (MOST_COUNTED // 2))
    assert time.process_time() - begin < 0.1, "seconds; a hundred times of what it takes, and less than if quadratic"


def test_a_prompt_is_more_than_its_texts() -> None:
    call = ToolCall("a", "get_weather", '{"city": "Bonn"}')
    lines = [Message("user", "Hi!"), Calls([call, call], "Let me see."), Result("a", "sunny")]
    texts = ["Hi!", "Let me see.", "sunny", *[call.name, call.arguments] * 2]
    around = PER_ANSWER + 3 * PER_MESSAGE + 3 * PER_CALL
    assert of_prompt(lines) == around + sum(map(estimate, texts))
    assert of_prompt([]) == PER_ANSWER


def test_functions_are_part_of_the_prompt() -> None:
    assert of_prompt([], [json.loads(JSON)]) - of_prompt([]) == PER_CALL + estimate(JSON)
