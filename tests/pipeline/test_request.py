"""Prompts as chat completions requests."""

import pytest

from pipeline.engines import Calls, Message, Prompt, PromptLine, Result, ToolCall
from pipeline.llm.request import chat_request

HI = (Message("user", "Hi!"),)
WEATHER = {"name": "weather", "description": "Of a city.", "parameters": {"type": "object", "required": ["city"]}}
TIME = {"name": "time"}


def request(prompt: Prompt, *, usage: bool = False) -> dict[str, object]:
    return chat_request("m", prompt, "max_tokens", usage)


def call(id: str, arguments: str) -> dict[str, object]:  # noqa: A002  as it is called on the wire
    return {"id": id, "type": "function", "function": {"name": "weather", "arguments": arguments}}


def test_a_request_says_no_more_than_it_must() -> None:
    assert request(Prompt(HI)) == {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hi!"}]}


def test_limits_and_further_fields_are_passed_through() -> None:
    prompt = Prompt(HI, max_tokens=7, temperature=0.0, extra={"top_p": 0.5, "model": "another", "stream": False})
    sent = chat_request("m", prompt, "max_completion_tokens", usage=False)
    assert sent["max_completion_tokens"] == 7
    assert (sent["temperature"], sent["top_p"], sent["model"], sent["stream"]) == (0.0, 0.5, "another", True)


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        (Message("system", "Be brief."), {"role": "system", "content": "Be brief."}),
        (Message("assistant", "Yes."), {"role": "assistant", "content": "Yes."}),
        (
            Calls([ToolCall("a", "weather", '{"city": "Bonn"}'), ToolCall("b", "weather", "{}")]),
            {"role": "assistant", "content": None, "tool_calls": [call("a", '{"city": "Bonn"}'), call("b", "{}")]},
        ),
        (
            Calls([ToolCall("a", "weather", "")], "Let me see."),
            {"role": "assistant", "content": "Let me see.", "tool_calls": [call("a", "{}")]},
        ),
        (Result("a", "sunny"), {"role": "tool", "tool_call_id": "a", "content": "sunny"}),
    ],
)
def test_each_line_of_a_prompt_is_a_message(line: PromptLine, sent: dict[str, object]) -> None:
    assert request(Prompt([line]))["messages"] == [sent]


@pytest.mark.parametrize("broken", ["", '{"city": "Bo', "null", '["Bonn"]', "Bonn"])
def test_arguments_that_are_no_object_do_not_spoil_the_conversation(broken: str) -> None:
    messages = request(Prompt([Calls([ToolCall("a", "weather", broken)])]))["messages"]
    assert messages == [{"role": "assistant", "content": None, "tool_calls": [call("a", "{}")]}]


def test_functions_are_described() -> None:
    assert request(Prompt(HI, tools=[WEATHER, TIME]))["tools"] == [
        {"type": "function", "function": WEATHER},
        {"type": "function", "function": {"name": "time", "parameters": {"type": "object", "properties": {}}}},
    ]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ("time", {"type": "function", "function": {"name": "time"}}),
    ],
)
def test_a_choice_is_a_word_or_the_name_of_a_function(choice: str, sent: object) -> None:
    assert request(Prompt(HI, tools=[WEATHER, TIME], tool_choice=choice))["tool_choice"] == sent


@pytest.mark.parametrize(
    ("parallel", "sent"), [(None, {}), (True, {"parallel_tool_calls": True}), (False, {"parallel_tool_calls": False})]
)
def test_several_calls_at_once_are_mentioned_only_where_somebody_cares(
    parallel: bool | None, sent: dict[str, bool]
) -> None:
    whole = request(Prompt(HI, tools=[TIME], parallel_calls=parallel))
    assert {name: value for name, value in whole.items() if name.startswith("parallel")} == sent


def test_without_functions_there_is_nothing_to_choose() -> None:
    assert request(Prompt(HI, tool_choice="required", parallel_calls=False)) == request(Prompt(HI))


def test_usage_is_asked_for_beside_other_options_or_not_at_all() -> None:
    options = {"stream_options": {"include_obfuscation": False}}
    assert request(Prompt(HI), usage=True)["stream_options"] == {"include_usage": True}
    both = {"include_obfuscation": False, "include_usage": True}
    assert request(Prompt(HI, extra=options), usage=True)["stream_options"] == both
    assert "stream_options" not in request(Prompt(HI, extra=options))
    assert options == {"stream_options": {"include_obfuscation": False}}
