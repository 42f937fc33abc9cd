"""What a Realtime server tells its client: a dataclass for each event a voice client acts on, `Other` for the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pybase64

from client.sound import Pcm

Raw: TypeAlias = Mapping[str, Any]
"""An event, or a part of one, as it came: a JSON object."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The server hears the user begin; silence what is playing."""

    item: str
    audio_ms: float
    """Counted in audio sent since the session began, as in `SpeechStopped`."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The server has waited long enough: the user is done."""

    item: str
    audio_ms: float


@dataclass(frozen=True, slots=True)
class Committed:
    """What the user said is a turn of the conversation now."""

    item: str


@dataclass(frozen=True, slots=True)
class HeardSoFar:
    """A further piece of the transcript of what the user says."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class HeardPartly:
    """All that the user has said so far, as it is understood now; the next may correct it. Antiphon's own."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the user said, in full; empty when there were no words in it."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class NotHeard:
    """What the user said could not be transcribed."""

    item: str
    message: str


@dataclass(frozen=True, slots=True)
class ReplyBegan:
    """The server is about to answer."""

    reply: str


@dataclass(frozen=True, slots=True)
class ReplyText:
    """A further piece of the answer's text, or of the transcript of its sound."""

    reply: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplyAudio:
    """A further piece of the answer's sound, 24 kHz."""

    reply: str
    item: str
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """The answer is complete, or will never be; nothing more of it follows."""

    reply: str
    status: str
    """completed, cancelled, failed or incomplete."""
    problem: str
    """Why it did not complete, in the server's words; empty when it did."""
    extras: Raw
    """Antiphon's own: `marks_ms`, `engines`, `speech_end_audio_ms`. Empty from any other server."""

    @property
    def marks_ms(self) -> Mapping[str, float]:
        """The marks of the server's stopwatch that were set in this turn."""
        marks: Mapping[str, float | None] = self.extras.get("marks_ms") or {}
        return {name: ms for name, ms in marks.items() if ms is not None}


@dataclass(frozen=True, slots=True)
class ServerError:
    """The server could not do as asked; the session goes on."""

    message: str
    code: str
    cause: str
    """The `event_id` of the client event it is about, where the server says so."""


@dataclass(frozen=True, slots=True)
class Other:
    """Any event not named above, or one of those without its fields."""

    raw: Raw


Event: TypeAlias = (
    SpeechStarted
    | SpeechStopped
    | Committed
    | HeardSoFar
    | HeardPartly
    | Heard
    | NotHeard
    | ReplyBegan
    | ReplyText
    | ReplyAudio
    | ReplyEnded
    | ServerError
    | Other
)


def event_from(raw: Raw) -> Event:
    """The event in this JSON object; never fails, whatever is in it."""
    reader = READERS.get(str(raw.get("type")), Other)
    try:
        return reader(raw)
    except (KeyError, TypeError, ValueError, AttributeError):  # a field is missing or of the wrong kind
        return Other(raw)


def _reply_text(raw: Raw) -> Event:
    return ReplyText(raw["response_id"], raw["item_id"], raw["delta"])


def _reply_audio(raw: Raw) -> Event:
    pcm = np.frombuffer(pybase64.b64decode(raw["delta"], validate=True), "<i2")
    return ReplyAudio(raw["response_id"], raw["item_id"], pcm)


def _reply_ended(raw: Raw) -> Event:
    reply = raw["response"]
    details: Raw = reply.get("status_details") or {}
    error: Raw = details.get("error") or {}
    problem = error.get("message") or details.get("reason") or error.get("code") or ""
    return ReplyEnded(reply["id"], reply["status"], str(problem), reply.get("antiphon") or {})


def _server_error(raw: Raw) -> Event:
    error = raw["error"]
    return ServerError(error["message"], error.get("code") or "", error.get("event_id") or "")


READERS: Mapping[str, Callable[[Raw], Event]] = {
    "input_audio_buffer.speech_started": lambda raw: SpeechStarted(raw["item_id"], raw["audio_start_ms"]),
    "input_audio_buffer.speech_stopped": lambda raw: SpeechStopped(raw["item_id"], raw["audio_end_ms"]),
    "input_audio_buffer.committed": lambda raw: Committed(raw["item_id"]),
    "conversation.item.input_audio_transcription.delta": lambda raw: HeardSoFar(raw["item_id"], raw["delta"]),
    "conversation.item.input_audio_transcription.completed": lambda raw: Heard(raw["item_id"], raw["transcript"]),
    "conversation.item.input_audio_transcription.failed": lambda raw: NotHeard(raw["item_id"], raw["error"]["message"]),
    "antiphon.transcription.partial": lambda raw: HeardPartly(raw["item_id"], raw["transcript"]),
    "response.created": lambda raw: ReplyBegan(raw["response"]["id"]),
    "response.output_audio_transcript.delta": _reply_text,
    "response.output_text.delta": _reply_text,
    "response.output_audio.delta": _reply_audio,
    "response.done": _reply_ended,
    "error": _server_error,
}
