"""A chat completions server that streams what it is told to, line by line, and an engine that talks to it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, Router

from pipeline.llm.client import ChatCompletions
from tests.stand_ins.asgi import serving

Step = Mapping[str, Any] | str | float
"""A chunk, a line as it is, or seconds to wait."""

DONE = "data: [DONE]"
"""The last line of a stream."""


@dataclass
class ChatServer:
    """Answers every question in the same way, and remembers what it was asked."""

    steps: Sequence[Step]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    refusal: Response | None = None
    """To whoever sends the field it has something against."""
    refuses: str = "stream_options"
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @asynccontextmanager
    async def up(self, **engine: float) -> AsyncGenerator[ChatCompletions]:
        """An engine that talks to it, with its settings by name."""
        router = Router([Route("/v1/chat/completions", self._chat, methods=["POST"])])
        async with serving(router) as url, started(url, **engine) as llm:
            yield llm

    async def _chat(self, request: Request) -> Response:
        self.asked.append(await request.json())
        if self.refusal and self.refuses in self.asked[-1]:
            return self.refusal
        return StreamingResponse(self._lines(), 200, self.headers, "text/event-stream")

    async def _lines(self) -> AsyncGenerator[str]:
        for step in self.steps:
            match step:
                case float():
                    await asyncio.sleep(step)
                case str():
                    yield step + "\n\n"
                case _:
                    yield f"data: {json.dumps(step)}\n\n"


def chunk(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    """A chunk with one choice; `reason` is why the answer ends with it."""
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def usage(prompt: int, completion: int, **more: Any) -> dict[str, Any]:
    """The chunk that says how many tokens it took."""
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **more}}


def call(name: str | None, arguments: str, **rest: Any) -> dict[str, Any]:
    """A chunk with part of a call."""
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return chunk(tool_calls=[{"function": function, **rest}])


@asynccontextmanager
async def started(url: str, **engine: float) -> AsyncGenerator[ChatCompletions]:
    """An engine that talks to the server at a URL, with its settings by name."""
    llm = ChatCompletions(f"{url}/v1", "m", **engine)  # pyright: ignore[reportArgumentType] - seconds by name
    await llm.start()
    try:
        yield llm
    finally:
        await llm.aclose()
