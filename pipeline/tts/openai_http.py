"""Any server with OpenAI's `/v1/audio/speech`: OpenAI itself, Kokoro-FastAPI, Speaches, LocalAI, ..."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pipeline.audio import Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError, RefusedError
from pipeline.openai_server import Server, address
from pipeline.speech_client import SpeechClient, connect
from pipeline.tts.formats import HEAD, decoder_for
from pipeline.tts.guard import Patience, guarded
from pipeline.tts.unsaid import unsaid_by_time

if TYPE_CHECKING:
    from aiohttp import ClientResponse

PATIENCE = Patience(first_audio=1.5, gap=1.5)

UNKNOWN_VOICE = (400, 404, 422)
"""HTTP statuses by which servers refuse a voice whose name they do not know."""


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
    _server: Server[SpeechClient] | None = field(default=None, init=False, repr=False)

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
        with self._server.asking():
            async with self._asked(self._server.client, text, voice) as response:
                try:
                    head = await response.content.readexactly(HEAD)
                except asyncio.IncompleteReadError:
                    return
                decoder = decoder_for(response.headers.get("content-type", ""), head)
                yield decoder.feed(head)
                while raw := await response.content.read(decoder.bite):
                    yield decoder.feed(raw)
                    await asyncio.sleep(0)  # what is here already is no reason to keep the loop
                yield decoder.finish()

    @asynccontextmanager
    async def _asked(self, client: SpeechClient, text: str, voice: Voice) -> "AsyncGenerator[ClientResponse]":
        """The server's answer, open. Where it knows no voice of that name, it is asked again for our own."""

        def ask(name: str) -> "AbstractAsyncContextManager[ClientResponse]":
            asked = {"model": self.model, "input": text, "voice": name, "response_format": "pcm"}
            body = json.dumps(asked if voice.speed == 1.0 else {**asked, "speed": voice.speed}).encode()
            return client.post("/audio/speech", "application/json", body, "the server")

        async with AsyncExitStack() as opened:
            try:
                response = await opened.enter_async_context(ask(voice.name or self.voice))
            except RefusedError as refused:
                if refused.status not in UNKNOWN_VOICE or voice.name in ("", self.voice):
                    raise
                response = await opened.enter_async_context(ask(self.voice))
            yield response
