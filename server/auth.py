"""Who may come in: keys for everybody but this machine's own programs, and no web page that nobody named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.errors import ConfigError
from server.client_secrets import PREFIX, ClientSecrets, hashed
from server.realtime.checks import Json
from server.redis_client import redis_at
from server.redis_secrets import RedisSecrets
from server.settings import ServerSettings

BROWSER_KEY = "openai-insecure-api-key."
"""Browsers cannot set headers on a websocket: they offer their key as a subprotocol that begins so."""

ANYWHERE = "*"
"""Stands for all origins."""

HANDED_ON = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""Headers by which a proxy tells that it speaks for somebody else."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._:\[\]-]+")


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who was let in."""

    key_hash: str = ""
    """SHA-256, in hex, of the key it came with or its secret was made with; empty where no keys are configured."""
    session: Json | None = None
    """The configuration that its secret begins sessions with."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is turned away, as OpenAI's server says it."""

    close_code: int
    """Of a websocket's close frame."""
    status: int
    """Of an HTTP response."""
    code: str
    message: str
    """What to do about it."""

    @property
    def reason(self) -> str:
        """What the close frame says."""
        return f"invalid_request_error.{self.code}"


BETA_SHAPE = Refusal(
    4000,
    400,
    "beta_api_shape_disabled",
    "The beta of the Realtime API is not spoken here: leave the header OpenAI-Beta out and use the events of today",
)
WRONG_PAGE = Refusal(
    3000,
    403,
    "origin_not_allowed",
    "This web page may not talk to this server: name its origin in server.origins, and give the server keys or call it "
    "by its address",
)
NO_KEY = Refusal(
    3000,
    401,
    "invalid_api_key",
    f"A key is needed: send the header Authorization: Bearer KEY, or from a browser the subprotocol {BROWSER_KEY}KEY",
)
WRONG_KEY = Refusal(
    3000,
    401,
    "invalid_api_key",
    f"This key opens nothing here; one that begins with {PREFIX} opens websockets only, and may have expired",
)


@dataclass(frozen=True, slots=True)
class Door:
    """Whom the server lets in."""

    key_hashes: frozenset[str] = frozenset()
    """Of the keys; none when everybody on this machine may come."""
    origins: frozenset[str] = frozenset()
    """Of the web pages that may come besides our own: `https://app.example`, or `*` for all."""
    secrets: ClientSecrets = field(default_factory=ClientSecrets)

    async def admit(self, headers: Headers, subprotocols: Sequence[str]) -> Guest | Refusal:
        """Who wants to talk, if need be by asking what another server has issued."""
        await self.secrets.learn(_shown(headers, subprotocols))
        return self.guest(headers, subprotocols)

    def guest(self, headers: Headers, subprotocols: Sequence[str]) -> Guest | Refusal:
        """Who wants to talk: with a key, with a client secret, or from this machine."""
        if "realtime=v1" in headers.get("openai-beta", ""):
            return BETA_SHAPE
        if not self._welcomes_page(headers):
            return WRONG_PAGE
        shown = _shown(headers, subprotocols)
        issued = next(filter(None, map(self.secrets.redeem, shown)), None)
        if issued:
            return Guest(issued.key_hash, issued.session)
        if not self.key_hashes and any(one.startswith(PREFIX) for one in shown):
            return WRONG_KEY  # it has expired, and whoever shows it counts on the session that came with it
        return self._holder(shown)

    def owner(self, headers: Headers) -> Guest | Refusal:
        """Who asks over HTTP: with a key, or from this machine. A secret makes no further secrets."""
        return self._holder(_bearer(headers)) if self._welcomes_page(headers) else WRONG_PAGE

    def _holder(self, shown: Sequence[str]) -> Guest | Refusal:
        held = self.key_hashes.intersection(map(hashed, shown))
        if held or not self.key_hashes:
            return Guest(min(held, default=""))
        return WRONG_KEY if shown else NO_KEY

    def _welcomes_page(self, headers: Headers) -> bool:
        """Whether this comes from a web page that may, or from no page at all."""
        origin, host = headers.get("origin"), headers.get("host", "")
        if ANYWHERE in self.origins or origin in self.origins:
            return True
        if not self.key_hashes and host and not _is_address(host):
            return False
        return not origin or origin.partition("://")[2] == host


