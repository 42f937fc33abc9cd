"""A prompt as the JSON of a chat completions request."""

import json
from collections.abc import Mapping
from typing import Any

from pipeline.engines import Calls, Message, Prompt, PromptLine, Result, ToolCall

NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}
"""The schema of a function that takes none. OpenAI lets one leave it out; other servers' templates trip over that."""


def chat_request(model: str, prompt: Prompt, limit: str, usage: bool) -> dict[str, Any]:
    """What to send for an answer as a stream.

    `limit` is the server's name for the most tokens of an answer. `usage` asks for the tokens the answer took.
    """
    request: dict[str, Any] = {"model": model, **prompt.extra, "stream": True}
    request["messages"] = [_line(line) for line in prompt.messages]
    if prompt.max_tokens is not None:
        request[limit] = prompt.max_tokens
    if prompt.temperature is not None:
        request["temperature"] = prompt.temperature
    if prompt.tools:  # without any, servers refuse the other two
        request["tools"] = [_tool(tool) for tool in prompt.tools]
        request["tool_choice"] = _choice(prompt.tool_choice)
        if prompt.parallel_calls is not None:
            request["parallel_tool_calls"] = prompt.parallel_calls
    if usage:
        request["stream_options"] = {**prompt.extra.get("stream_options", {}), "include_usage": True}
    else:
        request.pop("stream_options", None)
    return request


def _line(line: PromptLine) -> dict[str, Any]:
    match line:
        case Message(role, text):
            return {"role": role, "content": text}
        case Calls(calls, text):
            return {"role": "assistant", "content": text or None, "tool_calls": [_call(call) for call in calls]}
        case Result(call_id, output):
            return {"role": "tool", "tool_call_id": call_id, "content": output}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _arguments(call)}}


def _arguments(call: ToolCall) -> str:
    """As the model wrote them, if they are an object: over anything else some servers refuse the whole conversation."""
    try:
        whole = isinstance(json.loads(call.arguments), dict)
    except ValueError:
        whole = False
    return call.arguments if whole else "{}"


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"parameters": NO_PARAMETERS, **tool}}


def _choice(choice: str) -> str | dict[str, Any]:
    if choice in {"auto", "none", "required"}:
        return choice
    return {"type": "function", "function": {"name": choice}}
