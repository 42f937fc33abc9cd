"""What clients send as their session, what it means, and what they are told of it."""

from typing import Any

import pytest

from pipeline.errors import ProtocolError
from pipeline.hearing.endpoint import Endpointing, Patience
from pipeline.manner import Manner
from server.realtime.config import asked_for, new_session, shown, updated
from server.realtime.meaning import manner_of, overridden

BASE = Manner(language="de", voice="nova")

AGENTS_JS: dict[str, Any] = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "output_modalities": ["audio"],
    "instructions": "Be brief.",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "noise_reduction": None,
            "transcription": {"model": "gpt-4o-mini-transcribe"},
            "turn_detection": {"type": "semantic_vad"},
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "ash", "speed": 1},
    },
    "tools": [],
    "tool_choice": "auto",
    "tracing": "auto",
}
LIVEKIT: dict[str, Any] = {
    "type": "realtime",
    "model": "gpt-realtime",
    "output_modalities": ["audio"],
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "noise_reduction": None,
            "transcription": {"model": "gpt-4o-mini-transcribe", "language": None, "prompt": None},
            "turn_detection": {"type": "semantic_vad", "eagerness": "medium", "create_response": True},
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "speed": 1.0, "voice": "marin"},
    },
    "max_output_tokens": "inf",
    "tool_choice": "auto",
    "tools": None,
    "tracing": None,
    "truncation": None,
}
PIPECAT: dict[str, Any] = {
    "type": "realtime",
    "instructions": "You are helpful.",
    "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}, "turn_detection": {"type": "server_vad"}}},
    "tools": [],
}


def changed(changes: Any, *more: Any) -> tuple[dict[str, Any], Manner]:
    """The session after these updates, and what it means."""
    session = new_session(BASE, "test")
    for update in (changes, *more):
        session = updated(session, update)
    return session, manner_of(session, BASE)


def detection(given: object) -> dict[str, Any]:
    return {"audio": {"input": {"turn_detection": given}}}


def test_a_new_session_means_what_the_server_is_set_to() -> None:
    assert manner_of(new_session(BASE, "test"), BASE) == BASE


@pytest.mark.parametrize("client", [AGENTS_JS, LIVEKIT, PIPECAT], ids=["agents-js", "livekit", "pipecat"])
def test_what_stock_clients_send_is_accepted(client: dict[str, Any]) -> None:
    session, _ = changed(client)
    assert session["model"] == "test"
    assert session["audio"]["input"]["turn_detection"]["create_response"] is True
    assert session["audio"]["input"]["turn_detection"]["interrupt_response"] is True
    assert session["tools"] == []


def test_an_update_leaves_the_rest_alone() -> None:
    before = new_session(BASE, "test")
    session, manner = changed({"instructions": "Sing."}, {"audio": {"output": {"speed": 1.2}}}, {"type": "realtime"})
    assert (manner.instructions, manner.speed, manner.voice) == ("Sing.", 1.2, "nova")
    assert session["audio"]["input"] == before["audio"]["input"]


def test_an_update_changes_nothing_that_was_sent_before() -> None:
    session = new_session(BASE, "test")
    updated(session, AGENTS_JS)
    assert session == new_session(BASE, "test")


def test_null_clears_what_can_be_cleared() -> None:
    session, manner = changed({"audio": {"input": {"turn_detection": None, "transcription": None}}, "tools": None})
    assert manner.endpointing is None
    assert session["audio"]["input"]["transcription"] is None
    assert session["tools"] == []
    assert changed({"instructions": ""})[1].instructions == ""
    assert changed({"instructions": None})[1].instructions == BASE.instructions


def test_what_was_cleared_can_be_set_again() -> None:
    session, manner = changed(detection(None), detection({"type": "server_vad"}))
    assert manner.endpointing
    assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500


@pytest.mark.parametrize(("eagerness", "scale"), [("low", 1.6), ("medium", 1.0), ("auto", 1.0), ("high", 0.7)])
def test_eagerness_scales_the_patience(eagerness: str, scale: float) -> None:
    _, manner = changed(detection({"type": "semantic_vad", "eagerness": eagerness}))
    assert manner.endpointing
    usual = Patience()
    assert manner.endpointing.patience == Patience(
        usual.finished * scale, usual.unknown * scale, usual.unfinished * scale
    )


def test_detection_without_a_type_is_by_silence_as_at_openai() -> None:
    assert changed(detection({}))[0]["audio"]["input"]["turn_detection"]["type"] == "server_vad"


