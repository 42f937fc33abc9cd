"""A chat completions request, from its JSON to facts; what is wrong with one is said as OpenAI says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from models.wits import AUTO, NONE, REQUIRED, Question
from models.wits.arguments import Json, is_array, is_object
from models.wits.conversation import Call, Line, Role
from models.wits.pieces import estimate_tokens
from models.wits.tools import Tool

_ROLES: Final[Mapping[object, Role]] = {
    "system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool",
    "function": "tool",
}  # fmt: skip

MAX_STOPS = 4
MAX_TOOLS = 128


class RequestError(Exception):
    """The request cannot be answered; `status` is HTTP's, `param` and `code` are OpenAI's."""

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        status: int = 400,
    ) -> None:
        super().__init__(message)
        self.param = param
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What was asked for, checked. What changes nothing here (temperature, top_p, user, ...) is left out."""

    model: str
    lines: tuple[Line, ...]
    tools: tuple[Tool, ...]
    tool_choice: str
    several_calls: bool
    max_tokens: int | None
    stops: tuple[str, ...]
    schema: Json | None
    """The JSON schema the reply must follow; empty for any JSON object, None for plain text."""
    stream: bool
    include_usage: bool
    knobs: Json
    """The fields under "brain"."""
    prompt_tokens: int
    """An estimate."""

    def question(self, now: datetime) -> Question:
        """What the wits need of it."""
        return Question(self.lines, now, self.tools, self.tool_choice, self.several_calls, self.max_tokens)


def parse(body: bytes) -> ChatRequest:
    """The request in `body`. Raises `RequestError`."""
    try:
        fields: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(f"The body is not valid JSON: {error}.", code="invalid_json") from None
    if not is_object(fields):
        raise RequestError("The body must be a JSON object.", code="invalid_type")
    if fields.get("n") not in (None, 1):  # a tuple: anything may have been sent, hashable or not
        raise RequestError("Only one choice can be made: leave out n, or set it to 1.", param="n", code="invalid_value")
    tools = tuple(_tool(at, tool) for at, tool in enumerate(_array(fields, "tools")[:MAX_TOOLS]))
    model = fields.get("model")
    options = fields.get("stream_options")
    lines = _lines(fields)
    return ChatRequest(
        model=model[:200] if isinstance(model, str) and model else "antiphon-brain",
        lines=lines,
        tools=tools,
        tool_choice=_tool_choice(fields.get("tool_choice"), tools),
        several_calls=fields.get("parallel_tool_calls") is not False,
        max_tokens=_max_tokens(fields),
        stops=_stops(fields.get("stop")),
        schema=_schema(fields.get("response_format")),
        stream=fields.get("stream") is True,
        include_usage=is_object(options) and options.get("include_usage") is True,
        knobs=_object(fields, "brain"),
        prompt_tokens=_prompt_tokens(lines, tools),
    )


def _prompt_tokens(lines: Sequence[Line], tools: Sequence[Tool]) -> int:
    """With the four tokens that chat templates spend on each message, and three to begin the answer."""
    texts = sum(4 + estimate_tokens(line.text) for line in lines)
    calls = sum(estimate_tokens(call.name + call.arguments) for line in lines for call in line.calls)
    described = (f"{tool.name}{tool.description}{orjson.dumps(dict(tool.parameters)).decode()}" for tool in tools)
    return 3 + texts + calls + sum(estimate_tokens(text) for text in described)


def _lines(fields: Json) -> tuple[Line, ...]:
    messages = _array(fields, "messages")
    if not messages:
        raise RequestError(
            "messages must hold at least one message.", param="messages", code="missing_required_parameter"
        )
    return tuple(_line(f"messages[{at}]", message) for at, message in enumerate(messages))


