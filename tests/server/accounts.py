"""A client that keeps accounts: of every event it sends it knows whether the server has answered it, and how often."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pybase64

from pipeline.audio import Pcm
from server.realtime.formats import Format, format_of
from tests.server.indoors import Indoors, Wire
from tests.server.linter import Event, Linter

ANSWERS = {
    "session.update": "session.updated",
    "input_audio_buffer.clear": "input_audio_buffer.cleared",
    "conversation.item.retrieve": "conversation.item.retrieved",
    "conversation.item.truncate": "conversation.item.truncated",
    "conversation.item.delete": "conversation.item.deleted",
}
"""Events that are answered by exactly one of this kind, or by an error."""

UNCERTAIN = 0.2
"""Seconds: what was sent so shortly before a connection was lost may not have been read any more."""


@dataclass(eq=False, slots=True)
class Accounts:
    """One conversation as its client sees it, over all its connections."""

    indoors: Indoors
    wire: Wire
    lint_sizes: bool = True
    """Not where the client sends so much that what is echoed cannot be small."""
    linter: Linter = field(default_factory=Linter)
    session: Event = field(default_factory=dict[str, Any])
    """Its configuration, as far as the client knows."""
    token: str = ""
    """What takes the conversation up again, if anything does."""
    last: str = ""
    """The id of the last event that was read."""
    sent: dict[str, tuple[str, float]] = field(default_factory=dict[str, tuple[str, float]])
    """Kind and time of each event."""
    refused: Counter[str] = field(default_factory=Counter[str])
    """How often the server had something against an event."""
    doubtful: set[str] = field(default_factory=set[str])
    """Events that may have been lost with their connection."""
    named: dict[str, str] = field(default_factory=dict[str, str])
    """The id that an event gives to the item it creates, unless there was one of that id before."""
    asked: set[str] = field(default_factory=set[str])
    """Events that ask for a response; each has its own id among the metadata."""
    gone: list[str] = field(default_factory=list[str])
    """Deleted items."""
    _seen: Counter[str] = field(default_factory=Counter[str])
    """How many events of each kind there were."""
    _begun: Counter[str] = field(default_factory=Counter[str])
    """Responses by the event that asked for them."""
    _added: Counter[str] = field(default_factory=Counter[str])
    """How often an item was added."""
    _tags: dict[str, str] = field(default_factory=dict[str, str])
    """Events that ask for a response, by what they put into its metadata."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def send(self, kind: str, **fields: Any) -> str:
        """An event; returns its id."""
        event_id = f"client_{next(self._numbers)}"
        self.wire.write(orjson.dumps({"type": kind, "event_id": event_id, **fields}).decode())
        self.sent[event_id] = (kind, self.indoors.now())
        return event_id

    def create(self, item: Event, **fields: Any) -> str:
        """Put an item into the conversation."""
        event_id = self.send("conversation.item.create", item=item, **fields)
        if item.get("id") and (not self._added[item["id"]] or item["id"] in self.named.values()):
            self.named[event_id] = item["id"]
        return event_id

    def respond(self, response: Event) -> str:
        """Ask for a response."""
        tag = f"tag_{next(self._numbers)}"
        event_id = self.send("response.create", response={**response, "metadata": {"tag": tag}})
        self.asked.add(event_id)
        self._tags[tag] = event_id
        return event_id

    def append(self, level: int, seconds: float) -> None:
        """Sound, in the format the client thinks it should be."""
        target = self.format()
        samples: Pcm = np.full(round(seconds * target.rate_hz), level, np.int16)
        self.send("input_audio_buffer.append", audio=pybase64.b64encode(target.encoded(samples)).decode())

    def format(self) -> Format:
        """How the server expects sound to be written, as far as the client knows."""
        return format_of(self.session["audio"]["input"]["format"], "format")

    def read(self) -> None:
        """All that has arrived; a broken rule is an `AssertionError`."""
        while self.wire.arrived:
            text = self.wire.arrived.popleft()
            self._read(orjson.loads(text), len(text) if self.lint_sizes else 0)

    def lose(self) -> None:
        """The connection is gone, and with it what has not been read, and perhaps what was sent last."""
        self.wire.arrived.clear()
        since = self.indoors.now() - UNCERTAIN
        self.doubtful |= {event_id for event_id, (_, at) in self.sent.items() if at >= since}

    def open(self) -> list[str]:
        """The responses that are under way."""
        return [response.id for response in self.linter.responses.values() if response.status == "in_progress"]

    def debts(self) -> Iterator[str]:
        """Events that were answered too often, or not at all."""
        for event_id, times in self.refused.items():
            if times > 1:
                yield f"{event_id} was refused {times} times"
        for kind, answer in ANSWERS.items():
            yield from self._debt([one for one, (sent, _) in self.sent.items() if sent == kind], self._seen[answer])
        for event_id in self.asked:
            yield from self._debt([event_id], self._begun[event_id])
        for item in set(self.named.values()):
            yield from self._debt([one for one, name in self.named.items() if name == item], self._added[item])

    def _debt(self, events: Sequence[str], answers: int) -> Iterator[str]:
        accepted = [event_id for event_id in events if event_id not in self.refused]
        certain = [event_id for event_id in accepted if event_id not in self.doubtful]
        if not len(certain) <= answers <= len(accepted):
            kind, _ = self.sent[events[0]]
            yield f"{kind}: {len(certain)} to {len(accepted)} were accepted, and {answers} carried out"

    def _read(self, event: Event, size: int) -> None:
        kind, again = event["type"], event["type"] == "session.created" and bool(self.last)
        self.last = event["event_id"]
        if not again:  # the linter knows one beginning
            self.linter.take(event, size)
        self._seen[kind] += 1
        match kind:
            case "session.created":
                self.session = event["session"]
                self.token = self.session["antiphon"].get("resume", {}).get("token", "")
            case "session.updated":
                self.session = event["session"]
            case "error" if event["error"]["event_id"] is not None:
                assert event["error"]["event_id"] in self.sent, event
                self.refused[event["error"]["event_id"]] += 1
            case "conversation.item.added":
                self._added[event["item"]["id"]] += 1
            case "conversation.item.deleted":
                self.gone.append(event["item_id"])
            case "response.created" if event["response"]["metadata"]:
                self._begun[self._tags[event["response"]["metadata"]["tag"]]] += 1
            case _:
                pass
