"""Any server with OpenAI's `/v1/audio/speech`: OpenAI itself, Kokoro-FastAPI, Speaches, LocalAI, ..."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast

from pipeline.audio import Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError
from pipeline.tts.formats import HEAD, Decoder, decoder_for
from pipeline.tts.guard import Patience, guarded
from pipeline.tts.unsaid import unsaid_by_time

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai._response import AsyncStreamedBinaryAPIResponse as Response

KEEP_ALIVE = 60.0
"""Seconds an idle connection is kept: people think for longer than httpx's 5 s, and a new one costs round trips."""

PATIENCE = Patience(first_audio=1.5, gap=1.5)


@dataclass
class OpenAISpeech:
    """One client for all sessions, whose connections stay open between utterances."""

    base_url: str = "https://api.openai.com/v1"
    api_key: str = field(default="", repr=False)
    """Empty for the many local servers that want none."""
    model: str = "gpt-4o-mini-tts"
    voice: str = "alloy"
    """Who speaks when the session names nobody, or somebody the server does not know."""
    probe: float = 1.0
    """Seconds the server has to answer at `start`."""
    patience: Patience = PATIENCE
    _client: "AsyncOpenAI | None" = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        """The model, and where it runs."""
        return f"{self.model} at {self.base_url}"

    async def start(self) -> None:
        """Opens a connection and asks for the list of models; a server without one is up as well."""
        if not self._client:
            self._client = await asyncio.to_thread(_client, self.base_url, self.api_key)
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415

        try:
            async with asyncio.timeout(self.probe):
                await self._client.get("/models", cast_to=httpx2.Response)
        except openai.APIStatusError as error:
            if error.status_code in (401, 403) or error.status_code >= 500:
                raise EngineError(f"{self.name} answers {error.status_code}: {error.message}") from error
        except TimeoutError as error:
            raise EngineError(f"{self.name} did not answer within {self.probe:g} s") from error
        except openai.OpenAIError as error:
            raise EngineError(f"{self.name} cannot be reached: {error.__cause__ or error}") from error

    async def aclose(self) -> None:
        """Closes the connections."""
        if client := self._client:
            self._client = None
            await client.close()

    def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        """See `Tts`. `SpeechCutError.rest` is an estimate from the time spoken."""
        rest = partial(unsaid_by_time, text, speed=voice.speed)
        return guarded(self._sound(text, voice), self.name, self.patience, rest)

    async def _sound(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        import httpx2  # noqa: PLC0415 - what openai speaks HTTP with, and lets through when a stream breaks
        import openai  # noqa: PLC0415

        try:
            async with self._asked(text, voice) as response, aclosing(_body(response)) as body:
                head = b""
                decoder: Decoder | None = None
                async for raw in body:
                    if decoder:
                        yield decoder.feed(raw)
                    elif len(head := head + raw) >= HEAD:
                        decoder = decoder_for(response.headers.get("content-type", ""), head)
                        yield decoder.feed(head)
                if decoder:
                    yield decoder.finish()
        except openai.APIStatusError as error:
            raise EngineError(f"{error.status_code} {error.message}") from error
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise EngineError(f"{type(error).__name__}: {error.__cause__ or error}") from error

    @asynccontextmanager
    async def _asked(self, text: str, voice: Voice) -> "AsyncGenerator[Response]":
        """The server's answer, open. Where it knows no voice of that name, it is asked again for our own."""
        import openai  # noqa: PLC0415

        if not self._client:
            raise EngineError("closed, or not started")
        ask = partial(
            self._client.audio.speech.with_streaming_response.create,
            input=text,
            model=self.model,
            response_format="pcm",
            speed=openai.omit if voice.speed == 1.0 else voice.speed,
        )
        async with AsyncExitStack() as opened:
            try:
                response = await opened.enter_async_context(ask(voice=voice.name or self.voice))
            except (openai.BadRequestError, openai.NotFoundError, openai.UnprocessableEntityError):
                if voice.name in ("", self.voice):
                    raise
                response = await opened.enter_async_context(ask(voice=self.voice))
            yield response


def _client(base_url: str, api_key: str) -> "AsyncOpenAI":
    """Takes 0.5 s, mostly imports. It has no timers and tries nothing twice: that is for us to decide."""
    try:
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(f"OpenAI's client cannot be loaded ({error}): pip install openai") from error
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        timeout=None,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE)),
    )


def _body(response: "Response") -> AsyncGenerator[bytes]:
    return cast("AsyncGenerator[bytes]", response.iter_bytes())  # declared an iterator, but it must be closed
