"""Clients that keep a connection and do not do their part lose it; all others keep theirs."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect

from server import patience
from server.patience import hang_up_on_the_slow
from server.websocket import Http, Websocket
from tests.server.caller import address, play
from tests.server.houses import at_home

pytestmark = pytest.mark.real

LONG = 32_000_000
"""Bytes: more than the kernel takes for a client that does not read."""

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience, so that a test need not have it."""
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    monkeypatch.setattr(patience, "PAUSE", 0.05)


async def hung_up_on(port: int, sent: bytes) -> bytes:
    """What a client that has sent this is answered until it is hung up on, however that is done."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    answer = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(5):
            while some := await reader.read(1_000_000):
                answer += some
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nHost: h", b""),
        (b"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{", b""),
        (b"GET /readyz HTTP/1.1\r\nHost: h\r\n\r\nGET /readyz HT", b"HTTP/1.1 200 OK"),
    ],
    ids=["nothing", "half a head", "half a body", "half of a second one"],
)
def test_who_does_not_end_a_request_is_hung_up_on(sent: bytes, answer: bytes) -> None:
    async def scenario() -> None:
        async with at_home() as house:
            assert (await hung_up_on(int(house.url.rpartition(":")[2]), sent)).startswith(answer)

    play(scenario())


def test_who_talks_or_is_silent_is_not() -> None:
    async def scenario() -> None:
        async with at_home() as house, connect(address(house.url), proxy=None) as caller:
            await caller.recv()
            await asyncio.sleep(1.0)
            assert await asyncio.wait_for(await caller.ping(), 1.0) > 0

    play(scenario())


def test_who_waits_for_its_answer_is_not() -> None:
    async def think(_request: Request) -> Response:
        await asyncio.sleep(1.0)
        return Response("42")

    async def scenario() -> None:
        async with serving(Route("/", think)) as (_, port):
            request = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            assert (await hung_up_on(port, request)).endswith(b"42")

    play(scenario())


async def tell(_request: Request) -> Response:
    return Response(b"x" * LONG)


async def tell_and_close(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_bytes(b"x" * LONG)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await websocket.close()


async def tell_and_listen(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_bytes(b"x" * LONG)
    with suppress(WebSocketDisconnect):
        await websocket.receive_text()


@pytest.mark.parametrize(
    ("route", "sent"),
    [
        (Route("/", tell), b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Route("/", tell), b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
        (WebSocketRoute("/", tell_and_close), HANDSHAKE),
        (WebSocketRoute("/", tell_and_listen), HANDSHAKE),
    ],
    ids=["HTTP", "HTTP, closing", "a websocket that is closed", "a websocket whose pings go unanswered"],
)
def test_who_does_not_read_is_hung_up_on(route: Route | WebSocketRoute, sent: bytes) -> None:
    async def scenario() -> None:
        async with serving(route) as (server, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            writer.write(sent)
            await reader.readexactly(1)
            state = server.server_state
            assert state.connections
            async with asyncio.timeout(5):
                while state.connections or state.tasks:  # noqa: ASYNC110  they can only be asked
                    await asyncio.sleep(0.01)
            writer.close()

    play(scenario())


@asynccontextmanager
async def serving(route: Route | WebSocketRoute) -> AsyncGenerator[tuple[uvicorn.Server, int]]:
    """A server that has little patience, and asks every moment whether there is somebody; and its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=[route]),
        http=Http,
        ws=Websocket,
        log_level="critical",
        lifespan="off",
        ws_ping_interval=0.3,
        ws_ping_timeout=0.3,
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(server.serve(sockets=[listening]))
        watch = tasks.create_task(hang_up_on_the_slow(server.server_state.connections))
        yield server, listening.getsockname()[1]
        server.should_exit = True
        await running
        watch.cancel()
