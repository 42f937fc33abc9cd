"""Client secrets in Redis: a page may show its secret to another server than the one that issued it."""

from dataclasses import dataclass

import orjson

from server.client_secrets import Pass
from server.redis_client import RedisClient

PREFIX = b"antiphon:secret:"
"""Of all keys; what follows is the hash of a secret."""

_PUT = "redis.call('SET', ARGV[1] .. ARGV[2], ARGV[3], 'EXAT', ARGV[4])"
_GET = "return redis.call('GET', ARGV[1] .. ARGV[2])"


@dataclass(frozen=True, slots=True)
class RedisSecrets:
    """See `Shelf`. Redis itself lets go of what has expired."""

    redis: RedisClient

    async def put(self, secret_hash: str, issued: Pass) -> None:
        """See `Shelf`."""
        written = orjson.dumps([issued.key_hash, issued.config.decode(), issued.expires_at])
        await self.redis.run(_PUT, PREFIX, secret_hash.encode(), written, issued.expires_at)

    async def get(self, secret_hash: str) -> Pass | None:
        """See `Shelf`."""
        written: bytes | None = await self.redis.run(_GET, PREFIX, secret_hash.encode())
        if not written:
            return None
        key_hash, config, expires_at = orjson.loads(written)
        return Pass(key_hash, config.encode(), expires_at)

    async def aclose(self) -> None:
        """See `Shelf`."""
        await self.redis.aclose()
