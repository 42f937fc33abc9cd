"""What a session's configuration means to the pipeline: from the wire's fields to a `Manner`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from pipeline.errors import ProtocolError
from pipeline.hearing.endpoint import Endpointing, Patience
from pipeline.llm.rollout import POLICIES, Policy
from pipeline.manner import Manner
from server.realtime.checks import Json, as_list, as_number, as_object, as_text, wrong
from server.realtime.extra import extra_of
from server.realtime.formats import format_of

SPEED = (0.25, 1.5)

EAGERNESS = {"low": 1.6, "medium": 1.0, "auto": 1.0, "high": 0.7}
"""How much longer or shorter than usual we wait for the user to go on."""

CHOICES = ("auto", "none", "required")


def manner_of(session: Json, base: Manner) -> Manner:
    """What the configuration means. Raises `ProtocolError` naming the first value that makes no sense."""
    heard, spoken = session["audio"]["input"], session["audio"]["output"]
    for side, one in (("input", heard), ("output", spoken)):
        format_of(one.get("format"), f"session.audio.{side}.format")
    manner = replace(
        base,
        instructions=as_text(session["instructions"], "session.instructions"),
        language=_language(heard.get("transcription"), base.language),
        voice=_voice(spoken.get("voice"), "session.audio.output.voice"),
        speed=as_number(spoken.get("speed", 1.0), SPEED, "session.audio.output.speed"),
        aloud=_modality(session["output_modalities"], "session") == "audio",
        max_tokens=_tokens(session.get("max_output_tokens"), "session"),
        answers=session["type"] == "realtime",
        policy=_policy(session.get("antiphon")),
        extra=extra_of(session.get("antiphon"), "session.antiphon"),
        **_tools(session, "session"),
    )
    detection = heard.get("turn_detection")
    if detection is None:
        return replace(manner, endpointing=None)
    path = "session.audio.input.turn_detection"
    detection = as_object(detection, path)
    return replace(
        manner,
        endpointing=_endpointing(detection, base.endpointing, path),
        answers=manner.answers and bool(detection.get("create_response", True)),
        interruptible=bool(detection.get("interrupt_response", True)),
        idle=_idle(detection.get("idle_timeout_ms"), f"{path}.idle_timeout_ms"),
    )


def overridden(manner: Manner, response: Json) -> Manner:
    """The manner of one response: the session's, but for what `response.create` says. Raises `ProtocolError`."""
    given = {key: value for key, value in response.items() if value is not None}
    if "instructions" in given:
        manner = replace(manner, instructions=as_text(given["instructions"], "response.instructions"))
    if "output_modalities" in given:
        manner = replace(manner, aloud=_modality(given["output_modalities"], "response") == "audio")
    if "max_output_tokens" in given:
        manner = replace(manner, max_tokens=_tokens(given["max_output_tokens"], "response"))
    if {"tools", "tool_choice", "parallel_tool_calls"} & given.keys():
        usual: Json = {"tools": list(manner.tools), "tool_choice": manner.tool_choice}
        usual["parallel_tool_calls"] = manner.parallel_calls
        manner = replace(manner, **_tools(usual | given, "response"))
    if "antiphon" in given:
        extra = extra_of(given["antiphon"], "response.antiphon")
        manner = replace(manner, extra={**manner.extra, **extra})
    audio = as_object(given.get("audio") or {}, "response.audio")
    spoken = as_object(audio.get("output") or {}, "response.audio.output")
    if spoken.get("format") is not None:
        format_of(spoken["format"], "response.audio.output.format")
    if spoken.get("voice") not in (None, ""):
        manner = replace(manner, voice=_voice(spoken["voice"], "response.audio.output.voice"))
    return manner


