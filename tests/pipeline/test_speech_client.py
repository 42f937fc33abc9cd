"""The client for speech servers against real ones on localhost: what it sends, and what it makes of any answer."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from yarl import URL

from pipeline.errors import EngineError, LimitedError, RefusedError
from pipeline.openai_server import Server
from pipeline.speech_client import SpeechClient, connect, entrusted
from tests.stand_ins.asgi import serving

pytestmark = pytest.mark.real


@dataclass
class Asked:
    """A server that remembers the requests at `/v1/ask`."""

    answer: Callable[[], Response] = PlainTextResponse
    requests: list[Request] = field(default_factory=list[Request])
    bodies: list[bytes] = field(default_factory=list[bytes])
    together: int = 1
    """So many requests have to be there before one is answered."""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/ask", self.ask, methods=["GET", "POST"])])

    async def ask(self, request: Request) -> Response:
        body = await request.body()
        async with self.news:
            self.requests.append(request)
            self.bodies.append(body)
            self.news.notify_all()
            await self.news.wait_for(lambda: len(self.requests) >= self.together)
        return self.answer()


@asynccontextmanager
async def connected(url: str, api_key: str = "") -> AsyncGenerator[Server[SpeechClient]]:
    server, _ = await connect(url, api_key, "m", 1.0)
    try:
        yield server
    finally:
        await server.aclose()


async def ask(server: Server[SpeechClient], path: str = "/ask", body: bytes = b"body") -> bytes:
    async with server.client.post(path, "text/plain", body, "the server") as response:
        return await response.read()


def with_server(asked: Asked, scene: Callable[[str], Awaitable[None]]) -> None:
    async def play() -> None:
        async with serving(asked.app()) as url:
            await scene(url)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("api_key", "userinfo", "shown"),
    [("", "", "Bearer none"), ("key", "", "Bearer key"), ("key", "me:secret@", "Basic bWU6c2VjcmV0")],
)
def test_the_server_is_shown_the_key_and_no_cookie(api_key: str, userinfo: str, shown: str) -> None:
    asked = Asked(answer=lambda: Response(headers={"Set-Cookie": "a=b"}))

    async def scene(url: str) -> None:
        async with connected(f"{url}/v1".replace("//", f"//{userinfo}"), api_key) as server:
            await ask(server)
            await ask(server)

    with_server(asked, scene)
    headers = asked.requests[1].headers
    assert (headers["Authorization"], headers["User-Agent"]) == (shown, "Antiphon")
    assert (headers["Content-Type"], headers["Content-Length"]) == ("text/plain", "4")
    assert "Cookie" not in headers


@pytest.mark.parametrize("end", ["/v1", "/v1/", "/v1?version=2", "/v1/?version=2#there"])
def test_an_address_may_end_as_it_likes(end: str) -> None:
    asked = Asked()

    async def scene(url: str) -> None:
        async with connected(url + end) as server:
            await ask(server)

    with_server(asked, scene)
    assert asked.requests[0].url.path == "/v1/ask"
    assert asked.requests[0].url.query == ("version=2" if "?" in end else "")


def test_one_connection_carries_one_request_after_the_other() -> None:
    asked = Asked()

    async def scene(url: str) -> None:
        async with connected(f"{url}/v1") as server:
            for _ in range(3):
                await ask(server)

    with_server(asked, scene)
    assert len({request.client for request in asked.requests}) == 1


def test_nobody_waits_for_another_s_request() -> None:
    asked = Asked(together=300)

    async def scene(url: str) -> None:
        async with connected(f"{url}/v1") as server, asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            for _ in range(asked.together):
                tasks.create_task(ask(server))

    with_server(asked, scene)


def test_a_redirected_request_keeps_its_body_and_its_key() -> None:
    asked, moved = Asked(), Asked(answer=lambda: RedirectResponse("/v1/ask", 308))

    async def scene(url: str) -> None:
        old = Route("/old/ask", moved.ask, methods=["POST"])
        async with (
            serving(Starlette(routes=[*asked.app().routes, old])) as here,
            connected(f"{here}/old", "key") as server,
        ):
            await ask(server)
        moved.answer = lambda: RedirectResponse(f"{url}/v1/ask", 307)
        async with serving(moved.app()) as elsewhere, connected(f"{elsewhere}/v1", "key") as server:
            await ask(server)

    with_server(asked, scene)
    assert asked.bodies == [b"body", b"body"]
    shown = [request.headers.get("Authorization") for request in asked.requests]
    assert shown == ["Bearer key", None], "the second is another server's"


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://example.org/v1/models", True),
        ("https://example.org/elsewhere", True),
        ("http://example.org:8000/v1", False),
        ("https://example.org:8000/v1", False),
        ("https://speech.example.org/v1", False),
    ],
)
def test_the_key_is_for_one_server(url: str, may: bool) -> None:
    assert entrusted("http://me:secret@example.org/v1", URL(url)) is may


def test_no_key_leaves_tls() -> None:
    assert not entrusted("https://example.org/v1", URL("http://example.org/v1"))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            lambda: Response(rb'{"error": {"message": "a bad \ud83d voice"}}', 400),
            RefusedError,
            "400: a bad \ufffd voice",
        ),
        (lambda: JSONResponse({"error": "no voice"}, 422), RefusedError, "422: no voice"),
        (lambda: JSONResponse({"detail": "no model"}, 404), RefusedError, "404: no model"),
        (lambda: JSONResponse({"error": {"message": "slow"}}, 429, {"Retry-After": "7"}), LimitedError, "429: slow"),
        (lambda: JSONResponse([[]], 500), EngineError, "500: Internal Server Error"),
        (lambda: Response(b"\xff{", 502), EngineError, "502: Bad Gateway"),
        (lambda: Response(status_code=304), EngineError, "304: Not Modified"),
    ],
)
def test_a_refusal_is_told_in_the_server_s_words(
    answer: Callable[[], Response], error: type[EngineError], words: str
) -> None:
    async def scene(url: str) -> None:
        async with connected(f"{url}/v1") as server:
            with pytest.raises(EngineError) as raised:
                await ask(server)
        assert (type(raised.value), str(raised.value)) == (error, f"the server answers {words}")
        assert not isinstance(raised.value, LimitedError) or raised.value.retry_after == 7.0

    with_server(Asked(answer), scene)


def port(server: asyncio.Server) -> int:
    return server.sockets[0].getsockname()[1]


@asynccontextmanager
async def saying(answer: bytes) -> AsyncGenerator[str]:
    """A server that says this whatever it is asked, and hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if b"/models" in request else answer)
        if b"/models" in request:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{port(server)}"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello there\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        b"HTTP/1.1 302 Found\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: gopher://there/\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_an_answer_that_is_none_is_an_engine_error(answer: bytes) -> None:
    async def scene() -> None:
        async with saying(answer) as url, connected(url) as server:
            with pytest.raises(EngineError, match=r"^the server broke off: .+"):
                await ask(server)

    asyncio.run(scene())


