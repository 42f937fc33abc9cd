"""A server behind OpenAI's HTTP API, whichever library speaks to it: how it stays within reach, and says no."""

import asyncio
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from pipeline.errors import EngineError, LimitedError, RefusedError

KEEP_ALIVE = 120.0
"""Seconds an idle connection is kept: people think for longer than libraries do, and a new one costs round trips."""

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


class Client(Protocol):
    """A library that speaks to one server, and its open connections. It tries nothing twice: that is for the engine."""

    @property
    def name(self) -> str:
        """Whom we speak to, in what goes wrong."""
        ...

    async def models(self) -> str:
        """What the server says at `/models`, "" where it has no such place.

        Raises `EngineError` where it cannot be reached, and for statuses that are `trouble`.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


C = TypeVar("C", bound=Client)


@dataclass(eq=False, slots=True)
class Server(Generic[C]):
    """One that we are connected to. Made by `greeted`."""

    client: C
    base_url: str
    probe: float
    """Seconds it has to answer a greeting."""
    _spare: asyncio.Task[None] | None = field(default=None, init=False)
    _tasks: asyncio.TaskGroup | None = field(default=None, init=False)
    """None unless it is open."""
    _opened: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)

    async def open(self) -> str:
        """Greet it for the first time; before all else."""
        self._tasks = await self._opened.enter_async_context(asyncio.TaskGroup())
        self._opened.push_async_callback(self.client.aclose)
        return await self.greet()

    async def greet(self) -> str:
        """Open a connection where none is idle; what the server says at `/models`, "" where it has no such place.

        Raises `EngineError` when it does not answer in time, wants another key, or is in trouble.
        """
        try:
            async with asyncio.timeout(self.probe):
                return await self.client.models()
        except TimeoutError as error:
            raise EngineError(f"{self.client.name} did not answer within {self.probe:g} s") from error

    @contextmanager
    def asking(self) -> Generator[None]:
        """While a request is under way. One that is given up takes its connection with it; over TLS a new one costs two
        round trips, so it is opened at once: whoever asks next, in the next pause, finds it there."""
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            opening = self._spare is not None and not self._spare.done()
            if self._tasks and urlsplit(self.base_url).scheme == "https" and not opening:
                self._spare = self._tasks.create_task(self._replace())
            raise

    async def aclose(self) -> None:
        """Close all connections."""
        self._tasks = None
        if self._spare:
            self._spare.cancel()
        await self._opened.aclose()

    async def _replace(self) -> None:
        with suppress(Exception):  # whoever asks next will find out, and say so
            await self.greet()


async def greeted(client: C, base_url: str, probe: float) -> tuple[Server[C], str]:
    """A server with an open connection, and what it says at `/models`; raises `EngineError` as `Server.greet` does."""
    server = Server(client, base_url, probe)
    try:
        return server, await server.open()
    except BaseException:
        await server.aclose()
        raise


def trouble(status: int) -> bool:
    """Whether a server that answers a greeting with this HTTP status wants another key, or is not well."""
    return status in (401, 403) or status >= 500


def refusal(name: str, status: int, why: str, headers: Mapping[str, str]) -> EngineError:
    """The error for an answer that says no, by its HTTP status."""
    message = f"{name} answers {status}: {why}"
    if status == TOO_MANY:
        return LimitedError(message, retry_after(headers))
    return RefusedError(message, status) if status in REFUSALS else EngineError(message)


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
