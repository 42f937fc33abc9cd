"""aiohttp, through which we speak to servers that hear or speak: OpenAI's library takes five times as long."""

import asyncio
import io
import json
import secrets
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.errors import EngineError
from pipeline.openai_server import KEEP_ALIVE, Server, greeted, refusal, trouble
from pipeline.proxy import proxy_for

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession
    from yarl import URL

Body = bytes | io.BytesIO
"""Of a request. Bytes are written in one go: a long body has to be a file, which is written piece by piece."""


@dataclass(frozen=True, eq=False, slots=True)
class SpeechClient:
    """A `Client` made of aiohttp."""

    name: str
    base_url: str
    session: "ClientSession"

    async def models(self) -> str:
        """See `Client`."""
        with _translating(self.name):
            async with self.session.get(self._url("/models")) as response:
                if trouble(response.status):
                    raise await _refused(self.name, response)
                return await response.text() if _good(response) else ""

    @asynccontextmanager
    async def post(self, path: str, content_type: str, body: Body, name: str) -> "AsyncGenerator[ClientResponse]":
        """The server's answer, open. Leaving before its end closes the connection, which tells the server to stop.

        Raises `EngineError` for all that goes wrong, also while the answer is read; it says `name` for the server.
        """
        headers = {"Content-Type": content_type}
        with _translating(name):
            async with self.session.post(self._url(path), data=body, headers=headers) as response:
                if not _good(response):
                    raise await _refused(name, response)
                yield response

    async def aclose(self) -> None:
        """See `Client`."""
        await self.session.close()

    def _url(self, path: str) -> str:
        parts = urlsplit(self.base_url)
        return parts._replace(path=parts.path.rstrip("/") + path).geturl()


async def connect(base_url: str, api_key: str, name: str, probe: float) -> tuple[Server[SpeechClient], str]:
    """See `greeted`."""
    with _translating(name):
        session = (await asyncio.to_thread(_prepared, base_url, api_key or "none"))()
    return await greeted(SpeechClient(name, base_url, session), base_url, probe)


def multipart(fields: Mapping[str, str], wav: bytes) -> tuple[str, io.BytesIO]:
    """A form with a sound in it, as content type and body."""
    boundary = secrets.token_hex(16)
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="%s"'
    head = "".join(f"{part % name}\r\n\r\n{value}\r\n" for name, value in fields.items())
    head += f'{part % "file"}; filename="speech.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    body = io.BytesIO()  # written to, not made of bytes: those would be copied once more as soon as they are sent
    body.writelines([head.encode(errors="replace"), wav, f"\r\n--{boundary}--\r\n".encode()])
    body.seek(0)
    return f"multipart/form-data; boundary={boundary}", body


def entrusted(base_url: str, url: "URL") -> bool:
    """Whether a request to `url` may carry our key: to the server it is for, also where that sends us on to its TLS."""
    from yarl import URL  # noqa: PLC0415

    server = URL(base_url).origin()
    return url.origin() in (server, server.with_scheme("https"))


def _prepared(base_url: str, api_key: str) -> "Callable[[], ClientSession]":
    """Makes the session, in the loop. Blocking: importing the libraries and reading the certificates takes its time."""
    import aiohttp  # noqa: PLC0415
    import httpx2  # noqa: PLC0415 - OpenAI's library trusts whom it trusts, and so do we

    tls, proxy = httpx2.create_ssl_context(), proxy_for(base_url)

    async def authorised(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if entrusted(base_url, request.url):
            request.headers.setdefault("Authorization", f"Bearer {api_key}")
        return await send(request)

    return lambda: aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls, limit=0, keepalive_timeout=KEEP_ALIVE),  # 0: as many as there are
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "Antiphon"},
        middlewares=[authorised],
        proxy=proxy,
        timeout=aiohttp.ClientTimeout(),  # none: the engines have their own
    )


@contextmanager
def _translating(name: str) -> Generator[None]:
    try:
        yield
    except EngineError:
        raise
    except Exception as error:  # a server may answer anything at all, and a library trip over it anywhere
        raise EngineError(f"{name} {_told(error)}") from error


def _told(error: Exception) -> str:
    from aiohttp import ClientConnectorError  # noqa: PLC0415

    if isinstance(error, ClientConnectorError):
        return f"cannot be reached: {error.__cause__ or error}"
    return f"broke off: {str(error) or type(error).__name__}"


def _good(response: "ClientResponse") -> bool:
    return 200 <= response.status < 300


async def _refused(name: str, response: "ClientResponse") -> EngineError:
    why = _complaint(await response.read()) or response.reason or "no reason given"
    return refusal(name, response.status, why, response.headers)


def _complaint(body: bytes) -> str:
    """What is wrong, as OpenAI says it, or as many other servers do; "" where neither."""
    with suppress(ValueError, RecursionError):
        match json.loads(body):
            case {"error": {"message": str(said)}} | {"error": str(said)} | {"detail": str(said)}:
                return said
            case _:
                pass
    return ""
