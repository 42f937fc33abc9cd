"""A request that is given up takes its connection with it; the next one need not wait for another, over real TLS."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline import openai_client, speech_client
from pipeline.asr.openai_http import OpenAITranscription
from pipeline.engines import Engine, Message, Prompt, Voice
from pipeline.llm.client import ChatCompletions
from pipeline.openai_server import Server
from pipeline.tts.openai_http import OpenAISpeech
from server.certificate import new_certificate, tls_with
from tests.server.caller import play
from tests.stand_ins import asgi

pytestmark = pytest.mark.real


@dataclass
class Slow:
    """A server that lists its models, and never gets to the end of anything else."""

    connections: Mapping[str, list[int]] = field(default_factory=lambda: {"GET": [], "POST": []})
    """The client's port of each request."""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, request: Request) -> Response:
        assert request.client
        async with self.news:
            self.connections[request.method].append(request.client.port)
            self.news.notify_all()
        if request.method == "POST":
            await asyncio.get_running_loop().create_future()
        return JSONResponse({"data": [{"id": "m"}]})

    async def seen(self, method: str, count: int) -> int:
        """Over which connection the request of that number came, once it has."""
        async with self.news:
            await self.news.wait_for(lambda: len(self.connections[method]) >= count)
        return self.connections[method][count - 1]


@asynccontextmanager
async def slow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[tuple[Slow, str]]:
    """The server and its address; everything here trusts it."""
    pem = new_certificate(["127.0.0.1"], datetime.now(UTC))
    (folder / "certificate.pem").write_bytes(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "certificate.pem"))
    server = Slow()
    app = Starlette(routes=[Route("/{path:path}", server.answer, methods=["GET", "POST"])])
    async with asgi.serving(app, tls_with(pem)) as url:
        yield server, f"{url}/v1"


async def think(engine: ChatCompletions) -> None:
    async with aclosing(engine.reply(Prompt([Message("user", "Hello?")]))) as pieces:
        await anext(pieces)


async def speak(engine: OpenAISpeech) -> None:
    async with aclosing(engine.speak("Hello.", Voice())) as pieces:
        await anext(pieces)


async def hear(engine: OpenAITranscription) -> None:
    with closing(engine.listen("en", print)) as listening:
        listening.feed(np.ones(16_000, np.int16))
        await listening.settle()


@pytest.mark.parametrize(
    ("made", "ask"), [(ChatCompletions, think), (OpenAISpeech, speak), (OpenAITranscription, hear)]
)
def test_another_connection_is_opened_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[..., Engine],
    ask: Callable[[Any], Coroutine[None, None, None]],
) -> None:
    async def scenario() -> None:
        async with slow(tmp_path, monkeypatch) as (server, url):
            engine = made(url, model="m")
            await engine.start()
            async with asyncio.TaskGroup() as tasks:
                given_up = tasks.create_task(ask(engine))
                lost = await server.seen("POST", 1)
                given_up.cancel()
                spare = await server.seen("GET", 2)
                await asyncio.sleep(0.2)  # until the answer to that has arrived
                next_one = tasks.create_task(ask(engine))
                assert await server.seen("POST", 2) == spare != lost
                next_one.cancel()
            await engine.aclose()

    play(scenario())


@pytest.mark.parametrize("connect", [openai_client.connect, speech_client.connect])
def test_a_request_given_up_after_its_server_was_closed_opens_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    connect: Callable[[str, str, str, float], Coroutine[None, None, tuple[Server[Any], str]]],
) -> None:
    async def scenario() -> None:
        async with slow(tmp_path, monkeypatch) as (asked, url):
            server, _ = await connect(url, "", "m", 1.0)

            async def give_up() -> None:
                with server.asking():
                    await server.aclose()
                    raise asyncio.CancelledError

            with pytest.raises(asyncio.CancelledError):
                await give_up()
            assert len(asked.connections["GET"]) == 1

    play(scenario())
