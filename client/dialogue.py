"""Who says what: the server's events as news for the user, without sound and without time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from client.events import (
    Event,
    Heard,
    HeardPartly,
    HeardSoFar,
    NotHeard,
    ReplyAudio,
    ReplyBegan,
    ReplyEnded,
    ReplyText,
    ServerError,
    SpeechStarted,
    SpeechStopped,
)
from client.lasting import Back, Lost
from client.news import News, Notice, Words


@dataclass(slots=True)
class Dialogue:
    """Feed it every event."""

    speaking: bool = False
    """The user is."""
    owed: bool = False
    """The user waits for an answer, or for the rest of one."""
    _heard: dict[str, str] = field(default_factory=dict[str, str])
    """Item -> what is understood of it so far, of what the user says."""
    _partials: bool = False
    """The server tells live words: the pieces of the transcript that follow say nothing new."""
    _replies: dict[str, str] = field(default_factory=dict[str, str])
    """Reply -> what was said of it so far, for those under way and not interrupted."""

    @property
    def answering(self) -> bool:
        """A reply is under way."""
        return bool(self._replies)

    def wants(self, sound: ReplyAudio) -> bool:
        """Whether this sound is of a reply that nobody has interrupted."""
        return sound.reply in self._replies

    def note(self, event: Event | Lost | Back) -> Iterator[News]:
        """Take in the next event; what there is to tell of it."""
        match event:
            case SpeechStarted():
                self.speaking = True
                yield from self.interrupt()
            case SpeechStopped():
                self.speaking, self.owed = False, True
            case HeardSoFar(item, text) if not self._partials:
                yield from self._partly(item, self._heard.get(item, "") + text)
            case HeardPartly(item, text):
                self._partials = True
                yield from self._partly(item, text)
            case Heard() | NotHeard():
                yield from self._wholly(event)
            case ReplyBegan() | ReplyText() | ReplyEnded():
                yield from self._answer(event)
            case ServerError(code="response_cancel_not_active"):
                pass  # it was over by the time we wanted it to be
            case ServerError(message):
                yield Notice(f"the server says: {message}")
            case Lost(reason):
                yield Notice(f"{reason}; trying again")
            case Back(resumed):
                yield from self._back(resumed=resumed)
            case _:
                pass

    def interrupt(self) -> Iterator[News]:
        """What is being said will not be heard."""
        replies, self._replies = self._replies, {}
        self.owed = False
        for text in replies.values():
            if text.strip():
                yield Words("antiphon", text.strip(), final=True, interrupted=True)

    def _partly(self, item: str, text: str) -> Iterator[News]:
        if text != self._heard.get(item):
            self._heard[item] = text
            yield Words("you", text.strip(), final=False)

    def _wholly(self, event: Heard | NotHeard) -> Iterator[News]:
        self._heard.pop(event.item, None)
        match event:
            case Heard(text=text) if text.strip():
                yield Words("you", text.strip(), final=True)
            case Heard():
                yield Words("you", "", final=True)
                self.owed = self.answering
            case NotHeard(message=message):
                yield Notice(f"not understood: {message}")
                self.owed = self.answering

    def _answer(self, event: ReplyBegan | ReplyText | ReplyEnded) -> Iterator[News]:
        match event:
            case ReplyBegan(reply):
                self._replies[reply] = ""
                self.owed = True
            case ReplyText(reply, text=text) if reply in self._replies:
                self._replies[reply] += text
                yield Words("antiphon", self._replies[reply].strip(), final=False)
            case ReplyEnded(reply, status, problem):
                text = self._replies.pop(reply, "").strip()
                self.owed = self.answering
                if text:
                    yield Words("antiphon", text, final=True, interrupted=status == "cancelled")
                if status == "failed":
                    yield Notice(f"no reply: {problem}")
            case _:
                pass

    def _back(self, *, resumed: bool) -> Iterator[News]:
        if resumed:
            yield Notice("connected again; the conversation goes on")
        else:
            yield from self.interrupt()
            self.speaking = False
            self._heard.clear()
            yield Notice("connected again; the server has forgotten the conversation")
