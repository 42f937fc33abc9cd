"""The short way for plain text: whatever a client sends arrives as it does over the library's own."""

import asyncio
import random
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from server.websocket import AHEAD, AT_ONCE, LONGEST, Http, Websocket, taking_at_once

pytestmark = pytest.mark.real

Sending: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]

LIMIT = 1024 * 1024


def frame(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


TEXTS = [b"", b"a", b"x" * 125, b"y" * 126, b"z" * 65_535, "Grüße, 世界".encode(), b"last"]

PLAIN = b"".join(frame(Opcode.TEXT, text) for text in TEXTS)


def given(
    sent: Sending, messages: int, take: Callable[[str], bool] = lambda _text: False
) -> tuple[Sequence[str | bytes], int | None]:
    """What the application took and was given, up to so many messages, and the code it was left with if it was.

    `take` is who is asked first; the last message must not be one of those that it takes.
    """
    return asyncio.run(_given(sent, messages, take))


async def _given(sent: Sending, messages: int, take: Callable[[str], bool]) -> tuple[Sequence[str | bytes], int | None]:
    found: list[str | bytes] = []
    left: list[int] = []
    over = asyncio.Event()

    def take_and_tell(text: str) -> bool:
        taken = take(text)
        if taken:
            found.append(text)
        return taken

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            with taking_at_once(websocket, take_and_tell):
                while len(found) < messages:
                    event = await websocket.receive()
                    if event["type"] == "websocket.disconnect":
                        raise WebSocketDisconnect(event["code"])
                    found.append(event["text"] if event.get("text") is not None else event["bytes"])
        except WebSocketDisconnect as gone:
            left.append(gone.code)
        over.set()

    app = Starlette(routes=[WebSocketRoute("/", listen)])
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws=Websocket, ws_max_size=LIMIT, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[listening]))
        writer = await shaken_hands(listening.getsockname()[1])
        await sent(writer)
        async with asyncio.timeout(10):
            await over.wait()
        writer.close()
        server.should_exit = True
        await serving
    return found, left[0] if left else None


