"""The session object of OpenAI Realtime: what a client may set, what it means to the pipeline, what is echoed back.

Fields that mean nothing here are kept and echoed, never refused: stock clients send many of them.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, TypeAlias, cast

from pipeline.errors import ProtocolError
from pipeline.hearing.endpoint import Endpointing, Patience
from pipeline.manner import Manner

Json: TypeAlias = dict[str, Any]
"""A JSON object; its values are whatever the client sent, until they are checked here."""

SPEED = (0.25, 1.5)

EAGERNESS = {"low": 1.6, "medium": 1.0, "auto": 1.0, "high": 0.7}
"""How much longer or shorter than usual we wait for the user to go on."""

CLEARABLE = {"turn_detection", "transcription", "noise_reduction", "tracing"}
"""Fields in which null is a value; elsewhere it means "not set"."""

OWN = ("output_modalities", "max_output_tokens", "audio", "metadata")
"""Fields of a response that are echoed as `response.create` gave them."""

FIXED = ("id", "object", "model", "conversation")
"""Fields that are decided when the client connects."""

DEEP = {"audio", "input", "output", "transcription"}
"""Objects of which a client may change a part; every other value is replaced as a whole."""

SEMANTIC: Json = {"type": "semantic_vad", "eagerness": "auto", "create_response": True, "interrupt_response": True}
SERVER: Json = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "create_response": True,
    "interrupt_response": True,
}


def new_session(manner: Manner, model: str) -> Json:
    """The configuration of a session nobody has changed yet."""
    pcm = {"type": "audio/pcm", "rate": 24000}
    return {
        "type": "realtime",
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
    }


def updated(session: Json, changes: object) -> Json:
    """The session with the client's changes merged in and made complete. Raises `ProtocolError`."""
    merged = _merge(deepcopy(session), as_object(changes, "session"), "session")
    merged |= {key: session[key] for key in FIXED if key in session}
    detection = merged["audio"]["input"].get("turn_detection")
    if isinstance(detection, dict):
        given = {key: value for key, value in cast("Json", detection).items() if value is not None}
        before = cast("Json", session["audio"]["input"].get("turn_detection") or SERVER)
        usual = SERVER if given.get("type", "server_vad") == "server_vad" else SEMANTIC
        merged["audio"]["input"]["turn_detection"] = (before if before["type"] == usual["type"] else usual) | given
    return merged


def manner_of(session: Json, base: Manner) -> Manner:
    """What the configuration means. Raises `ProtocolError` naming the first value that makes no sense."""
    heard, spoken = session["audio"]["input"], session["audio"]["output"]
    _check_format(heard.get("format"), "session.audio.input.format")
    _check_format(spoken.get("format"), "session.audio.output.format")
    transcription = as_object(heard.get("transcription") or {}, "session.audio.input.transcription")
    detection = heard.get("turn_detection")
    manner = replace(
        base,
        instructions=_text(session["instructions"], "session.instructions"),
        language=_text(transcription.get("language") or base.language, "session.audio.input.transcription.language"),
        voice=_voice(spoken.get("voice"), "session.audio.output.voice"),
        speed=_number(spoken.get("speed", 1.0), SPEED, "session.audio.output.speed"),
        aloud=_modality(session["output_modalities"]) == "audio",
        max_tokens=_tokens(session.get("max_output_tokens")),
    )
    if detection is None:
        return replace(manner, endpointing=None)
    return replace(
        manner,
        endpointing=_endpointing(as_object(detection, "session.audio.input.turn_detection"), base.endpointing),
        answers=bool(detection.get("create_response", True)),
        interruptible=bool(detection.get("interrupt_response", True)),
    )


def overridden(manner: Manner, response: Json) -> Manner:
    """The manner of one response: the session's, but for what `response.create` says. Raises `ProtocolError`."""
    given = {key: value for key, value in response.items() if value is not None}
    if "instructions" in given:
        manner = replace(manner, instructions=_text(given["instructions"], "response.instructions"))
    if "output_modalities" in given:
        manner = replace(manner, aloud=_modality(given["output_modalities"]) == "audio")
    if "max_output_tokens" in given:
        manner = replace(manner, max_tokens=_tokens(given["max_output_tokens"]))
    spoken = as_object(
        as_object(given.get("audio") or {}, "response.audio").get("output") or {}, "response.audio.output"
    )
    if spoken.get("voice"):
        manner = replace(manner, voice=_voice(spoken["voice"], "response.audio.output.voice"))
    return manner


