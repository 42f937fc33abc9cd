"""The session object of OpenAI Realtime: its defaults, how a client changes it, what is shown of it.

Fields that mean nothing here are kept and echoed, never refused: stock clients send many of them.
"""

from collections.abc import Mapping
from typing import Any, cast

import orjson

from pipeline.manner import Manner
from server.realtime.checks import Json, as_object, as_text, wrong

CLEARABLE = {"turn_detection", "transcription", "noise_reduction", "tracing"}
"""Fields in which null is a value; elsewhere it means "not set"."""

OWN = ("output_modalities", "max_output_tokens", "audio", "metadata")
"""Fields of a response that are echoed as `response.create` gave them."""

FIXED = ("id", "object", "model", "conversation", "expires_at")
"""Fields that are decided when the client connects."""

DEEP = {"audio", "input", "output", "transcription", "antiphon"}
"""Objects of which a client may change a part; every other value is replaced as a whole."""

TRANSCRIPTION = ("type", "object", "id", "expires_at", "audio", "include", "antiphon")
"""What there is in a session that only transcribes."""

METADATA = (16, 64, 512)
"""Pairs, characters of a key and of a value that a response may carry."""

SEMANTIC: Json = {"type": "semantic_vad", "eagerness": "auto", "create_response": True, "interrupt_response": True}
SERVER: Json = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}


def new_session(manner: Manner, model: str, kind: str = "realtime") -> Json:
    """The configuration of a session nobody has changed yet; `kind` is `realtime` or `transcription`."""
    pcm = {"type": "audio/pcm", "rate": 24000}
    return {
        "type": kind,
        "object": "realtime.session",
        "model": model,
        "output_modalities": ["audio"] if manner.aloud else ["text"],
        "instructions": manner.instructions,
        "audio": {
            "input": {
                "format": dict(pcm),
                "transcription": {"model": "auto", "language": manner.language or None},
                "noise_reduction": None,
                "turn_detection": dict(SEMANTIC),
            },
            "output": {"format": dict(pcm), "voice": manner.voice or "alloy", "speed": manner.speed},
        },
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": manner.max_tokens or "inf",
        **({"antiphon": {"policy": manner.policy}} if kind == "realtime" else {}),
    }


def updated(session: Json, changes: object) -> Json:
    """The session with the client's changes merged in and made complete. Raises `ProtocolError`."""
    merged = _merge(_copied(session), as_object(changes, "session"), "session")
    merged |= {key: session[key] for key in FIXED if key in session}
    if merged["type"] not in ("realtime", "transcription"):
        raise wrong(merged["type"], "session.type", "realtime or transcription")
    detection = merged["audio"]["input"].get("turn_detection")
    if isinstance(detection, dict):
        given = {key: value for key, value in cast("Json", detection).items() if value is not None}
        before = cast("Json", session["audio"]["input"].get("turn_detection") or SERVER)
        usual = SERVER if given.get("type", "server_vad") == "server_vad" else SEMANTIC
        complete = (before if before["type"] == usual["type"] else usual) | given
        if "idle_timeout_ms" in cast("Json", detection):  # here null is a value: it is no longer wanted
            complete["idle_timeout_ms"] = detection["idle_timeout_ms"]
        merged["audio"]["input"]["turn_detection"] = complete
    return merged


def shown(session: Json) -> Json:
    """The session as its client sees it."""
    if session["type"] == "realtime":
        return session
    kept = {key: session[key] for key in TRANSCRIPTION if key in session}
    return kept | {"object": "realtime.transcription_session", "audio": {"input": session["audio"]["input"]}}


def asked_for(session: Json, response: Json) -> Json:
    """The configuration of one response: the session's, but for what `response.create` says. Raises `ProtocolError`."""
    _check_metadata(as_object(response.get("metadata") or {}, "response.metadata"))
    bare = _copied(session)
    bare.pop("metadata", None)  # a response has its own or none, whatever the session was given
    return _merge(bare, {key: response[key] for key in OWN if response.get(key)}, "response")


def _copied(session: Json) -> Json:
    return orjson.loads(orjson.dumps(session))  # ten times as fast as `deepcopy`


def _merge(into: Json, changes: Mapping[str, Any], path: str) -> Json:
    for key, value in changes.items():
        here = into.get(key)
        if value is not None and key in DEEP and isinstance(here, dict):
            _merge(cast("Json", here), as_object(value, f"{path}.{key}"), f"{path}.{key}")
        elif value is not None or key in CLEARABLE:
            into[key] = value
    return into


def _check_metadata(metadata: Json) -> None:
    pairs, key_length, value_length = METADATA
    if len(metadata) > pairs:
        raise wrong(len(metadata), "response.metadata", f"at most {pairs} pairs")
    for key, value in metadata.items():
        if len(key) > key_length or len(as_text(value, f"response.metadata.{key[:key_length]}")) > value_length:
            limits = f"a key of up to {key_length} and a value of up to {value_length} characters"
            raise wrong({key: value}, "response.metadata", limits)
