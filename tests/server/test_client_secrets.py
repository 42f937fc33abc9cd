"""Client secrets: how long they are good, how many there are, and what they may carry."""

from typing import Any

import orjson
import pytest

from pipeline.errors import ProtocolError
from pipeline.manner import Manner
from server.client_secrets import ClientSecrets, Pass, Wish, wish_of
from server.realtime.roles import Roles

ROLES = Roles(Manner(instructions="Be kind."))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_000_000.5

    def __call__(self) -> float:
        return self.time


def test_a_secret_opens_until_it_expires() -> None:
    clock = Clock()
    secrets = ClientSecrets(clock)
    secret, issued = secrets.issue("owner", {"model": "m"}, 600)
    assert secret.startswith("ek_")
    assert issued == Pass("owner", b'{"model":"m"}', 1_000_600)
    for moment in (1_000_000.5, 1_000_300, 1_000_599.9):
        clock.time = moment
        assert secrets.redeem(secret) == issued
    for moment in (1_000_600, 1_000_601, 2_000_000):
        clock.time = moment
        assert secrets.redeem(secret) is None


@pytest.mark.parametrize("wrong", ["", "ek_", "ek_" + "A" * 32, "schlüssel", "\N{GRINNING FACE}"])
def test_nothing_else_opens(wrong: str) -> None:
    secrets = ClientSecrets()
    secret, _ = secrets.issue("", {}, 600)
    for one in (wrong, secret[:-1], secret + "A", secret.lower() + "x"):
        assert secrets.redeem(one) is None


def test_no_secret_can_be_read_in_memory() -> None:
    secrets = ClientSecrets()
    secret, _ = secrets.issue("", {}, 600)
    assert secret.removeprefix("ek_") not in repr(secrets)


def test_when_there_are_too_many_the_expired_go_first_and_then_the_first_to_expire() -> None:
    clock = Clock()
    secrets = ClientSecrets(clock, kept_bytes=3 * len(b'{"n":0}'))
    short, middle, long = (secrets.issue("", {"n": 0}, seconds)[0] for seconds in (10, 100, 1000))
    clock.time += 20
    fourth, _ = secrets.issue("", {"n": 0}, 500)
    assert [bool(secrets.redeem(one)) for one in (short, middle, long, fourth)] == [False, True, True, True]
    fifth, _ = secrets.issue("", {"n": 0}, 50)
    assert [bool(secrets.redeem(one)) for one in (middle, long, fourth, fifth)] == [False, True, True, True]


def test_ten_thousand_ordinary_secrets_are_kept() -> None:
    secrets = ClientSecrets()
    session = wish_of(b'{"session": {"instructions": "' + b"Be kind. " * 200 + b'"}}', ROLES).session
    first, _ = secrets.issue("", session, 60)
    for _ in range(9_999):
        secrets.issue("", session, 600)
    assert secrets.redeem(first)


def wish(**asked: Any) -> Wish:
    return wish_of(orjson.dumps(asked), ROLES)


def test_without_wishes_a_secret_is_good_for_ten_minutes_of_the_usual() -> None:
    usual = wish_of(b"", ROLES)
    assert usual == wish() == wish(expires_after=None, session=None) == wish(session={"type": "realtime"})
    assert usual.seconds == 600
    assert (usual.session["model"], usual.session["instructions"]) == ("antiphon", "Be kind.")
    assert usual.session["audio"]["input"]["turn_detection"]["interrupt_response"] is True


def test_a_wish_is_the_session_with_its_changes_merged_in() -> None:
    asked = wish(
        expires_after={"anchor": "created_at", "seconds": 7200},
        session={"model": "my-model", "audio": {"output": {"voice": "marin"}}, "tracing": "auto"},
    )
    assert asked.seconds == 7200
    assert (asked.session["model"], asked.session["tracing"]) == ("my-model", "auto")
    assert asked.session["audio"]["output"]["voice"] == "marin"
    assert asked.session["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"{", "invalid_json", None),
        (b"\xff", "invalid_json", None),
        (b"[]", "invalid_json", None),
        (b"5", "invalid_json", None),
        (b'{"session": {"tools": ' + b"[" * 400 + b"]" * 400 + b"}}", "invalid_json", None),
        (b'{"expires_after": 600}', "invalid_value", "expires_after"),
        (b'{"expires_after": {"seconds": 9}}', "invalid_value", "expires_after.seconds"),
        (b'{"expires_after": {"seconds": 7201}}', "invalid_value", "expires_after.seconds"),
        (b'{"expires_after": {"seconds": true}}', "invalid_value", "expires_after.seconds"),
        (b'{"expires_after": {"seconds": "60"}}', "invalid_value", "expires_after.seconds"),
        (b'{"expires_after": {"anchor": "now"}}', "invalid_value", "expires_after.anchor"),
        (b'{"session": []}', "invalid_value", "session"),
        (b'{"session": {"model": 5}}', "invalid_value", "session.model"),
        (b'{"session": {"type": "video"}}', "invalid_value", "session.type"),
        (b'{"session": {"audio": 5}}', "invalid_value", "session.audio"),
        (b'{"session": {"audio": {"output": {"speed": 9}}}}', "invalid_value", "session.audio.output.speed"),
        (b'{"session": {"instructions": 5}}', "invalid_value", "session.instructions"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_when_it_is_made(body: bytes, code: str, param: str | None) -> None:
    with pytest.raises(ProtocolError) as refused:
        wish_of(body, ROLES)
    assert (refused.value.code, refused.value.param) == (code, param)
