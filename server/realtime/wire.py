"""The objects of the OpenAI Realtime wire, as plain JSON: items, responses, errors."""

from typing import Any

from pipeline.context.conversation import Entry
from pipeline.engines import Role
from pipeline.errors import ProtocolError
from pipeline.events import ReplyEnded
from server.realtime.config import Json

CONTENT = {"system": "input_text", "user": "input_text", "assistant": "output_text"}
"""The type of a text part, by who said it."""


def message(entry_id: str, role: Role, content: list[Json], status: str = "completed") -> Json:
    """An item of the conversation."""
    return {
        "id": entry_id,
        "object": "realtime.item",
        "type": "message",
        "status": status,
        "role": role,
        "content": content,
    }


def item_of(entry: Entry, status: str = "completed") -> Json:
    """A typed or spoken entry as an item."""
    if entry.playout is not None:
        return message(entry.id, entry.role, [{"type": "output_audio", "transcript": entry.text}], status)
    return message(entry.id, entry.role, [{"type": CONTENT[entry.role], "text": entry.text}], status)


def spoken_item(entry_id: str, transcript: str | None) -> Json:
    """What the user said; `transcript` must be there even while it is null: a stock client breaks without it."""
    return message(entry_id, "user", [{"type": "input_audio", "transcript": transcript}])


def response(response_id: str, session: Json, status: str = "in_progress", output: list[Json] | None = None) -> Json:
    """A response; `usage` is null until it is known."""
    return {
        "id": response_id,
        "object": "realtime.response",
        "status": status,
        "status_details": None,
        "output": output or [],
        "conversation_id": session["conversation"],
        "output_modalities": session["output_modalities"],
        "max_output_tokens": session["max_output_tokens"],
        "audio": {"output": {key: session["audio"]["output"][key] for key in ("format", "voice")}},
        "metadata": session.get("metadata"),
        "usage": None,
    }


def status_details(ended: ReplyEnded) -> Json | None:
    """Why a response is not complete."""
    match ended.outcome:
        case "completed":
            return None
        case "cancelled":
            return {"type": "cancelled", "reason": ended.reason}
        case "failed":
            return {
                "type": "failed",
                "error": {"type": "server_error", "code": "engine_failed", "message": ended.reason},
            }


def error(problem: ProtocolError, client_event: Any) -> Json:
    """The `error` event; it carries the id of the client's event, or agents SDKs stall."""
    return {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "code": problem.code,
            "message": str(problem),
            "param": problem.param,
            "event_id": client_event if isinstance(client_event, str) else None,
        },
    }