def test_eagerness_does_not_add_up() -> None:
    session = new_session(BASE, "test")
    manner = BASE
    for _ in range(3):
        session = updated(session, detection({"type": "semantic_vad", "eagerness": "low"}))
        manner = manner_of(session, BASE)
    assert manner.endpointing
    assert manner.endpointing.patience.finished == pytest.approx(0.4)


def test_server_vad_is_taken_at_its_numbers() -> None:
    given = {"type": "server_vad", "threshold": 0.7, "prefix_padding_ms": 100, "silence_duration_ms": 800}
    _, manner = changed(detection({**given, "create_response": False, "interrupt_response": False}))
    assert manner.endpointing == Endpointing(threshold=0.7, prefix=0.1, patience=Patience(0.8, 0.8, 0.8))
    assert (manner.answers, manner.interruptible) == (False, False)


WRONG: list[tuple[Any, str]] = [
    (None, "session"),
    ([], "session"),
    ({"instructions": 5}, "session.instructions"),
    ({"output_modalities": ["audio", "text"]}, "session.output_modalities"),
    ({"output_modalities": "audio"}, "session.output_modalities"),
    ({"output_modalities": []}, "session.output_modalities"),
    ({"max_output_tokens": 0}, "session.max_output_tokens"),
    ({"max_output_tokens": 4097}, "session.max_output_tokens"),
    ({"max_output_tokens": True}, "session.max_output_tokens"),
    ({"max_output_tokens": "many"}, "session.max_output_tokens"),
    ({"audio": []}, "session.audio"),
    ({"audio": {"input": "pcm16"}}, "session.audio.input"),
    ({"audio": {"input": {"format": "pcm16"}}}, "session.audio.input.format"),
    ({"audio": {"input": {"format": {"type": "audio/pcm", "rate": 11025}}}}, "session.audio.input.format"),
    ({"audio": {"output": {"format": {"type": "audio/opus"}}}}, "session.audio.output.format"),
    ({"audio": {"output": {"speed": 2}}}, "session.audio.output.speed"),
    ({"audio": {"output": {"speed": "fast"}}}, "session.audio.output.speed"),
    ({"audio": {"output": {"voice": 5}}}, "session.audio.output.voice"),
    ({"audio": {"output": {"voice": {"id": None}}}}, "session.audio.output.voice"),
    (
        {"audio": {"input": {"transcription": {"language": 5}}}},
        "session.audio.input.transcription.language",
    ),
    ({"tools": {}}, "session.tools"),
    ({"tools": [{"type": "mcp", "server_label": "x"}]}, "session.tools"),
    ({"tools": [{"type": "function"}]}, "session.tools.name"),
    ({"tools": [{"type": "function", "name": "x", "parameters": []}]}, "session.tools.parameters"),
    ({"tool_choice": "sometimes"}, "session.tool_choice"),
    ({"tool_choice": {"type": "function", "name": "x"}}, "session.tool_choice"),
    ({"type": "conference"}, "session.type"),
    (
        detection({"type": "server_vad", "idle_timeout_ms": 1}),
        "session.audio.input.turn_detection.idle_timeout_ms",
    ),
    (detection("server_vad"), "session.audio.input.turn_detection"),
    (detection({"type": "vad"}), "session.audio.input.turn_detection.type"),
    (detection({"type": 5}), "session.audio.input.turn_detection.type"),
    (detection({"type": "semantic_vad", "eagerness": "very"}), "session.audio.input.turn_detection.eagerness"),
    (detection({"type": "semantic_vad", "eagerness": {}}), "session.audio.input.turn_detection.eagerness"),
    (detection({"type": "server_vad", "threshold": 2}), "session.audio.input.turn_detection.threshold"),
    (detection({"type": "server_vad", "threshold": "x"}), "session.audio.input.turn_detection.threshold"),
    (
        detection({"type": "server_vad", "silence_duration_ms": -1}),
        "session.audio.input.turn_detection.silence_duration_ms",
    ),
    (
        detection({"type": "server_vad", "prefix_padding_ms": []}),
        "session.audio.input.turn_detection.prefix_padding_ms",
    ),
]


