"""Any server with OpenAI's `/v1/audio/transcriptions`: OpenAI itself, Groq, Speaches, LocalAI, ..."""

import asyncio
import io
import json
import wave
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from pipeline.asr.kept import Kept
from pipeline.asr.loudness import Loudness
from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Listening, Transcript
from pipeline.errors import EngineError
from pipeline.openai_server import Server, address
from pipeline.speech_client import Body, SpeechClient, connect, multipart
from pipeline.words import mended

SHORTEST = HEARING_RATE // 10
"""Samples; OpenAI refuses less, and there is no word in it."""

LONG = 10 * HEARING_RATE
"""Samples that are made into a request on the spot, in up to a millisecond (three seconds of them: 0.2 ms). A thread,
which costs another 0.2 ms, is for more."""

AT_ONCE = 200
"""Pieces that are joined in one go, during which no other thread gets on."""

Outcome = Transcript | EngineError


@dataclass(eq=False)
class OpenAITranscription:
    """Uploads what was said once there is a pause. All sessions share its connections, which stay open."""

    base_url: str = "https://api.openai.com/v1"
    api_key: str = field(default="", repr=False)
    """Empty for the many local servers that want none."""
    model: str = "gpt-4o-mini-transcribe"
    probe: float = 1.0
    """Seconds the server has to answer at `start`."""
    timeout: float = 8.0
    """Seconds it has for a transcript."""
    eager: bool = True
    """Whether a transcript is begun at the first moment of quiet, which one time in three is but a consonant."""
    on_waste: Callable[[float], None] | None = field(default=None, repr=False)
    """Told, of an utterance that is given up, how many seconds were uploaded since the last transcript: they have a
    price as well. What the server failed at has none."""
    partial_every: float = 0.0
    """Seconds of new speech after which all that was said is uploaded for a partial. 0 for never: it costs money."""
    _server: Server[SpeechClient] | None = field(default=None, init=False, repr=False)
    _requests: asyncio.TaskGroup | None = field(default=None, init=False, repr=False)
    _running: set[asyncio.Task[Outcome]] = field(default_factory=set[asyncio.Task[Outcome]], init=False, repr=False)
    _opened: AsyncExitStack = field(default_factory=AsyncExitStack, init=False, repr=False)

    @property
    def name(self) -> str:
        """The model, and where it runs."""
        return f"{self.model} at {address(self.base_url)}"

    async def start(self) -> None:
        """Opens a connection and asks for the list of models; a server without one is up as well."""
        if self._server:
            return
        self._server, _ = await connect(self.base_url, self.api_key, self.name, self.probe)
        self._opened.push_async_callback(self._server.aclose)
        self._requests = await self._opened.enter_async_context(asyncio.TaskGroup())

    async def aclose(self) -> None:
        """Cancels what is under way, and closes the connections."""
        self._server = self._requests = None
        for task in self._running:
            task.cancel()
        await self._opened.aclose()

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> Listening:
        """Begins an utterance. The server is told the language if there is one, and finds it out by itself if not."""
        if not self._server:
            raise EngineError(f"{self.name} was not started")
        return _Utterance(self, language, on_partial)

    def begin(self, pieces: Sequence[Pcm], language: str) -> asyncio.Task[Outcome] | None:
        """Uploads 16 kHz samples; None once the engine is closed. It never fails: it would take others' with it."""
        if not self._requests or not self._server:
            return None
        task = self._requests.create_task(self._transcribe(self._server, pieces, language))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _transcribe(self, server: Server[SpeechClient], pieces: Sequence[Pcm], language: str) -> Outcome:
        try:
            with server.asking():
                async with asyncio.timeout(self.timeout):
                    form = await self._form(pieces, language)
                    async with server.client.post("/audio/transcriptions", *form, self.name) as response:
                        answer = await response.text(errors="replace")
                        text = self._text(answer) if response.content_type.endswith("json") else answer
                        return Transcript(mended(text.strip())[0], language)
        except EngineError as error:
            return error
        except TimeoutError:
            return EngineError(f"{self.name} had no transcript within {self.timeout:g} s")

    def _text(self, answer: str) -> str:
        match json.loads(answer):
            case {"text": str(text)}:
                return text
            case _:
                raise EngineError(f"{self.name} answers without a text: {answer[:100]!r}")

    async def _form(self, pieces: Sequence[Pcm], language: str) -> tuple[str, Body]:
        fields = {"model": self.model, "response_format": "json"} | ({"language": language} if language else {})
        if sum(map(len, pieces)) < LONG:
            return multipart(fields, _wav(pieces))
        return await asyncio.to_thread(lambda: multipart(fields, _wav(pieces)))


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    until: int
    """The samples of the utterance that were sent."""
    task: asyncio.Task[Outcome]

    def failed(self) -> bool:
        return self.task.done() and (self.task.cancelled() or isinstance(self.task.result(), EngineError))


