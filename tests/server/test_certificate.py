"""Certificates that clients take, and when a new one is due."""

import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from server.certificate import CLOCK_SKEW, LIFETIME, SPARE, fingerprint, new_certificate, still_good, tls_with

NAMES = ("localhost", "127.0.0.1", "192.168.1.7", "my-laptop.local")

NOW = datetime.now(UTC)

MADE = new_certificate(NAMES, NOW)


def shake_hands(host: str) -> bytes:
    """A handshake in memory with a client that trusts this certificate only; what it was shown, as DER."""
    trusting = ssl.create_default_context(cadata=MADE.decode())
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(down, up, server_hostname=host)
    server = tls_with(MADE).wrap_bio(up, down, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.getpeercert(binary_form=True) or b""


@pytest.mark.parametrize("host", NAMES)
def test_a_client_that_trusts_it_finds_every_name_in_it(host: str) -> None:
    assert fingerprint(MADE) == sha256(shake_hands(host)).digest().hex(":").upper()


@pytest.mark.parametrize("host", ["192.168.1.8", "other.local"])
def test_it_vouches_for_nobody_else(host: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(host)


END = NOW - CLOCK_SKEW + LIFETIME


@pytest.mark.parametrize(
    ("names", "at", "good"),
    [
        (NAMES, NOW, True),
        (NAMES[::-1], NOW, True),
        (NAMES[:2], NOW, True),
        ((*NAMES, "10.0.0.1"), NOW, False),
        ((*NAMES, "other.local"), NOW, False),
        (NAMES, NOW - CLOCK_SKEW - timedelta(hours=1), False),
        (NAMES, END - SPARE - timedelta(hours=1), True),
        (NAMES, END - SPARE + timedelta(hours=1), False),
        (NAMES, END + timedelta(days=1), False),
    ],
)
def test_a_new_one_is_due_for_a_new_name_and_before_the_old_one_ends(
    names: tuple[str, ...], at: datetime, *, good: bool
) -> None:
    assert still_good(MADE, names, at) is good


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"nonsense",
        b"\xff",
        MADE[: len(MADE) // 2],
        MADE[MADE.index(b"-----BEGIN CERT") :],
        MADE[: MADE.index(b"-----BEGIN CERT")] + new_certificate(NAMES, NOW).partition(b"KEY-----\n")[2],
        new_certificate(NAMES, NOW).partition(b"-----END PRIVATE KEY-----\n")[0] + MADE.partition(b"KEY-----\n")[2],
    ],
)
def test_what_is_broken_is_made_anew(kept: bytes) -> None:
    assert not still_good(kept, NAMES, NOW)


def test_apple_s_devices_take_it() -> None:
    assert timedelta(days=397) >= LIFETIME
