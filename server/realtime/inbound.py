"""What a client may ask: one method for each client event, each ending in a deed or a `ProtocolError`."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson
import pybase64

from pipeline.audio import Pcm
from pipeline.context.conversation import LASTING, Conversation, Entry, Item, length
from pipeline.errors import ProtocolError
from pipeline.ids import new_id
from pipeline.session import Session
from pipeline.turns import CLIENT_CANCELLED
from server.realtime import recordings
from server.realtime.checks import Json, as_list, as_object, as_text, missing, short
from server.realtime.config import asked_for, shown
from server.realtime.formats import Decoder, Format, format_of
from server.realtime.items import entry_of, item_of, sound_of
from server.realtime.meaning import manner_of, overridden
from server.realtime.outbound import Outbound
from server.realtime.roles import Roles

SHORTEST_COMMIT = 0.1
"""Seconds; OpenAI refuses less."""

LONGEST = 600.0
"""Seconds that may be recorded between two commits."""

BRIEF = 0.1
"""Seconds of sound that are heard at once when they arrive: a few VAD chunks, a millisecond or less."""

SLACK_MS = 50
"""A truncation may lie this far beyond the audio that was sent: clients round."""

MOST_SETTINGS = 256 * 1024
"""Bytes of a session's or a response's configuration."""

MOST_TEXT = 4 * 1024 * 1024
"""Characters of a conversation to which the client adds; far more than any model reads."""

MOST_ITEMS = LASTING + 200
"""Items of a conversation to which the client adds, and of an `input`. In one that goes on there is always room, since
the oldest go after each answer."""

MOST_PENDING = 16
"""Utterances that may wait to be understood."""

MOST_APART = 8
"""Responses outside the conversation that may be under way at the same time."""

ONLY_LISTENS = ("conversation.", "response.")
"""What a session that only transcribes does not do."""


@dataclass(slots=True)
class Inbound:
    """One connection's hands on its session."""

    session: Session
    out: Outbound
    roles: Roles
    """What sessions may be like here; what the client sets is counted from this."""
    on_change: Callable[[], None]
    """Told when the conversation or its configuration is another."""
    on_event: Callable[[], None]
    """Told of each event that was carried out."""
    _decoder: Decoder = field(init=False)

    def __post_init__(self) -> None:
        self._decoder = Decoder(self._format)

    async def take(self, event: Json) -> None:
        """Carry out one client event. Raises `ProtocolError`."""
        await self._take(event)
        self.on_event()

    def take_at_once(self, event: Json) -> bool:
        """Carry out a client event if it is sound that is heard in no time; else it is left to `take`, and false.

        Raises `ProtocolError`.
        """
        audio = event.get("audio")
        if event.get("type") != "input_audio_buffer.append" or not isinstance(audio, str):
            return False
        if self._decoder.source.seconds(len(audio) * 3 // 4) > BRIEF:
            return False
        for sound in self._sound(event):
            self.session.hear_piece(sound)
        self.on_event()
        return True

    async def _take(self, event: Json) -> None:
        kind = event.get("type")
        if kind == "input_audio_buffer.append":
            await self._append(event)
            return
        if kind is None:
            raise missing("type")
        deed = self._DEEDS.get(str(kind))
        if not deed:
            raise ProtocolError(f"there is no client event {str(kind)[:80]!r}", code="invalid_value", param="type")
        if self.out.session["type"] == "transcription" and str(kind).startswith(ONLY_LISTENS):
            raise ProtocolError(f"a transcription session has no {kind}", code="invalid_value", param="type")
        self.on_change()
        await deed(self, event)

    async def _append(self, event: Json) -> None:
        for sound in self._sound(event):
            await self.session.hear(sound)

    def _sound(self, event: Json) -> Iterator[Pcm]:
        """What is to be heard now."""
        raw = _decoded(event.get("audio"), "audio")
        if not self.session.manner.endpointing and self.session.buffered() > LONGEST:
            raise ProtocolError(
                f"the input audio buffer holds {LONGEST:.0f} s; commit or clear it", code="input_audio_buffer_full"
            )
        self.session.clock.arrived(self._decoder.source.seconds(len(raw)), asyncio.get_running_loop().time())
        return self._decoder.feed(raw)

    async def hear_rest(self) -> None:
        """Pass on what was held back, since the session's clock has counted it; what comes next is a whole sample."""
        await self.session.hear(self._decoder.flush())
        self._decoder = Decoder(self._format)

    async def _update(self, event: Json) -> None:
        effective = self.roles.updated(self.out.session, _echoable(event, "session", MOST_SETTINGS))
        _check_size(len(orjson.dumps(effective)), "session", MOST_SETTINGS)
        if effective["type"] != self.out.session["type"] and self._begun():
            raise ProtocolError(
                "session.type cannot change once there is a conversation", code="invalid_value", param="session.type"
            )
        manner = manner_of(effective, self.roles.base(effective))
        source = format_of(effective["audio"]["input"]["format"], "session.audio.input.format")
        changed = source != self._decoder.source
        if changed:
            await self.hear_rest()
        self.session.behave(manner)
        self.out.session = effective
        if changed:
            self._decoder = Decoder(source)
        self.out.send({"type": "session.updated", "session": shown(effective)})

    async def _commit(self, _event: Json) -> None:
        await self.hear_rest()
        seconds = self.session.buffered()
        if seconds < SHORTEST_COMMIT:
            raise ProtocolError(
                f"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
                f"but buffer only has {seconds * 1000:.2f}ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        self._check_pending()
        self.session.commit()

    async def _clear(self, _event: Json) -> None:
        await self.hear_rest()
        self.session.clear()
        self.out.send({"type": "input_audio_buffer.cleared"})

    async def _create_item(self, event: Json) -> None:
        item = as_object(_echoable(event, "item"), "item")
        entry = entry_of(item)
        if self.session.talk.find(entry.id):
            raise ProtocolError(
                f"there is an item {entry.id!r} already", code="item_create_duplicate_item_id", param="item.id"
            )
        audio = sound_of(item) if isinstance(entry, Entry) and entry.spoken else None
        raw = _decoded(audio, "item.content.audio") if audio else b""
        if raw:
            self._check_pending()
            _check_size(self._format.seconds(len(raw)), "item.content.audio", LONGEST)
        self._check_room(entry)
        sound = await asyncio.to_thread(recordings.read, raw, self._format) if raw else None
        try:
            after = self.session.talk.add(entry, _or_none(event.get("previous_item_id"), "previous_item_id"))
        except KeyError as unknown:
            raise _unknown(unknown.args[0], "invalid_value", "previous_item_id") from None
        self.session.reconsider()
        self.out.add(item_of(entry), after)
        if sound is not None and isinstance(entry, Entry):
            self.session.understand(entry, sound)

    async def _retrieve_item(self, event: Json) -> None:
        entry = self._known(event, "item_retrieve_invalid_item_id")
        turn = self.session.answering()
        item = item_of(entry, "in_progress" if turn and turn.entry == entry.id else "")
        if isinstance(entry, Entry) and entry.sound is not None:
            item["content"][0]["audio"] = await asyncio.to_thread(recordings.written, entry.sound, self._format)
        self.out.send({"type": "conversation.item.retrieved", "item": item})

    async def _delete_item(self, event: Json) -> None:
        entry = self._known(event, "item_delete_invalid_item_id")
        turn = self.session.answering()
        if turn and turn.entry == entry.id:
            self.session.stop(CLIENT_CANCELLED)  # whoever takes back what is being said wants no more of it
        self.session.talk.remove(entry.id)
        self.session.reconsider()
        self.out.send({"type": "conversation.item.deleted", "item_id": entry.id})

    async def _truncate(self, event: Json) -> None:
        entry = self._known(event, "item_truncate_invalid_item_id")
        if not isinstance(entry, Entry) or entry.playout is None:
            raise ProtocolError(
                f"{entry.id!r} is not a spoken answer", code="item_truncate_invalid_item_id", param="item_id"
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
        self.session.reconsider()
        where = {"item_id": entry.id, "content_index": 0, "audio_end_ms": end_ms}
        self.out.send({"type": "conversation.item.truncated", **where})

    async def _respond(self, event: Json) -> None:
        asked = as_object(_echoable(event, "response", MOST_SETTINGS) or {}, "response")
        manner, effective = overridden(self.session.manner, asked), asked_for(self.out.session, asked)
        context = None if asked.get("input") is None else self._context(asked["input"])
        response_id = new_id("resp")
        under_way = self.session.answering()
        if under_way and under_way.line and asked.get("conversation") != "none":
            self.session.stop(CLIENT_CANCELLED)  # a greeting gives way to whoever has something to ask
        match asked.get("conversation"):
            case "none" if len(self.session.turns.apart()) >= MOST_APART:
                raise ProtocolError(
                    f"there are {MOST_APART} responses outside the conversation already", code="rate_limit_exceeded"
                )
            case "none":
                self.out.asked[response_id] = effective
                copied = context or Conversation(list(self.session.talk.entries))
                self.session.turns.respond_apart(manner, response_id, copied)
            case "auto" | None if self.session.answering():
                raise ProtocolError(
                    "Conversation already has an active response", code="conversation_already_has_active_response"
                )
            case "auto" | None:
                self.out.asked[response_id] = effective
                self.session.respond(manner, response_id, context)
            case other:
                raise ProtocolError(
                    f"response.conversation: {other!r} is not 'auto' or 'none'",
                    code="invalid_value",
                    param="response.conversation",
                )

    def _context(self, given: object) -> Conversation:
        """What is to be answered instead of the conversation: new items, and references to those there are."""
        items, context = as_list(given, "response.input"), Conversation()
        _check_size(len(items), "response.input", MOST_ITEMS)
        there = {item.id: item for item in self.session.talk.entries}
        for one in items:
            item = as_object(one, "response.input")
            if item.get("type") != "item_reference":
                context.add(entry_of(item))
            elif referred := there.get(as_text(item.get("id"), "response.input.id")):
                context.add(referred)
            else:
                raise _unknown(item["id"], "invalid_value", "response.input.id")
        return context

    async def _cancel(self, event: Json) -> None:
        wanted = event.get("response_id")
        apart = next((turn for turn in self.session.turns.apart() if turn.id == wanted), None)
        turn = self.session.answering()
        if apart:
            apart.stop(CLIENT_CANCELLED)
        elif turn and wanted in (None, turn.id):
            self.session.stop(CLIENT_CANCELLED)
        else:
            raise ProtocolError("Cancellation failed: no active response found", code="response_cancel_not_active")

    async def _refuse_clear(self, _event: Json) -> None:
        raise ProtocolError(
            "the output audio buffer is yours on a websocket: stop playing, and truncate what was not heard",
            code="invalid_value",
            param="type",
        )

    def _check_pending(self) -> None:
        if self.session.turns.pending() >= MOST_PENDING:
            raise ProtocolError(
                f"{MOST_PENDING} utterances wait to be understood; go on in a while", code="rate_limit_exceeded"
            )

    def _check_room(self, item: Item) -> None:
        talk = self.session.talk
        if len(talk.entries) >= MOST_ITEMS:
            raise ProtocolError(f"the conversation has {MOST_ITEMS} items; delete some", code="conversation_full")
        if talk.size() + length(item) > MOST_TEXT:
            raise ProtocolError(
                f"the conversation would have over {MOST_TEXT} characters; delete items", code="conversation_full"
            )

    def _begun(self) -> bool:
        """Whether anything was said, or is being said; the two types of session do not tell the same of it."""
        session = self.session
        return bool(session.talk.entries or session.buffered() or session.answering() or session.turns.apart())

    def _known(self, event: Json, code: str) -> Item:
        """The item an event is about. Raises `ProtocolError` with this code."""
        item_id = event.get("item_id")
        entry = self.session.talk.find(item_id) if isinstance(item_id, str) else None
        if entry is None:
            raise _unknown(item_id, code)
        return entry

    @property
    def _format(self) -> Format:
        """How the client writes sound."""
        return format_of(self.out.session["audio"]["input"]["format"], "session.audio.input.format")

    _DEEDS: ClassVar[Mapping[str, Callable[[Any, Json], Coroutine[None, None, None]]]] = {
        "session.update": _update,
        "input_audio_buffer.commit": _commit,
        "input_audio_buffer.clear": _clear,
        "conversation.item.create": _create_item,
        "conversation.item.retrieve": _retrieve_item,
        "conversation.item.delete": _delete_item,
        "conversation.item.truncate": _truncate,
        "response.create": _respond,
        "response.cancel": _cancel,
        "output_audio_buffer.clear": _refuse_clear,
    }
    """What is done upon each event, but for `input_audio_buffer.append`, which comes fifty times a second."""


def _unknown(item_id: object, code: str, param: str = "item_id") -> ProtocolError:
    return ProtocolError(f"there is no item {short(item_id)}", code=code, param=param)


def _or_none(value: object, param: str) -> str | None:
    return None if value is None else as_text(value, param)


def _decoded(audio: object, param: str) -> bytes:
    if not isinstance(audio, str):
        raise missing(param)
    try:
        return pybase64.b64decode(audio, validate=True)
    except ValueError as error:
        raise ProtocolError(f"{param} is not base64: {error}", code="invalid_value", param=param) from None


def _echoable(event: Json, key: str, most: int | None = None) -> object:
    """What the event holds there, if we can send it back: orjson reads JSON that is nested deeper than it writes."""
    try:
        size = len(orjson.dumps(event))
    except orjson.JSONEncodeError as error:
        raise ProtocolError(f"{key}: {error}", code="invalid_value", param=key) from None
    _check_size(size, key, most)
    return event.get(key)


def _check_size(size: float, param: str, most: float | None) -> None:
    if most is not None and size > most:
        raise ProtocolError(f"{param}: {size:.0f} is more than {most:.0f}", code="invalid_value", param=param)
