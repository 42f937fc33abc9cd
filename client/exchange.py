"""One question and its answer: asked aloud from a recording or in writing, collected with the times of its parts."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from client.errors import ClientError
from client.events import (
    Committed,
    Event,
    Heard,
    NotHeard,
    ReplyAudio,
    ReplyBegan,
    ReplyEnded,
    ReplyText,
    ServerError,
    SpeechStarted,
    SpeechStopped,
)
from client.microphone import FileMicrophone
from client.realtime import Talk
from client.sound import Pcm

TRANSCRIBER = "gpt-4o-mini-transcribe"
"""Named because OpenAI transcribes only when told with what; a server with ears of its own ignores it."""

SESSION: Mapping[str, Any] = {"audio": {"input": {"transcription": {"model": TRANSCRIBER}}}}
"""What a session needs for an exchange to know what was heard."""

QUIET = 1.0
"""Seconds without news after which nothing more is expected: longer than any server takes to notice speech."""

UNNOTICED = 5.0
"""Seconds after the end of a recording in which a server that has noticed no speech will not do so any more."""


@dataclass(slots=True)
class Reply:
    """One answer of the server's. Times are the loop's, of the receipt; None for what never came."""

    began: float
    text: str = ""
    audio: list[Pcm] = field(default_factory=list[Pcm])
    first_text: float | None = None
    first_audio: float | None = None
    last_audio: float | None = None
    ended: float | None = None
    ending: ReplyEnded | None = None
    late_audio: int = 0
    """Pieces of sound that came after its end; a server must not send any."""

    @property
    def sound(self) -> Pcm:
        """All of its sound."""
        return np.concatenate([np.zeros(0, np.int16), *self.audio])


@dataclass(slots=True)
class Exchange:
    """What was said by both sides, in the order of the first mention. Feed it every event."""

    heard: dict[str, str] = field(default_factory=dict[str, str])
    """Item -> transcript of what the user said."""
    heard_at: float | None = None
    """When the last transcript was complete."""
    speech_started: list[float] = field(default_factory=list[float])
    speech_stopped: list[float] = field(default_factory=list[float])
    turns: list[str] = field(default_factory=list[str])
    """Items the server took for a turn of the user's."""
    replies: dict[str, Reply] = field(default_factory=dict[str, Reply])
    problems: list[ServerError] = field(default_factory=list[ServerError])
    last_news: float = 0.0
    _speaking: bool = False
    _owed: bool = False

    @property
    def settled(self) -> bool:
        """Nothing is under way: nobody speaks, every turn has its reply or had no words in it."""
        at_work = any(reply.ending is None for reply in self.replies.values())
        return bool(self.turns or self.replies) and not (at_work or self._speaking or self._owed)

    def over_at(self, spoken: float) -> float | None:
        """When all is said if nothing more comes; None while something is under way. `spoken`: when our sound ends."""
        if self.settled:
            return max(self.last_news, spoken) + QUIET
        noticed = self.speech_started or self.turns or self.replies
        return None if noticed else spoken + UNNOTICED

    @property
    def transcript(self) -> str:
        """All the user said."""
        return " ".join(text for text in self.heard.values() if text)

    @property
    def reply(self) -> str:
        """All the server said."""
        return " ".join(reply.text.strip() for reply in self.replies.values() if reply.text)

    @property
    def audio(self) -> Pcm:
        """All the server's sound."""
        return np.concatenate([np.zeros(0, np.int16), *(reply.sound for reply in self.replies.values())])

    @property
    def last_reply(self) -> Reply | None:
        """The latest answer that ended by itself, else the latest."""
        replies = list(self.replies.values())
        whole = [reply for reply in replies if reply.ending and reply.ending.status == "completed"]
        return (whole or replies or [None])[-1]

    def note(self, event: Event, now: float) -> None:
        """Take in the next event, received at `now`."""
        match event:
            case SpeechStarted():
                self._speaking = True
                self.speech_started.append(now)
            case SpeechStopped():
                self._speaking = False
                self.speech_stopped.append(now)
            case Committed(item):
                self._speaking = False
                self._owed = True
                self.turns.append(item)
            case Heard(item, text):
                self.heard[item] = text.strip()
                self.heard_at = now
                self._owed = self._owed and bool(text.strip())
            case NotHeard():
                self._owed = False
            case ServerError():
                self.problems.append(event)
            case ReplyBegan() | ReplyText() | ReplyAudio() | ReplyEnded():
                self._note_reply(event, now)
            case _:
                return
        self.last_news = now

    def _note_reply(self, event: ReplyBegan | ReplyText | ReplyAudio | ReplyEnded, now: float) -> None:
        reply = self.replies.setdefault(event.reply, Reply(began=now))
        match event:
            case ReplyBegan():
                self._owed = False
            case ReplyText(text=text):
                reply.text += text
                reply.first_text = now if reply.first_text is None else reply.first_text
            case ReplyAudio(pcm=pcm):
                reply.audio.append(pcm)
                reply.first_audio = now if reply.first_audio is None else reply.first_audio
                reply.last_audio = now
                reply.late_audio += reply.ending is not None
            case ReplyEnded():
                reply.ending, reply.ended = event, now


async def ask_aloud(talk: Talk, microphone: FileMicrophone, exchange: Exchange, timeout: float) -> None:
    """Let the server hear the recording, and collect all its answers in `exchange`.

    Over when every turn is answered and `QUIET` has passed since the last news and the end of the recording. Raises
    `ClientError` when that is not so within `timeout` seconds of the end of the recording, or the connection breaks;
    what had come by then is in `exchange`.
    """
    spoken = asyncio.get_running_loop().time() + microphone.seconds
    try:
        async with asyncio.timeout(microphone.seconds + timeout), microphone.listening(talk):
            while await hear_news(talk, exchange, exchange.over_at(spoken)):
                pass
    except TimeoutError:
        raise ClientError(_overdue(exchange, timeout, "the server noticed no speech")) from None


async def ask_in_writing(talk: Talk, text: str, exchange: Exchange, timeout: float) -> None:
    """Put the question as text, and collect the answer in `exchange`. Raises `ClientError` as `ask_aloud` does."""
    await talk.say(text)
    request = await talk.respond()
    try:
        async with asyncio.timeout(timeout):
            while not exchange.settled:
                await hear_news(talk, exchange, None)
                if refused := [problem for problem in exchange.problems if problem.cause == request]:
                    raise ClientError(f"the server refuses to answer: {refused[0].message}")
    except TimeoutError:
        raise ClientError(_overdue(exchange, timeout, "no answer came")) from None


async def hear_news(talk: Talk, exchange: Exchange, deadline: float | None) -> bool:
    """Take the next event into `exchange`; False when none has come by `deadline`, on the loop's clock."""
    try:
        async with asyncio.timeout_at(deadline):
            event = await anext(talk)
    except TimeoutError:
        return False
    except StopAsyncIteration:
        raise ClientError(f"{talk.url} closed the connection before the answer was complete") from None
    exchange.note(event, asyncio.get_running_loop().time())
    return True


def _overdue(exchange: Exchange, timeout: float, overdue: str) -> str:
    if exchange.replies:
        overdue = "the answer did not end"
    elif exchange.turns:
        overdue = "no answer came"
    hint = f"; its last complaint: {exchange.problems[-1].message}" if exchange.problems else ""
    return f"{overdue} within {timeout:g} s{hint}"
