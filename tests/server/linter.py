"""The rules that every stream of server events keeps, whatever happens: those that stock clients break on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast, get_args

import pybase64
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import BaseModel

Event: TypeAlias = dict[str, Any]

LARGEST = 2**20
"""Bytes; the default limit of the websockets library, which some clients keep."""

WORDS_END = ("response.content_part.done", "conversation.item.done", "response.output_item.done")
"""How the words of a response end, after the `.done` of their sound and text."""

CALL_ENDS = ("conversation.item.done", "response.output_item.done")
"""How a function call ends, after the `.done` of its arguments."""


def _models() -> Mapping[str, type[BaseModel]]:
    models: tuple[type[BaseModel], ...] = get_args(get_args(RealtimeServerEvent)[0])
    return {name: model for model in models for name in get_args(model.model_fields["type"].annotation)}


MODELS = _models()
"""The SDK's own types, which are more exact than any page about the protocol."""


@dataclass(slots=True)
class Output:
    """One item of a response as its events describe it."""

    id: str
    kind: str
    index: int
    call: str = ""
    text: str = ""
    """Its words, or the arguments of its call."""
    text_over: bool = False
    sound_over: bool = False
    closed: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Response:
    """One response as its events describe it."""

    id: str
    aloud: bool
    apart: bool
    outputs: list[Output] = field(default_factory=list[Output])
    sound: bytearray = field(default_factory=bytearray)
    status: str = "in_progress"
    metadata: Any = None
    width: int = 2
    """Bytes of a sample."""

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(output.text for output in self.outputs if output.kind == "message")

    def output(self, item_id: str) -> Output:
        """Its item of that id."""
        return next(output for output in self.outputs if output.id == item_id)


@dataclass(slots=True)
class Linter:
    """Feed it every event; a broken rule is an `AssertionError`."""

    responses: dict[str, Response] = field(default_factory=dict[str, Response])
    items: list[str] = field(default_factory=list[str])
    """The ids of the conversation as the client knows it."""
    transcribes_only: bool = False
    _ids: set[str] = field(default_factory=set[str])
    _open: dict[str, Response] = field(default_factory=dict[str, Response])
    _ever: set[str] = field(default_factory=set[str])
    """All items there ever were."""
    _speaking: str | None = None
    _heard: dict[str, str] = field(default_factory=dict[str, str])
    """What the deltas have said of what the user said."""
    _transcribed: set[str] = field(default_factory=set[str])

    def take(self, event: Event, size: int = 0) -> None:
        """The next event, and its size in bytes."""
        kind = event["type"]
        assert kind in MODELS, f"no stock client knows {kind}"
        MODELS[kind].model_validate(_as_if_openai(event))
        assert size < LARGEST, f"{kind} has {size} bytes"
        assert self._ids or kind == "session.created", f"the first event is {kind}"
        assert event["event_id"] not in self._ids, f"{kind} has the id of another: {event['event_id']}"
        self._ids.add(event["event_id"])
        match kind.split("."):
            case ["session", _]:
                self.transcribes_only = event["session"]["type"] == "transcription"
            case ["response", "created"]:
                self._begin(event["response"])
            case ["response", "done"]:
                self._end(event["response"])
            case ["response", *_]:
                self._go_on(self._open[event["response_id"]], kind, event)
            case ["conversation", "item", step, *_]:
                self._take_item(step, event)
            case ["input_audio_buffer", step]:
                self._take_speech(step, event)
            case _:
                pass

    def finish(self) -> None:
        """The client goes: nothing may be half done."""
        assert self._open == {}, f"{self._open} was never ended"

    def _begin(self, response: Event) -> None:
        assert not self.transcribes_only, "a response in a session that only transcribes"
        assert response["id"] not in self.responses, f"{response['id']} is created twice"
        assert response["status"] == "in_progress"
        aloud, apart = response["output_modalities"] == ["audio"], response["conversation_id"] is None
        begun = Response(response["id"], aloud, apart, metadata=response["metadata"])
        begun.width = 2 if response["audio"]["output"]["format"]["type"] == "audio/pcm" else 1
        beside = [one.id for one in self._open.values() if not one.apart]
        assert apart or not beside, f"{begun.id} begins while {beside} is open"
        self._open[begun.id] = self.responses[begun.id] = begun

    def _go_on(self, response: Response, kind: str, event: Event) -> None:
        match kind.split(".")[1:]:
            case ["output_item", "added"]:
                item = event["item"]
                assert event["output_index"] == len(response.outputs), "outputs are not counted"
                assert item["status"] == "in_progress"
                assert _content(item) == "", "an item begins with content"
                output = Output(item["id"], item["type"], event["output_index"], item.get("call_id", ""))
                response.outputs.append(output)
            case ["output_item", "done"]:
                output = response.output(event["item"]["id"])
                _close(response, output, kind)
                assert _content(event["item"]) == output.text
            case ["content_part", "added"]:
                assert response.apart or event["item_id"] in self.items, "a part of an unknown item"
                assert event["part"]["type"] == ("audio" if response.aloud else "text")
            case ["content_part", "done"]:
                output = response.output(event["item_id"])
                _close(response, output, kind)
                assert (event["part"].get("transcript") or event["part"].get("text") or "") == output.text
            case [part, step]:
                _take_part(response, part, step, event)
            case _:
                raise AssertionError(f"{kind} is part of no response")

    def _end(self, done: Event) -> None:
        response = self._open.pop(done["id"])
        response.status = done["status"]
        assert response.status in {"completed", "cancelled", "failed", "incomplete"}
        assert (done["status_details"] is None) == (response.status == "completed"), done["status_details"]
        assert (done["conversation_id"] is None) == response.apart
        assert done["metadata"] == response.metadata
        assert [item["id"] for item in done["output"]] == [output.id for output in response.outputs]
        for item, output in zip(done["output"], response.outputs, strict=True):
            assert _content(item) == output.text
            assert output.closed[-1:] == ["response.output_item.done"], f"{output} is not closed"
            whole = response.status == "completed" or (output.kind == "function_call" and output.text_over)
            assert item["status"] == ("completed" if whole else "incomplete")
        usage = done["usage"]
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]

    def _take_item(self, step: str, event: Event) -> None:
        match step:
            case "added":
                assert not self.transcribes_only, "an item in a session that only transcribes"
                item, before = event["item"]["id"], event.get("previous_item_id")
                assert item not in self.items, f"{item} is added twice"
                assert before is None or before in self.items, f"{item} comes after the unknown {before}"
                self.items.insert(self.items.index(before) + 1 if before else 0, item)
                self._ever.add(item)
            case "done":
                assert event["item"]["id"] in self.items
                for response in self._open.values():
                    for output in response.outputs:
                        if output.id == event["item"]["id"]:
                            _close(response, output, "conversation.item.done")
            case "deleted":
                self.items.remove(event["item_id"])
            case "input_audio_transcription":
                self._transcribe(event["type"].split(".")[-1], event)
            case _:
                assert event.get("item_id", event.get("item", {}).get("id")) in self.items

    def _transcribe(self, step: str, event: Event) -> None:
        item = event["item_id"]
        assert item in self._ever, "a transcript of an unknown item"
        assert item not in self._transcribed, "transcribed twice"
        if step == "delta":
            self._heard[item] = self._heard.get(item, "") + event["delta"]
            return
        self._transcribed.add(item)
        if step == "completed":
            assert event["transcript"] == self._heard.get(item, ""), "the deltas do not add up"

    def _take_speech(self, step: str, event: Event) -> None:
        match step:
            case "speech_started":
                assert self._speaking is None, "speech starts twice"
                self._speaking = event["item_id"]
            case "speech_stopped":
                assert event["item_id"] == self._speaking, "another one's speech stops"
                self._speaking = None
            case "committed":
                assert event["item_id"] not in self._ever, "committed twice"
                if self.transcribes_only:
                    self._ever.add(event["item_id"])
                if self._speaking == event["item_id"]:
                    self._speaking = None
            case "cleared":
                self._speaking = None
            case _:
                pass


