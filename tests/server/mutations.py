"""Client events that went wrong on their way: each begins as a good one, and is then damaged where it hurts."""

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any, TypeAlias, cast

Spot: TypeAlias = tuple[Any, Any]
"""An object or an array, and a key or an index of it."""

TOOL = {"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}}

FORMAT = {"type": "audio/pcm", "rate": 24000}

HEARING = {
    "format": FORMAT,
    "noise_reduction": {"type": "near_field"},
    "transcription": {"model": "whisper-1", "language": "en", "languages": ["en"], "prompt": "Antiphon"},
}

SERVER_VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": 6000,
    "create_response": True,
    "interrupt_response": True,
}

SPEAKING = {"format": FORMAT, "voice": "marin", "speed": 1.0}

SESSION = {
    "type": "realtime",
    "instructions": "Be brief.",
    "output_modalities": ["audio"],
    "tools": [TOOL],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "max_output_tokens": 100,
    "tracing": {"workflow_name": "x", "metadata": {"a": "b"}},
    "truncation": {"type": "retention_ratio", "retention_ratio": 0.5},
    "include": ["item.input_audio_transcription.logprobs"],
    "prompt": {"id": "p", "version": "1", "variables": {"name": "x"}},
    "audio": {"input": {**HEARING, "turn_detection": SERVER_VAD}, "output": SPEAKING},
}

RESPONSE = {
    "conversation": "auto",
    "instructions": "Shout.",
    "output_modalities": ["text"],
    "tools": [TOOL],
    "tool_choice": {"type": "function", "name": "look"},
    "max_output_tokens": "inf",
    "metadata": {"topic": "x"},
    "audio": {"output": SPEAKING},
    "input": [
        {"type": "item_reference", "id": "item_1"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello!"}]},
    ],
}

GOOD: Sequence[dict[str, Any]] = (
    {"type": "session.update", "session": SESSION},
    {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": None}}}},
    {
        "type": "session.update",
        "session": {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}},
    },
    {"type": "input_audio_buffer.append", "audio": "AAAAECcQJxAn" * 40},
    {"type": "input_audio_buffer.append", "audio": "ECcQJxAnECcQ" * 1000},
    {"type": "input_audio_buffer.append", "audio": "AAAAAAAAAAAA" * 3000},
    {"type": "input_audio_buffer.commit"},
    {"type": "input_audio_buffer.clear"},
    {
        "type": "conversation.item.create",
        "previous_item_id": "root",
        "item": {
            "id": "item_1",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_text", "text": "Hello!"}],
        },
    },
    {
        "type": "conversation.item.create",
        "item": {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "ECcQJxAn" * 100}]},
    },
    {
        "type": "conversation.item.create",
        "item": {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_audio", "transcript": "Yes."}, {"type": "output_text", "text": "No."}],
        },
    },
    {
        "type": "conversation.item.create",
        "item": {"id": "call", "type": "function_call", "name": "look", "call_id": "call_1", "arguments": "{}"},
    },
    {
        "type": "conversation.item.create",
        "previous_item_id": "item_1",
        "item": {"type": "function_call_output", "call_id": "call_1", "output": "A tree."},
    },
    {"type": "conversation.item.retrieve", "item_id": "item_1"},
    {"type": "conversation.item.truncate", "item_id": "item_1", "content_index": 0, "audio_end_ms": 10},
    {"type": "conversation.item.delete", "item_id": "item_1"},
    {"type": "response.create"},
    {"type": "response.create", "response": RESPONSE},
    {"type": "response.create", "response": {**RESPONSE, "conversation": "none", "input": []}},
    {"type": "response.cancel"},
    {"type": "response.cancel", "response_id": "resp_1"},
    {"type": "output_audio_buffer.clear"},
)

STRANGE: Sequence[Any] = (
    *(None, True, False, 0, -1, 1, 0.5, 1.5, -0.0, 5e-324, 1e308, 2**31, 2**63, 2**64, 10**30),
    *(float("nan"), float("inf"), -float("inf")),
    *("", " ", "\x00", "null", "NaN", "*", "QUI", "QUI=", "é", "😀" * 40, "\u202eabc", "e\u0301", "\ud800", "\udc00x"),
    *("root", "item_1", "call", "inf", "none", "required", "realtime", "transcription", "text", "audio", "function"),
    *("audio/pcm", "audio/pcmu", "audio/opus", "server_vad", "semantic_vad", "message", "system", "input_audio", "mcp"),
    *([], {}, [[]], [None], [{}], {"": ""}, {"type": None}, {"type": []}, {"id": 5}, [1, "a", None], ["text", "audio"]),
)

HUGE = (1_000, 66_000, 1_100_000)
"""Characters."""


