"""Who may come without a key to a server that listens beyond its machine: in a container, the machine around it.

A container has to listen on an address that its neighbours reach as well. Whoever publishes its port on the host's
loopback alone means callers of that host; they come from the container's gateway, and call it by a name for loopback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.errors import ConfigError
from server.auth import from_here, is_loopback, keys_of
from server.settings import ServerSettings

GATEWAY = "gateway"
"""Stands for the way out of here: within a container, its host."""

ROUTES = Path("/proc/net/route")
"""Linux's table of IPv4 routes: a head, then an interface, a destination and a gateway in each line, and more."""

OPEN = frozenset({"/healthz", "/metrics"})
"""What neighbours may ask all the same: there is nothing in it that is anybody's, and it costs nothing."""

Networks = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class OnlyTrusted:
    """Lets an ASGI app be reached from these networks and this machine, by a name that no web page can point here."""

    inner: ASGIApp
    networks: Networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may come; tell the others what to do."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN or self._welcomes(scope):
            await self.inner(scope, receive, send)
        else:
            caller = (scope.get("client") or ("somebody",))[0]
            message = (
                f"This server has no keys, so it takes calls from its own machine alone, at a loopback address or "
                f"localhost; {caller} is not trusted. Set server.keys (ANTIPHON_KEYS) to let others in.\n"
            )
            await PlainTextResponse(message, 403)(scope, receive, send)

    def _welcomes(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "")
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return (not host or is_loopback(name)) and (from_here(scope) or _among(scope, self.networks))


def trusting(inner: ASGIApp, settings: ServerSettings) -> ASGIApp:
    """The app for those whom the settings trust, where they say so; keys make trust needless. Raises `ConfigError`."""
    if keys_of(settings) or not settings.trust:
        return inner
    return OnlyTrusted(inner, networks_of(settings.trust))


def networks_of(text: str, routes: Path = ROUTES) -> Networks:
    """Those that are written there, with commas between. Raises `ConfigError`."""
    found: list[IPv4Network | IPv6Network] = []
    for one in filter(None, map(str.strip, text.split(","))):
        try:
            found += _gateways(routes) if one == GATEWAY else [ip_network(one)]
        except ValueError as error:
            raise ConfigError(
                f"server.trust: {error}; write addresses or networks like 172.18.0.1 or 10.1.0.0/16, or {GATEWAY}"
            ) from error
    return found


def _gateways(routes: Path) -> list[IPv4Network]:
    """Where the default routes lead."""
    try:
        rows = [line.split() for line in routes.read_text().splitlines()[1:]]
    except OSError as error:
        raise ConfigError(f"server.trust: the gateway cannot be found out: {error}") from error
    default = [row[2] for row in rows if row[1] == "0" * 8 and row[2] != "0" * 8]
    return [IPv4Network(IPv4Address(bytes.fromhex(gateway)[::-1])) for gateway in default]


def _among(scope: Scope, networks: Networks) -> bool:
    try:
        caller = ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        return False
    mapped = caller.ipv4_mapped if caller.version == 6 else None
    return any((mapped or caller) in network for network in networks)