def _as_if_openai(value: Any) -> Any:
    """The event, with sound at the one rate that OpenAI has instead of those we have besides."""
    match value:
        case {"type": "audio/pcm", "rate": _}:
            return {"type": "audio/pcm", "rate": 24000}
        case dict():
            return {key: _as_if_openai(inner) for key, inner in cast("Event", value).items()}
        case _:
            return value


def _close(response: Response, output: Output, kind: str) -> None:
    if output.kind == "message":
        assert output.text_over, f"{kind} before the text is over"
        assert output.sound_over or not response.aloud, f"{kind} before the sound is over"
    output.closed.append(kind)
    order = WORDS_END if output.kind == "message" else CALL_ENDS
    expected = [step for step in order if not (response.apart and step.startswith("conversation."))]
    assert output.closed == expected[: len(output.closed)], f"a wrong order: {output.closed}"


def _take_part(response: Response, part: str, step: str, event: Event) -> None:
    output = response.output(event["item_id"])
    assert event["output_index"] == output.index
    match part, step:
        case "output_audio", "delta":
            assert response.aloud, "sound in a written response"
            assert not output.sound_over, "sound after its end"
            sound = pybase64.b64decode(event["delta"], validate=True)
            assert sound, "empty sound"
            assert len(sound) % response.width == 0, "half a sample"
            response.sound += sound
        case "output_audio", "done":
            output.sound_over = True
        case "function_call_arguments", _:
            assert event["call_id"] == output.call
            _take_text(output, step, event.get("delta") or event.get("arguments"))
        case _:
            assert (part != "output_text") == response.aloud, f"{part} in a response of the other kind"
            _take_text(output, step, event.get("delta", event.get("transcript", event.get("text"))))


def _take_text(output: Output, step: str, text: str | None) -> None:
    assert not output.text_over, "text after its end"
    if step == "delta":
        output.text += text or ""
    else:
        output.text_over = True
        assert text == output.text, "the deltas do not add up"


def _content(item: Event) -> str:
    if item["type"] == "function_call":
        return item["arguments"]
    return "".join(part.get("transcript") or part.get("text") or "" for part in item["content"])
