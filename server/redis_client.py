"""A connection to a Redis, as far as we use one: scripts, each of which nothing comes between."""

from collections.abc import Awaitable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from server.sessions import StoreError

PATIENCE = 1.0
"""Seconds for a connection and for an answer, which takes less than a millisecond."""

MOST_CONNECTIONS = 4
"""At a time; who comes when all are busy waits for the next."""

SCHEMES = ("redis://", "rediss://", "unix://")


@dataclass(frozen=True, slots=True)
class RedisClient:
    """It connects when it is first asked, and again when it has to."""

    library: Any  # a redis.asyncio.Redis: its commands' types differ between its sync and async halves
    where: str
    """The server, for messages: without its password."""

    async def run(self, script: str, *arguments: bytes | int) -> Any:
        """What the script returns, with bytes for texts. Raises `StoreError`."""
        from redis.exceptions import RedisError  # noqa: PLC0415  an extra

        asking: Awaitable[Any] = self.library.eval(script, 0, *arguments)
        try:
            return await asking
        except (RedisError, OSError) as error:
            raise StoreError(f"Redis at {self.where}: {error}") from error

    async def aclose(self) -> None:
        """Close the connections; they are opened again when needed."""
        await self.library.aclose()


def redis_at(url: str) -> RedisClient:
    """The one at such an address. Raises `ConfigError`."""
    if not url.startswith(SCHEMES):
        raise ConfigError(
            f"server.redis: write it like redis://127.0.0.1:6379/0; it may begin with {', '.join(SCHEMES)}"
        )
    try:
        library: Any = import_module("redis.asyncio")  # an extra, and its types are not those of its async half
        retry: Any = import_module("redis.asyncio.retry")
        backoff: Any = import_module("redis.backoff")
    except ImportError as error:
        raise ConfigError("server.redis needs the redis package; run: pip install 'antiphon[redis]'") from error
    once = retry.Retry(backoff.NoBackoff(), 0)  # a take that was lost on the way back must not be asked again
    try:
        pool: Any = library.BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=once,
            decode_responses=False,
        )
    except ValueError as error:
        raise ConfigError(f"server.redis is no address: {error}") from error
    return RedisClient(library.Redis.from_pool(pool), _shown(url))


def _shown(url: str) -> str:
    """The address without what is secret of it."""
    parts = urlsplit(url)
    return (parts.netloc.rpartition("@")[2] + parts.path).rstrip("/")
