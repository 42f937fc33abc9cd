"""From what happened in the pipeline to events on the wire, in the order clients rely on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipeline.events import (
    AnswerDropped,
    CallBegan,
    CallGrew,
    CallMade,
    Committed,
    Event,
    FellSilent,
    Forgotten,
    Heard,
    HearingFailed,
    Partial,
    ReplyBegan,
    ReplyEnded,
    Said,
    SayingBegan,
    SpeechBegan,
    SpeechEnded,
    Spoken,
)
from server.realtime.checks import Json
from server.realtime.formats import Encoder, format_of
from server.realtime.items import spoken_item
from server.realtime.reply import Reply, Send


@dataclass(slots=True)
class Outbound:
    """One connection's translator."""

    send: Send
    silence: Callable[[str], None]
    """Takes back the sound of a response that has not left yet."""
    session: Json
    """The session's configuration as it stands; the connection replaces it."""
    own_events: bool = False
    """Whether the client has asked for events that are not OpenAI's; others break on them."""
    asked: dict[str, Json] = field(default_factory=dict[str, Json])
    """The configuration of responses that were asked for and are yet to begin, by their ids."""
    _replies: dict[str, Reply] = field(default_factory=dict[str, Reply])
    """Those that are open."""

    @property
    def transcribes(self) -> bool:
        """Whether the client is told the words of what it sends."""
        return self.session["audio"]["input"]["transcription"] is not None

    def emit(self, event: Event) -> None:
        """The pipeline's `Emit`."""
        match event:
            case ReplyBegan():
                self._begin(event)
            case SayingBegan() | Said() | Spoken() | CallBegan() | CallGrew() | CallMade() | ReplyEnded():
                self._go_on(self._replies[event.turn], event)
            case SpeechBegan(utterance, at):
                self._tell("input_audio_buffer.speech_started", item_id=utterance, audio_start_ms=round(at * 1000))
            case SpeechEnded(utterance, _, heard_until):
                until = round(heard_until * 1000)
                self._tell("input_audio_buffer.speech_stopped", item_id=utterance, audio_end_ms=until)
            case FellSilent(utterance, since, until):
                span = {"audio_start_ms": round(since * 1000), "audio_end_ms": round(until * 1000)}
                self._tell("input_audio_buffer.timeout_triggered", item_id=utterance, **span)
            case Committed():
                self._commit(event)
            case Forgotten(entries):
                for entry in entries:
                    self._tell("conversation.item.deleted", item_id=entry)
            case Heard() | HearingFailed() if self.transcribes:
                self._transcribe(event)
            case Partial(utterance, text) if self.own_events:
                self._tell("antiphon.transcription.partial", item_id=utterance, transcript=text)
            case Heard() | HearingFailed() | Partial() | AnswerDropped():
                pass

    def _begin(self, event: ReplyBegan) -> None:
        kind = ["audio"] if event.aloud else ["text"]  # as it was when the turn began, whatever the session says by now
        asked = self.asked.pop(event.turn, {**self.session, "metadata": None})
        effective: Json = {**asked, "output_modalities": kind}
        encoder = Encoder(format_of(effective["audio"]["output"]["format"], "session.audio.output.format"))
        reply = self._replies[event.turn] = Reply(self.send, self.silence, event.turn, effective, event.apart, encoder)
        reply.begin()

    def _go_on(
        self, reply: Reply, event: SayingBegan | Said | Spoken | CallBegan | CallGrew | CallMade | ReplyEnded
    ) -> None:
        match event:
            case Spoken(pcm=pcm):
                reply.speak(pcm)
            case Said(text=text):
                reply.say(text)
            case SayingBegan():
                reply.begin_words(event)
            case CallBegan():
                reply.begin_call(event)
            case CallGrew(entry=entry, arguments=arguments):
                reply.grow_call(entry, arguments)
            case CallMade(entry=entry, call=call):
                reply.make_call(entry, call)
            case ReplyEnded():
                del self._replies[event.turn]
                reply.end(event)

    def _commit(self, event: Committed) -> None:
        self._tell("input_audio_buffer.committed", item_id=event.utterance, previous_item_id=event.after)
        if self.session["type"] == "realtime":
            self.add(spoken_item(event.utterance, None), event.after)

    def add(self, item: Json, after: str | None) -> None:
        """An item that is complete joins the conversation."""
        for kind in ("conversation.item.added", "conversation.item.done"):
            self._tell(kind, previous_item_id=after, item=item)

    def _transcribe(self, event: Heard | HearingFailed) -> None:
        kind = "conversation.item.input_audio_transcription"
        where = {"item_id": event.utterance, "content_index": 0}
        match event:
            case Heard(text=text, seconds=seconds):
                if text:
                    self._tell(f"{kind}.delta", **where, delta=text)
                usage = {"type": "duration", "seconds": round(seconds, 3)}
                self._tell(f"{kind}.completed", **where, transcript=text, usage=usage)
            case HearingFailed(why=why):
                problem = {"type": "server_error", "code": "asr_failed", "message": why}
                self._tell(f"{kind}.failed", **where, error=problem)

    def _tell(self, kind: str, **fields: Any) -> None:
        self.send({"type": kind, **fields})
