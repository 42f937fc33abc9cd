"""What a client may ask: one method for each client event, each ending in a deed or a `ProtocolError`."""

import asyncio
from dataclasses import dataclass, field
from typing import cast, get_args

import orjson
import pybase64

from pipeline.audio import HEARING_RATE, SPEAKING_RATE, pcm_from_bytes
from pipeline.context.conversation import Entry
from pipeline.engines import Role
from pipeline.errors import ProtocolError
from pipeline.manner import Manner
from pipeline.resample import Resampler
from pipeline.session import CLIENT_CANCELLED, Session, new_id
from server.realtime.config import Json, as_object, asked_for, manner_of, overridden, updated
from server.realtime.outbound import Outbound
from server.realtime.wire import item_of

SAMPLE_BYTES = 2

BLOCK = 768 * SAMPLE_BYTES
"""Bytes that are heard at a time: 32 ms, the VAD's chunk. More often would cost a wake-up and decide nothing."""

SHORTEST_COMMIT = 0.1
"""Seconds; OpenAI refuses less."""

LONGEST = 600.0
"""Seconds that may be recorded between two commits."""

SLACK_MS = 50
"""A truncation may lie this far beyond the audio that was sent: clients round."""

TEXT_PARTS = ("input_text", "output_text", "text")


@dataclass(slots=True)
class Inbound:
    """One connection's hands on its session."""

    session: Session
    out: Outbound
    base: Manner
    """How sessions behave here; what the client sets is counted from this."""
    _raw: bytearray = field(default_factory=bytearray)
    """Sound that does not yet fill a block, possibly with half a sample at its end."""
    _resampler: Resampler = field(default_factory=lambda: Resampler(SPEAKING_RATE, HEARING_RATE))

    async def take(self, event: Json) -> None:
        """Carry out one client event. Raises `ProtocolError`."""
        match event.get("type"):
            case "input_audio_buffer.append":
                await self._append(event)
            case "session.update":
                self._update(event)
            case "input_audio_buffer.commit":
                await self._commit()
            case "input_audio_buffer.clear":
                await self._clear()
            case "conversation.item.create":
                self._create_item(event)
            case "conversation.item.delete":
                self._delete_item(event)
            case "conversation.item.truncate":
                self._truncate(event)
            case "response.create":
                self._respond(event)
            case "response.cancel":
                self._cancel(event)
            case None:
                raise _missing("type")
            case other:
                raise ProtocolError(f"there is no client event {str(other)[:80]!r}", code="invalid_value", param="type")

    async def _append(self, event: Json) -> None:
        audio = event.get("audio")
        if not isinstance(audio, str):
            raise _missing("audio")
        try:
            raw = pybase64.b64decode(audio, validate=True)
        except ValueError as error:
            raise ProtocolError(f"audio is not base64: {error}", code="invalid_value", param="audio") from None
        if not self.session.manner.endpointing and self.session.buffered() > LONGEST:
            raise ProtocolError(
                f"the input audio buffer holds {LONGEST:.0f} s; commit or clear it", code="input_audio_buffer_full"
            )
        self.session.clock.arrived(len(raw) / SAMPLE_BYTES / SPEAKING_RATE, asyncio.get_running_loop().time())
        self._raw += raw
        if len(self._raw) >= BLOCK:
            await self._hear(len(self._raw) // BLOCK * BLOCK)

    async def _hear(self, size: int) -> None:
        """Pass so many of the bytes that have come on to the session, a second at a time: it may be minutes."""
        sound = pcm_from_bytes(bytes(self._raw[:size]))
        del self._raw[:size]
        for start in range(0, len(sound), SPEAKING_RATE):
            await self.session.hear(self._resampler.feed(sound[start : start + SPEAKING_RATE]))
            if start + SPEAKING_RATE < len(sound):
                await asyncio.sleep(0)

    async def _hear_whole(self) -> None:
        """Pass on all whole samples."""
        await self._hear(len(self._raw) // SAMPLE_BYTES * SAMPLE_BYTES)

    def _update(self, event: Json) -> None:
        effective = updated(self.out.session, _echoable(event, "session"))
        self.session.behave(manner_of(effective, self.base))
        self.out.session = effective
        self.out.send({"type": "session.updated", "session": effective})

    async def _commit(self) -> None:
        await self._hear_whole()
        seconds = self.session.buffered()
        if seconds < SHORTEST_COMMIT:
            raise ProtocolError(
                f"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
                f"but buffer only has {seconds * 1000:.2f}ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        self.session.commit()

    async def _clear(self) -> None:
        await self._hear_whole()  # the session's clock has counted it
        self.session.clear()
        self.out.send({"type": "input_audio_buffer.cleared"})

    def _create_item(self, event: Json) -> None:
        entry = _entry(as_object(event.get("item"), "item"))
        if self.session.talk.find(entry.id):
            raise ProtocolError(
                f"there is an item {entry.id!r} already", code="item_create_duplicate_item_id", param="item.id"
            )
        try:
            after = self.session.talk.add(entry, event.get("previous_item_id"))
        except KeyError:
            raise ProtocolError(
                f"there is no item {event['previous_item_id']!r}", code="invalid_value", param="previous_item_id"
            ) from None
        for kind in ("conversation.item.added", "conversation.item.done"):
            self.out.send({"type": kind, "previous_item_id": after, "item": item_of(entry)})

    def _delete_item(self, event: Json) -> None:
        item_id = event.get("item_id")
        if not isinstance(item_id, str) or not self.session.talk.remove(item_id):
            raise ProtocolError(f"there is no item {item_id!r}", code="item_delete_invalid_item_id", param="item_id")
        self.out.send({"type": "conversation.item.deleted", "item_id": item_id})

    def _truncate(self, event: Json) -> None:
        entry = self.session.talk.find(str(event.get("item_id")))
        if entry is None or entry.playout is None:
            raise ProtocolError(
                f"there is no spoken item {event.get('item_id')!r}",
                code="item_truncate_invalid_item_id",
                param="item_id",
            )
        end_ms, sent_ms = event.get("audio_end_ms"), entry.playout.sent * 1000
        if isinstance(end_ms, bool) or not isinstance(end_ms, int | float) or end_ms < 0:
            raise ProtocolError(f"audio_end_ms: {end_ms!r} is no time", code="invalid_value", param="audio_end_ms")
        if end_ms > sent_ms + SLACK_MS:
            raise ProtocolError(
                f"Audio content of {sent_ms:.0f}ms is already shorter than {end_ms:.0f}ms",
                code="invalid_value",
                param="audio_end_ms",
            )
        self.session.talk.truncate(entry, end_ms / 1000)
        self.out.send(
            {
                "type": "conversation.item.truncated",
                "item_id": entry.id,
                "content_index": 0,
                "audio_end_ms": end_ms,
            }
        )

    def _respond(self, event: Json) -> None:
        if self.session.answering():
            raise ProtocolError(
                "Conversation already has an active response", code="conversation_already_has_active_response"
            )
        asked = as_object(_echoable(event, "response") or {}, "response")
        manner, effective = overridden(self.session.manner, asked), asked_for(self.out.session, asked)
        response_id = new_id("resp")
        self.out.asked[response_id] = effective
        self.session.respond(manner, response_id)

    def _cancel(self, event: Json) -> None:
        turn, wanted = self.session.answering(), event.get("response_id")
        if not turn or (wanted is not None and wanted != turn.id):
            raise ProtocolError("Cancellation failed: no active response found", code="response_cancel_not_active")
        self.session.stop(CLIENT_CANCELLED)


def _entry(item: Json) -> Entry:
    """A typed message. Raises `ProtocolError` for what cannot be put into words."""
    role, content = item.get("role"), item.get("content")
    if item.get("type") != "message" or role not in get_args(Role):
        raise ProtocolError(
            f"only messages of {get_args(Role)} can be created, not {item.get('type')!r} of {role!r}",
            code="invalid_value",
            param="item",
        )
    texts: list[str] = []
    for given in cast("list[object]", content) if isinstance(content, list) else []:
        part = as_object(given, "item.content")
        if part.get("type") not in TEXT_PARTS or not isinstance(part.get("text"), str):
            raise ProtocolError("content must be text", code="invalid_value", param="item.content")
        texts.append(part["text"])
    if not texts:
        raise _missing("item.content")
    return Entry(str(item.get("id") or new_id("item")), cast("Role", role), "\n".join(texts))


def _echoable(event: Json, key: str) -> object:
    """What the event holds there, if we can send it back: orjson reads JSON that is nested deeper than it writes."""
    try:
        orjson.dumps(event)
    except orjson.JSONEncodeError as error:
        raise ProtocolError(f"{key}: {error}", code="invalid_value", param=key) from None
    return event.get(key)


def _missing(param: str) -> ProtocolError:
    return ProtocolError(f"{param} is missing or of the wrong type", code="missing_required_parameter", param=param)
