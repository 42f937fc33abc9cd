"""Who may come in, and what the others are told."""

import pytest
from starlette.datastructures import Headers

from pipeline.errors import ConfigError
from server.auth import BETA_SHAPE, NO_KEY, WRONG_KEY, WRONG_PAGE, Door, Guest, Refusal, door_of, from_here, is_loopback
from server.client_secrets import hashed
from server.settings import ServerSettings

OPEN = Door()
KEYED = door_of(ServerSettings(keys="sesame, other"))
NAMED = door_of(ServerSettings(origins="https://app.example, Tauri://Localhost/"))
PUBLIC = door_of(ServerSettings(keys="sesame", origins="*"))

ANYBODY = Guest()
SESAME = Guest(hashed("sesame"))

HERE = "127.0.0.1:8080"

Handshake = tuple[Door, dict[str, str], list[str], Guest | Refusal]

KEYS: list[Handshake] = [
    (OPEN, {}, [], ANYBODY),
    (OPEN, {"authorization": "Bearer whatever"}, [], ANYBODY),
    (OPEN, {"authorization": "Bearer ek_expired"}, [], WRONG_KEY),
    (KEYED, {}, [], NO_KEY),
    (KEYED, {"authorization": "Bearer sesame"}, [], SESAME),
    (KEYED, {"authorization": "bearer  other"}, [], Guest(hashed("other"))),
    (KEYED, {"authorization": "Bearer sesam"}, [], WRONG_KEY),
    (KEYED, {"authorization": "Bearer "}, [], WRONG_KEY),
    (KEYED, {"authorization": "Basic sesame"}, [], NO_KEY),
    (KEYED, {"authorization": "Bearer schlüssel"}, [], WRONG_KEY),
    (KEYED, {"authorization": f"Bearer {hashed('sesame')}"}, [], WRONG_KEY),
    (KEYED, {}, ["realtime", "openai-insecure-api-key.sesame"], SESAME),
    (KEYED, {}, ["realtime", "openai-insecure-api-key.wrong"], WRONG_KEY),
    (KEYED, {}, ["sesame"], NO_KEY),
    (OPEN, {"openai-beta": "realtime=v1"}, [], BETA_SHAPE),
    (KEYED, {"openai-beta": "assistants=v2, realtime=v1", "authorization": "Bearer sesame"}, [], BETA_SHAPE),
]

PAGES: list[tuple[Door, str | None, str, bool]] = [
    (OPEN, None, HERE, True),
    (OPEN, f"http://{HERE}", HERE, True),
    (OPEN, "http://localhost:8080", "localhost:8080", True),
    (OPEN, "http://[::1]:8080", "[::1]:8080", True),
    (OPEN, "http://localhost:3000", "localhost:8080", False),
    (OPEN, "https://evil.example", HERE, False),
    (OPEN, "http://evil.example:8080", "evil.example:8080", False),
    (OPEN, None, "evil.example:8080", False),
    (OPEN, "null", HERE, False),
    (OPEN, "http://[", HERE, False),
    (OPEN, "http://[", "[", False),
    (KEYED, "https://my.example", "my.example", True),
    (KEYED, None, "my.example", True),
    (KEYED, "https://evil.example", "my.example", False),
    (KEYED, "null", "my.example", False),
    (NAMED, "https://app.example", HERE, True),
    (NAMED, "tauri://localhost", HERE, True),
    (NAMED, f"http://{HERE}", HERE, True),
    (NAMED, "http://app.example", HERE, False),
    (NAMED, "https://app.example.evil.example", HERE, False),
    (NAMED, "https://evil.example", HERE, False),
    (NAMED, "null", HERE, False),
    (PUBLIC, "https://evil.example", "my.example", True),
    (PUBLIC, "null", "my.example", True),
]


@pytest.mark.parametrize(("door", "headers", "subprotocols", "answer"), KEYS)
def test_a_handshake_is_welcome_or_told_why_not(
    door: Door, headers: dict[str, str], subprotocols: list[str], answer: Guest | Refusal
) -> None:
    assert door.guest(Headers(headers), subprotocols) == answer


