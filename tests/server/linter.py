"""The rules that every stream of server events keeps, whatever happens: those that stock clients break on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

import pybase64
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import BaseModel

Event: TypeAlias = dict[str, Any]

LARGEST = 2**20
"""Bytes; the default limit of the websockets library, which some clients keep."""

CLOSING = (
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
)
"""How a response ends, after the `.done` of its sound and text."""


def _models() -> Mapping[str, type[BaseModel]]:
    models: tuple[type[BaseModel], ...] = get_args(get_args(RealtimeServerEvent)[0])
    return {name: model for model in models for name in get_args(model.model_fields["type"].annotation)}


MODELS = _models()
"""The SDK's own types, which are more exact than any page about the protocol."""


@dataclass(slots=True)
class Response:
    """One response as its events describe it."""

    id: str
    item: str = ""
    aloud: bool = True
    text: str = ""
    sound: bytearray = field(default_factory=bytearray)
    sound_over: bool = False
    text_over: bool = False
    closed: list[str] = field(default_factory=list[str])
    status: str = "in_progress"


@dataclass(slots=True)
class Linter:
    """Feed it every event; a broken rule is an `AssertionError`."""

    responses: dict[str, Response] = field(default_factory=dict[str, Response])
    items: list[str] = field(default_factory=list[str])
    """The ids the client knows of."""
    _ids: set[str] = field(default_factory=set[str])
    _open: Response | None = None
    _speaking: str | None = None
    _spoken: set[str] = field(default_factory=set[str])
    _transcribed: set[str] = field(default_factory=set[str])

    def take(self, event: Event, size: int = 0) -> None:
        """The next event, and its size in bytes."""
        kind = event["type"]
        assert kind in MODELS, f"no stock client knows {kind}"
        MODELS[kind].model_validate(event)
        assert size < LARGEST, f"{kind} has {size} bytes"
        assert self._ids or kind == "session.created", f"the first event is {kind}"
        assert event["event_id"] not in self._ids, f"{kind} has the id of another: {event['event_id']}"
        self._ids.add(event["event_id"])
        match kind.split("."):
            case ["response", *_]:
                self._take_response(kind, event)
            case ["conversation", "item", step, *_]:
                self._take_item(step, event)
            case ["input_audio_buffer", step]:
                self._take_speech(step, event)
            case _:
                pass

    def finish(self) -> None:
        """The client goes: nothing may be half done."""
        assert self._open is None, f"{self._open} was never ended"

    def _take_response(self, kind: str, event: Event) -> None:
        if kind == "response.created":
            self._begin(event["response"])
            return
        response = self._open
        assert response, f"{kind} while no response is open"
        named = event["response"]["id"] if kind == "response.done" else event["response_id"]
        assert named == response.id, f"{kind} of {named} while {response.id} is open"
        match kind.split(".")[1:]:
            case ["output_item", "added"]:
                response.item = event["item"]["id"]
                assert (event["item"]["status"], event["item"]["content"]) == ("in_progress", [])
            case ["content_part", "added"]:
                assert event["item_id"] in self.items, "a part of an unknown item"
                assert event["part"]["type"] == ("audio" if response.aloud else "text")
            case ["output_audio" | "output_audio_transcript" | "output_text" as part, step]:
                _take_part(response, part, step, event)
            case ["content_part", "done"]:
                self._close(response, kind)
                assert (event["part"].get("transcript") or event["part"].get("text") or "") == response.text
            case ["output_item", "done"]:
                self._close(response, kind)
                assert _words(event["item"]) == response.text
            case _:
                self._close(response, kind)
                self._end(response, event["response"])

    def _begin(self, response: Event) -> None:
        assert self._open is None, f"{response['id']} begins while {self._open} is open"
        assert response["id"] not in self.responses, f"{response['id']} is created twice"
        assert response["status"] == "in_progress"
        self._open = Response(response["id"], aloud=response["output_modalities"] == ["audio"])
        self.responses[response["id"]] = self._open

    def _close(self, response: Response, kind: str) -> None:
        assert response.text_over, f"{kind} before the text is over"
        assert response.sound_over or not response.aloud, f"{kind} before the sound is over"
        response.closed.append(kind)
        assert tuple(response.closed) == CLOSING[: len(response.closed)], f"a wrong order: {response.closed}"

    def _end(self, response: Response, done: Event) -> None:
        response.status = done["status"]
        assert response.status in {"completed", "cancelled", "failed", "incomplete"}
        assert (done["status_details"] is None) == (response.status == "completed"), done["status_details"]
        assert [item["id"] for item in done["output"]] == [response.item]
        assert _words(done["output"][0]) == response.text
        assert done["output"][0]["status"] == ("completed" if response.status == "completed" else "incomplete")
        self._open = None

    def _take_item(self, step: str, event: Event) -> None:
        match step:
            case "added":
                item, before = event["item"]["id"], event.get("previous_item_id")
                assert item not in self.items, f"{item} is added twice"
                assert before is None or before in self.items, f"{item} comes after the unknown {before}"
                self.items.insert(self.items.index(before) + 1 if before else 0, item)
            case "done":
                assert event["item"]["id"] in self.items
                if self._open and event["item"]["id"] == self._open.item:
                    self._close(self._open, "conversation.item.done")
            case "deleted":
                self.items.remove(event["item_id"])
            case "input_audio_transcription":
                assert event["item_id"] in self.items, "a transcript of an unknown item"
                if event["type"].endswith(("completed", "failed")):
                    assert event["item_id"] not in self._transcribed, "transcribed twice"
                    self._transcribed.add(event["item_id"])
            case _:
                assert event.get("item_id", event.get("item", {}).get("id")) in self.items

    def _take_speech(self, step: str, event: Event) -> None:
        match step:
            case "speech_started":
                assert self._speaking is None, "speech starts twice"
                self._speaking = event["item_id"]
            case "speech_stopped":
                assert event["item_id"] == self._speaking, "another one's speech stops"
                self._spoken.add(event["item_id"])
                self._speaking = None
            case "committed":
                assert event["item_id"] not in self.items, "committed twice"
                if self._speaking == event["item_id"]:
                    self._speaking = None
            case _:
                self._speaking = None


def _take_part(response: Response, part: str, step: str, event: Event) -> None:
    assert event["item_id"] == response.item
    assert (part != "output_text") == response.aloud, f"{part} in a response of the other kind"
    match part, step:
        case "output_audio", "delta":
            assert not response.sound_over, "sound after its end"
            sound = pybase64.b64decode(event["delta"], validate=True)
            assert sound, "empty sound"
            assert len(sound) % 2 == 0, "half a sample"
            response.sound += sound
        case "output_audio", "done":
            response.sound_over = True
        case _, "delta":
            assert not response.text_over, "text after its end"
            response.text += event["delta"]
        case _:
            response.text_over = True
            assert event.get("transcript", event.get("text")) == response.text, "the deltas do not add up"


def _words(item: Event) -> str:
    return "".join(part.get("transcript") or part.get("text") or "" for part in item["content"])