def _endpointing(detection: Json, base: Endpointing | None, path: str) -> Endpointing:
    usual = base or Endpointing()
    match detection.get("type"):
        case "semantic_vad":
            scale = EAGERNESS.get(str(detection["eagerness"]))
            if scale is None:
                raise wrong(detection["eagerness"], f"{path}.eagerness", f"one of {sorted(EAGERNESS)}")
            p = usual.patience
            return replace(usual, patience=Patience(p.finished * scale, p.unknown * scale, p.unfinished * scale))
        case "server_vad":
            silence = as_number(detection["silence_duration_ms"], (50, 10_000), f"{path}.silence_duration_ms") / 1000
            return replace(
                usual,
                threshold=as_number(detection["threshold"], (0, 1), f"{path}.threshold"),
                prefix=as_number(detection["prefix_padding_ms"], (0, 5_000), f"{path}.prefix_padding_ms") / 1000,
                pause=min(usual.pause, silence),
                patience=Patience(silence, silence, silence),
            )
        case other:
            raise wrong(other, f"{path}.type", "server_vad or semantic_vad")


def _language(transcription: object, usual: str) -> str:
    """What the user is known to speak: one language, or any."""
    path = "session.audio.input.transcription"
    given = as_object(_or(transcription, {}), path)
    several = as_list(_or(given.get("languages"), []), f"{path}.languages")
    if several:
        return as_text(several[0], f"{path}.languages") if len(several) == 1 else ""
    return as_text(given.get("language") or usual, f"{path}.language")


def _or(value: object, usual: object) -> object:
    """What was given; null means that nothing was."""
    return usual if value is None else value


def _idle(value: object, param: str) -> float | None:
    return None if value is None else as_number(value, (500, 3_600_000), param) / 1000


def _modality(value: object, path: str) -> str:
    if value not in (["audio"], ["text"]):
        raise wrong(value, f"{path}.output_modalities", '["audio"] or ["text"]')
    return cast("list[str]", value)[0]


def _policy(ours: object) -> Policy:
    """How a model is to be chosen."""
    path = "session.antiphon"
    policy = as_object(_or(ours, {}), path).get("policy", "auto")
    if policy not in POLICIES:
        raise wrong(policy, f"{path}.policy", f"one of {', '.join(POLICIES)}")
    return policy


def _tokens(value: object, path: str) -> int | None:
    if value in (None, "inf"):
        return None
    return int(as_number(value, (1, 4096), f"{path}.max_output_tokens"))


def _voice(value: object, param: str) -> str:
    """A name, or an object with an id."""
    return as_text(cast("Json", value).get("id") if isinstance(value, dict) else _or(value, ""), param)


def _tools(given: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Which functions may be called, and which must."""
    listed = as_list(_or(given.get("tools"), []), f"{path}.tools")
    tools = tuple(_tool(as_object(one, f"{path}.tools"), f"{path}.tools") for one in listed)
    choice = _choice(given.get("tool_choice") or "auto", tools, f"{path}.tool_choice")
    parallel = given.get("parallel_tool_calls")
    return {"tools": tools, "tool_choice": choice, "parallel_calls": parallel if isinstance(parallel, bool) else None}


def _tool(tool: Json, path: str) -> Json:
    kind = tool.get("type", "function")
    if kind != "function":
        raise ProtocolError(f"{path}: tools of type {kind!r} are not supported", code="invalid_value", param=path)
    name, parameters = as_text(tool.get("name"), f"{path}.name"), tool.get("parameters")
    described = {"description": as_text(tool["description"], f"{path}.description")} if tool.get("description") else {}
    return {
        "name": name,
        **described,
        "parameters": as_object(_or(parameters, {"type": "object"}), f"{path}.parameters"),
    }


def _choice(choice: object, tools: Sequence[Json], path: str) -> str:
    """One of the words, or the name of a tool."""
    if choice in CHOICES:
        return str(choice)
    named: object = cast("Json", choice).get("name") if isinstance(choice, dict) else choice
    if any(tool["name"] == named for tool in tools):
        return str(named)
    raise wrong(cast("object", choice), path, f"one of {', '.join(CHOICES)}, or one of the tools")
