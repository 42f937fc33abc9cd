"""Any server with OpenAI's `/v1/audio/speech`: OpenAI itself, Kokoro-FastAPI, Speaches, LocalAI, ..."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast

from pipeline.audio import Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError
from pipeline.openai_client import Server, address, connect, translating
from pipeline.tts.formats import HEAD, Decoder, decoder_for
from pipeline.tts.guard import Patience, guarded
from pipeline.tts.unsaid import unsaid_by_time

if TYPE_CHECKING:
    from openai._response import AsyncStreamedBinaryAPIResponse as Response

PATIENCE = Patience(first_audio=1.5, gap=1.5)


@dataclass
class OpenAISpeech:
    """All sessions share its connections, which stay open between utterances."""

    base_url: str = "https://api.openai.com/v1"
    api_key: str = field(default="", repr=False)
    """Empty for the many local servers that want none."""
    model: str = "gpt-4o-mini-tts"
    voice: str = "alloy"
    """Who speaks when the session names nobody, or somebody the server does not know."""
    probe: float = 1.0
    """Seconds the server has to answer at `start`."""
    patience: Patience = PATIENCE
    _server: Server | None = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        """The model, and where it runs."""
        return f"{self.model} at {address(self.base_url)}"

    async def start(self) -> None:
        """Opens a connection and asks for the list of models; a server without one is up as well."""
        if not self._server:
            self._server, _ = await connect(self.base_url, self.api_key, self.name, self.probe)

    async def aclose(self) -> None:
        """Closes the connections."""
        if server := self._server:
            self._server = None
            await server.aclose()

    def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        """See `Tts`. `SpeechCutError.rest` is an estimate from the time spoken."""
        rest = partial(unsaid_by_time, text, speed=voice.speed)
        return guarded(self._sound(text, voice), self.name, self.patience, rest)

    async def _sound(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        if not self._server:
            raise EngineError("closed, or not started")
        with translating("the server"), self._server.asking():
            async with self._asked(self._server, text, voice) as response, aclosing(_body(response)) as body:
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

    @asynccontextmanager
    async def _asked(self, server: Server, text: str, voice: Voice) -> "AsyncGenerator[Response]":
        """The server's answer, open. Where it knows no voice of that name, it is asked again for our own."""
        import openai  # noqa: PLC0415

        ask = partial(
            server.client.audio.speech.with_streaming_response.create,
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


def _body(response: "Response") -> AsyncGenerator[bytes]:
    return cast("AsyncGenerator[bytes]", response.iter_bytes())  # declared an iterator, but it must be closed
