"""The floor: the gate between what a turn makes and what the world hears of it.

A turn may begin before it is certain that the user is done. Until it is given the floor, all that it makes waits here;
if it is cancelled first, it never was. Nothing else changes the conversation on a turn's behalf.
"""

import asyncio
from dataclasses import dataclass, field, replace

from pipeline.audio import SPEAKING_RATE
from pipeline.clock import TurnClock
from pipeline.context.conversation import Called, Conversation, Entry, Item
from pipeline.engines import ToolCall
from pipeline.events import (
    CallBegan,
    CallMade,
    Emit,
    Event,
    Forgotten,
    Heard,
    ReplyBegan,
    ReplyEnded,
    Said,
    SayingBegan,
    Spoken,
)
from pipeline.playout import Playout
from pipeline.presence import Presence

CLAUSES_AHEAD = 2
"""Clauses that may be synthesised ahead of the one playing: enough for no gap, little to throw away."""


@dataclass(slots=True)
class Floor:
    """One turn's way into the world."""

    talk: Conversation
    clock: TurnClock
    emit: Emit
    aloud: bool = True
    """Whether the answer is heard; else it is read, and known as soon as it is there."""
    playout: Playout = field(default_factory=Playout)
    present: Presence = field(default_factory=Presence)
    after: str | None = None
    """What the answer comes behind in the conversation; None for whatever is last by then."""
    announced: bool = False
    """Whether the listener knows that there is an answer."""
    reply: Entry | None = None
    """The answer's words in the conversation, once there are some."""
    _given: asyncio.Event = field(default_factory=asyncio.Event)
    _held: list[Event] = field(default_factory=list[Event])
    _withdrawn: bool = False

    @property
    def given(self) -> bool:
        """Whether the turn may be heard."""
        return self._given.is_set()

    def give(self) -> None:
        """From now on the turn is heard, beginning with all that it has made."""
        self._given.set()
        for event in self._held:
            self._deliver(event)
        self._held.clear()

    def withdraw(self) -> None:
        """The turn is not heard any more, whatever it still has to say."""
        self._withdrawn = True
        self._held.clear()

    async def wait(self) -> None:
        """Until the turn may be heard."""
        await self._given.wait()

    async def room_for(self, clause: int) -> None:
        """Until the sound of that clause is wanted: not more than two ahead of the one playing."""
        if clause < CLAUSES_AHEAD:
            return
        await self._given.wait()
        while (starts := self.playout.starts(clause - CLAUSES_AHEAD)) and starts > self.present.now():
            await asyncio.sleep(starts - self.present.now())
            await self.present.wait()  # which may put it off

    def say(self, event: Event) -> None:
        """Let the world know, as soon as the turn has the floor."""
        if self._withdrawn:
            return
        if self._given.is_set():
            self._deliver(event)
        else:
            self._held.append(event)

    def cut(self) -> None:
        """The listener hears no more of the answer: the conversation keeps what was heard until now."""
        self._keep(self.playout.heard_seconds(self.present.now()))

    def keep_spoken(self) -> None:
        """Some of the answer found no voice: the conversation keeps the rest."""
        self._keep(self.playout.sent)

    def _keep(self, seconds: float) -> None:
        if self.reply and not self.reply.cut and self.aloud:
            self.reply.text = self.playout.heard(seconds)

    def _deliver(self, event: Event) -> None:
        match event:
            case Heard():
                entry = self.talk.find(event.utterance)
                if isinstance(entry, Entry):  # else the user has deleted it since
                    entry.text = event.text
            case Forgotten():
                event = Forgotten([entry for entry in event.entries if self.talk.remove(entry)])
            case ReplyBegan():
                self.announced = True
            case SayingBegan():
                playout = self.playout if self.aloud else None
                self.reply = Entry(event.entry, "assistant", playout=playout, complete=False)
                event = replace(event, after=self._join(self.reply))
            case CallBegan():
                called = Called(event.entry, ToolCall(event.call, event.name, ""), complete=False)
                event = replace(event, after=self._join(called))
            case ReplyEnded() if self.reply:
                self.reply.complete = event.outcome == "completed"
            case CallMade():
                called = self.talk.find(event.entry)
                if isinstance(called, Called):  # else the user has deleted it since
                    called.call, called.complete = event.call, True
            case Said() if self.reply and not self.reply.cut:
                self.reply.text += event.text
            case Spoken():
                self.clock.mark("sent")
                self.playout.add(event.clause, len(event.pcm) / SPEAKING_RATE, self.present.now())
            case _:
                pass
        self.emit(event)

    def _join(self, item: Item) -> str | None:
        """The answer's place is right behind what it answers, whatever has been said since; at the end, where nobody
        knows any more where that was."""
        try:
            before = self.talk.add(item, self.after)
        except KeyError:
            before = self.talk.add(item)
        self.after = item.id
        return before
