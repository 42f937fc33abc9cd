"""The way in for other devices: over TLS and with a key, beside the open door for this machine's own programs."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from pipeline.errors import ConfigError
from server.auth import Door
from server.house import House
from server.lan import CERTIFICATE_FILE, KEY_FILE, Lan, addresses, in_order, lan_on, names_of
from server.serve import open_house
from server.settings import Settings, read_settings
from tests.server.caller import Caller, address, play
from tests.server.houses import NOWHERE, OFFLINE


def chosen_for(state: Path | str, settings: Mapping[str, str] | None = None) -> Settings:
    """A server's settings with its state in that folder."""
    own = {"server.port": "0", "server.state": str(state)}
    return read_settings({**OFFLINE, **own, **(settings or {})}, NOWHERE)


@contextmanager
def opened(state: Path | str, settings: Mapping[str, str] | None = None) -> Generator[Lan]:
    """The way in, but from this machine only: tests are no reason to let others in."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield lan_on(listening, chosen_for(state, settings).server, NOWHERE)


@pytest.mark.parametrize(
    ("found", "first", "ordered"),
    [
        ([], "", []),
        (["127.0.0.1"], "", []),
        (["10.0.0.9", "192.168.1.7"], "", ["10.0.0.9", "192.168.1.7"]),
        (["10.0.0.9", "10.0.0.10", "192.168.1.7"], "192.168.1.7", ["192.168.1.7", "10.0.0.9", "10.0.0.10"]),
        (["127.0.0.1", "169.254.3.4", "10.0.0.9", "10.0.0.9"], "127.0.0.1", ["10.0.0.9"]),
    ],
)
def test_the_address_that_leads_out_comes_first_and_useless_ones_not_at_all(
    found: list[str], first: str, ordered: list[str]
) -> None:
    assert in_order(found, first) == ordered


@pytest.mark.parametrize(
    ("host_name", "names"),
    [
        ("laptop", ["laptop.local", "laptop"]),
        ("My-Laptop.example.org", ["my-laptop.local", "my-laptop.example.org"]),
        ("laptop.local", ["laptop.local"]),
        ("localhost", []),
        ("localhost.localdomain", []),
        ("meine_kiste", []),
        ("schüssel", []),
        ("two..dots", []),
        ("", []),
        ("a" * 64, []),
    ],
)
def test_a_machine_has_a_local_name_and_its_own_if_they_can_be_names(host_name: str, names: list[str]) -> None:
    assert names_of(host_name) == names


def test_the_addresses_of_this_machine_are_those_it_can_be_reached_by() -> None:
    for one in addresses():
        with socket.create_server((one, 0)):
            pass


def test_a_phone_that_was_let_in_once_stays_so(tmp_path: Path) -> None:
    state = tmp_path / "new" / "state"
    with opened(state) as before:
        pass
    with opened(state) as after:
        assert (after.key, after.fingerprint) == (before.key, before.fingerprint)
    assert len(before.key) == 22
    kept = sorted(state.iterdir())
    assert [file.name for file in kept] == [KEY_FILE, CERTIFICATE_FILE]
    assert [file.stat().st_mode & 0o777 for file in kept] == [0o600, 0o600]
    assert state.stat().st_mode & 0o777 == 0o700


def test_what_was_kept_and_is_broken_is_made_anew(tmp_path: Path) -> None:
    for name in (KEY_FILE, CERTIFICATE_FILE):
        (tmp_path / name).write_bytes(b"two\nlines")
    with opened(tmp_path) as made, opened(tmp_path) as again:
        assert (made.key, made.fingerprint) == (again.key, again.fingerprint)
    assert (tmp_path / KEY_FILE).read_text() == made.key


def test_who_keeps_nothing_gets_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with opened("none") as one, opened("none") as other:
        assert one.key != other.key
        assert one.fingerprint != other.fingerprint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_reason_to_stay_closed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING), opened(tmp_path / "file" / "state") as lan:
        assert lan.key
    assert [f"{CERTIFICATE_FILE} cannot be kept" in one for one in caplog.messages] == [True, False]
    assert f"{KEY_FILE} cannot be kept, and the next start makes another: Not a directory" in caplog.messages[1]


def test_a_key_of_one_s_own_is_used_and_not_written_down(tmp_path: Path) -> None:
    with opened(tmp_path, {"server.keys": "se+same, other"}) as lan:
        assert lan.key == "se+same"
        port = lan.listening.getsockname()[1]
        assert all(url.startswith("https://") and url.endswith(f":{port}/#key=se%2Bsame") for url in lan.urls)
        assert "se+same" not in repr(lan)
    assert not (tmp_path / KEY_FILE).exists()


def test_a_key_that_browsers_cannot_send_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match="browsers cannot send the first key"),
        opened(tmp_path, {"server.keys": "a/b="}),
    ):
        pass


def test_others_show_a_key_where_this_machine_needs_none() -> None:
    lan = Lan(socket.socket(), (), "sesame", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "")
    inner = Door(origins=frozenset({"https://app.example"}))
    with lan.listening:
        assert len(lan.door(inner).key_hashes) == 1
        assert lan.door(inner).origins == inner.origins
        assert lan.door(inner).secrets is inner.secrets
        assert inner.key_hashes == frozenset()


@dataclass(frozen=True, slots=True)
class Two:
    """A house with both its doors, and a client that trusts the certificate and nothing else."""

    house: House
    lan: Lan
    trusting: ssl.SSLContext

    @property
    def outside(self) -> str:
        """Where the others come in."""
        return f"https://127.0.0.1:{self.lan.listening.getsockname()[1]}"

    def calling(self, *, key: str = "", origin: str | None = None) -> connect:
        """A websocket through the outer door, as browsers open it."""
        offered = [Subprotocol("realtime"), *([Subprotocol(f"openai-insecure-api-key.{key}")] if key else [])]
        page = Origin(origin) if origin else None
        return connect(address(self.outside), ssl=self.trusting, subprotocols=offered, origin=page, proxy=None)

    def asking(self, url: str, **headers: str) -> httpx2.AsyncClient:
        """A client for HTTP."""
        return httpx2.AsyncClient(base_url=url, verify=self.trusting, headers=headers, trust_env=False)


@asynccontextmanager
async def both(state: Path, settings: Mapping[str, str] | None = None) -> AsyncGenerator[Two]:
    with opened(state, settings) as lan:
        async with open_house(chosen_for(state, settings), NOWHERE, lan) as house:
            await house.engines.reported()
            yield Two(house, lan, ssl.create_default_context(cafile=str(state / CERTIFICATE_FILE)))


async def first_event(websocket: ClientConnection) -> str:
    """Its type, or the code of its error."""
    event = orjson.loads(await asyncio.wait_for(websocket.recv(), 5))
    return event["error"]["code"] if event["type"] == "error" else event["type"]


@pytest.mark.real
def test_a_phone_talks_over_tls_with_the_key_while_this_machine_needs_none(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with both(tmp_path) as two:
            async with two.calling(key=two.lan.key, origin=two.outside) as websocket:
                caller = Caller(websocket)
                await caller.until("session.created")
                reply = await caller.ask("What is 2 plus 3?", output_modalities=["text"])
                assert reply["output"][0]["content"][0]["text"] == "2 plus 3 is 5."
            async with connect(address(two.house.url), proxy=None) as websocket:
                assert await first_event(websocket) == "session.created"
            for key, origin, answer in (
                ("", two.outside, "invalid_api_key"),
                ("wrong", two.outside, "invalid_api_key"),
                (two.lan.key, two.house.url, "origin_not_allowed"),
                (two.lan.key, "https://evil.example", "origin_not_allowed"),
                (two.lan.key, None, "session.created"),
            ):
                async with two.calling(key=key, origin=origin) as websocket:
                    assert await first_event(websocket) == answer

    play(scenario())


@pytest.mark.real
def test_the_others_get_the_page_but_nothing_of_this_machine_s_own(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with both(tmp_path) as two, two.asking(two.outside) as client:
            assert "<title>Antiphon</title>" in (await client.get("/")).text
            assert (await client.get("/v1/models")).status_code == 401
            bearer = {"authorization": f"Bearer {two.lan.key}"}
            assert (await client.get("/v1/models", headers=bearer)).status_code == 200
            for path in ("/lan", "/lan.svg", "/brain/v1/models"):
                assert (await client.get(path, headers=bearer)).status_code == 404

    play(scenario())


@pytest.mark.real
def test_a_secret_made_on_this_machine_opens_the_outer_door(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with both(tmp_path) as two, two.asking(two.house.url) as client:
            secret = (await client.post("/v1/realtime/client_secrets")).json()["value"]
            async with two.calling(key=secret) as websocket:
                assert await first_event(websocket) == "session.created"

    play(scenario())