def door_of(settings: ServerSettings) -> Door:
    """The door these settings ask for. Raises `ConfigError` where it would be open to the world."""
    keys, origins = keys_of(settings), [one.lower().rstrip("/") for one in _listed(settings.origins)]
    if not all(key.isascii() and key.isprintable() and " " not in key for key in keys):
        raise ConfigError("server.keys: a key has characters that no header can carry; use letters, digits, - and _")
    if not keys and not is_loopback(settings.host) and not settings.trust:
        raise ConfigError(
            f"server.host = {settings.host!r} can be reached from other machines, and without keys anybody there could "
            "talk at your expense: set server.keys (ANTIPHON_KEYS), or let them in with --lan instead"
        )
    for origin in origins:
        if origin != ANYWHERE and not _ORIGIN.fullmatch(origin):
            raise ConfigError(f"server.origins: {origin!r} is no origin; write it like https://app.example")
    if not keys and ANYWHERE in origins:
        raise ConfigError(
            "server.origins = '*' without keys lets any web page you visit talk at your expense: set server.keys "
            "(ANTIPHON_KEYS), or name the pages"
        )
    shelf = RedisSecrets(redis_at(settings.redis)) if settings.redis else None
    return Door(frozenset(map(hashed, keys)), frozenset(origins), ClientSecrets(shelf=shelf))


def keys_of(settings: ServerSettings) -> list[str]:
    """Those that are configured."""
    return _listed(settings.keys)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach, or be, `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def from_here(scope: Scope) -> bool:
    """Whether a request comes from this machine: from loopback, or from the server's own address."""
    caller, here = (scope.get(side) or ("",) for side in ("client", "server"))
    return is_loopback(caller[0]) or caller[0] == here[0]


def at_home(scope: Scope) -> bool:
    """Whether a request is this machine's own: it calls us where we listen, no proxy says that it hands it on, and no
    web page of another name has made it."""
    headers = Headers(scope=scope)
    origin, host = headers.get("origin"), headers.get("host", "")
    ours = _is_address(host, scope) and (not origin or origin.partition("://")[2] == host)
    return from_here(scope) and ours and not any(name in headers for name in HANDED_ON)


@dataclass(frozen=True, slots=True)
class OnlyWithKey:
    """Lets an ASGI app be reached by whoever has its key: for what is ours alone, and has no door of its own."""

    inner: ASGIApp
    key: str = field(repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes with it; to the rest there is nothing."""
        if hashed(self.key) in map(hashed, _bearer(Headers(scope=scope))):
            await self.inner(scope, receive, send)
        else:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)


def _listed(text: str) -> list[str]:
    return [one for one in map(str.strip, text.split(",")) if one]


def _shown(headers: Headers, subprotocols: Sequence[str]) -> list[str]:
    """The keys and secrets that come with a handshake."""
    offered = [one.removeprefix(BROWSER_KEY) for one in subprotocols if one.startswith(BROWSER_KEY)]
    return [*offered, *_bearer(headers)]


def _bearer(headers: Headers) -> list[str]:
    """The key in the header, if there is one."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    return [key.strip()] if kind.lower() == "bearer" else []


def _is_address(host: str, scope: Scope | None = None) -> bool:
    """Whether a page of this host is surely ours: a name could be made to point here by whoever owns it.

    With the `scope` of a request, also whether it names the port that we listen on, which proxies tend to leave out.
    """
    try:
        parts = urlsplit(f"//{host}")
        ours = scope is None or (parts.port or 80) == (scope.get("server") or ("", 0))[1]
        return ours and (parts.hostname == "localhost" or bool(ip_address(parts.hostname or "")))
    except ValueError:
        return False
