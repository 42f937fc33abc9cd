"""Secrets for web pages: short-lived, made with a key, and good for sessions of one configuration.

They are kept rather than signed and given away whole: a session with its tools is larger than what a browser can show.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from heapq import heappop, heappush
from secrets import token_urlsafe
from typing import Any, Protocol, cast

import orjson

from pipeline.errors import ProtocolError
from server.realtime.checks import Json, as_number, as_object, as_text, wrong
from server.realtime.config import new_session
from server.realtime.meaning import manner_of
from server.realtime.roles import Roles
from server.sessions import StoreError

PREFIX = "ek_"
"""What secrets begin with, and keys usually do not."""

LIFETIME = 600
"""Seconds a secret is good for when nobody says otherwise; this and the bounds are OpenAI's."""

LIFETIMES = (10, 7200)

KEPT_BYTES = 32 * 1024 * 1024
"""Of session configurations: 10,000 secrets with 3 KiB each. Beyond it, the first to expire goes early."""

MODEL = "antiphon"
"""What sessions call their model when the client names none."""

_log = logging.getLogger(__name__)


def hashed(key: str) -> str:
    """A key or a secret as it is remembered: SHA-256 in hex. Looking it up takes no time that tells of the key."""
    return sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Pass:
    """What a secret stands for."""

    key_hash: str
    """Of the key it was made with; empty where no keys are configured."""
    config: bytes
    """The session to begin with, as JSON."""
    expires_at: int
    """Unix seconds."""

    @property
    def session(self) -> Json:
        """A copy of the configuration for one session."""
        return cast("Json", orjson.loads(self.config))


class Shelf(Protocol):
    """Where servers keep secrets for one another. Every method but the last may raise `StoreError`."""

    async def put(self, secret_hash: str, issued: Pass) -> None:
        """Keep it until it expires."""
        ...

    async def get(self, secret_hash: str) -> Pass | None:
        """What this secret stands for, if it is there."""
        ...

    async def aclose(self) -> None:
        """Let go of sockets."""
        ...


@dataclass(slots=True)
class ClientSecrets:
    """Those that are good now. Restarting the server ends those that are on no shelf."""

    now: Callable[[], float] = time.time
    """Unix seconds."""
    kept_bytes: int = KEPT_BYTES
    shelf: Shelf | None = None
    """What the servers of one address share; without it, a secret is good at the server that issued it."""
    _passes: dict[str, Pass] = field(default_factory=dict[str, Pass])
    """By the hash of the secret."""
    _expiring: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """A heap: the hash of each, the first to expire in front."""
    _bytes: int = 0

    def issue(self, key_hash: str, session: Json, seconds: int) -> tuple[str, Pass]:
        """A new secret, which nobody will see again, and what it stands for."""
        secret = PREFIX + token_urlsafe(24)
        issued = Pass(key_hash, orjson.dumps(session), int(self.now()) + seconds)
        self._keep(hashed(secret), issued)
        return secret, issued

    async def share(self, secret: str) -> None:
        """Let the other servers know a secret that was just issued here. Where they cannot be told, it is good here."""
        if self.shelf:
            try:
                await self.shelf.put(hashed(secret), self._passes[hashed(secret)])
            except StoreError as error:
                _log.warning("a client secret is good at this server alone: %s", error)

    async def learn(self, shown: Iterable[str]) -> None:
        """Find those of these secrets out that another server has issued; then they can be redeemed."""
        for secret in shown:
            if self.shelf and secret.startswith(PREFIX) and not self.redeem(secret):
                try:
                    found = await self.shelf.get(hashed(secret))
                except StoreError as error:
                    _log.warning("what a client secret stands for cannot be found out: %s", error)
                    return
                if found and hashed(secret) not in self._passes:
                    self._keep(hashed(secret), found)

    async def aclose(self) -> None:
        """Let go of the shelf."""
        if self.shelf:
            await self.shelf.aclose()

    def _keep(self, secret_hash: str, issued: Pass) -> None:
        now = self.now()
        self._bytes += len(issued.config)
        while self._expiring and (self._expiring[0][0] <= now or self._bytes > self.kept_bytes):
            self._bytes -= len(self._passes.pop(heappop(self._expiring)[1]).config)
        self._passes[secret_hash] = issued
        heappush(self._expiring, (issued.expires_at, secret_hash))

    def redeem(self, secret: str) -> Pass | None:
        """What this secret stands for, any number of times until it expires; None where it is good for nothing."""
        found = self._passes.get(hashed(secret))
        return found if found and found.expires_at > self.now() else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a secret."""

    session: Json
    """Whole, and checked."""
    seconds: int
    """It shall be good for."""


def wish_of(body: bytes, roles: Roles) -> Wish:
    """What the body of a request asks for; `roles` are what sessions may be like here. Raises `ProtocolError`."""
    asked = _parsed(body)
    expiry = as_object(_given(asked, "expires_after", {}), "expires_after")
    if (anchor := _given(expiry, "anchor", "created_at")) != "created_at":
        raise wrong(anchor, "expires_after.anchor", "'created_at'")
    seconds = as_number(_given(expiry, "seconds", LIFETIME), LIFETIMES, "expires_after.seconds")
    changes = as_object(_given(asked, "session", {}), "session")
    model = as_text(_given(changes, "model", MODEL), "session.model")
    session = roles.updated(new_session(roles.usual, model), changes)
    manner_of(session, roles.base(session))
    return Wish(session, int(seconds))


def _parsed(body: bytes) -> Json:
    try:
        asked = orjson.loads(body or b"{}")
        orjson.dumps(asked)  # it reads JSON that is nested deeper than it writes
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as problem:
        raise ProtocolError(f"the body is no JSON: {problem}", code="invalid_json") from None
    if not isinstance(asked, dict):
        raise ProtocolError("the body is no JSON object", code="invalid_json")
    return cast("Json", asked)


def _given(asked: Json, name: str, usual: object) -> Any:
    """A field of a request, of which null says no more than its absence."""
    return usual if asked.get(name) is None else asked[name]
