"""Streams as servers write them, and the pieces they come to. The shapes are those of the servers named."""

import re
from collections.abc import Iterable
from typing import Any

import pytest

from pipeline.engines import CallPiece, Finish, Usage
from pipeline.llm.answer import Answer

Chunk = dict[str, Any]


def chunk(reason: str | None = None, **delta: object) -> Chunk:
    return {"id": "x", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": None}


def calls(*parts: Chunk) -> Chunk:
    return chunk(tool_calls=list(parts))


def part(name: str | None = None, arguments: object = None, **rest: object) -> Chunk:
    """Part of a call, without the fields that are None."""
    function = {"name": name, "arguments": arguments}
    return {"function": {key: value for key, value in function.items() if value is not None}, **rest}


def taken(chunks: Iterable[object]) -> list[str | CallPiece]:
    answer = Answer()
    return [piece for one in chunks for piece in answer.take(one)]


def whole(pieces: Iterable[str | CallPiece]) -> list[tuple[int, str, str, str]]:
    """The calls those pieces make: number, id, name, arguments."""
    made = list[tuple[int, str, str, str]]()
    for piece in pieces:
        assert isinstance(piece, CallPiece)
        if piece.name:
            assert piece.number == len(made), "calls come one after the other"
            made.append((piece.number, piece.id, piece.name, piece.arguments))
        else:
            assert piece.number == len(made) - 1, "calls come one after the other"
            assert piece.arguments, "no piece is empty"
            assert not piece.id
            made[-1] = (*made[-1][:3], made[-1][3] + piece.arguments)
    return made


@pytest.mark.parametrize(
    "silent",
    [
        chunk(role="assistant", content="", refusal=None),
        chunk(content=None),
        chunk(),
        chunk(reasoning_content="Let me think."),
        chunk(reasoning="Let me think.", content=""),
        chunk(tool_calls=[]),
        chunk(tool_calls=None),
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
        {"choices": None},
        {},
        {"choices": [{"index": 0, "finish_reason": None, "content_filter_offsets": {"start_offset": 44}}]},
        {"choices": [{"index": 0, "delta": None, "finish_reason": "stop"}]},
        calls({"index": 0, "id": "a", "type": "function"}),
        calls(part(index=0, id="a", arguments="")),
    ],
)
def test_what_nobody_is_to_hear_is_no_piece(silent: Chunk) -> None:
    assert taken([silent]) == []


def test_words_come_as_they_are_also_with_the_end_of_the_answer() -> None:
    assert taken([chunk(content="Hel"), chunk("stop", content="lo.")]) == ["Hel", "lo."]


def test_a_refusal_is_an_answer() -> None:
    assert taken([chunk(refusal="I can't help with that.")]) == ["I can't help with that."]


@pytest.mark.parametrize(
    "thought",
    [
        "<think>\nThe user asks for the time. I should be brief.\n</think>\n\n",
        "\n<think></think>",  # Qwen 3, told not to think
        "<thinking>a < b</thinking>\n<think>No.</think> ",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_what_is_thought_among_the_words_is_no_piece_wherever_it_is_cut(thought: str, size: int) -> None:
    text = f"{thought}It is nine, <think> is a tag."
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert "".join(str(piece) for piece in taken(chunk(content=piece) for piece in pieces)) == (
        "It is nine, <think> is a tag."
    )


def test_no_half_character_is_in_a_calls_name_or_id() -> None:
    assert whole(taken([calls(part("wea\ud83dther", "{}", index=0, id="a\udc00"))])) == [
        (0, "a\ufffd", "wea\ufffdther", "{}")
    ]


@pytest.mark.parametrize("text", ["<b>Yes</b>", "< 3 is less.", "<thing> is none."])
def test_what_only_looks_like_a_thought_is_said(text: str) -> None:
    assert "".join(str(piece) for piece in taken(chunk(content=letter) for letter in text)) == text


OPENAI = [
    calls(part("weather", "", index=0, id="a", type="function")),
    calls(part(None, '{"city":', index=0)),
    calls(part(None, '"Bonn"}', index=0)),
    calls(part("time", "", index=1, id="b", type="function")),
    calls(part(None, "{}", index=1)),
]
VLLM = [
    calls(part("weather", "", index=0, id="a", type="function")),
    calls(part(None, '{"city":"Bonn"}', index=0, id="")),
    calls(part("time", "", index=0, id="b", type="function")),
    calls(part(None, "{}", index=0, id="")),
]
VLLM_WITH_AN_ID_FOR_EACH_CHUNK = [
    calls(part("weather", index=0, id="a")),
    calls(part(None, '{"city":', index=0, id="c")),
    calls(part(None, '"Bonn"}', index=0, id="d")),
    calls(part("time", "{}", index=1, id="b")),
]
SGLANG = [
    calls(part("weather", "", index=0, id="a")),
    calls(part("weather", '{"city":"Bonn"}', index=0, id="a")),
    calls(part("time", "", index=0, id="b")),
    calls(part(None, "{}", index=0, id="b")),
]
OLLAMA = [
    calls(part("weather", '{"city":"Bonn"}', index=0, id="a")),
    calls(part("time", "{}", index=0, id="b")),
]
OLLAMA_WITHOUT_INDEX = [calls(part("weather", '{"city":"Bonn"}', id="a"), part("time", "{}", id="b"))]
UNCOUNTED = [
    calls(part("weather", '{"city":', id="a")),
    calls(part(None, '"Bo', id="a")),
    calls(part(None, 'nn"}')),
    calls(part("time", id="b")),
    calls(part("time", "{}", id="b")),
]
COUNTED_FROM_ONE = [
    calls(part("weather", '{"city":"Bonn"}', index=1, id="a"), part("time", "{}", index=2, id="b")),
]
ANNOUNCED = [
    calls({"index": 0, "id": "z", "function": None}),
    calls(part("weather", '{"city":"Bonn"}', index=0, id="a")),
    calls(part("time", "", index=1, id="b")),
    calls(part(None, "{}", index=1)),
]


@pytest.mark.parametrize(
    "chunks",
    [
        OPENAI,
        VLLM,
        VLLM_WITH_AN_ID_FOR_EACH_CHUNK,
        SGLANG,
        OLLAMA,
        OLLAMA_WITHOUT_INDEX,
        UNCOUNTED,
        COUNTED_FROM_ONE,
        ANNOUNCED,
    ],
)
def test_two_calls_are_two_calls_whoever_writes_them(chunks: list[Chunk]) -> None:
    assert whole(taken(chunks)) == [(0, "a", "weather", '{"city":"Bonn"}'), (1, "b", "time", "{}")]


@pytest.mark.parametrize("id", [{}, {"id": ""}, {"id": None}, {"id": 7}])
@pytest.mark.parametrize("index", [({}, {}), ({"index": 0}, {"index": 1})])
def test_a_call_without_a_name_of_its_own_is_given_one(id: Chunk, index: tuple[Chunk, Chunk]) -> None:  # noqa: A002
    chunks = [calls(part("time", "{}", **id, **each)) for each in index]
    first, second = whole(taken(chunks))
    assert re.fullmatch(r"call_[0-9a-f]{24}", first[1])
    assert first[1] != second[1]
    assert (first[3], second[3]) == ("{}", "{}")


def test_two_calls_of_one_id_are_given_two() -> None:
    first, second = whole(taken([calls(part("time", "{}", index=0, id="a"), part("time", "{}", index=1, id="a"))]))
    assert (first[1], second[1][:5]) == ("a", "call_")


def test_arguments_that_are_no_text_are_written_out() -> None:
    assert whole(taken([calls(part("weather", {"city": "波恩"}, index=0, id="a"))])) == [
        (0, "a", "weather", '{"city": "波恩"}')
    ]


def test_words_may_come_before_a_call() -> None:
    pieces = taken([chunk(content="Let me see. "), *OLLAMA])
    assert pieces[0] == "Let me see. "
    assert len(whole(pieces[1:])) == 2


@pytest.mark.parametrize(
    ("odd", "complaint"),
    [
        ([["x"]], "is no chunk"),
        ([None], "is no chunk"),
        (["x"], "is no chunk"),
        ([{"choices": "no"}], "no list of choices"),
        ([{"choices": [{"index": 0}]}], "no list of choices"),
        ([{"choices": [7]}], "no list of choices"),
        ([chunk(tool_calls=[7])], "no function call"),
        ([chunk(tool_calls={"index": 0})], "no function call"),
        ([calls(part(None, '{"city"', index=0))], "no function that they are for"),
        ([calls(part(None, '{"city"'))], "no function that they are for"),
        ([*OPENAI, calls(part(None, "more", index=0))], "call 0 goes on after call 1"),
        ([chunk("error")], "gave the answer up: error"),
        ([chunk("abort")], "gave the answer up: abort"),
    ],
)
def test_what_cannot_be_understood_is_an_error(odd: list[object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        taken(odd)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("stop", "stop"),
        ("tool_calls", "stop"),
        ("function_call", "stop"),
        ("eos", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
    ],
)
def test_the_end_has_a_reason(said: str, reason: str) -> None:
    answer = Answer()
    answer.take(chunk(said))
    assert answer.reason == said
    assert answer.finish(()).reason == reason


@pytest.mark.parametrize("no_reason", [None, "", "null"])
def test_an_answer_without_a_reason_to_end_goes_on(no_reason: str | None) -> None:
    answer = Answer()
    answer.take(chunk(no_reason, content="Hi"))
    assert not answer.reason
    assert answer.finish(()) == Finish()


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ({}, None),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": 9}, None),
        ({"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}, Usage(9, 12)),
        ({"prompt_tokens": 9, "completion_tokens": 12, "prompt_tokens_details": None}, Usage(9, 12)),
        ({"prompt_tokens": 9, "completion_tokens": 12, "prompt_tokens_details": {"cached_tokens": None}}, Usage(9, 12)),
        ({"prompt_tokens": 9, "completion_tokens": 12, "prompt_tokens_details": {"cached_tokens": 8}}, Usage(9, 12, 8)),
    ],
)
def test_what_was_used_is_what_the_server_counts(usage: object, expected: Usage | None) -> None:
    answer = Answer()
    answer.take({"choices": [], "usage": usage})
    assert answer.finish(()).usage == expected


def test_of_several_counts_the_last_one_holds() -> None:
    answer = Answer()
    for tokens in (1, 2):
        answer.take(chunk(content="a") | {"usage": {"prompt_tokens": 5, "completion_tokens": tokens}})
    answer.take(chunk("stop"))
    assert answer.finish(()).usage == Usage(5, 2)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (["Fine \ud83d", "\ude00 today."], ["Fine ", "\U0001f600 today."]),
        (["\ud83d"], []),
        (["a\ud83db", "\ude00"], ["a\ufffdb", "\ufffd"]),
    ],
)
def test_characters_that_a_server_cuts_in_two_are_joined(contents: list[str], words: list[str]) -> None:
    answer = Answer()
    chunks = [{"choices": [{"delta": {"content": content}}]} for content in contents]
    assert [piece for chunk in chunks for piece in answer.take(chunk)] == words
