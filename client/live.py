"""A conversation through a sound card: what the microphone hears goes up, what the server says is played."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from client.devices import SoundCard
from client.errors import ClientError
from client.events import Event, Heard, ReplyAudio, ReplyBegan, ReplyEnded, ReplyText, ServerError, SpeechStarted
from client.realtime import Talk
from client.tasks import alongside


@dataclass(slots=True)
class LiveTalk:
    """One caller on one sound card."""

    talk: Talk
    card: SoundCard
    show: Callable[[str], None]
    """Called with each line of the dialogue."""
    half_duplex: bool = False
    """Do not listen while speaking: without headphones the server would hear itself, and interrupt itself."""
    _text: dict[str, str] = field(default_factory=dict[str, str])
    """Reply -> what was said of it so far, for those under way."""

    async def run(self) -> None:
        """Talk until cancelled. Raises `ClientError` when the server goes away."""
        async with alongside(self._listen()):
            async for event in self.talk:
                await self.follow(event)
            raise ClientError("the server has ended the conversation")

    async def follow(self, event: Event) -> None:
        """Do what an event of the server's asks for."""
        match event:
            case SpeechStarted():
                await self._fall_silent()
            case ReplyBegan(reply):
                self._text[reply] = ""
            case ReplyAudio(reply, item, pcm) if reply in self._text:
                self.card.playback.add(item, pcm)
            case ReplyText(reply, text=text) if reply in self._text:
                self._text[reply] += text
            case ReplyEnded(reply):
                self._close(event, self._text.pop(reply, ""))
            case Heard(text=text) if text.strip():
                self.show(f"You: {text.strip()}")
            case ServerError(message):
                self.show(f"(the server says: {message})")
            case _:
                pass

    async def _fall_silent(self) -> None:
        """The user interrupts: play nothing more of the reply, and tell the server how much of it was heard."""
        for text in self._text.values():
            self._show_reply(text, interrupted=True)
        self._text.clear()
        for cut in self.card.playback.silence(self.card.latency):
            await self.talk.truncate(cut.item, cut.heard_ms)

    def _close(self, ending: ReplyEnded, text: str) -> None:
        self._show_reply(text, interrupted=ending.status == "cancelled")
        if ending.status == "failed":
            self.show(f"(no reply: {ending.problem})")

    def _show_reply(self, text: str, *, interrupted: bool) -> None:
        if text.strip():
            self.show(f"Antiphon: {text.strip()}{' —' if interrupted else ''}")

    async def _listen(self) -> None:
        while True:
            pcm = await self.card.listen()
            await self.talk.hear(np.zeros_like(pcm) if self.half_duplex and self.card.playback.busy else pcm)
