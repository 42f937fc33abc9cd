"""From what happened in the pipeline to events on the wire, in the order clients rely on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pybase64

from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.events import (
    Committed,
    Event,
    Heard,
    HearingFailed,
    Partial,
    ReplyBegan,
    ReplyEnded,
    Said,
    SpeechBegan,
    SpeechEnded,
    Spoken,
)
from server.realtime.config import Json
from server.realtime.wire import message, response, spoken_item, status_details

DELTA = SPEAKING_RATE // 10
"""Samples in one audio delta: 100 ms."""

Send: TypeAlias = Callable[[Json], None]
"""Puts one event in line for the client; adds its event_id."""


@dataclass(slots=True)
class _Reply:
    """A response that is open on the wire."""

    turn: str
    entry: str
    after: str | None
    session: Json
    """The session's configuration, but for what this response was asked to do otherwise."""
    text: str = ""

    @property
    def aloud(self) -> bool:
        """Whether it is spoken."""
        return self.session["output_modalities"] == ["audio"]

    def part(self) -> Json:
        """The content part, by the name the wire has for it inside a response."""
        return {"type": "audio", "transcript": self.text} if self.aloud else {"type": "text", "text": self.text}

    def item(self, status: str, *, begun: bool = True) -> Json:
        """The same as an item of the conversation."""
        part = (
            {"type": "output_audio", "transcript": self.text}
            if self.aloud
            else {"type": "output_text", "text": self.text}
        )
        return message(self.entry, "assistant", [part] if begun else [], status)

    def where(self, **more: Any) -> Json:
        """What every event of the content part carries."""
        return {"response_id": self.turn, "item_id": self.entry, "output_index": 0, "content_index": 0, **more}


@dataclass(slots=True)
class Outbound:
    """One connection's translator."""

    send: Send
    session: Json
    """The session's configuration as it stands; the connection replaces it."""
    asked: dict[str, Json] = field(default_factory=dict[str, Json])
    """The configuration of responses that were asked for and are yet to begin, by their ids."""
    _reply: _Reply | None = None

    def emit(self, event: Event) -> None:
        """The pipeline's `Emit`."""
        match event:
            case Spoken(pcm=pcm) if self._reply:
                self._speak(self._reply, pcm)
            case Said(text=text) if self._reply:
                self._say(self._reply, text)
            case ReplyBegan():
                self._begin(event)
            case ReplyEnded() if self._reply:
                self._end(self._reply, event)
            case SpeechBegan(utterance, at):
                self._tell("input_audio_buffer.speech_started", item_id=utterance, audio_start_ms=round(at * 1000))
            case SpeechEnded(utterance, _, heard_until):
                until = round(heard_until * 1000)
                self._tell("input_audio_buffer.speech_stopped", item_id=utterance, audio_end_ms=until)
            case Committed(utterance, after):
                self._tell("input_audio_buffer.committed", item_id=utterance, previous_item_id=after)
                self._added(spoken_item(utterance, None), after)
                self._done(spoken_item(utterance, None), after)
            case Heard() | HearingFailed() if self.session["audio"]["input"]["transcription"] is not None:
                self._transcribe(event)
            case Heard() | HearingFailed() | Partial() | Said() | Spoken() | ReplyEnded():
                pass

    def _begin(self, event: ReplyBegan) -> None:
        kind = ["audio"] if event.aloud else ["text"]  # as it was when the turn began, whatever the session says by now
        effective = {**self.asked.pop(event.turn, self.session), "output_modalities": kind}
        reply = self._reply = _Reply(event.turn, event.entry, event.after, effective)
        self._tell("response.created", response=response(event.turn, effective))
        item = reply.item("in_progress", begun=False)
        self._tell("response.output_item.added", response_id=event.turn, output_index=0, item=item)
        self._added(item, event.after)
        self._tell("response.content_part.added", **reply.where(part=reply.part()))

    def _say(self, reply: _Reply, text: str) -> None:
        reply.text += text
        kind = "response.output_audio_transcript.delta" if reply.aloud else "response.output_text.delta"
        self._tell(kind, **reply.where(delta=text))

    def _speak(self, reply: _Reply, pcm: Pcm) -> None:
        for piece in _pieces(pcm):
            delta = pybase64.b64encode(piece.tobytes()).decode("ascii")
            self._tell("response.output_audio.delta", **reply.where(delta=delta))

    def _end(self, reply: _Reply, event: ReplyEnded) -> None:
        self._reply = None
        status = "completed" if event.outcome == "completed" else "incomplete"
        if reply.aloud:
            self._tell("response.output_audio.done", **reply.where())
            self._tell("response.output_audio_transcript.done", **reply.where(transcript=reply.text))
        else:
            self._tell("response.output_text.done", **reply.where(text=reply.text))
        self._tell("response.content_part.done", **reply.where(part=reply.part()))
        self._done(reply.item(status), reply.after)
        self._tell("response.output_item.done", response_id=reply.turn, output_index=0, item=reply.item(status))
        done = response(reply.turn, reply.session, event.outcome, [reply.item(status)])
        done["status_details"] = status_details(event)
        done["antiphon"] = {
            "marks_ms": event.marks_ms,
            "engines": event.engines,
            "heard": event.heard,
            "speech_end_audio_ms": None if event.speech_end is None else round(event.speech_end * 1000, 1),
        }
        self._tell("response.done", response=done)

    def _transcribe(self, event: Heard | HearingFailed) -> None:
        kind = "conversation.item.input_audio_transcription"
        where = {"item_id": event.utterance, "content_index": 0}
        match event:
            case Heard(text=text, seconds=seconds):
                usage = {"type": "duration", "seconds": round(seconds, 3)}
                self._tell(f"{kind}.completed", **where, transcript=text, usage=usage)
            case HearingFailed(why=why):
                self._tell(
                    f"{kind}.failed", **where, error={"type": "server_error", "code": "asr_failed", "message": why}
                )

    def _added(self, item: Json, after: str | None) -> None:
        self._tell("conversation.item.added", previous_item_id=after, item=item)

    def _done(self, item: Json, after: str | None) -> None:
        self._tell("conversation.item.done", previous_item_id=after, item=item)

    def _tell(self, kind: str, **fields: Any) -> None:
        self.send({"type": kind, **fields})


def _pieces(pcm: Pcm) -> Iterator[Pcm]:
    for start in range(0, len(pcm), DELTA):
        yield pcm[start : start + DELTA]
