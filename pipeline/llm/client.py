"""Any server with OpenAI's `/v1/chat/completions`: OpenAI itself, vLLM, Ollama, llama.cpp, our own embedded brain."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.engines import Prompt
from pipeline.errors import EngineError
from pipeline.openai_client import address, connect, is_openai, translating

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk


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
        return self.label or f"{self.model or 'the first model'} at {address(self.base_url)}"

    async def start(self) -> None:
        """Open a connection, and ask which models there are; a server that does not tell is up if one is named."""
        if self._client:
            return
        client, answer = await connect(self.base_url, self.api_key, self.name, self.probe)
        try:
            offered = _first_offered(answer, self.name)
            if not (model := self.model or offered):
                raise EngineError(f"{self.name}: none is listed; name one with llm.model")
        except EngineError:
            await client.close()
            raise
        self._client, self.model = client, model

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
        with translating(self.name):
            stream: AsyncStream[ChatCompletionChunk] = await self._client.chat.completions.create(
                **self._request(prompt), stream=True
            )
            async with stream:
                async for chunk in stream:
                    if chunk.choices and (piece := chunk.choices[0].delta.content):
                        yield piece

    def _request(self, prompt: Prompt) -> dict[str, Any]:  # the SDK's own types are a maze of overloads
        request: dict[str, Any] = {"model": self.model, **prompt.extra}
        request["messages"] = [{"role": message.role, "content": message.text} for message in prompt.messages]
        if prompt.max_tokens is not None:
            # OpenAI's reasoning models refuse the old name, and most other servers do not know the new one.
            request["max_completion_tokens" if is_openai(self.base_url) else "max_tokens"] = prompt.max_tokens
        if prompt.temperature is not None:
            request["temperature"] = prompt.temperature
        return request


def _first_offered(answer: str, name: str) -> str:
    """The first model in what a server said at `/models`, "" where it lists none in OpenAI's way.

    Raises `EngineError` where it is no JSON: then it is no API either.
    """
    try:
        listed = json.loads(answer or "null")
    except ValueError as error:
        raise EngineError(f"{name} is no API: at /models it says {answer[:60]!r}; check the address") from error
    match listed:
        case {"data": [{"id": str(first)}, *_]}:
            return first
        case _:
            return ""
