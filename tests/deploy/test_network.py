"""A container's network, made of the kernel's own parts: the server trusts its host, and nobody else who reaches it."""

import asyncio
import http.client
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from server.trust import OPEN
from tests.conftest import missing
from tests.server.test_serve import ENVIRONMENT, PROGRAM

pytestmark = pytest.mark.real

HOST, NEIGHBOUR, SERVER = "10.213.48.1", "10.213.48.7", "10.213.48.2"
"""The host's end of the cable is the gateway; it has a second address, as which it plays a neighbour."""


@contextmanager
def network() -> Generator[str]:
    """A network namespace like a container's, on a cable to this machine; its name."""
    name = f"antiphon{os.getpid() % 10_000}"
    inside = ("ip", "netns", "exec", name)
    if (
        not shutil.which("ip")
        or subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode
    ):
        missing("a network namespace", "apt install iproute2, and run the tests as root on Linux")
    try:
        for words in (
            ("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name),
            ("ip", "address", "add", f"{HOST}/24", "dev", name),
            ("ip", "address", "add", f"{NEIGHBOUR}/24", "dev", name),
            ("ip", "link", "set", name, "up"),
            (*inside, "ip", "link", "set", "lo", "up"),
            (*inside, "ip", "address", "add", f"{SERVER}/24", "dev", "eth0"),
            (*inside, "ip", "link", "set", "eth0", "up"),
            (*inside, "ip", "route", "add", "default", "via", HOST),
        ):
            subprocess.run(words, check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)  # and with it both ends of the cable


def status(path: str, caller: str, host: str) -> int:
    """What the server says to a request from this address, for a host of this name."""
    connection = http.client.HTTPConnection(SERVER, 8080, timeout=10, source_address=(caller, 0))
    try:
        connection.request("GET", path, headers={"host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_host_comes_in_without_a_key_and_nobody_else() -> None:
    async def scenario(name: str) -> None:
        serve = (*PROGRAM, "serve", "--host", "0.0.0.0", "--port", "8080", "--trust", "gateway")
        process = await asyncio.create_subprocess_exec(
            "ip",
            "netns",
            "exec",
            name,
            *serve,
            env={**ENVIRONMENT, "ANTIPHON_METRICS": "open"},
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        try:
            assert b"ready" in await asyncio.wait_for(process.stdout.readline(), 60)
            answers = {
                (path, caller, host): await asyncio.to_thread(status, path, caller, host)
                for path in ("/", "/v1/models", *OPEN)
                for caller in (HOST, NEIGHBOUR)
                for host in ("127.0.0.1:8080", "localhost:9000", f"{SERVER}:8080", "evil.example")
            }
        finally:
            process.kill()
            await process.communicate()
        welcome = {asked for asked, told in answers.items() if told == 200}
        assert set(answers.values()) == {200, 403}
        assert welcome == {
            (path, caller, host)
            for path, caller, host in answers
            if path in OPEN or (caller == HOST and host in ("127.0.0.1:8080", "localhost:9000"))
        }

    with network() as name:
        asyncio.run(scenario(name))
