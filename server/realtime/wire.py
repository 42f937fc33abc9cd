"""The objects of the OpenAI Realtime wire, as plain JSON: responses, their usage, errors."""

from typing import Any

from pipeline.engines import RateLimit
from pipeline.errors import ProtocolError
from pipeline.events import ReplyEnded
from pipeline.llm.account import Account
from server.realtime.checks import Json

LONGEST_MESSAGE = 400
"""Characters of an error's message, which may quote what a client has sent, however long that is."""


def response(response_id: str, session: Json, *, apart: bool = False) -> Json:
    """A response that has just begun; `usage` is null until it is known."""
    spoken = session["audio"]["output"]
    voice = spoken["voice"]  # a name, or in sessions only an object with an id
    return {
        "id": response_id,
        "object": "realtime.response",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": None if apart else session["conversation"],
        "output_modalities": session["output_modalities"],
        "max_output_tokens": session["max_output_tokens"],
        "audio": {"output": {"format": spoken["format"], "voice": voice["id"] if isinstance(voice, dict) else voice}},
        "metadata": session.get("metadata"),
        "usage": None,
    }


def status_details(ended: ReplyEnded) -> Json | None:
    """Why a response is not complete."""
    match ended.outcome:
        case "completed":
            return None
        case "cancelled" | "incomplete":
            return {"type": ended.outcome, "reason": ended.reason}
        case "failed":
            return {
                "type": "failed",
                "error": {"type": "server_error", "code": "engine_failed", "message": ended.reason},
            }


def usage(ended: ReplyEnded, spoken: float) -> Json:
    """What a response took. A cascade has no audio tokens: the seconds that were heard and spoken are told beside."""
    used = ended.usage
    return {
        "total_tokens": used.prompt + used.completion,
        "input_tokens": used.prompt,
        "output_tokens": used.completion,
        "input_token_details": {
            "text_tokens": used.prompt,
            "audio_tokens": 0,
            "image_tokens": 0,
            "cached_tokens": used.cached,
            "cached_tokens_details": {"text_tokens": used.cached, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": used.completion, "audio_tokens": 0},
        "input_audio_seconds": round(ended.listened, 3),
        "output_audio_seconds": round(spoken, 3),
    }


def figures(ended: ReplyEnded) -> Json:
    """What we know of a turn beyond the protocol: an extra field of `response.done`."""
    return {
        "marks_ms": ended.marks_ms,
        "engines": ended.engines,
        "heard": ended.heard,
        "speech_end_audio_ms": None if ended.speech_end is None else round(ended.speech_end * 1000, 1),
        "choice": _choice(ended.account),
    }


def _choice(account: Account) -> Json:
    """Which models were asked, and what that came to."""
    left = account.time_left
    return {
        "model": account.model,
        "why": account.why,
        "kind": account.kind,
        "time_left_ms": None if left is None else round(left * 1000, 1),
        "asked": account.asked,
        "failures": len(account.failures),
        "wasted_tokens": account.wasted,
        "saved_ms": round(account.saved * 1000, 1),
        "cost_usd": round(account.cost, 6),
    }


def rate_limit(limit: RateLimit) -> Json:
    """What the model's server lets us ask."""
    return {
        "name": limit.name,
        "limit": limit.limit,
        "remaining": limit.remaining,
        "reset_seconds": limit.reset,
    }


def error(problem: ProtocolError, client_event: Any) -> Json:
    """The `error` event; it carries the id of the client's event, or agents SDKs stall."""
    return {
        "type": "error",
        "error": {
            "type": "server_error" if problem.code == "server_error" else "invalid_request_error",
            "code": problem.code,
            "message": str(problem)[:LONGEST_MESSAGE],
            "param": problem.param,
            "event_id": client_event if isinstance(client_event, str) else None,
        },
    }
