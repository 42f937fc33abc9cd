"""Engines that hear, think and speak exactly as scripted, and a caller who talks to them on the virtual clock."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import numpy as np

from pipeline.audio import HEARING_RATE, SPEAKING_RATE, Pcm
from pipeline.context.conversation import Conversation, Entry
from pipeline.engines import (
    AsrEngine,
    Engine,
    LlmEngine,
    Message,
    Piece,
    Prompt,
    PromptLine,
    Transcript,
    TtsEngine,
    Voice,
)
from pipeline.errors import EngineError, SpeechCutError
from pipeline.events import Event, ReplyEnded, Said, Spoken
from pipeline.manner import Manner
from pipeline.roster import Candidate, Engines, Stage
from pipeline.session import Session, open_session

LOUD, QUIET = 10_000, 0
"""Sample values; `FakeVad` takes them for speech and for silence."""

PIECE = 0.02
"""Seconds of sound the caller sends at a time."""

BLOCK = 0.1
"""Seconds of sound a voice delivers at a time."""

Words: TypeAlias = str | Mapping[float, str]
"""What is understood of an utterance; or, by how many seconds of voice there were, the words known from then on."""


class FakeVad:
    """Hears how loud the loudest sample is."""

    def hear(self, chunk: Pcm) -> float:
        return float(chunk.max()) / LOUD


class Started:
    """An engine that is always there."""

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


@dataclass(eq=False)
class FakeListening:
    """One utterance."""

    asr: "FakeAsr"
    words: Words
    on_partial: Callable[[str], None]
    voice: float = 0.0
    """Seconds of voice it was fed."""
    seconds: float = 0.0
    """Seconds of sound it was fed."""
    prepared: int = 0
    closed: int = 0
    _known: str = ""

    def feed(self, pcm: Pcm) -> None:
        self.seconds += len(pcm) / HEARING_RATE
        self.voice += np.count_nonzero(pcm) / HEARING_RATE
        if not isinstance(self.words, str) and self.text() != self._known:
            self._known = self.text()
            self.on_partial(self._known)

    def prepare(self) -> None:
        self.prepared += 1

    async def settle(self) -> Transcript:
        await asyncio.sleep(self.asr.delay)
        if self.asr.failure:
            raise self.asr.failure
        return Transcript(self.text(), self.asr.language, by=self.asr.name, billed=self.seconds)

    def close(self) -> None:
        self.closed += 1

    def text(self) -> str:
        if isinstance(self.words, str):
            return self.words
        known = [words for voice, words in self.words.items() if self.voice >= voice - 0.001]
        return known[-1] if known else ""


@dataclass(eq=False)
class FakeAsr(Started):
    """Understands what it is told it will."""

    utterances: Sequence[Words] = ("What time is it?",)
    """In their order; the last of them again and again."""
    delay: float = 0.1
    """Seconds from `settle` to the words."""
    failure: Exception | None = None
    """Raised instead of them."""
    language: str = ""
    """The one that it is certain of."""
    name: str = "ear"
    heard: list[FakeListening] = field(default_factory=list[FakeListening])

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> FakeListening:
        words = self.utterances[min(len(self.heard), len(self.utterances) - 1)]
        self.heard.append(FakeListening(self, words, on_partial))
        return self.heard[-1]


@dataclass(eq=False)
class FakeLlm(Started):
    """Says its lines word by word."""

    replies: Sequence[str | Sequence[Piece]] = ("It is late.",)
    """In their order; the last of them again and again."""
    first_token: float = 0.2
    """Seconds; infinite for a model that never answers."""
    tokens_per_second: float = 50.0
    failure: Exception | None = None
    """Raised in place of the word of this number, counted from 0."""
    fails_at: int = 0
    name: str = "mind"
    prompts: list[Prompt] = field(default_factory=list[Prompt])
    asked_at: list[float] = field(default_factory=list[float])
    left: int = 0
    """Requests that were closed before they were complete."""

    def questions(self) -> list[str]:
        """The last line of each prompt."""
        last = [prompt.messages[-1] for prompt in self.prompts]
        return [line.text if isinstance(line, Message) else repr(line) for line in last]

    def told(self, number: int) -> Sequence[PromptLine]:
        """A prompt without the advice on how to answer, which comes right before the question."""
        *before, advice, question = self.prompts[number].messages
        assert isinstance(advice, Message)
        assert advice.role == "system"
        return [*before, question]

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        reply = self.replies[min(len(self.prompts), len(self.replies) - 1)]
        self.prompts.append(prompt)
        self.asked_at.append(asyncio.get_running_loop().time())
        complete = False
        try:
            await asyncio.sleep(self.first_token)
            for number, word in enumerate(re.findall(r"\s*\S+", reply) if isinstance(reply, str) else reply):
                if number:
                    await asyncio.sleep(1 / self.tokens_per_second)
                if self.failure and number == self.fails_at:
                    raise self.failure
                yield word
            complete = True
        finally:
            self.left += not complete


@dataclass(eq=False)
class FakeTts(Started):
    """Makes sound as long as its text."""

    first_audio: float = 0.15
    """Seconds to the first sound; infinite for a voice that never speaks."""
    pace: float = 0.1
    """Seconds it takes to make a second of sound."""
    seconds_per_character: float = 0.06
    failure: Exception | None = None
    """Raised after `fails_at` seconds of a clause's sound."""
    fails_at: float = 0.0
    name: str = "voice"
    asked: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """When, and to say what."""
    languages: list[str] = field(default_factory=list[str])
    """And in which."""
    left: int = 0
    """Clauses that were closed before they were complete."""

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        self.asked.append((asyncio.get_running_loop().time(), text))
        self.languages.append(voice.language)
        complete = False
        try:
            await asyncio.sleep(self.first_audio)
            blocks = max(1, round(len(text) * self.seconds_per_character / BLOCK))
            for number in range(blocks):
                if self.failure and number * BLOCK >= self.fails_at:
                    raise self._cut(text, number / blocks) if number else self.failure
                if number:
                    await asyncio.sleep(BLOCK * self.pace)
                yield np.ones(round(BLOCK * SPEAKING_RATE), np.int16)
            complete = True
        finally:
            self.left += not complete

    def _cut(self, text: str, done: float) -> Exception:
        return SpeechCutError(str(self.failure), text[round(done * len(text)) :])


