"""The items of a conversation: from the wire and back."""

from typing import cast, get_args

from pipeline.context.conversation import FRONT, Called, Entry, Item, Returned
from pipeline.engines import Result, Role, ToolCall
from pipeline.errors import ProtocolError
from pipeline.ids import new_id
from server.realtime.checks import Json, as_list, as_name, as_object, as_text, missing, wrong

CONTENT = {"system": "input_text", "user": "input_text", "assistant": "output_text"}
"""The type of a text part, by who said it."""

TEXT_PARTS = ("input_text", "output_text", "text")
AUDIO_PARTS = ("input_audio", "output_audio", "audio")


def item_of(item: Item, status: str = "") -> Json:
    """An item of the conversation as the wire shows it, without its sound."""
    status = status or ("incomplete" if isinstance(item, Entry) and not item.complete else "completed")
    match item:
        case Entry(playout=None, spoken=False):
            return message(item.id, item.role, [{"type": CONTENT[item.role], "text": item.text}], status)
        case Entry(role="user"):
            return spoken_item(item.id, item.text)
        case Entry():
            return message(item.id, item.role, [{"type": "output_audio", "transcript": item.text}], status)
        case Called(call=call, complete=complete):
            return call_item(item.id, call, "completed" if complete else "incomplete")
        case Returned(result=result):
            return {
                "id": item.id,
                "object": "realtime.item",
                "type": "function_call_output",
                "status": status,
                "call_id": result.call_id,
                "output": result.output,
            }


def message(entry_id: str, role: Role, content: list[Json], status: str = "completed") -> Json:
    """Something said."""
    return {
        "id": entry_id,
        "object": "realtime.item",
        "type": "message",
        "status": status,
        "role": role,
        "content": content,
    }


def spoken_item(entry_id: str, transcript: str | None) -> Json:
    """What the user said; `transcript` must be there even while it is null: a stock client breaks without it."""
    return message(entry_id, "user", [{"type": "input_audio", "transcript": transcript}])


def call_item(entry_id: str, call: ToolCall, status: str) -> Json:
    """A function call."""
    return {
        "id": entry_id,
        "object": "realtime.item",
        "type": "function_call",
        "status": status,
        "name": call.name,
        "call_id": call.id,
        "arguments": call.arguments,
    }


def entry_of(given: object, param: str = "item") -> Item:
    """An item a client has made. Raises `ProtocolError` for what cannot be put into words."""
    item = as_object(given, param)
    entry_id = as_name(item.get("id") or new_id("item"), f"{param}.id")
    if entry_id == FRONT:
        raise wrong(entry_id, f"{param}.id", "the id of an item: it is the place before the first")
    match item.get("type"):
        case "message":
            return _message(item, entry_id, param)
        case "function_call":
            call_id = as_text(item.get("call_id") or new_id("call"), f"{param}.call_id")
            name, arguments = as_name(item.get("name"), f"{param}.name"), item.get("arguments")
            return Called(entry_id, ToolCall(call_id, name, as_text(arguments, f"{param}.arguments")))
        case "function_call_output":
            call_id, output = as_text(item.get("call_id"), f"{param}.call_id"), item.get("output")
            return Returned(entry_id, Result(call_id, as_text(output, f"{param}.output")))
        case None:
            raise missing(f"{param}.type")
        case other:
            raise wrong(other, f"{param}.type", "message, function_call or function_call_output")


def sound_of(item: Json) -> str | None:
    """The base64 audio of a message whose words are not told; None when there is none."""
    for part in cast("list[Json]", item.get("content") or []):
        if part.get("type") == "input_audio" and part.get("audio") and not part.get("transcript"):
            return as_text(part["audio"], "item.content.audio")
    return None


def _message(item: Json, entry_id: str, param: str) -> Entry:
    role, content = item.get("role"), as_list(item.get("content"), f"{param}.content")
    if role not in get_args(Role):
        raise wrong(role, f"{param}.role", f"one of {get_args(Role)}")
    parts = [as_object(part, f"{param}.content") for part in content]
    if not parts:
        raise missing(f"{param}.content")
    texts = [_words(part, f"{param}.content") for part in parts]
    spoken = role == "user" and any(part["type"] in AUDIO_PARTS for part in parts)
    return Entry(entry_id, cast("Role", role), "\n".join(filter(None, texts)), spoken=spoken)


def _words(part: Json, param: str) -> str:
    kind = part.get("type")
    if kind in TEXT_PARTS:
        return as_text(part.get("text"), f"{param}.text")
    if kind in AUDIO_PARTS:
        return as_text(part.get("transcript") or "", f"{param}.transcript")
    raise ProtocolError(
        f"{param}: {kind!r} cannot be put into words; send text or audio", code="invalid_value", param=f"{param}.type"
    )