def damaged(chance: Random, number: int) -> str | bytes:
    """A frame that was once a good event of the id `fuzz_NUMBER`; now and then it still is."""
    event = {"event_id": f"fuzz_{number}", **deepcopy(chance.choice(GOOD))}
    try:
        for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3, 6])):
            chance.choice(HARMS)(chance, event)
        frame = json.dumps(event, ensure_ascii=chance.random() < 0.5 or _torn(event))
    except RecursionError:
        frame = "[" * 2_000  # it is nested deeper than we can follow
    if chance.random() < 0.2:
        frame = chance.choice(BLOWS)(chance, frame)
    return frame.encode() if chance.random() < 0.01 else frame


def _spots(value: Any) -> Iterator[Spot]:
    """Every place in it."""
    keys = list(cast("dict[str, Any]", value)) if isinstance(value, dict) else range(len(cast("list[Any]", value)))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _spots(value[key])


def _spot(chance: Random, event: dict[str, Any]) -> Spot:
    return chance.choice([*_spots(event)] or [({"": None}, "")])


def _drop(chance: Random, event: dict[str, Any]) -> None:
    where, key = _spot(chance, event)
    del where[key]


def _rename(chance: Random, event: dict[str, Any]) -> None:
    where, key = _spot(chance, event)
    if isinstance(where, dict):
        names = [
            "",
            "type",
            "id",
            "audio",
            "x" * 600,
            "\x00",
            key[:-1],
            key.upper(),
            *(key for _, key in _spots(event)),
        ]
        fields = cast("dict[str, Any]", where)
        fields[str(chance.choice(names))] = fields.pop(key)


def _replace(chance: Random, event: dict[str, Any]) -> None:
    where, key = _spot(chance, event)
    where[key] = deepcopy(chance.choice(STRANGE))


def _swap(chance: Random, event: dict[str, Any]) -> None:
    """Put a copy of one part in another's place."""
    (one, at), (other, where) = _spot(chance, event), _spot(chance, event)
    one[at] = deepcopy(other[where])


def _graft(chance: Random, event: dict[str, Any]) -> None:
    """Put a part of another event in."""
    where, key = _spot(chance, event)
    other, at = _spot(chance, chance.choice(GOOD))
    where[key] = deepcopy(other[at])


def _nest(chance: Random, event: dict[str, Any]) -> None:
    where, key = _spot(chance, event)
    for _ in range(chance.choice([1, 10, 200, 300])):
        where[key] = [where[key]] if chance.random() < 0.5 else {"a": where[key]}


def _repeat(chance: Random, event: dict[str, Any]) -> None:
    """Make an array longer, or an object larger."""
    where, key = _spot(chance, event)
    if isinstance(where, list):
        several = cast("list[Any]", where)
        several.extend([several[key]] * chance.choice([1, 20, 300]))
    else:
        where |= {f"{key}{number}": where[key] for number in range(chance.choice([1, 20]))}


def _swell(chance: Random, event: dict[str, Any]) -> None:
    where, key = _spot(chance, event)
    length = chance.choices(HUGE, (90, 9, 1))[0]
    where[key] = (str(where[key])[:40] or "A") * (length // (len(str(where[key])[:40]) or 1))


HARMS: Sequence[Callable[[Random, dict[str, Any]], None]] = (
    *(_drop, _rename, _replace, _replace, _replace, _swap, _graft, _nest, _repeat, _swell),
)


def _cut_short(chance: Random, frame: str) -> str:
    return frame[: chance.randrange(len(frame))]


def _cut_out(chance: Random, frame: str) -> str:
    at = chance.randrange(len(frame))
    return frame[:at] + frame[at + chance.choice([1, 5, 30]) :]


def _stutter(chance: Random, frame: str) -> str:
    at, length = chance.randrange(len(frame)), chance.choice([1, 5, 30, 300])
    return frame[: at + length] + frame[at:]


def _insert(chance: Random, frame: str) -> str:
    at = chance.randrange(len(frame))
    said = chance.choice(
        ['"', "\\", "{", "]", ",", ":", "\ufeff", "\x00", "\\ud800", "\\u0000", "NaN", "1e999", "-", "0"]
    )
    return frame[:at] + said + frame[at:]


def _twice(_chance: Random, frame: str) -> str:
    """Every field a second time, with nothing in it."""
    return frame[:-1] + ', "type": null, ' + frame[1:]


def _bury(chance: Random, frame: str) -> str:
    depth = chance.choice([10, 1100, 100_000])
    return "[" * depth + frame + "]" * depth


BLOWS: Sequence[Callable[[Random, str], str]] = (_cut_short, _cut_out, _stutter, _insert, _twice, _bury)


def _torn(event: object) -> bool:
    """Whether it holds half a character, which can only be written as an escape."""
    return "\\ud800" in repr(event) or "\\udc00" in repr(event)