E = TypeVar("E", bound=Engine)


def staff(asr: Sequence[AsrEngine], llm: Sequence[LlmEngine], tts: Sequence[TtsEngine]) -> Engines:
    """Engines that are all ready."""
    return Engines(_stage("ASR", asr), _stage("LLM", llm), _stage("TTS", tts))


def _stage(job: str, engines: Sequence[E]) -> Stage[E]:
    return Stage(job, [Candidate(engine, "ready") for engine in engines])


K = TypeVar("K", bound=Event)


@dataclass
class Call:
    """A caller, whom they talk to, and all that came of it."""

    asr: FakeAsr = field(default_factory=FakeAsr)
    llm: FakeLlm = field(default_factory=FakeLlm)
    tts: FakeTts = field(default_factory=FakeTts)
    manner: Manner = field(default_factory=Manner)
    engines: Engines | None = None
    """Instead of those three."""
    talk: Conversation = field(default_factory=Conversation)
    events: list[tuple[float, Event]] = field(default_factory=list[tuple[float, Event]])
    """With the loop's time of each."""
    leaving: float = 0.0
    """Seconds it took to hang up."""
    alive: int = 0
    """Tasks still there after that."""

    def all(self, kind: type[K]) -> list[K]:
        """The events of a kind."""
        return [event for _, event in self.events if isinstance(event, kind)]

    def times(self, kind: type[K]) -> list[float]:
        """When they came, to the tenth of a millisecond."""
        return [round(at, 4) for at, event in self.events if isinstance(event, kind)]

    def kinds(self) -> list[str]:
        """The names of all events in their order, each but once where several of a kind follow each other."""
        names = [type(event).__name__ for _, event in self.events]
        return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]

    def said(self, turn: str) -> str:
        """The text of an answer."""
        return "".join(event.text for event in self.all(Said) if event.turn == turn)

    def sound(self, turn: str) -> float:
        """Seconds of its sound."""
        return sum(len(event.pcm) for event in self.all(Spoken) if event.turn == turn) / SPEAKING_RATE

    def outcomes(self) -> list[tuple[str, str]]:
        """How the answers ended, and why."""
        return [(event.outcome, event.reason) for event in self.all(ReplyEnded)]

    def lines(self) -> list[tuple[str, str]]:
        """The conversation: who said what."""
        return [(entry.role, entry.text) for entry in self.talk.entries if isinstance(entry, Entry)]

    def cast(self) -> Engines:
        """Who takes the call."""
        return self.engines or staff([self.asr], [self.llm], [self.tts])


Deed: TypeAlias = Callable[[Session], object]
Step: TypeAlias = tuple[int, float] | Deed
"""So many seconds of sound that is LOUD or QUIET; or something done to the session, which takes no time."""


async def converse(*steps: Step, call: Call | None = None) -> Call:
    """Live through the steps in 20 ms pieces, then hang up. Multiples of 160 ms are whole chunks for the VAD too."""
    call = call or Call()
    now = asyncio.get_running_loop().time
    before = asyncio.all_tasks()
    async with open_session(call.cast(), call.manner, lambda event: call.events.append((now(), event))) as session:
        session.new_vad = FakeVad
        call.talk = session.talk
        for step in steps:
            if callable(step):
                step(session)
            else:
                await _stream(session, *step)
        hung_up = now()
    call.leaving = now() - hung_up
    call.alive = len(asyncio.all_tasks() - before)
    return call


async def _stream(session: Session, level: int, seconds: float) -> None:
    now = asyncio.get_running_loop().time
    begin, piece = now(), np.full(round(PIECE * HEARING_RATE), level, np.int16)
    for number in range(1, round(seconds / PIECE) + 1):
        await asyncio.sleep(begin + number * PIECE - now())
        await session.hear(piece)


def broken(what: str) -> EngineError:
    """A failure an engine may have."""
    return EngineError(f"the {what} broke")
