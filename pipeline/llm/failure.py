"""A request that failed, with all that is needed to send it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.engines import Calls, Message, Prompt, PromptLine, Result, ToolCall

OURS = {"model", "messages", "max_tokens", "temperature", "tools", "tool_choice", "parallel_tool_calls", "stream"}
"""Fields of a request that a prompt has a place for; the rest is passed through."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a model was asked, and what came of it."""

    name: str
    """What people call the model."""
    url: str
    """Its server's, without user and password."""
    request: Mapping[str, Any]
    """The body of a chat completions request, as any program could send it; its key is not in it."""
    error: str
    waited: float
    """Seconds until it failed."""
    said: str = ""
    """The beginning of an answer that broke off."""


def prompt_of(request: Mapping[str, Any]) -> Prompt:
    """The prompt of a chat completions request, as `chat_request` has written it."""
    tools = tuple(tool["function"] for tool in request.get("tools", ()))
    choice = request.get("tool_choice", "auto")
    return Prompt(
        tuple(_line(line) for line in request["messages"]),
        request.get("max_tokens"),
        request.get("temperature"),
        tools,
        choice if isinstance(choice, str) else choice["function"]["name"],
        request.get("parallel_tool_calls"),
        {name: value for name, value in request.items() if name not in OURS},
    )


def _line(line: Mapping[str, Any]) -> PromptLine:
    match line:
        case {"tool_calls": [*calls]}:
            made = (ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in calls)
            return Calls(tuple(made), line.get("content") or "")
        case {"role": "tool"}:
            return Result(line["tool_call_id"], line["content"])
        case _:
            return Message(line["role"], line["content"])
