"""Events are read for what they say, and none can break the reader."""

from typing import Any

import numpy as np
import pybase64
import pytest

from client.events import (
    Committed,
    Event,
    Heard,
    HeardSoFar,
    NotHeard,
    Other,
    ReplyAudio,
    ReplyBegan,
    ReplyEnded,
    ReplyText,
    ServerError,
    SpeechStarted,
    SpeechStopped,
    event_from,
)

IDS = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
HEARING = "conversation.item.input_audio_transcription"
FAILED = {"id": "r", "status": "failed", "status_details": {"type": "failed", "error": {"message": "no model"}}}
CANCELLED = {"id": "r", "status": "cancelled", "status_details": {"type": "cancelled", "reason": "turn_detected"}}
MARKED = {"id": "r", "status": "completed", "status_details": None, "antiphon": {"marks_ms": {"sent": 5}}}


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (
            {"type": "input_audio_buffer.speech_started", "item_id": "i", "audio_start_ms": 40},
            SpeechStarted("i", 40),
        ),
        ({"type": "input_audio_buffer.speech_stopped", "item_id": "i", "audio_end_ms": 90}, SpeechStopped("i", 90)),
        ({"type": "input_audio_buffer.committed", "item_id": "i"}, Committed("i")),
        ({"type": f"{HEARING}.delta", "item_id": "i", "delta": "hel"}, HeardSoFar("i", "hel")),
        ({"type": f"{HEARING}.completed", "item_id": "i", "transcript": "hello"}, Heard("i", "hello")),
        ({"type": f"{HEARING}.failed", "item_id": "i", "error": {"message": "deaf"}}, NotHeard("i", "deaf")),
        ({"type": "response.created", "response": {"id": "r"}}, ReplyBegan("r")),
        ({"type": "response.output_text.delta", **IDS, "delta": "Yes"}, ReplyText("r", "i", "Yes")),
        ({"type": "response.output_audio_transcript.delta", **IDS, "delta": "Yes"}, ReplyText("r", "i", "Yes")),
        ({"type": "response.done", "response": FAILED}, ReplyEnded("r", "failed", "no model", {})),
        ({"type": "response.done", "response": CANCELLED}, ReplyEnded("r", "cancelled", "turn_detected", {})),
        ({"type": "response.done", "response": MARKED}, ReplyEnded("r", "completed", "", {"marks_ms": {"sent": 5}})),
        (
            {"type": "error", "error": {"type": "x", "message": "no", "code": None, "event_id": "c1"}},
            ServerError("no", "", "c1"),
        ),
    ],
)
def test_an_event_becomes_what_it_says(raw: dict[str, Any], event: Event) -> None:
    assert event_from(raw) == event


def test_sound_arrives_as_samples() -> None:
    samples = np.array([1, -2, 32767], "<i2")
    event = event_from(
        {"type": "response.output_audio.delta", **IDS, "delta": pybase64.b64encode_as_string(samples.tobytes())}
    )
    assert isinstance(event, ReplyAudio)
    assert event.pcm.tolist() == [1, -2, 32767]


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"type": None},
        {"type": ["response.done"]},
        {"type": "rate_limits.updated", "rate_limits": []},
        {"type": "response.done"},
        {"type": "response.done", "response": "soon"},
        {"type": "response.done", "response": {"id": "r", "status": "failed", "status_details": "unwell"}},
        {"type": "response.output_audio.delta", **IDS, "delta": "not base64!"},
        {"type": "response.output_audio.delta", **IDS, "delta": "YQ=="},
        {"type": "response.output_audio.delta", **IDS, "delta": None},
        {"type": "error", "error": None},
    ],
)
def test_the_unknown_and_the_malformed_are_passed_on_as_they_are(raw: dict[str, Any]) -> None:
    assert event_from(raw) == Other(raw)