def test_cancelling_hangs_up_in_mid_answer() -> None:
    async def scene() -> None:
        begun, left = asyncio.Event(), asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while request := await reader.readuntil(b"\r\n\r\n"):
                if b"/models" not in request:
                    break
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
            assert await reader.read() == b"body"
            left.set()
            writer.close()

        async def listen(server: Server[SpeechClient]) -> None:
            async with server.client.post("/ask", "text/plain", b"body", "the server") as response:
                async for _ in response.content.iter_any():
                    begun.set()

        async with (
            await asyncio.start_server(talk, "127.0.0.1", 0) as listening,
            connected(f"http://127.0.0.1:{port(listening)}") as server,
            asyncio.timeout(10),
            asyncio.TaskGroup() as tasks,
        ):
            listener = tasks.create_task(listen(server))
            await begun.wait()
            listener.cancel()
            await left.wait()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/v1", "cannot be reached: .*Connect call failed"),
        ("https://127.0.0.1:9/v1", "cannot be reached: .*Connect call failed"),
        ("127.0.0.1:9/v1", "broke off: .*127"),
        ("ftp://127.0.0.1/v1", "broke off: .*ftp"),
        ("http://127.0.0.1:99999/v1", "broke off: .*99999"),
        ("", "broke off: ."),
    ],
)
def test_an_address_where_nobody_is_is_an_engine_error(url: str, words: str) -> None:
    async def scene() -> None:
        with pytest.raises(EngineError, match=f"^m {words}"):
            await connect(url, "", "m", 1.0)

    asyncio.run(scene())


def test_certificates_that_are_not_there_are_an_engine_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    with pytest.raises(EngineError, match="No such file"):
        asyncio.run(connect("http://127.0.0.1:9/v1", "", "m", 1.0))


def test_a_client_that_is_closed_is_an_engine_error() -> None:
    async def scene(url: str) -> None:
        async with connected(f"{url}/v1") as server:
            await server.aclose()
            with pytest.raises(EngineError, match="closed"):
                await ask(server)

    with_server(Asked(), scene)


def test_a_proxy_of_the_environment_is_asked_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = list[bytes]()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async def scene() -> None:
        async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
            monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{port(server)}")
            monkeypatch.setenv("no_proxy", "")
            async with connected("http://speech.invalid/v1"):
                pass

    asyncio.run(scene())
    assert heard[0].startswith(b"GET http://speech.invalid/v1/models HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in heard[0]