def asked_for(session: Json, response: Json) -> Json:
    """The configuration of one response: the session's, but for what `response.create` says. Raises `ProtocolError`."""
    as_object(response.get("metadata") or {}, "response.metadata")
    if response.get("conversation") == "none" or response.get("input") is not None:
        raise ProtocolError(
            "responses outside the conversation are not supported; leave out conversation and input",
            code="invalid_value",
            param="response.conversation",
        )
    effective = _merge(deepcopy(session), {key: response[key] for key in OWN if response.get(key)}, "response")
    _check_format(effective["audio"]["output"].get("format"), "response.audio.output.format")
    return effective


def as_object(value: object, param: str) -> Json:
    """A value that must be an object. Raises `ProtocolError` naming `param` when it is not."""
    if not isinstance(value, dict):
        raise _wrong(value, param, "an object")
    return cast("Json", value)


def _merge(into: Json, changes: Mapping[str, Any], path: str) -> Json:
    for key, value in changes.items():
        here = into.get(key)
        if value is not None and key in DEEP and isinstance(here, dict):
            _merge(cast("Json", here), as_object(value, f"{path}.{key}"), f"{path}.{key}")
        elif value is not None or key in CLEARABLE:
            into[key] = value
    return into


def _endpointing(detection: Json, base: Endpointing | None) -> Endpointing:
    usual, path = base or Endpointing(), "session.audio.input.turn_detection"
    match detection.get("type"):
        case "semantic_vad":
            scale = EAGERNESS.get(str(detection["eagerness"]))
            if scale is None:
                raise _wrong(detection["eagerness"], f"{path}.eagerness", f"one of {sorted(EAGERNESS)}")
            p = usual.patience
            return replace(usual, patience=Patience(p.finished * scale, p.unknown * scale, p.unfinished * scale))
        case "server_vad":
            silence = _number(detection["silence_duration_ms"], (50, 10_000), f"{path}.silence_duration_ms") / 1000
            return replace(
                usual,
                threshold=_number(detection["threshold"], (0, 1), f"{path}.threshold"),
                prefix=_number(detection["prefix_padding_ms"], (0, 5_000), f"{path}.prefix_padding_ms") / 1000,
                pause=min(usual.pause, silence),
                patience=Patience(silence, silence, silence),
            )
        case other:
            raise _wrong(other, f"{path}.type", "server_vad or semantic_vad")


def _check_format(value: object, param: str) -> None:
    if value not in ({"type": "audio/pcm", "rate": 24000}, {"type": "audio/pcm"}):
        raise _wrong(value, param, "{'type': 'audio/pcm', 'rate': 24000}")


def _modality(value: object) -> str:
    if value not in (["audio"], ["text"]):
        raise _wrong(value, "output_modalities", '["audio"] or ["text"]')
    return cast("list[str]", value)[0]


def _tokens(value: object) -> int | None:
    if value in (None, "inf"):
        return None
    return int(_number(value, (1, 4096), "max_output_tokens"))


def _number(value: object, bounds: tuple[float, float], param: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not bounds[0] <= value <= bounds[1]:
        raise _wrong(value, param, f"a number from {bounds[0]} to {bounds[1]}")
    return float(value)


def _text(value: object, param: str) -> str:
    if not isinstance(value, str):
        raise _wrong(value, param, "a string")
    return value


def _voice(value: object, param: str) -> str:
    """A name, or an object with an id."""
    return _text(cast("Json", value).get("id") if isinstance(value, dict) else value or "", param)


def _wrong(value: object, param: str, right: str) -> ProtocolError:
    return ProtocolError(f"{param}: {value!r} is not {right}", code="invalid_value", param=param)
