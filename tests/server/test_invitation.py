"""The code says the right address, in the terminal and on the page, and nobody else gets to see its key."""

import re
import socket
import ssl
from collections.abc import Generator, Mapping

import httpx2
import pytest
import segno
from starlette.applications import Starlette

from server.auth import door_of
from server.invitation import invitation, invitation_routes, svg_code, text_code
from server.lan import Lan
from server.settings import ServerSettings
from tests.server.caller import play
from tests.stand_ins import asgi

URL = "https://192.168.178.123:8443/#key=aBcDeFgHiJkLmNoPqRsT-_"

MODULES: Mapping[str, tuple[bool, bool]] = {
    " ": (True, True),
    "▄": (True, False),
    "▀": (False, True),
    "█": (False, False),
}
"""Which of the two modules in a character are dark, on a dark ground."""

Code = list[list[bool]]


@pytest.fixture
def lan() -> Generator[Lan]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Lan(listening, ("192.168.1.7", "laptop.local"), "se+same", tls, "12:AB")


def code_of(url: str, border: int) -> Code:
    """As it should be."""
    code = segno.make_qr(url, error="l", boost_error=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=border)]


def read_text(text: str) -> Code:
    """The code that a terminal shows."""
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in text.splitlines()]
    rows = [[MODULES[character][half] for character in line] for line in lines for half in (0, 1)]
    return rows[:-1] if all(rows[-1]) else rows  # an odd number of rows


def read_svg(svg: str) -> Code:
    """The code that a page shows: strokes of one row each, by steps that are relative."""
    size = int(re.findall(r'viewBox="0 0 (\d+) \d+"', svg)[0])
    rows = [[False] * size for _ in range(size)]
    x, y = 0, 0
    for right, down, run in re.findall(r"[Mm](-?\d+) (-?\d+)(?:\.5)?|h(\d+)", re.findall(r' d="([^"]*)"', svg)[-1]):
        if run:
            rows[y][x : x + int(run)] = [True] * int(run)
            x += int(run)
        else:
            x, y = x + int(right), y + int(down)
    return rows


def test_the_code_in_the_terminal_says_this_address() -> None:
    assert read_text(text_code(URL)) == code_of(URL, border=2)
    assert read_text(text_code(URL)) != code_of(URL.replace("123", "124"), border=2)


def test_the_code_fits_into_a_terminal_and_shows_on_light_and_dark_ground() -> None:
    lines = text_code(URL).splitlines()
    assert len(lines) <= 22
    assert all(line.startswith("\x1b[38;5;231;48;5;16m") and line.endswith("\x1b[0m") for line in lines)


def test_the_code_on_the_page_says_this_address() -> None:
    assert read_svg(svg_code(URL).decode()) == code_of(URL, border=4)


def test_the_terminal_shows_code_addresses_and_fingerprint(lan: Lan) -> None:
    told = invitation(lan, "http://127.0.0.1:8080", private=True)
    port = lan.listening.getsockname()[1]
    assert text_code(f"https://192.168.1.7:{port}/#key=se%2Bsame") in told
    assert f"  https://laptop.local:{port}/#key=se%2Bsame\n" in told
    assert told.splitlines()[-1].endswith("it is ours if its SHA-256 is 12:AB")


def test_a_log_gets_no_key(lan: Lan) -> None:
    told = invitation(lan, "http://127.0.0.1:8080", private=False)
    assert f"  https://192.168.1.7:{lan.listening.getsockname()[1]}\n" in told
    assert "http://127.0.0.1:8080/lan.svg" in told
    assert "same" not in told
    assert "█" not in told


@pytest.mark.parametrize("private", [True, False])
def test_without_a_network_there_is_nothing_to_show(lan: Lan, *, private: bool) -> None:
    alone = Lan(lan.listening, (), lan.key, lan.tls, lan.fingerprint)
    told = invitation(alone, "http://127.0.0.1:8080", private=private)
    assert told == "Other devices cannot reach this machine: it is in no network.\n"


@pytest.mark.real
@pytest.mark.parametrize(
    ("keys", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"host": "localhost:8080"}, 200),
        ("", {"host": "evil.example:8080"}, 403),
        ("", {"origin": "https://evil.example"}, 403),
        ("sesame", {}, 401),
        ("sesame", {"authorization": "Bearer wrong"}, 401),
        ("sesame", {"authorization": "Bearer sesame"}, 200),
        ("sesame", {"authorization": "Bearer sesame", "host": "evil.example", "origin": "http://evil.example"}, 200),
        ("sesame", {"authorization": "Bearer sesame", "origin": "https://evil.example"}, 403),
        ("", {"x-forwarded-for": "192.168.1.9"}, 404),
    ],
)
def test_the_page_gets_the_code_where_the_door_lets_it_in(
    lan: Lan, keys: str, headers: dict[str, str], status: int
) -> None:
    async def scenario() -> None:
        app = Starlette(routes=invitation_routes(lan, door_of(ServerSettings(keys=keys))))
        async with asgi.serving(app) as url, httpx2.AsyncClient(base_url=url, trust_env=False) as client:
            told, drawn = await client.get("/lan", headers=headers), await client.get("/lan.svg", headers=headers)
            assert (told.status_code, drawn.status_code) == (status, status)
            assert told.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
            if status == 200:
                assert told.json() == {"urls": lan.urls, "fingerprint": "12:AB"}
                assert drawn.content == svg_code(lan.urls[0])
                assert drawn.headers["content-type"] == "image/svg+xml"
                assert told.headers["cache-control"] == drawn.headers["cache-control"] == "no-store"
            else:
                assert "same" not in told.text + drawn.text

    play(scenario())


@pytest.mark.real
def test_a_server_for_this_machine_only_says_so() -> None:
    async def scenario() -> None:
        app = Starlette(routes=invitation_routes(None, door_of(ServerSettings())))
        async with asgi.serving(app) as url, httpx2.AsyncClient(base_url=url, trust_env=False) as client:
            assert (await client.get("/lan")).json() == {"urls": [], "fingerprint": None}
            assert (await client.get("/lan.svg")).status_code == 404

    play(scenario())
