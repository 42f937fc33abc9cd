"""A conversation through a sound card: what the microphone hears goes up, what the server says is played."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from client.bargein import Ducking
from client.dialogue import Dialogue
from client.duplex import Exchanged, SoundCard
from client.echo import Ears
from client.errors import ClientError
from client.events import Event, ReplyAudio, ReplyEnded, SpeechStarted
from client.keys import Command, Hush, Line, Mute, Press
from client.lasting import Back, LastingTalk, Lost
from client.loudness import Loudness
from client.mirror import Mirror
from client.news import Doing, Level, Microphone, News, State, Turn, Words
from client.tasks import alongside

UNSENT = 1500
"""Pieces of 20 ms that wait for the network, half a minute; then the oldest are lost."""


@dataclass(slots=True)
class LiveTalk:
    """One caller on one sound card."""

    talk: LastingTalk
    card: SoundCard
    ears: Ears
    tell: Callable[[News], None]
    push_to_talk: bool = False
    """The microphone is open between two presses only, and what was said then is a turn."""
    _open: bool = True
    """Whether the microphone is."""
    _dialogue: Dialogue = field(default_factory=Dialogue)
    _doing: Doing = "listening"
    _loudness: Loudness = field(default_factory=Loudness)
    _ducking: Ducking = field(default_factory=Ducking)
    _mirror: Mirror = field(default_factory=Mirror)
    _first_items: dict[str, str] = field(default_factory=dict[str, str])
    """Reply -> the part of it that sounds first."""
    _unmeasured: ReplyEnded | None = None
    """The last answer, until its first sound is played."""
    _unsent: deque[Callable[[], Awaitable[None]]] = field(
        default_factory=lambda: deque[Callable[[], Awaitable[None]]](maxlen=UNSENT)
    )
    _sending: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, commands: asyncio.Queue[Command]) -> None:
        """Talk until cancelled. Raises `ClientError` when the server goes away for good."""
        self._open = not self.push_to_talk
        self.tell(Microphone(self._open))
        self.tell(State(self._doing))
        async with alongside(self._listen(), self._send(), self._obey(commands)):
            async for event in self.talk:
                self.follow(event)
            raise ClientError("the server has ended the conversation")

    def follow(self, event: Event | Lost | Back) -> None:
        """Do what an event asks for."""
        if isinstance(event, ReplyAudio):
            if self._dialogue.wants(event):
                self._first_items.setdefault(event.reply, event.item)
                self.card.playback.add(event.item, event.pcm)
            return
        for news in self._dialogue.note(event):
            self.tell(news)
        match event:
            case SpeechStarted():
                self._fall_silent()
            case Back(resumed=False):
                self.card.playback.silence()
            case ReplyEnded(status="completed"):
                self._unmeasured = event
            case _:
                pass
        self._look_around()

    def command(self, command: Command) -> None:
        """Do what the user asks for by keys."""
        match command:
            case Mute():
                self._open_microphone(not self._open)
            case Hush():
                self._interrupt()
            case Press() if self._open:
                self._open_microphone(False)
                self._put(partial(self.talk.send, "input_audio_buffer.commit"))
                self._put(partial(self.talk.send, "response.create"))
            case Press():
                self._interrupt()
                self._open_microphone(True)
            case Line(text):
                self._interrupt()
                self.tell(Words("you", text, final=True))
                self._put(partial(self.talk.say, text))

    async def _listen(self) -> None:
        while True:
            piece = await self.card.listen()
            self._hear(piece)
            self._look_around()

    async def _send(self) -> None:
        """All that goes to the server, in order: while there is no connection, it waits here."""
        while True:
            while self._unsent:
                await self._unsent.popleft()()
            self._sending.clear()
            await self._sending.wait()

    async def _obey(self, commands: asyncio.Queue[Command]) -> None:
        while True:
            self.command(await commands.get())

    def _hear(self, piece: Exchanged) -> None:
        only_us = self._mirror.only_us(piece.heard, piece.taken)
        played = self._mirror.played(len(piece.heard), piece.played)
        clean = self.ears.hear(piece.heard, played)
        if only_us:
            clean = np.zeros_like(clean)
        voiced = self._loudness.voiced(clean, played) and self._open
        playback = self.card.playback
        match self._ducking.hear(voiced=voiced, playing=playback.busy):
            case "duck":
                playback.duck()
            case "restore":
                playback.restore()
            case None:
                pass
        if self._open or not self.push_to_talk:
            self._put(partial(self.talk.hear, clean if self._open else np.zeros_like(clean), piece.at))
        self.tell(Level(self._loudness.db))

    def _put(self, sending: Callable[[], Awaitable[None]]) -> None:
        self._unsent.append(sending)
        self._sending.set()

    def _open_microphone(self, now: bool) -> None:
        self._open = now
        self.tell(Microphone(now))

    def _interrupt(self) -> None:
        """The user stops the reply by hand: unlike with speech, the server does not know."""
        if self._dialogue.answering or self._dialogue.owed:
            self._put(partial(self.talk.send, "response.cancel"))
        for news in self._dialogue.interrupt():
            self.tell(news)
        self._fall_silent()

    def _fall_silent(self) -> None:
        """Play nothing more of the reply, and tell the server how much of it was heard."""
        self._ducking.settle()
        self._unmeasured = None
        self._first_items.clear()
        for cut in self.card.playback.silence(self.card.latency):
            where = {"item_id": cut.item, "content_index": 0, "audio_end_ms": cut.heard_ms}
            self._put(partial(self.talk.send, "conversation.item.truncate", **where))

    def _look_around(self) -> None:
        """Tell what has changed by itself."""
        if self._doing != (doing := self._does()):
            self._doing = doing
            self.tell(State(doing))
        if self._unmeasured and (turn := self._measure(self._unmeasured)):
            self._unmeasured = None
            self._first_items.clear()
            self.tell(turn)

    def _does(self) -> Doing:
        if self._dialogue.speaking:
            return "hearing"
        if self.card.playback.busy:
            return "speaking"
        return "thinking" if self._dialogue.owed else "listening"

    def _measure(self, ending: ReplyEnded) -> Turn | None:
        """The figures of an answer; None while its first sound is still to be played."""
        marks = ending.marks_ms
        item = self._first_items.get(ending.reply)
        sounded = self.card.playback.sounded(item) if item else None
        if item and sounded is None and self.card.playback.busy:
            return None
        ear_to_ear = None
        spoken_ms = ending.extras.get("speech_end_audio_ms")
        spoken = None if spoken_ms is None else self.talk.spoken_at(spoken_ms / 1000)
        if sounded is not None and spoken is not None:
            mouth, ear = spoken - self.ears.delay, sounded + self.card.latency
            ear_to_ear = round((ear - mouth) * 1000, 1)
        return Turn(marks.get("llm_first_token"), ear_to_ear, marks, ending.extras.get("choice") or {})
