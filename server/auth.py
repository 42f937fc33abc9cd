"""Who may come in: keys for everybody but this machine's own programs, and no web page but our own."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.errors import ConfigError
from server.settings import ServerSettings

BROWSER_KEY = "openai-insecure-api-key."
"""Browsers cannot set headers on a websocket: they offer their key as a subprotocol that begins so."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach, or be, `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keys_of(settings: ServerSettings) -> frozenset[str]:
    """The keys that let a client in; none when everybody may. Raises `ConfigError` where that would be the world."""
    keys = frozenset(key for key in (one.strip() for one in settings.keys.split(",")) if key)
    if not keys and not is_loopback(settings.host):
        raise ConfigError(
            f"server.host = {settings.host!r} can be reached from other machines, and without keys anybody there could "
            "talk at your expense: set server.keys (ANTIPHON_KEYS)"
        )
    return keys


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a client is turned away, as OpenAI's server says it."""

    code: int
    """Of the websocket's close frame."""
    why: str


def refusal(headers: Headers, subprotocols: Sequence[str], keys: frozenset[str]) -> Refusal | None:
    """What is wrong with this handshake; None when it is welcome."""
    if "realtime=v1" in headers.get("openai-beta", ""):
        return Refusal(4000, "invalid_request_error.beta_api_shape_disabled")
    origin, host = headers.get("origin"), headers.get("host", "")
    if origin and (urlsplit(origin).netloc != host or not (keys or _is_address(host))):
        return Refusal(3000, "invalid_request_error.origin_not_allowed")
    shown = [one.removeprefix(BROWSER_KEY) for one in subprotocols if one.startswith(BROWSER_KEY)]
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        shown.append(bearer.strip())
    if keys and not any(hmac.compare_digest(one.encode(), key.encode()) for one in shown for key in keys):
        return Refusal(3000, "invalid_request_error.invalid_api_key")
    return None


def _is_address(host: str) -> bool:
    """Whether a page of this host is surely ours: a name could be made to point here by whoever owns it."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost"
    return True


class OnlyFromHere:
    """Lets an ASGI app be reached from this machine alone: it has no keys of its own."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from loopback or from the server's own address; to the rest there is nothing here."""
        caller, here = (scope.get(side) or ("",) for side in ("client", "server"))
        if scope["type"] != "http" or is_loopback(caller[0]) or caller[0] == here[0]:
            await self._inner(scope, receive, send)
        else:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
