"""Any server with OpenAI's `/v1/chat/completions`: OpenAI itself, vLLM, Ollama, llama.cpp, our own embedded brain."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.engines import Prompt
from pipeline.errors import EngineError

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk

KEEP_ALIVE = 120.0
"""Seconds an idle connection is kept: people think longer than the client's 5 s, and a new one costs round trips."""


@dataclass(eq=False)
class ChatCompletions:
    """One model behind one endpoint. One client for all sessions, whose connections stay open."""

    base_url: str
    model: str
    """Empty for the first one the server offers."""
    api_key: str = field(default="", repr=False)
    label: str = ""
    """What people call it; the model and its address when empty."""
    probe: float = 1.0
    """Seconds the server has to answer at `start`."""
    first_token: float = 8.0
    """Seconds until the first piece of content; roles, empty deltas and keep-alives are none."""
    next_token: float = 8.0
    """Seconds between two pieces of content."""
    _client: "AsyncOpenAI | None" = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or f"{self.model or 'the first model'} at {self.base_url}"

    async def start(self) -> None:
        """Open a connection, and ask which models there are."""
        client = await asyncio.to_thread(_client, self.base_url, self.api_key)
        self._client = client
        async with self._translating():
            try:
                async with asyncio.timeout(self.probe):
                    offered = [model.id async for model in client.models.list()]
            except TimeoutError:
                raise EngineError(f"{self.base_url} did not answer within {self.probe:g} s") from None
        if not self.model:
            if not offered:
                raise EngineError(f"{self.base_url} offers no model; name one with llm.model")
            self.model = offered[0]

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client:
            await client.close()

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str]:
        """See `Llm`."""
        async with aclosing(self._content(prompt)) as pieces:
            patience, due = self.first_token, "no word of an answer"
            while True:
                try:
                    async with asyncio.timeout(patience):
                        piece = await anext(pieces, None)
                except TimeoutError:
                    raise EngineError(f"{self.name}: {due} within {patience:g} s") from None
                if piece is None:
                    return
                yield piece
                patience, due = self.next_token, "no further word"

    async def _content(self, prompt: Prompt) -> AsyncGenerator[str]:
        """Only the content of a stream. Leaving early closes the connection, which tells the server to stop."""
        if not self._client:
            raise EngineError(f"{self.name} is not started")
        request: dict[str, Any] = {"model": self.model, **prompt.extra}  # the SDK's own types are a maze of overloads
        request["messages"] = [{"role": message.role, "content": message.text} for message in prompt.messages]
        if prompt.max_tokens is not None:
            request["max_tokens"] = prompt.max_tokens
        if prompt.temperature is not None:
            request["temperature"] = prompt.temperature
        async with self._translating():
            stream: AsyncStream[ChatCompletionChunk] = await self._client.chat.completions.create(
                **request, stream=True
            )
            async with stream:
                async for chunk in stream:
                    if chunk.choices and (piece := chunk.choices[0].delta.content):
                        yield piece

    @asynccontextmanager
    async def _translating(self) -> AsyncGenerator[None]:
        """Turn the library's errors into ours, in the words of a person who can act on them."""
        from httpx2 import ConnectError, ConnectTimeout, HTTPError  # noqa: PLC0415
        from openai import APIConnectionError, APIStatusError, OpenAIError  # noqa: PLC0415

        try:
            yield
        except APIStatusError as error:
            raise EngineError(f"{self.name} refused with HTTP {error.status_code}: {error.message}") from error
        except APIConnectionError as error:
            cause = error.__cause__ or error
            what = "cannot be reached" if isinstance(cause, ConnectError | ConnectTimeout) else "broke off"
            raise EngineError(f"{self.name} {what}: {cause}") from error
        except (OpenAIError, HTTPError, ValueError) as error:  # ValueError: a line of the stream was no JSON
            raise EngineError(f"{self.name} broke off: {error or type(error).__name__}") from error


def _client(base_url: str, api_key: str) -> "AsyncOpenAI":
    """Blocking: importing the SDK and reading the certificates takes most of a second."""
    from httpx2 import Limits, Timeout  # noqa: PLC0415
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # noqa: PLC0415

    http = DefaultAsyncHttpxClient(limits=Limits(keepalive_expiry=KEEP_ALIVE), timeout=Timeout(60.0, connect=5.0))
    return AsyncOpenAI(base_url=base_url, api_key=api_key or "none", max_retries=0, http_client=http)