@pytest.mark.parametrize(("door", "origin", "host", "welcome"), PAGES)
def test_a_web_page_may_come_from_here_or_from_where_the_settings_say(
    door: Door, origin: str | None, host: str, *, welcome: bool
) -> None:
    headers = {"host": host, "authorization": "Bearer sesame", **({"origin": origin} if origin else {})}
    expected = (SESAME if door.key_hashes else ANYBODY) if welcome else WRONG_PAGE
    assert door.guest(Headers(headers), []) == expected
    assert door.owner(Headers(headers)) == expected


def test_a_client_secret_opens_websockets_and_brings_its_session_but_is_no_key() -> None:
    door = door_of(ServerSettings(keys="sesame"))
    secret, _ = door.secrets.issue(hashed("sesame"), {"instructions": "Be brief."}, 60)
    expected = Guest(hashed("sesame"), {"instructions": "Be brief."})
    bearer = Headers({"authorization": f"Bearer {secret}", "host": "my.example"})
    assert door.guest(bearer, []) == expected
    assert door.guest(Headers({"host": "my.example"}), [f"openai-insecure-api-key.{secret}"]) == expected
    assert door.guest(Headers({**bearer, "origin": "https://evil.example"}), []) == WRONG_PAGE
    assert door.owner(bearer) == WRONG_KEY


def test_two_sessions_of_a_secret_share_nothing() -> None:
    door = Door()
    headers = Headers({"authorization": f"Bearer {door.secrets.issue('', {'tools': []}, 60)[0]}"})
    one, other = door.guest(headers, []), door.guest(headers, [])
    assert isinstance(one, Guest)
    assert isinstance(other, Guest)
    assert one.session
    one.session["tools"].append("hammer")
    assert other.session == {"tools": []}


def test_the_door_keeps_no_key_that_could_be_printed() -> None:
    assert "sesame" not in repr(KEYED)


@pytest.mark.parametrize("refused", [BETA_SHAPE, WRONG_PAGE, NO_KEY, WRONG_KEY])
def test_a_reason_fits_into_a_close_frame(refused: Refusal) -> None:
    assert len(refused.reason) <= 123
    assert refused.close_code in range(3000, 5000)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_alone_needs_no_keys(host: str) -> None:
    assert is_loopback(host)
    assert door_of(ServerSettings(host=host)).key_hashes == frozenset()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "antiphon.example"])
def test_other_machines_need_keys(host: str) -> None:
    with pytest.raises(ConfigError, match=r"set server\.keys \(ANTIPHON_KEYS\), or let them in with --lan instead$"):
        door_of(ServerSettings(host=host, keys=" , "))
    assert door_of(ServerSettings(host=host, keys="sesame, other")).key_hashes == KEYED.key_hashes


@pytest.mark.parametrize(
    ("client", "server", "here"),
    [
        (("127.0.0.1", 50000), ("127.0.0.1", 8080), True),
        (("::1", 50000), ("::1", 8080), True),
        (("192.168.1.7", 50000), ("192.168.1.7", 8443), True),
        (("192.168.1.9", 50000), ("192.168.1.7", 8443), False),
        (("203.0.113.5", 0), ("127.0.0.1", 8080), False),
        (("203.0.113.5", 0), None, False),
    ],
)
def test_only_this_machine_s_own_requests_come_from_here(
    client: tuple[str, int], server: tuple[str, int] | None, *, here: bool
) -> None:
    assert from_here({"type": "http", "client": client, "server": server}) is here


@pytest.mark.parametrize(
    ("keys", "origins", "complaint"),
    [
        ("schlüssel", "", r"server\.keys: a key has characters that no header can carry"),
        ("two words", "", r"server\.keys: a key has characters that no header can carry"),
        ("", "*", r"server\.origins = '\*' without keys lets any web page"),
        ("", "app.example", r"'app\.example' is no origin; write it like https://app\.example"),
        ("", "https://app.example/page", "is no origin"),
        ("", "https://me@app.example", "is no origin"),
        ("", "https://bücher.example", "is no origin"),
        ("", "null", "is no origin"),
    ],
)
def test_a_door_that_would_not_close_or_open_is_refused(keys: str, origins: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as raised:
        door_of(ServerSettings(keys=keys, origins=origins))
    assert not keys or keys not in str(raised.value)
