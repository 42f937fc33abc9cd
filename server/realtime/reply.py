"""One response on the wire, from its first event to `response.done`: its words, their sound, the functions it calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pybase64

from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.engines import ToolCall
from pipeline.events import CallBegan, ReplyEnded, SayingBegan
from server.realtime.checks import Json
from server.realtime.formats import Encoder
from server.realtime.items import call_item, message
from server.realtime.wire import figures, rate_limit, response, status_details, usage

Send: TypeAlias = Callable[[Json], None]
"""Puts one event in line for the client; adds its event_id."""


@dataclass(slots=True)
class _Words:
    """What is said, as an item of the response."""

    index: int
    entry: str
    after: str | None
    aloud: bool
    text: str = ""

    def part(self) -> Json:
        """The content part, by the name the wire has for it inside a response."""
        return {"type": "audio", "transcript": self.text} if self.aloud else {"type": "text", "text": self.text}

    def item(self, status: str) -> Json:
        """The same as an item of the conversation."""
        said = {"type": "output_audio", "transcript": self.text}
        part = said if self.aloud else {"type": "output_text", "text": self.text}
        return message(self.entry, "assistant", [] if status == "in_progress" else [part], status)


@dataclass(slots=True)
class _Call:
    """A function call, as an item of the response."""

    index: int
    entry: str
    after: str | None
    call: ToolCall
    made: bool = False

    def item(self, status: str) -> Json:
        """As an item of the conversation; one that was made is complete, whatever becomes of the response."""
        return call_item(self.entry, self.call, "completed" if self.made else status)


@dataclass(slots=True)
class Reply:
    """A response that is open."""

    send: Send
    silence: Callable[[str], None]
    """Takes back the sound of a response that has not left yet."""
    turn: str
    session: Json
    """The session's configuration, but for what this response was asked to do otherwise."""
    apart: bool
    """Whether it stays out of the conversation."""
    encoder: Encoder
    spoken: float = 0.0
    """Seconds of sound."""
    _items: list[_Words | _Call] = field(default_factory=list["_Words | _Call"])

    def begin(self) -> None:
        """The response is on its way."""
        self._tell("response.created", response=response(self.turn, self.session, apart=self.apart))

    def begin_words(self, event: SayingBegan) -> None:
        """It has something to say."""
        aloud = self.session["output_modalities"] == ["audio"]
        words = _Words(len(self._items), event.entry, event.after, aloud)
        self._add(words)
        self._tell("response.content_part.added", **self._where(words, part=words.part()))

    def say(self, text: str) -> None:
        """The next words."""
        words = self._words()
        words.text += text
        kind = "response.output_audio_transcript.delta" if words.aloud else "response.output_text.delta"
        self._tell(kind, **self._where(words, delta=text))

    def speak(self, pcm: Pcm) -> None:
        """The next sound of them."""
        self.spoken += len(pcm) / SPEAKING_RATE
        words = self._words()
        for sound in self.encoder.feed(pcm):
            self._sound(words, sound)

    def begin_call(self, event: CallBegan) -> None:
        """It calls a function."""
        self._add(_Call(len(self._items), event.entry, event.after, ToolCall(event.call, event.name, "")))

    def grow_call(self, entry: str, arguments: str) -> None:
        """The next part of what it is called with."""
        call = self._call(entry)
        call.call = ToolCall(call.call.id, call.call.name, call.call.arguments + arguments)
        self._tell("response.function_call_arguments.delta", **self._in_call(call), delta=arguments)

    def make_call(self, entry: str, made: ToolCall) -> None:
        """The call is complete."""
        call = self._call(entry)
        if not call.call.arguments:  # a function that takes none: the deltas must add up to what the end says
            self.grow_call(entry, made.arguments)
        call.made = True
        where = {**self._in_call(call), "name": made.name, "arguments": made.arguments}
        self._tell("response.function_call_arguments.done", **where)
        self._done(call, "completed")

    def end(self, event: ReplyEnded) -> None:
        """Nothing more will come."""
        if event.outcome == "cancelled":
            self.silence(self.turn)
        status = "completed" if event.outcome == "completed" else "incomplete"
        for item in self._items:
            if isinstance(item, _Words):
                self._end_words(item, whole=event.outcome != "cancelled")
            if isinstance(item, _Words) or not item.made:
                self._done(item, status)
        done = response(self.turn, self.session, apart=self.apart)
        done["status"], done["status_details"] = event.outcome, status_details(event)
        done["output"] = [item.item(status) for item in self._items]
        done["usage"] = usage(event, self.spoken)
        done["antiphon"] = figures(event)
        self._tell("response.done", response=done)
        self._tell("rate_limits.updated", rate_limits=[rate_limit(limit) for limit in event.limits])

    def _end_words(self, words: _Words, *, whole: bool) -> None:
        if words.aloud:
            if whole and (rest := self.encoder.flush()):
                self._sound(words, rest)
            self._tell("response.output_audio.done", **self._where(words))
            self._tell("response.output_audio_transcript.done", **self._where(words, transcript=words.text))
        else:
            self._tell("response.output_text.done", **self._where(words, text=words.text))
        self._tell("response.content_part.done", **self._where(words, part=words.part()))

    def _sound(self, words: _Words, sound: bytes) -> None:
        delta = pybase64.b64encode(sound).decode("ascii")
        self._tell("response.output_audio.delta", **self._where(words, delta=delta))

    def _add(self, item: _Words | _Call) -> None:
        self._items.append(item)
        shown = item.item("in_progress")
        self._tell("response.output_item.added", response_id=self.turn, output_index=item.index, item=shown)
        if not self.apart:
            self._tell("conversation.item.added", previous_item_id=item.after, item=shown)

    def _done(self, item: _Words | _Call, status: str) -> None:
        shown = item.item(status)
        if not self.apart:
            self._tell("conversation.item.done", previous_item_id=item.after, item=shown)
        self._tell("response.output_item.done", response_id=self.turn, output_index=item.index, item=shown)

    def _words(self) -> _Words:
        return next(item for item in self._items if isinstance(item, _Words))

    def _call(self, entry: str) -> _Call:
        return next(item for item in self._items if isinstance(item, _Call) and item.entry == entry)

    def _where(self, words: _Words, **more: Any) -> Json:
        """What every event of the content part carries."""
        where = {"response_id": self.turn, "item_id": words.entry, "output_index": words.index, "content_index": 0}
        return where | more

    def _in_call(self, call: _Call) -> Json:
        """What every event of a call's arguments carries."""
        where = {"response_id": self.turn, "item_id": call.entry, "output_index": call.index}
        return where | {"call_id": call.call.id}

    def _tell(self, kind: str, **fields: Any) -> None:
        self.send({"type": kind, **fields})
