"""What a request may hold, what it may not, and how long a reply to it may take."""

import json
import random
from datetime import UTC, datetime

import pytest

from models.faults import KnobError, Knobs
from models.wits import Question, think
from models.wits.conversation import Line
from models.wits.reply import compose
from models.wits.request import RequestError, parse
from tests.deadline import ends

NOW = datetime(2026, 11, 21, 15, 7, tzinfo=UTC)


def test_contents_in_parts_are_read_and_developers_are_the_system() -> None:
    parts: list[dict[str, object]] = [
        {"type": "text", "text": "what's"},
        {"type": "image_url", "image_url": {}},
        {"type": "text", "text": "up"},
    ]
    request = parse(json.dumps({"messages": [{"role": "developer", "content": parts}]}).encode())
    assert request.lines == (Line("system", "what's up"),)
    assert request.model == "antiphon-brain"
    assert request.prompt_tokens == 10


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{", None),
        (b"[]", None),
        (b"\xff\xfe", None),
        (b"{}", "messages"),
        (b'{"messages": []}', "messages"),
        (b'{"messages": [1]}', "messages[0]"),
        (b'{"messages": [{"role": "king", "content": "x"}]}', "messages[0].role"),
        (b'{"messages": [{"role": ["user"], "content": "x"}]}', "messages[0].role"),
        (b'{"messages": [{"role": "user", "content": 5}]}', "messages[0].content"),
        (b'{"messages": [{"role": "user", "content": "x"}], "n": 2}', "n"),
        (b'{"messages": [{"role": "user", "content": "x"}], "n": []}', "n"),
        (b'{"messages": [{"role": "user", "content": "x"}], "max_tokens": 0}', "max_tokens"),
        (b'{"messages": [{"role": "user", "content": "x"}], "stop": [1]}', "stop"),
        (b'{"messages": [{"role": "user", "content": "x"}], "tools": [{}]}', "tools[0].function"),
        (b'{"messages": [{"role": "user", "content": "x"}], "tool_choice": "required"}', "tool_choice"),
        (
            b'{"messages": [{"role": "user", "content": "x"}], "tool_choice": {"function": {"name": "f"}}}',
            "tool_choice",
        ),
        (b'{"messages": [{"role": "user", "content": "x"}], "response_format": {"type": []}}', "response_format.type"),
        (b'{"messages": [{"role": "user", "content": "x"}], "brain": []}', "brain"),
    ],
)
def test_a_bad_request_is_refused_by_the_field_that_is_wrong(body: bytes, param: str | None) -> None:
    with pytest.raises(RequestError) as refused:
        parse(body)
    assert refused.value.param == param
    assert refused.value.status == 400
    assert refused.value.code
    assert str(refused.value)


SHAPES: list[object] = [
    None, True, 0, -1, 1e300, "x", "what's the weather in Paris", [], {}, [1], ["a"], [[]], {"type": []},
    {"type": "function"},
    {"properties": {"a": {"type": {}, "enum": [{}, 1]}}, "required": ["a", 1, {}]}, "tool", "user", {"name": "x"},
]  # fmt: skip
FIELDS = ["messages", "tools", "tool_choice", "stop", "max_tokens", "response_format", "n", "brain"]


def test_no_json_makes_it_stumble() -> None:
    chance = random.Random(1)

    def shape(depth: int) -> object:
        if depth == 0 or chance.random() < 0.5:
            return chance.choice(SHAPES)
        names = ["type", "role", "content", "name", "parameters", "properties", "required", "function", "enum", "id"]
        return {chance.choice(names): shape(depth - 1) for _ in range(4)}

    for _ in range(3000):
        fields = chance.sample(
            ["messages", "tools", "tool_choice", "stop", "max_tokens", "response_format", "n", "brain"], 4
        )
        body: dict[str, object] = {"messages": [{"role": "user", "content": "what's the weather in Paris"}]}
        body |= {
            field: [shape(3)] if field in {"tools", "messages"} and chance.random() < 0.7 else shape(3)
            for field in fields
        }
        try:
            request = parse(json.dumps(body).encode())
            Knobs().changed(request.knobs)
            compose(request, (), NOW)
        except (RequestError, KnobError) as error:
            assert str(error)  # noqa: PT017 - any request may pass, none may fail otherwise


@pytest.mark.parametrize(
    "said",
    [
        "the " * 500,
        "my " * 600 + "is",
        "a" * 2000,
        "1 " * 1000,
        "一" * 2000,
        "我的" * 900 + "是",
        "is is is " * 200,
        "what is " * 250,
        "remember " * 200,
        "how many miles " * 130,
        "5 miles in " * 180,
        "- " * 1000,
        "in at for to " * 150,
    ],
)
def test_an_answer_to_any_words_comes_to_an_end(said: str) -> None:
    lines = [Line("user", said), Line("assistant", "Yes."), Line("user", said)]
    with ends():
        think(Question(lines, NOW))
