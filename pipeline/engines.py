"""What an engine is: small protocols for what one can be asked, and the names of those there are.

An engine is a dataclass in a file of its own. It imports its library inside `start`, does blocking work on a thread of
its own, and translates its library's errors to `EngineError` at the call.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from pipeline.audio import Pcm


class Engine(Protocol):
    """What the three networked or heavy stages share. One instance serves all sessions."""

    @property
    def name(self) -> str:
        """The engine and its model as a person would say it: "faster-whisper small (int8, CPU)"."""
        ...

    async def start(self) -> None:
        """Load, probe, warm up. Raises `EngineError` with the reason when it cannot work here and now."""
        ...

    async def aclose(self) -> None:
        """Let go of threads, sockets and memory. Safe to call twice, and before `start`."""
        ...


class Vad(Protocol):
    """Tells speech from the rest. Recurrent: one instance per session, fed without gaps."""

    def hear(self, chunk: Pcm) -> float:
        """The probability, 0..1, that these 512 samples (32 ms at 16 kHz) hold speech."""
        ...


class Listening(Protocol):
    """One utterance on its way to text. Methods are called on the event loop and return at once, but for `settle`."""

    def feed(self, pcm: Pcm) -> None:
        """The next samples at 16 kHz, any number of them. Never blocks: decoding happens on the engine's thread."""
        ...

    def prepare(self) -> None:
        """A hint that the speaker may have stopped: an engine that decodes on demand may begin now."""
        ...

    async def settle(self) -> "Transcript":
        """The text of all that was fed so far; more may be fed afterwards, and settled again.

        Returns at once when nothing was fed since the decode that `prepare` began. Cancelling it loses nothing.
        Raises `EngineError`.
        """
        ...

    def close(self) -> None:
        """The utterance is over or abandoned: stop decoding it. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood."""

    text: str
    language: str = ""
    """ISO 639-1 code where the engine knows it, else empty."""
    by: str = ""
    """The name of the engine that understood it, where there was a choice."""
    billed: float = 0.0
    """Seconds of sound that somebody may want money for: all that was sent since the last transcript, also in vain."""


class Asr(Protocol):
    """Speech to text."""

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> Listening:
        """Begin an utterance. `language` is an ISO 639-1 code or empty for "find out".

        `likely` is what was spoken before: to be believed where there is too little sound to tell, and no longer.

        `on_partial` is called on the event loop with the whole text so far, each time it has grown or changed.
        """
        ...


Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said, as the model is told of it."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that a model wants called."""

    id: str
    name: str
    arguments: str
    """JSON, as the model wrote it."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What a model called at once, and what it said before, if anything."""

    calls: Sequence[ToolCall]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call."""

    call_id: str
    output: str


PromptLine: TypeAlias = Message | Calls | Result
"""A line of the prompt. After `Calls` comes the `Result` of each, or servers refuse the prompt."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a model is asked."""

    messages: Sequence[PromptLine]
    max_tokens: int | None = None
    temperature: float | None = None
    tools: Sequence[Mapping[str, Any]] = ()
    """Functions that may be called: `{"name", "description"?, "parameters"?}`, the last a JSON schema."""
    tool_choice: str = "auto"
    """`auto`, `none`, `required`, or the name of one of the tools."""
    parallel_calls: bool | None = None
    """Whether several functions may be called at once; None as the model likes."""
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further fields of the chat completions request, passed through as they are."""


@dataclass(frozen=True, slots=True)
class CallPiece:
    """Part of a function call. Its first piece brings the name; calls come one after the other."""

    number: int
    """Of the call within the answer, counted from 0."""
    id: str = ""
    """The model's name for the call, with its first piece."""
    name: str = ""
    """The function's, with its first piece."""
    arguments: str = ""
    """The next part of its arguments' JSON."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took, in tokens of its model."""

    prompt: int
    completion: int
    cached: int = 0
    """Of the prompt, those the server knew already."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a server lets us ask before it asks us to wait."""

    name: Literal["requests", "tokens"]
    limit: int
    remaining: int
    reset: float
    """Seconds until nothing is used any more."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of an answer, and what its server says of it."""

    reason: Literal["stop", "length", "content_filter"] = "stop"
    """`length` where the answer had more to say than `max_tokens` let it."""
    usage: Usage | None = None
    """None where the server does not tell."""
    limits: Sequence[RateLimit] = ()


Piece: TypeAlias = str | CallPiece | Finish
"""What an answer is made of: words, calls, and at most one `Finish`, which comes last."""


class Llm(Protocol):
    """A chat model that streams."""

    def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """The answer piece by piece, words and calls never empty. Closing the iterator cancels the request.

        Raises `EngineError` when no content comes in time, the stream breaks or stalls, or the server refuses.
        """
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and how. A name an engine does not know means its default for the language."""

    name: str = ""
    language: str = "en"
    """ISO 639-1 code of the text that will be spoken."""
    speed: float = 1.0
    """1.0 is the voice's natural rate; 0.25..1.5 as in OpenAI Realtime."""


class Tts(Protocol):
    """Text to speech."""

    def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        """The sound of `text` at 24 kHz, in chunks of any length but never empty, as early as they are there.

        `text` is speakable already: no markdown, no symbols. Closing the iterator stops the synthesis.
        Raises `EngineError` when nothing was spoken, `SpeechCutError` when the voice broke off.
        """
        ...


class AsrEngine(Engine, Asr, Protocol):
    """One that hears."""


class LlmEngine(Engine, Llm, Protocol):
    """One that thinks."""


class TtsEngine(Engine, Tts, Protocol):
    """One that speaks."""


ASR = ("faster-whisper", "openai", "pocketsphinx")
LLM = ("openai", "ollama", "brain")
TTS = ("edge-tts", "openai", "espeak-ng")
"""What the engines are called in the settings."""