class _Utterance:
    """A `Listening` with at most one request that still matters."""

    def __init__(self, engine: OpenAITranscription, language: str, on_partial: Callable[[str], None]) -> None:
        self._engine, self._language, self._on_partial = engine, language, on_partial
        self._step = int(engine.partial_every * HEARING_RATE)
        self._kept = Kept()
        self._length = 0
        self._loudness = Loudness()
        self._request: _Request | None = None
        self._shown = ""
        self._sent = 0
        """Samples uploaded since the last transcript, each as often as it was, but for those the server failed at."""
        self._closed = False

    def feed(self, pcm: Pcm) -> None:
        if self._closed:
            return
        self._kept.add(pcm)
        self._length += len(pcm)
        self._loudness.hear(pcm)
        if self._step and self._partial_due() and (request := self._ask()):
            request.task.add_done_callback(self._show)

    def prepare(self) -> None:
        if self._engine.eager and not self._closed and self._length >= SHORTEST:
            self._ask()

    async def settle(self) -> Transcript:
        if self._closed:
            raise EngineError("asked for the text of an utterance that is closed")
        if self._length < SHORTEST:
            return Transcript("", self._language)
        if not (request := self._ask()):
            raise EngineError(f"{self._engine.name} is closed")
        await asyncio.wait({request.task})  # not `await request.task`: cancelling us would cancel the request
        if request.task.cancelled():
            raise EngineError(f"{self._engine.name} was asked for something else meanwhile, or closed")
        outcome = request.task.result()
        if isinstance(outcome, EngineError):
            raise outcome
        billed, self._sent = self._sent / HEARING_RATE, 0
        return replace(outcome, billed=billed)

    def close(self) -> None:
        self._closed = True
        self._kept.clear()
        self._loudness = Loudness()
        if self._request:
            self._request.task.cancel()
            self._request = None  # it knows what it was asked
        wasted, self._sent = self._sent / HEARING_RATE, 0
        if wasted and self._engine.on_waste:
            self._engine.on_waste(wasted)

    def _partial_due(self) -> bool:
        if self._request and not self._request.task.done():
            return False
        until = self._request.until if self._request else 0
        return self._length - until >= self._step and not self._loudness.quiet_since(until)

    def _ask(self) -> _Request | None:
        """The request for all that was said: the last one if there was only quiet since, or a new one instead of it."""
        last = self._request
        if last and not last.failed() and self._loudness.quiet_since(last.until):
            return last
        if last:
            last.task.cancel()
        task = self._engine.begin(self._kept.pieces(), self._language)
        self._request = _Request(self._length, task) if task else None
        if self._request:
            self._sent += self._length
            self._request.task.add_done_callback(partial(self._forget_failure, self._length))
        return self._request

    def _forget_failure(self, samples: int, task: asyncio.Task[Outcome]) -> None:
        if not task.cancelled() and isinstance(task.result(), EngineError):
            self._sent = max(0, self._sent - samples)

    def _show(self, task: asyncio.Task[Outcome]) -> None:
        if self._closed or task.cancelled():
            return
        outcome = task.result()
        if isinstance(outcome, Transcript) and outcome.text != self._shown:
            self._shown = outcome.text
            self._on_partial(outcome.text)


def _wav(pieces: Sequence[Pcm]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(HEARING_RATE)
        for start in range(0, len(pieces), AT_ONCE):
            sound.writeframesraw(np.concatenate(pieces[start : start + AT_ONCE]).astype("<i2", copy=False).data)
    return file.getvalue()