@pytest.mark.parametrize(("changes", "param"), WRONG)
def test_a_wrong_value_is_refused_by_name(changes: Any, param: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        changed(changes)
    assert raised.value.param == param
    assert raised.value.code == "invalid_value"


@pytest.mark.parametrize("wrong", ["server_vad", 5, True, [], "", 0])
def test_detection_of_the_wrong_kind_is_refused_even_where_there_was_none(wrong: object) -> None:
    with pytest.raises(ProtocolError) as raised:
        changed(detection(None), detection(wrong))
    assert raised.value.param == "session.audio.input.turn_detection"


HARMLESS: list[dict[str, Any]] = [
    {"noise_reduction": {"type": "near_field"}},
    {"tracing": {"workflow_name": "x"}},
    {"truncation": {"type": "retention_ratio", "retention_ratio": 0.8}},
    {"include": ["item.input_audio_transcription.logprobs"]},
    {"prompt": {"id": "x"}},
    {"reasoning": {"effort": "low"}},
    {"something_new": 1},
]


@pytest.mark.parametrize("harmless", HARMLESS)
def test_what_means_nothing_here_is_kept_and_echoed(harmless: dict[str, Any]) -> None:
    session, manner = changed(harmless)
    assert session.items() >= harmless.items()
    assert manner == BASE


def test_functions_are_offered_as_they_are_described() -> None:
    tool = {"type": "function", "name": "x", "description": "Does x.", "parameters": {"type": "object"}, "meta": {}}
    session, manner = changed({"tools": [tool], "tool_choice": {"type": "function", "name": "x"}})
    assert session["tools"] == [tool]
    assert manner.tools == ({"name": "x", "description": "Does x.", "parameters": {"type": "object"}},)
    assert (manner.tool_choice, manner.parallel_calls) == ("x", None)
    one_by_one = overridden(manner, {"tool_choice": "none", "parallel_tool_calls": False})
    assert (one_by_one.tools, one_by_one.tool_choice, one_by_one.parallel_calls) == (manner.tools, "none", False)
    with pytest.raises(ProtocolError, match="one of the tools"):
        overridden(manner, {"tools": []})


@pytest.mark.parametrize(
    "sound", [{"type": "audio/pcmu"}, {"type": "audio/pcma"}, {"type": "audio/pcm", "rate": 16000}]
)
def test_sound_may_be_written_in_other_ways(sound: dict[str, Any]) -> None:
    session, manner = changed({"audio": {"input": {"format": sound}, "output": {"format": sound}}})
    assert session["audio"]["input"]["format"] == session["audio"]["output"]["format"] == sound
    assert manner == BASE


def test_a_silent_user_may_be_asked_after_a_while_and_no_longer() -> None:
    session, manner = changed(detection({"type": "server_vad", "idle_timeout_ms": 6000}))
    assert manner.idle == 6.0
    assert session["audio"]["input"]["turn_detection"]["idle_timeout_ms"] == 6000
    for later in ({"type": "server_vad", "idle_timeout_ms": None}, {"type": "semantic_vad"}, None):
        assert manner_of(updated(session, detection(later)), BASE).idle is None


def test_a_single_language_is_taken_at_its_word_and_several_are_not() -> None:
    def spoken(**transcription: Any) -> str:
        return changed({"audio": {"input": {"transcription": transcription}}})[1].language

    assert (spoken(language="zh"), spoken(languages=["zh"]), spoken(languages=["zh", "en"])) == ("zh", "zh", "")


def test_a_session_that_only_transcribes_never_answers_and_shows_no_more_than_it_has() -> None:
    session = updated(new_session(BASE, "test", "transcription"), detection({"type": "server_vad"}))
    assert not manner_of(session, BASE).answers
    assert shown(session).keys() == {"type", "object", "audio"}
    assert shown(session)["audio"].keys() == {"input"}


@pytest.mark.parametrize(
    "metadata",
    [
        {f"key{number}": "" for number in range(17)},
        {"k" * 65: ""},
        {"key": "v" * 513},
        {"key": 5},
        [],
    ],
)
def test_metadata_has_its_limits(metadata: Any) -> None:
    with pytest.raises(ProtocolError, match=r"response\.metadata"):
        asked_for(new_session(BASE, "test"), {"metadata": metadata or 5})


def test_a_response_may_differ_from_its_session() -> None:
    response = {
        "instructions": "Sing.",
        "output_modalities": ["text"],
        "max_output_tokens": 9,
        "audio": {"output": {"voice": {"id": "echo"}}},
        "metadata": {"a": "b"},
    }
    manner = overridden(BASE, response)
    assert (manner.instructions, manner.aloud, manner.max_tokens, manner.voice) == ("Sing.", False, 9, "echo")
    session = new_session(BASE, "test")
    asked = asked_for(session, response)
    assert (asked["output_modalities"], asked["max_output_tokens"]) == (["text"], 9)
    assert asked["metadata"] == {"a": "b"}
    assert session == new_session(BASE, "test")


def test_null_in_a_response_means_not_set() -> None:
    nulls = dict.fromkeys(["instructions", "output_modalities", "max_output_tokens", "audio", "metadata", "tools"])
    assert overridden(BASE, nulls) == BASE
    assert asked_for(new_session(BASE, "test"), nulls) == new_session(BASE, "test")
