"""Any server with OpenAI's `/v1/chat/completions`: OpenAI itself, vLLM, Ollama, llama.cpp, our own embedded brain."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from pipeline.engines import Finish, Piece, Prompt
from pipeline.errors import EngineError
from pipeline.llm.answer import Answer
from pipeline.llm.failure import Failure
from pipeline.llm.limits import rate_limits
from pipeline.llm.request import chat_request
from pipeline.openai_client import OpenAIClient, connect, translating
from pipeline.openai_server import Server, address, is_openai

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI, AsyncStream

AFTERWORD = 0.3
"""Seconds a server has, once it has said that an answer is over, to tell what the answer took."""

DISPENSABLE = ("stream_options", "temperature")
"""Fields of a request that servers have been seen to refuse, and that an answer can do without."""

T = TypeVar("T")
_END: Final = object()


@dataclass(eq=False)
class ChatCompletions:
    """One model behind one endpoint. All sessions share its connections, which stay open."""

    base_url: str
    model: str
    """Empty for the first one the server offers."""
    api_key: str = field(default="", repr=False)
    label: str = ""
    """What people call it; the model and its address when empty."""
    probe: float = 1.0
    """Seconds the server has to answer at `start`."""
    first_token: float = 8.0
    """Seconds until the first word or call; roles, empty deltas and keep-alives are none."""
    next_token: float = 8.0
    """Seconds between two words, or two parts of a call."""
    on_failure: "Callable[[Failure], None] | None" = field(default=None, repr=False)
    """Told of each request that came to nothing, with all that was sent."""
    _server: Server[OpenAIClient] | None = field(default=None, init=False, repr=False)
    _unwanted: frozenset[str] = field(default=frozenset(), init=False, repr=False)
    """Of what it may do without, what the server has refused an answer over."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or f"{self.model or 'the first model'} at {address(self.base_url)}"

    async def start(self) -> None:
        """Open a connection, and ask which models there are; a server that does not tell is up if one is named."""
        if self._server:
            return
        server, answer = await connect(self.base_url, self.api_key, self.name, self.probe)
        try:
            offered = _first_offered(answer, self.name)
            if not (model := self.model or offered):
                raise EngineError(f"{self.name}: none is listed; name one with llm.model")
        except EngineError:
            await server.aclose()
            raise
        self._server, self.model = server, model

    async def aclose(self) -> None:
        """Close the connections."""
        server, self._server = self._server, None
        if server:
            await server.aclose()

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """See `Llm`. Leaving early closes the connection, which tells the server to stop."""
        begun, said, error = asyncio.get_running_loop().time(), "", ""
        answered = False
        try:
            async with aclosing(self._reply(prompt)) as pieces:
                async for piece in pieces:
                    said += piece if isinstance(piece, str) else ""
                    answered = answered or not isinstance(piece, Finish) or piece.reason != "stop"
                    yield piece
            error = "" if answered else f"{self.name} ended without a word"
        except EngineError as failure:
            error = str(failure)
            raise
        finally:
            if error and self.on_failure:
                waited = asyncio.get_running_loop().time() - begun
                request = chat_request(self.model, prompt, "max_tokens", usage=False)
                self.on_failure(Failure(self.name, address(self.base_url), request, error, waited, said))

    async def _reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        if not self._server:
            raise EngineError(f"{self.name} is not started")
        answer, wait = Answer(), _Wait("no word of an answer", self.first_token)
        with translating(self.name), self._server.asking():
            async with await self._within(wait, self._ask(self._server.client.library, prompt)) as stream:
                while (chunk := await self._next(stream, wait, answer)) is not _END:
                    over, pieces = answer.reason, answer.take(chunk)
                    for piece in pieces:
                        yield piece
                    if answer.reason and (pieces or not over):
                        wait = _Wait("no afterword", AFTERWORD)
                    elif pieces:
                        wait = _Wait("no further word", self.next_token)
                yield answer.finish(rate_limits(stream.response.headers))

    async def _within(self, wait: "_Wait", work: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout_at(wait.until):
                return await work
        except TimeoutError:
            raise _LateError(f"{self.name}: {wait.what} within {wait.seconds:g} s") from None

    async def _next(self, stream: "AsyncStream[object]", wait: "_Wait", answer: Answer) -> object:
        """The next chunk. Once the server has said that it is done, nobody waits long for more."""
        try:
            return await self._within(wait, anext(stream, _END))
        except _LateError:
            if answer.reason:
                return _END
            raise

    async def _ask(self, client: "AsyncOpenAI", prompt: Prompt) -> "AsyncStream[object]":
        """The stream of chunks. What a server refuses an answer over and could do without is not sent again."""
        from openai import APIStatusError  # noqa: PLC0415

        unwanted = self._unwanted
        while True:
            try:
                stream = await self._post(client, prompt, unwanted)
            except APIStatusError as error:
                if not (more := _refused_over(error) - unwanted):
                    raise
                unwanted |= more
            else:
                self._unwanted |= unwanted  # not before: it may just have quoted all that we sent
                return stream

    async def _post(self, client: "AsyncOpenAI", prompt: Prompt, unwanted: frozenset[str]) -> "AsyncStream[object]":
        """Chunks as plain JSON: the library's own types take ten times as long, and hide what a server has left out."""
        from openai import AsyncStream  # noqa: PLC0415

        # OpenAI's reasoning models refuse the old name, and most other servers do not know the new one.
        limit = "max_completion_tokens" if is_openai(self.base_url) else "max_tokens"
        request = chat_request(self.model, prompt, limit, usage="stream_options" not in unwanted)
        if "temperature" in unwanted:
            request.pop("temperature", None)
        return await client.post(
            "/chat/completions", cast_to=object, body=request, stream=True, stream_cls=AsyncStream[object]
        )


@dataclass(slots=True)
class _Wait:
    """How long we wait for what."""

    what: str
    seconds: float
    until: float = field(init=False)
    """The loop's time."""

    def __post_init__(self) -> None:
        self.until = asyncio.get_running_loop().time() + self.seconds


class _LateError(EngineError):
    """What we waited for has not come."""


def _refused_over(error: "APIStatusError") -> frozenset[str]:
    """What of that which can be left out a server finds fault with: reasoning models want no temperature, for one."""
    if error.status_code not in {400, 422}:
        return frozenset()
    return frozenset(name for name in DISPENSABLE if name in error.response.text)


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