def _line(param: str, message: object) -> Line:
    if not is_object(message):
        raise RequestError(f"{param} must be an object.", param=param, code="invalid_type")
    given = message.get("role")
    role = _ROLES.get(given) if isinstance(given, str) else None
    if role is None:
        known = ", ".join(sorted(str(role) for role in _ROLES))
        raise RequestError(
            f"{param}.role is {given!r}; choose one of {known}.", param=f"{param}.role", code="invalid_value"
        )
    calls = tuple(_call(f"{param}.tool_calls", call) for call in _array(message, "tool_calls", param))
    call_id = message.get("tool_call_id")
    return Line(role, _content(param, message.get("content")), calls, call_id if isinstance(call_id, str) else "")


def _content(param: str, content: object) -> str:
    """Text as it is, or the text parts of a list; images and sounds are passed over."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not is_array(content):
        raise RequestError(
            f"{param}.content must be text or a list of parts.", param=f"{param}.content", code="invalid_type"
        )
    texts = [part.get("text") for part in content if is_object(part)]
    return " ".join(text for text in texts if isinstance(text, str))


def _call(param: str, call: object) -> Call:
    function = call.get("function") if is_object(call) else None
    if not is_object(call) or not is_object(function):
        raise RequestError(f"{param} must hold calls with a function.", param=param, code="invalid_type")
    return Call(
        *(
            text if isinstance(text, str) else ""
            for text in (call.get("id"), function.get("name"), function.get("arguments"))
        )
    )


def _tool(at: int, tool: object) -> Tool:
    function = tool.get("function") if is_object(tool) else None
    name = function.get("name") if is_object(function) else None
    if not is_object(function) or not isinstance(name, str) or not name:
        param = f"tools[{at}].function"
        raise RequestError(f"{param} must be an object with a name.", param=param, code="missing_required_parameter")
    description = function.get("description")
    return Tool(name, description if isinstance(description, str) else "", _object(function, "parameters"))


def _tool_choice(choice: object, tools: Sequence[Tool]) -> str:
    if choice is None:
        return AUTO
    if isinstance(choice, str) and choice in {AUTO, NONE, REQUIRED}:
        if choice == REQUIRED and not tools:
            raise RequestError("tool_choice needs tools to choose from.", param="tool_choice", code="invalid_value")
        return choice
    function = choice.get("function") if is_object(choice) else None
    name = function.get("name") if is_object(function) else None
    if not isinstance(name, str) or all(tool.name != name for tool in tools):
        raise RequestError(
            f"tool_choice names no tool of this request: {name!r}.", param="tool_choice", code="invalid_value"
        )
    return name


def _max_tokens(fields: Json) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = fields.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise RequestError(f"{name} must be an integer of at least 1.", param=name, code="invalid_value")
        return value
    return None


def _stops(stop: object) -> tuple[str, ...]:
    given = [stop] if isinstance(stop, str) else stop if is_array(stop) else [] if stop is None else [None]
    stops = tuple(text for text in given if isinstance(text, str) and text)
    if len(stops) != len(given) or len(stops) > MAX_STOPS:
        raise RequestError(f"stop must be text, or up to {MAX_STOPS} texts.", param="stop", code="invalid_value")
    return stops


def _schema(response_format: object) -> Json | None:
    """The `response_format`: text, json_object, or json_schema."""
    kind = response_format.get("type") if is_object(response_format) else None
    if not is_object(response_format) or kind == "text":
        return None
    if kind == "json_object":
        return {}
    if kind == "json_schema":
        return _object(_object(response_format, "json_schema"), "schema")
    raise RequestError(f"No response_format {kind!r}.", param="response_format.type", code="invalid_value")


def _array(fields: Json, name: str, within: str = "") -> Sequence[object]:
    value = fields.get(name)
    if value is None:
        return []
    if not is_array(value):
        param = f"{within}.{name}" if within else name
        raise RequestError(f"{param} must be an array.", param=param, code="invalid_type")
    return value


def _object(fields: Json, name: str) -> Json:
    value = fields.get(name)
    if value is None:
        return {}
    if not is_object(value):
        raise RequestError(f"{name} must be an object.", param=name, code="invalid_type")
    return value
