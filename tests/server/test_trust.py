"""A server in a container, without keys: its host may come, and nobody else, whatever its network lets in."""

from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Scope

from pipeline.errors import ConfigError
from server.auth import door_of
from server.settings import ServerSettings
from server.trust import OnlyTrusted, networks_of, trusting
from tests.server.caller import play

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask
eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000
eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF
"""
"""Those of a container at 172.18.0.3/16."""

HOST, NEIGHBOUR, ELSEWHERE = "172.18.0.1", "172.18.0.4", "192.168.1.7"


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    path = tmp_path / "route"
    path.write_text(ROUTES)
    return path


async def inside(scope: Scope, receive: object, send: object) -> None:
    """The app that is guarded."""
    response: Response = PlainTextResponse(f"welcome to {Request(scope).url.path}")
    await response(scope, receive, send)  # pyright: ignore[reportArgumentType]  they are what they were


def answer(app: ASGIApp, caller: str, host: str = "127.0.0.1:8080", path: str = "/v1/models") -> tuple[int, str]:
    """The status and the body for such a request."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(b"host", host.encode())] if host else []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers,
        "client": (caller, 50000), "server": ("172.18.0.3", 8080),
    }  # fmt: skip

    async def ask() -> None:
        await app(scope, receive, send)

    play(ask())
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.mark.parametrize(
    ("caller", "host", "path", "status"),
    [
        (HOST, "127.0.0.1:8080", "/", 200),
        (HOST, "localhost:9000", "/v1/realtime", 200),
        (HOST, "[::1]:8080", "/", 200),
        (HOST, "", "/", 200),
        (f"::ffff:{HOST}", "localhost", "/", 200),
        ("127.0.0.1", "127.0.0.1:8080", "/", 200),
        ("172.18.0.3", "127.0.0.1:8080", "/", 200),
        (NEIGHBOUR, "127.0.0.1:8080", "/", 403),
        (NEIGHBOUR, "antiphon:8080", "/v1/models", 403),
        (NEIGHBOUR, "antiphon:8080", "/metrics", 200),
        (NEIGHBOUR, "antiphon:8080", "/healthz", 200),
        (NEIGHBOUR, "antiphon:8080", "/healthz/../v1/models", 403),
        (ELSEWHERE, "127.0.0.1:8080", "/", 403),
        (HOST, "192.168.1.2:8080", "/", 403),
        (HOST, "evil.example", "/", 403),
        (HOST, "127.0.0.1.evil.example", "/", 403),
        (HOST, "[", "/", 403),
        ("testclient", "127.0.0.1", "/", 403),
    ],
)
def test_the_host_may_come_by_a_loopback_name(routes: Path, caller: str, host: str, path: str, status: int) -> None:
    told = answer(OnlyTrusted(inside, networks_of("gateway", routes)), caller, host, path)
    assert told[0] == status
    assert told[1] == f"welcome to {path}" if status == 200 else f"{caller} is not trusted" in told[1]


def test_networks_may_be_named() -> None:
    app = OnlyTrusted(inside, networks_of("10.213.47.2, 192.168.1.0/24,fd00::/8"))
    welcome = [
        answer(app, caller)[0] == 200 for caller in ("10.213.47.2", "10.213.47.3", ELSEWHERE, "fd00::1", "fe80::1")
    ]
    assert welcome == [True, False, True, True, False]


def test_keys_make_trust_needless() -> None:
    settings = ServerSettings(host="0.0.0.0", keys="sesame", trust="gateway")
    assert trusting(inside, settings) is inside
    assert door_of(settings).key_hashes


def test_whoever_trusts_nobody_needs_keys_to_listen_beyond_the_machine() -> None:
    assert trusting(inside, ServerSettings()) is inside
    assert door_of(ServerSettings(host="0.0.0.0", trust="gateway")).key_hashes == frozenset()


@pytest.mark.parametrize("wrong", ["everybody", "172.18.0.1/16", "gateway,10.0.0.0/33"])
def test_a_network_that_is_none_is_named(routes: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"^server\.trust: .*(10\.1\.0\.0/16)"):
        networks_of(wrong, routes)


def test_where_the_gateway_cannot_be_found_out_the_server_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the gateway cannot be found out"):
        networks_of("gateway", tmp_path / "none")


def test_without_a_default_route_the_gateway_is_nobody(tmp_path: Path) -> None:
    (tmp_path / "route").write_text(ROUTES.splitlines()[0])
    assert networks_of("gateway", tmp_path / "route") == []
