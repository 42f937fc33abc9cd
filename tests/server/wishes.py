"""All that a client may want of a server, right or wrong, as strategies to draw from."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

from pipeline.engines import CallPiece, Finish, Piece
from tests.server.linter import Event

Wrong: TypeAlias = tuple[str, Event] | str | bytes
"""The type and the fields of an event, or a whole frame."""

TOOLS = [{"type": "function", "name": name, "parameters": {"type": "object"}} for name in ("look", "tell")]
"""What the model may call."""

REPLIES: Sequence[str | Sequence[Piece]] = (
    "It is late.",
    "",
    "Well, one two three four. Five six seven eight nine ten? Eleven, twelve and thirteen! " * 3,
    [CallPiece(0, "a", "look"), CallPiece(0, arguments='{"at":'), CallPiece(0, arguments="1}")],
    ["Wait. ", CallPiece(0, "a", "look", "{}"), CallPiece(1, "b", "tell"), "So. ", Finish()],
    ["It is ", "long", Finish("length")],
    [Finish("content_filter")],
)

HEARD: st.SearchStrategy[str | Mapping[float, str]] = st.sampled_from(
    ["What time is it?", "", "I would like to", {0.0: "", 0.3: "Tell me", 1.0: "Tell me more."}]
)

SECONDS = st.sampled_from([0.0, 0.001, 0.02, 0.1, 0.4, 1.0, 3.0, 10.0])

ANSWERING: Mapping[str, st.SearchStrategy[Any]] = {
    "create_response": st.booleans(),
    "interrupt_response": st.booleans(),
}

SERVER: Mapping[str, st.SearchStrategy[Any]] = {
    "silence_duration_ms": st.sampled_from([50, 300, 2000]),
    "idle_timeout_ms": st.sampled_from([None, 500, 6000]),
    "prefix_padding_ms": st.sampled_from([0, 1000]),
}

DETECTIONS: st.SearchStrategy[Event | None] = st.one_of(
    st.none(),
    st.fixed_dictionaries({"type": st.just("server_vad")}, optional={**ANSWERING, **SERVER}),
    st.fixed_dictionaries(
        {"type": st.just("semantic_vad")}, optional={**ANSWERING, "eagerness": st.sampled_from(["low", "high"])}
    ),
)

FORMATS: st.SearchStrategy[Event] = st.sampled_from(
    [
        {"type": "audio/pcm", "rate": 24000},
        {"type": "audio/pcm", "rate": 16000},
        {"type": "audio/pcm"},
        {"type": "audio/pcmu"},
        {"type": "audio/pcma"},
    ]
)

MODALITIES = st.sampled_from([["audio"], ["text"]])

CHOICES = st.sampled_from(["auto", "none", "required"])

CHANGES: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["realtime", "realtime", "realtime", "transcription"]),
        "instructions": st.sampled_from(["", "Be brief.", "😀 \u0000"]),
        "output_modalities": MODALITIES,
        "tools": st.sampled_from([[], TOOLS]),
        "tool_choice": CHOICES,
        "max_output_tokens": st.sampled_from(["inf", 1, 4096]),
        "tracing": st.sampled_from([None, "auto"]),
        "unheard_of": st.just({"a": [1]}),
        "audio": st.fixed_dictionaries(
            {},
            optional={
                "input": st.fixed_dictionaries(
                    {},
                    optional={
                        "format": FORMATS,
                        "turn_detection": DETECTIONS,
                        "transcription": st.sampled_from([None, {"model": "x"}, {"language": "de"}]),
                        "noise_reduction": st.sampled_from([None, {"type": "near_field"}]),
                    },
                ),
                "output": st.fixed_dictionaries(
                    {},
                    optional={
                        "format": FORMATS,
                        "voice": st.sampled_from(["alloy", "nobody", {"id": "x"}]),
                        "speed": st.sampled_from([0.25, 1, 1.5]),
                    },
                ),
            },
        ),
    },
)

MEANT = st.sampled_from(["known", "known", "last", "last", "gone", "nobody", "root"])
"""Which item an event is about."""

NUMBER = st.integers(0, 20)

BROKEN: st.SearchStrategy[Wrong] = st.sampled_from(
    [
        ("session.update", {"session": {"audio": {"input": {"turn_detection": {"type": "ear"}}}}}),
        ("session.update", {"session": {"audio": {"input": {"format": {"type": "audio/opus"}}}}}),
        ("session.update", {"session": {"output_modalities": ["video"]}}),
        ("session.update", {"session": {"tools": [{"type": "mcp"}]}}),
        ("session.update", {}),
        ("input_audio_buffer.append", {"audio": "*"}),
        ("input_audio_buffer.append", {}),
        ("conversation.item.create", {"item": {"type": "message", "role": "user", "content": []}}),
        ("conversation.item.create", {"item": {"type": "photo"}}),
        ("conversation.item.delete", {"item_id": "nobody"}),
        ("conversation.item.retrieve", {"item_id": None}),
        ("conversation.item.truncate", {"item_id": "nobody", "content_index": 0, "audio_end_ms": 0}),
        ("response.create", {"response": {"conversation": "some"}}),
        ("response.create", {"response": {"input": [{"type": "item_reference", "id": "nobody"}]}}),
        ("response.create", {"response": {"tools": TOOLS, "tool_choice": {"type": "function", "name": "fly"}}}),
        ("response.cancel", {"response_id": "nobody"}),
        ("output_audio_buffer.clear", {}),
        ("session.sing", {}),
        "",
        "{",
        "[]",
        '{"type": 5}',
        b"\x00",
    ]
)

ITEMS: st.SearchStrategy[Event] = st.sampled_from(
    [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello!"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_audio", "transcript": "Hello?"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "AAAA" * 20}]},
        {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "AA=="}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "transcript": "No."}]},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Be kind."}]},
        {"type": "function_call", "name": "look", "call_id": "call_1", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "A tree."},
        {"type": "function_call_output", "call_id": "call_unknown", "output": ""},
    ]
)

RESPONSES: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {},
    optional={
        "conversation": st.sampled_from(["auto", "none", "none"]),
        "output_modalities": MODALITIES,
        "instructions": st.sampled_from([None, "Shout."]),
        "tools": st.just(TOOLS),
        "tool_choice": CHOICES,
        "max_output_tokens": st.sampled_from([1, "inf"]),
        "audio": st.fixed_dictionaries({"output": st.fixed_dictionaries({"format": FORMATS})}),
    },
)
