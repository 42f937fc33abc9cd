"""Secrets for web pages: short-lived, made with a key, and good for sessions of one configuration.

They are kept rather than signed and given away whole: a session with its tools is larger than what a browser can show.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from heapq import heappop, heappush
from secrets import token_urlsafe
from typing import Any, cast

import orjson

from pipeline.errors import ProtocolError
from server.realtime.checks import Json, as_number, as_object, as_text, wrong
from server.realtime.config import new_session
from server.realtime.meaning import manner_of
from server.realtime.roles import Roles

PREFIX = "ek_"
"""What secrets begin with, and keys usually do not."""

LIFETIME = 600
"""Seconds a secret is good for when nobody says otherwise; this and the bounds are OpenAI's."""

LIFETIMES = (10, 7200)

KEPT_BYTES = 32 * 1024 * 1024
"""Of session configurations: 10,000 secrets with 3 KiB each. Beyond it, the first to expire goes early."""

MODEL = "antiphon"
"""What sessions call their model when the client names none."""


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


@dataclass(slots=True)
class ClientSecrets:
    """Those that are good now. Restarting the server ends them all."""

    now: Callable[[], float] = time.time
    """Unix seconds."""
    kept_bytes: int = KEPT_BYTES
    _passes: dict[str, Pass] = field(default_factory=dict[str, Pass])
    """By the hash of the secret."""
    _expiring: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """A heap: the hash of each, the first to expire in front."""
    _bytes: int = 0

    def issue(self, key_hash: str, session: Json, seconds: int) -> tuple[str, Pass]:
        """A new secret, which nobody will see again, and what it stands for."""
        secret, now = PREFIX + token_urlsafe(24), self.now()
        issued = Pass(key_hash, orjson.dumps(session), int(now) + seconds)
        self._bytes += len(issued.config)
        while self._expiring and (self._expiring[0][0] <= now or self._bytes > self.kept_bytes):
            self._bytes -= len(self._passes.pop(heappop(self._expiring)[1]).config)
        self._passes[hashed(secret)] = issued
        heappush(self._expiring, (issued.expires_at, hashed(secret)))
        return secret, issued

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
