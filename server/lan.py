"""The way in for the other devices of this network: this machine's addresses, a key, and TLS."""

import logging
import re
import socket
import ssl
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import quote

from pipeline.errors import ConfigError
from server.auth import Door, keys_of
from server.client_secrets import hashed
from server.settings import ServerSettings, state_folder

KEY_BYTES = 16
"""Of chance in a key of our own making: as much as nobody guesses, and a code that stays small."""

CERTIFICATE_FILE, KEY_FILE = "lan-certificate.pem", "lan-access-key"
"""Kept in the state folder: a phone that was let in once stays so."""

INNER = ("docker", "br-", "veth", "virbr", "vmnet", "podman", "cni")
"""How adapters begin that lead to this machine's own containers and virtual machines, where no phone is."""

ELSEWHERE = ("203.0.113.1", 9)
"""An address far away (RFC 5737); nothing is sent there."""

_HOST_NAME = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")
_SUBPROTOCOL = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
"""What a browser can send (RFC 6455, 4.1)."""

_log = logging.getLogger("antiphon")


@dataclass(frozen=True, slots=True)
class Lan:
    """Where and how this network's devices come in."""

    listening: socket.socket
    hosts: tuple[str, ...]
    """Addresses and names they may know this machine by, the likeliest first; none where there is no network."""
    key: str = field(repr=False)
    tls: ssl.SSLContext
    fingerprint: str
    """Of the certificate: SHA-256, as browsers show it."""

    def door(self, inner: Door) -> Door:
        """Who may come in this way: with a key, also where those on this machine need none."""
        return replace(inner, key_hashes=inner.key_hashes | {hashed(self.key)})

    @property
    def origins(self) -> list[str]:
        """The page's addresses without the key."""
        return [f"https://{host}:{self.listening.getsockname()[1]}" for host in self.hosts]

    @property
    def urls(self) -> list[str]:
        """The page's addresses with the key, which the fragment keeps from the wire and from logs."""
        return [f"{origin}/#key={quote(self.key, safe='')}" for origin in self.origins]


def lan_on(listening: socket.socket, settings: ServerSettings, environment: Mapping[str, str]) -> Lan:
    """What those need who come by this socket; what is made for it is kept for the next time. Raises `ConfigError`."""
    from server import certificate  # noqa: PLC0415  most servers do without, and start sooner

    found, host_name, now = addresses(), socket.gethostname(), datetime.now(UTC)
    hosts = (*found, *names_of(host_name)[:1]) if found else ()
    names = ("localhost", "127.0.0.1", *found, *names_of(host_name))
    folder = state_folder(settings, environment)
    pem = _kept(
        folder and folder / CERTIFICATE_FILE,
        lambda old: certificate.still_good(old, names, now),
        lambda: certificate.new_certificate(names, now),
    )
    key = next(iter(keys_of(settings)), "") or _own_key(folder)
    if not _SUBPROTOCOL.fullmatch(key):
        raise ConfigError("server.keys: browsers cannot send the first key; use letters, digits, - and _")
    return Lan(listening, hosts, key, certificate.tls_with(pem), certificate.fingerprint(pem))


def addresses() -> list[str]:
    """This machine's IPv4 addresses that others may reach, first the one that leads out."""
    import ifaddr  # noqa: PLC0415

    found = [
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not adapter.name.startswith(INNER)
    ]
    return in_order(found, _leading_out())


def in_order(found: list[str], first: str) -> list[str]:
    """Those of these addresses that reach beyond this machine and its cable, each once."""
    useful = {one for one in found if not (ip_address(one).is_loopback or ip_address(one).is_link_local)}
    return sorted(useful, key=lambda one: (one != first, ip_address(one)))


def names_of(host_name: str) -> list[str]:
    """By which others may know a machine: first its name in multicast DNS, then its own; none if it has no usable."""
    own = host_name.lower()
    label = own.partition(".")[0]
    if not _HOST_NAME.fullmatch(own) or label == "localhost":
        return []
    return list(dict.fromkeys((f"{label}.local", own)))


def _leading_out() -> str:
    """The address that this machine uses towards others; empty where there are none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as towards:
        try:
            towards.connect(ELSEWHERE)
        except OSError:
            return ""
        return str(towards.getsockname()[0])


def _own_key(folder: Path | None) -> str:
    return _kept(
        folder and folder / KEY_FILE,
        lambda old: re.fullmatch(rb"[\w-]{16,}", old) is not None,
        lambda: token_urlsafe(KEY_BYTES).encode(),
    ).decode()


def _kept(file: Path | None, good: Callable[[bytes], bool], make: Callable[[], bytes]) -> bytes:
    """What the file has if that is good, else something new, for the file as well; nobody else may read it."""
    if not file:
        return make()
    with suppress(OSError):
        old = file.read_bytes()
        if good(old):
            return old
    made = make()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as new:  # for our eyes only: 0600
            new.write(made)
        Path(new.name).replace(file)
    except OSError as error:
        _log.warning("%s cannot be kept, and the next start makes another: %s", file, error.strerror)
    return made
