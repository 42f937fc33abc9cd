"""Which tool is called for what was said, with which arguments, and how its result is spoken."""

import json
from datetime import UTC, datetime

import pytest

from models.wits import Question, think
from models.wits.conversation import Call, Line
from models.wits.tools import Tool

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def tool(name: str, description: str, required: list[str] | None = None, **properties: dict[str, object]) -> Tool:
    wanted = list(properties) if required is None else required
    return Tool(name, description, {"type": "object", "properties": properties, "required": wanted})


WEATHER = tool(
    "get_weather",
    "Look up the current weather of a city",
    ["city"],
    city={"type": "string"},
    unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
)
TIMER = tool("set_timer", "Start a timer", seconds={"type": "integer"})
LIGHT = tool(
    "switch_light",
    "Turn the light in a room on or off",
    room={"type": "string", "enum": ["kitchen", "living room", "bedroom"]},
    on={"type": "boolean"},
)
MESSAGE = tool("send_message", "Send a text message to a contact", to={"type": "string"}, body={"type": "string"})
SEARCH = tool("web_search", "Search the web", query={"type": "string"})
ADD = tool("add_numbers", "Add two numbers", a={"type": "number"}, b={"type": "number"})
TOOLS = (WEATHER, TIMER, LIGHT, MESSAGE, SEARCH, ADD)


def calls(said: str, choice: str = "auto", *, several: bool = True) -> list[tuple[str, dict[str, object]]] | None:
    thought = think(Question([Line("user", said)], NOW, TOOLS, choice, several))
    return None if isinstance(thought, str) else [(call.name, json.loads(call.arguments)) for call in thought]


@pytest.mark.parametrize(
    ("said", "name", "arguments"),
    [
        ("what's the weather in Paris?", "get_weather", {"city": "Paris"}),
        ("how is the weather in new york today", "get_weather", {"city": "new york"}),
        ("set a timer for five minutes", "set_timer", {"seconds": 300}),
        ("set a timer for one hour and thirty minutes", "set_timer", {"seconds": 5400}),
        ("turn off the kitchen light", "switch_light", {"room": "kitchen", "on": False}),
        ("please switch on the light in the living room", "switch_light", {"room": "living room", "on": True}),
        ("send a message to Ana saying I am late", "send_message", {"to": "Ana", "body": "I am late"}),
        ("search the web for the best pizza in town", "web_search", {"query": "best pizza in town"}),
        ("add the numbers twelve and thirty", "add_numbers", {"a": 12, "b": 30}),
        ("北京天气怎么样", "get_weather", {"city": "北京"}),
        ("定时五分钟", "set_timer", {"seconds": 300}),
    ],
)
def test_the_tool_that_fits_is_called(said: str, name: str, arguments: dict[str, object]) -> None:
    assert calls(said) == [(name, arguments)]


@pytest.mark.parametrize("said", ["hello", "what time is it", "tell me a joke", "the pencils have all been used"])
def test_no_tool_is_called_when_none_fits(said: str) -> None:
    assert calls(said) is None


def test_tool_choice_is_honoured() -> None:
    assert calls("what's the weather in Paris", "none") is None
    assert calls("hello", "set_timer") == [("set_timer", {"seconds": 0})]
    forced = calls("set a timer for ten seconds", "required")
    assert forced == [("set_timer", {"seconds": 10})]
    assert calls("hello", "required") is not None


def test_two_questions_make_two_calls_unless_forbidden() -> None:
    said = "what's the weather in Paris and in London?"
    assert calls(said) == [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "London"})]
    assert calls("what's the weather in paris and set a timer for 5 seconds") == [
        ("get_weather", {"city": "paris"}),
        ("set_timer", {"seconds": 5}),
    ]
    alone = calls(said, several=False)
    assert alone is not None
    assert len(alone) == 1


def test_a_missing_argument_is_asked_for_and_then_used() -> None:
    lines = [Line("user", "what's the weather like")]
    asked = think(Question(lines, NOW, TOOLS))
    assert isinstance(asked, str)
    assert asked == "Which city?"
    lines += [Line("assistant", asked), Line("user", "In Oslo.")]
    thought = think(Question(lines, NOW, TOOLS))
    assert not isinstance(thought, str)
    assert [(call.name, json.loads(call.arguments)) for call in thought] == [("get_weather", {"city": "Oslo"})]


@pytest.mark.parametrize(
    ("said", "result", "expected"),
    [
        ("weather?", '{"temperature": 21, "sky": "sunny"}', "For Paris, the temperature is 21 and the sky is sunny."),
        ("weather?", '{"city": "Paris", "temp_c": 21}', "The city is Paris and the temp c is 21."),
        ("weather?", "It is raining.", "It is raining."),
        ("weather?", '"cloudy"', "Cloudy."),
        ("weather?", '{"result": "Done, it is set"}', "Done, it is set."),
        ("weather?", '{"error": "no such city"}', "That didn't work: no such city."),
        ("weather?", "[1, 2, 3]", "1, 2 and 3."),
        ("weather?", "", "Done."),
        ("weather?", '{"ok": true}', "Done."),
        ("天气怎么样", '{"温度": 21}', "Paris：温度是21。"),
    ],
)
def test_results_are_spoken_as_a_sentence(said: str, result: str, expected: str) -> None:
    call = Call("c1", "get_weather", '{"city": "Paris"}')
    lines = [Line("user", said), Line("assistant", "", (call,)), Line("tool", result, call_id="c1")]
    assert think(Question(lines, NOW, TOOLS)) == expected