async def shaken_hands(port: int) -> asyncio.StreamWriter:
    """A connection to the server there, whose handshake is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    client = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/"))
    client.send_request(client.connect())
    writer.write(b"".join(client.data_to_send()))
    await reader.readuntil(b"\r\n\r\n")
    return writer


def all_at_once(data: bytes) -> Sending:
    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return send


def once_somebody_listens(data: bytes) -> Sending:
    async def send(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)  # until the application has begun to
        await all_at_once(data)(writer)

    return send


def cut(data: bytes, seed: int) -> Sending:
    async def send(writer: asyncio.StreamWriter) -> None:
        chance, at = random.Random(seed), 0
        while at < len(data):
            size = chance.choice([1, 2, 3, 7, 100, 40_000])
            writer.write(data[at : at + size])
            await writer.drain()
            await asyncio.sleep(0)
            at += size

    return send


def test_texts_of_all_lengths_arrive() -> None:
    assert given(all_at_once(PLAIN), len(TEXTS)) == ([text.decode() for text in TEXTS], None)


@pytest.mark.parametrize("seed", range(5))
def test_texts_arrive_however_the_bytes_are_cut(seed: int) -> None:
    assert (given(cut(PLAIN, seed), len(TEXTS)))[0] == [text.decode() for text in TEXTS]


@pytest.mark.parametrize("seed", range(3))
def test_pings_bytes_parts_and_long_messages_arrive_between_texts(seed: int) -> None:
    long = b"l" * (LONGEST * 3)
    sent = [
        frame(Opcode.TEXT, b"one"),
        frame(Opcode.PING, b"?"),
        frame(Opcode.BINARY, b"\0\1"),
        frame(Opcode.TEXT, b"two"),
        frame(Opcode.TEXT, b"th", fin=False),
        frame(Opcode.PING, b"?"),
        frame(Opcode.CONT, b"ree"),
        frame(Opcode.TEXT, long),
        frame(Opcode.TEXT, b"four"),
    ]
    found, _ = given(cut(b"".join(sent), seed), 6)
    assert found == ["one", b"\0\1", "two", "three", long.decode(), "four"]


def test_a_long_message_after_short_ones_arrives() -> None:
    long = b"l" * (LONGEST * 2)
    found, _ = given(all_at_once(frame(Opcode.TEXT, b"one") + frame(Opcode.TEXT, long)), 2)
    assert found == ["one", long.decode()]


def test_more_messages_than_are_read_ahead_arrive() -> None:
    many = [str(number) for number in range(AHEAD * 50)]
    found, _ = given(all_at_once(b"".join(frame(Opcode.TEXT, text.encode()) for text in many)), len(many))
    assert found == many


@pytest.mark.parametrize("seed", range(3))
def test_messages_keep_their_order_whether_they_are_taken_or_given(seed: int) -> None:
    taken: list[str] = []

    def take(text: str) -> bool:
        if text.startswith("sound"):
            taken.append(text)
        return text.startswith("sound")

    async def send(writer: asyncio.StreamWriter) -> None:
        chance = random.Random(seed)
        for text in sent:
            writer.write(frame(Opcode.TEXT, text.encode()))
            if chance.random() < 0.3:
                await asyncio.sleep(chance.choice([0, 0.001]))

    sent = [f"sound {number}" if number % 7 else f"word {number}" for number in range(700)] + ["the last word"]
    assert given(send, len(sent), take)[0] == sent
    assert 50 < len(taken) < 550


def test_of_many_that_come_together_some_are_taken_at_once_and_the_rest_wait() -> None:
    taken: list[str] = []

    def take(text: str) -> bool:
        taken.append(text)
        return True

    many = [str(number) for number in range(AT_ONCE * 3)]
    sent = b"".join(frame(Opcode.TEXT, text.encode()) for text in many)
    assert given(once_somebody_listens(sent), len(many), take)[0] == many
    assert taken == many[:AT_ONCE]


def test_after_a_text_that_is_not_taken_none_is_asked_for_until_it_was_given() -> None:
    asked: list[str] = []

    def take(text: str) -> bool:
        asked.append(text)
        return False

    sent = b"".join(frame(Opcode.TEXT, text) for text in (b"one", b"two", b"three"))
    assert given(once_somebody_listens(sent), 3, take)[0] == ["one", "two", "three"]
    assert asked == ["one"]


def test_who_says_goodbye_is_gone() -> None:
    goodbye = frame(Opcode.CLOSE, (1000).to_bytes(2, "big") + b"bye")
    assert given(all_at_once(frame(Opcode.TEXT, b"one") + goodbye), 9) == (["one"], 1000)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (Frame(Opcode.TEXT, b"bare").serialize(mask=False), 1002),
        (frame(Opcode.TEXT, b"\xff\xff"), 1007),
        (frame(Opcode.TEXT, b"x" * (LIMIT + 1)), 1009),
    ],
    ids=["bare", "no text", "too long"],
)
def test_what_is_wrong_ends_the_connection(wrong: bytes, code: int) -> None:
    found, left = given(all_at_once(frame(Opcode.TEXT, b"one") + wrong), 9)
    assert (found, left) == (["one"], code)


def test_a_server_stops_in_good_order_while_somebody_hangs_up_who_reads_no_more() -> None:
    async def scenario() -> None:
        gone = asyncio.Event()

        async def talk(websocket: WebSocket) -> None:
            await websocket.accept()
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(websocket.send_text("x" * 64_000_000))
                assert (await websocket.receive())["type"] == "websocket.disconnect"
                gone.set()
                sending.cancel()

        listening = socket.create_server(("127.0.0.1", 0))
        app = Starlette(routes=[WebSocketRoute("/", talk)])
        config = uvicorn.Config(app, ws=Websocket, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve(sockets=[listening]))
            writer = await shaken_hands(listening.getsockname()[1])
            writer.write(frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
            await gone.wait()
            server.should_exit = True
            await serving
            writer.close()

    asyncio.run(scenario())


@asynccontextmanager
async def serving(talk: Callable[[WebSocket], Awaitable[None]]) -> AsyncGenerator[tuple[uvicorn.Server, int]]:
    """A server for such talks, and its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[WebSocketRoute("/", talk)])
    config = uvicorn.Config(app, http=Http, ws=Websocket, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(server.serve(sockets=[listening]))
        try:
            yield server, listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ([("Cookie", "other=" + "x" * 9000)], b"HTTP/1.1 101 "),
        ([("Cookie", f"other_{number}=1") for number in range(200)], b"HTTP/1.1 101 "),
        ([("X-Other", "x" * 9000)], b"HTTP/1.1 431 "),
        ([(f"X-Other-{number}", "1") for number in range(130)], b"HTTP/1.1 431 "),
    ],
    ids=["a large cookie", "many cookies", "a long header", "many headers"],
)
def test_a_handshake_is_answered_whatever_comes_with_it(headers: Sequence[tuple[str, str]], answer: bytes) -> None:
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    async def scenario() -> None:
        async with serving(talk) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            client = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/"))
            request = client.connect()
            for name, value in headers:
                request.headers[name] = value
            client.send_request(request)
            writer.write(b"".join(client.data_to_send()))
            assert (await reader.readline()).startswith(answer)
            if b" 431 " in answer:
                await reader.read()  # to the end: it is closed
            writer.close()

    asyncio.run(scenario())


def test_pings_of_a_client_that_does_not_read_take_no_memory_and_the_last_is_answered() -> None:
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        with suppress(WebSocketDisconnect):
            await websocket.send_text("x" * 16_000_000)  # more than the kernel takes
            await websocket.receive_text()

    async def scenario() -> None:
        async with serving(talk) as (server, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            client = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/"))
            client.send_request(client.connect())
            writer.write(b"".join(client.data_to_send()))
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.2)
            [connection] = server.server_state.connections
            before = connection.transport.get_write_buffer_size()
            for number in range(10_000):
                writer.write(frame(Opcode.PING, number.to_bytes(100, "big")))
            await writer.drain()
            await asyncio.sleep(0.2)
            assert before > 1_000_000
            assert connection.transport.get_write_buffer_size() <= before
            last = (9_999).to_bytes(100, "big")
            while not (await reader.read(1_000_000)).endswith(last):
                pass
            writer.close()

    asyncio.run(scenario())
