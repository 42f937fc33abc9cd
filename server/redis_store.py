"""Conversations in Redis: many servers share them, and a client that loses one goes on at another."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from server.redis_client import RedisClient, redis_at
from server.sessions import Kept, Mine, digest

PREFIX = b"antiphon:"
"""Of all keys."""

# Who takes a token leaves a mark, so that a server which still believes that it holds the conversation, because its
# client's connection broke and it waits, cannot write over what another has made of it since. It waits for as long as
# it keeps conversations; the mark stays for twice that.
_PUT = """
local prefix, session, token, owner, state, ms, again = unpack(ARGV)
local spent, row = prefix .. 'spent:' .. token, prefix .. 'session:' .. session
if again == '1' and redis.call('EXISTS', spent) == 1 then return end
local before = redis.call('HGET', row, 'token')
local other = redis.call('GET', prefix .. 'token:' .. token)
redis.call('HSET', row, 'token', token, 'owner', owner, 'state', state, 'ms', ms)  -- first: it fails when Redis is full
redis.call('PEXPIRE', row, ms)
if before and before ~= token then redis.call('DEL', prefix .. 'token:' .. before) end
if other and other ~= session then redis.call('DEL', prefix .. 'session:' .. other) end
redis.call('SET', prefix .. 'token:' .. token, session, 'PX', ms)
redis.call('DEL', spent)
"""

_TAKE = """
local prefix, token, owner = unpack(ARGV)
local session = redis.call('GET', prefix .. 'token:' .. token)
if not session then return false end
local row = prefix .. 'session:' .. session
local found = redis.call('HMGET', row, 'owner', 'state', 'token', 'ms')
if found[1] ~= owner or found[3] ~= token then return false end
redis.call('DEL', row, prefix .. 'token:' .. token)
redis.call('SET', prefix .. 'spent:' .. token, '', 'PX', 2 * found[4])
return {session, found[1], found[2]}
"""

# `mine` is the token under which this server put it, if it did: what another has put since is not ours to forget.
_FORGET = """
local prefix, session, mine = unpack(ARGV)
local row = prefix .. 'session:' .. session
local token = redis.call('HGET', row, 'token')
if not token or (mine ~= '' and mine ~= token) then return end
redis.call('DEL', row, prefix .. 'token:' .. token)
"""


@dataclass(slots=True)
class RedisStore:
    """Each call is one script, which nothing comes between. Redis itself lets go of what has expired.

    A conversation that another server has taken is not replaced nor forgotten by the one that had it before.
    """

    redis: RedisClient
    _mine: Mine = field(default_factory=Mine, init=False)

    async def put(self, token: str, kept: Kept, seconds: float) -> None:
        """See `Store`."""
        key = digest(token)
        left = max(1, round(seconds * 1000))
        again = int(self._mine.of(kept.session) == key)
        await self.redis.run(_PUT, PREFIX, kept.session.encode(), key, kept.owner.encode(), kept.state, left, again)
        self._mine.put(kept.session, key)

    async def take(self, token: str, owner: str) -> Kept | None:
        """See `Store`."""
        found: Sequence[bytes] | None = await self.redis.run(_TAKE, PREFIX, digest(token), owner.encode())
        if not found:
            return None
        session, owned_by, state = found
        self._mine.drop(session.decode())
        return Kept(session.decode(), owned_by.decode(), state)

    async def forget(self, session: str) -> None:
        """See `Store`."""
        await self.redis.run(_FORGET, PREFIX, session.encode(), self._mine.of(session))
        self._mine.drop(session)

    async def aclose(self) -> None:
        """Close the connections; they are opened again when needed."""
        await self.redis.aclose()


def redis_store(url: str) -> RedisStore:
    """The store at such an address; it is not connected to before it is needed. Raises `ConfigError`."""
    return RedisStore(redis_at(url))
