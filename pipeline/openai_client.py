"""What our engines behind OpenAI's HTTP API share: connections, and its library's errors in our words."""

import asyncio
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.errors import EngineError, LimitedError, RefusedError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

KEEP_ALIVE = 120.0
"""Seconds an idle connection is kept: people think for longer than httpx's 5 s, and a new one costs round trips."""

REFUSALS = (400, 404, 413, 422)
"""HTTP statuses that find fault with the request, not with the server."""

TOO_MANY = 429
"""The one that finds fault with how often we ask."""


LONGEST_WAIT = 3600.0
"""Seconds; no server is left alone for longer on its own word."""


def is_openai(url: str) -> bool:
    """Whether that is OpenAI itself, not one of the many that speak like it."""
    return urlsplit(url).hostname == "api.openai.com"


def address(url: str) -> str:
    """The URL as it may be shown to anybody: without user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@dataclass(eq=False, slots=True)
class Server:
    """One that speaks OpenAI's API, and our open connections to it. Made by `connect`."""

    name: str
    client: "AsyncOpenAI"
    """It has no timers and tries nothing twice: that is for the engine to decide."""
    probe: float
    """Seconds it has to answer a greeting."""
    _spare: asyncio.Task[None] | None = field(default=None, init=False)
    _tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup, init=False)
    _opened: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)

    async def open(self) -> str:
        """Greet it for the first time; before all else."""
        await self._opened.enter_async_context(self._tasks)
        self._opened.push_async_callback(self.client.close)
        return await self.greet()

    async def greet(self) -> str:
        """Open a connection where none is idle; what the server says at `/models`, "" where it has no such place.

        Raises `EngineError` when it does not answer in time, wants another key, or is in trouble.
        """
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415

        with translating(self.name):
            try:
                async with asyncio.timeout(self.probe):
                    return (await self.client.get("/models", cast_to=httpx2.Response)).text
            except openai.APIStatusError as error:
                if error.status_code in (401, 403) or error.status_code >= 500:
                    raise
                return ""
            except TimeoutError as error:
                raise EngineError(f"{self.name} did not answer within {self.probe:g} s") from error

    @contextmanager
    def asking(self) -> Generator[None]:
        """While a request is under way. One that is given up takes its connection with it; over TLS a new one costs two
        round trips, so it is opened at once: whoever asks next, in the next pause, finds it there."""
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            opening = self._spare is not None and not self._spare.done()
            if self.client.base_url.scheme == "https" and not opening and not self.client.is_closed():
                self._spare = self._tasks.create_task(self._replace())
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        if self._spare:
            self._spare.cancel()
        await self._opened.aclose()

    async def _replace(self) -> None:
        with suppress(Exception):  # whoever asks next will find out, and say so
            await self.greet()


async def connect(base_url: str, api_key: str, name: str, probe: float) -> tuple[Server, str]:
    """A server with an open connection, and what it says at `/models`; raises `EngineError` as `Server.greet` does."""
    server = Server(name, await asyncio.to_thread(_client, base_url, api_key), probe)
    try:
        return server, await server.open()
    except BaseException:
        await server.aclose()
        raise


@contextmanager
def translating(name: str) -> Generator[None]:
    """Turns the library's errors into `EngineError`, in the words of a person who can act on them."""
    from httpx2 import ConnectError, ConnectTimeout, HTTPError  # noqa: PLC0415
    from openai import APIConnectionError, APIStatusError, OpenAIError  # noqa: PLC0415

    try:
        yield
    except APIStatusError as error:
        message = f"{name} answers {error.status_code}: {error.message}"
        if error.status_code == TOO_MANY:
            raise LimitedError(message, retry_after(error.response.headers)) from error
        raise (RefusedError if error.status_code in REFUSALS else EngineError)(message) from error
    except APIConnectionError as error:
        cause = error.__cause__ or error
        what = "cannot be reached" if isinstance(cause, ConnectError | ConnectTimeout) else "broke off"
        raise EngineError(f"{name} {what}: {cause}") from error
    # The last three: the library believes an answer to be what the API says, and trips over one that is not.
    except (OpenAIError, HTTPError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise EngineError(f"{name} broke off: {error or type(error).__name__}") from error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks us to wait, as milliseconds, seconds or a date; None where it does not say."""
    ways: Sequence[tuple[str, Callable[[str], float]]] = (
        ("retry-after-ms", lambda text: float(text) / 1000),
        ("retry-after", float),
        ("retry-after", lambda text: parsedate_to_datetime(text).timestamp() - time.time()),
    )
    for name, seconds_of in ways:
        with suppress(KeyError, ValueError, OverflowError):
            if (seconds := seconds_of(headers[name])) >= 0:
                return min(seconds, LONGEST_WAIT)
    return None


def _client(base_url: str, api_key: str) -> "AsyncOpenAI":
    """Blocking: importing the library and reading the certificates takes most of a second."""
    try:
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(f"OpenAI's client cannot be loaded ({error}); run: pip install openai") from error
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        timeout=None,
        max_retries=0,
        # aiohttp's parser is written in C: a request, and each piece of an answer, takes half the time.
        http_client=openai.DefaultAioHttpClient(limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE)),
    )
