import pytest
from starlette.datastructures import Headers

from pipeline.errors import ConfigError
from server.auth import Refusal, is_loopback, keys_of, refusal
from server.settings import ServerSettings

KEYS = frozenset({"sesame", "other"})
WRONG_KEY = Refusal(3000, "invalid_request_error.invalid_api_key")
OPEN: frozenset[str] = frozenset()
WRONG_PAGE = Refusal(3000, "invalid_request_error.origin_not_allowed")


Handshake = tuple[dict[str, str], list[str], frozenset[str], Refusal | None]

HANDSHAKES: list[Handshake] = [
    ({}, [], OPEN, None),
    ({}, [], KEYS, WRONG_KEY),
    ({"authorization": "Bearer sesame"}, [], KEYS, None),
    ({"authorization": "bearer  other"}, [], KEYS, None),
    ({"authorization": "Bearer sesam"}, [], KEYS, WRONG_KEY),
    ({"authorization": "Basic sesame"}, [], KEYS, WRONG_KEY),
    ({"authorization": "Bearer schlüssel"}, [], KEYS, WRONG_KEY),
    ({}, ["realtime", "openai-insecure-api-key.sesame"], KEYS, None),
    ({}, ["realtime", "openai-insecure-api-key.wrong"], KEYS, WRONG_KEY),
    ({"origin": "http://127.0.0.1:8080", "host": "127.0.0.1:8080"}, [], OPEN, None),
    ({"origin": "https://evil.example", "host": "127.0.0.1:8080"}, [], OPEN, WRONG_PAGE),
    ({"origin": "http://evil.example:8080", "host": "evil.example:8080"}, [], OPEN, WRONG_PAGE),
    ({"origin": "https://my.example", "host": "my.example", "authorization": "Bearer sesame"}, [], KEYS, None),
    ({"openai-beta": "realtime=v1"}, [], OPEN, Refusal(4000, "invalid_request_error.beta_api_shape_disabled")),
    ({"origin": "null", "host": "127.0.0.1:8080"}, [], OPEN, WRONG_PAGE),
    ({"origin": "https://evil.example", "host": "a", "authorization": "Bearer sesame"}, [], KEYS, WRONG_PAGE),
]


@pytest.mark.parametrize(("headers", "subprotocols", "keys", "why"), HANDSHAKES)
def test_a_handshake_is_welcome_or_told_why_not(
    headers: dict[str, str], subprotocols: list[str], keys: frozenset[str], why: Refusal | None
) -> None:
    assert refusal(Headers(headers), subprotocols, keys) == why


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_alone_needs_no_keys(host: str) -> None:
    assert is_loopback(host)
    assert keys_of(ServerSettings(host=host)) == frozenset()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "antiphon.example"])
def test_other_machines_need_keys(host: str) -> None:
    with pytest.raises(ConfigError, match=r"server\.keys"):
        keys_of(ServerSettings(host=host, keys=" , "))
    assert keys_of(ServerSettings(host=host, keys="sesame, other")) == KEYS
