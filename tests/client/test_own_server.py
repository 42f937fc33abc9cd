"""A server started for the occasion is found, watched, and always stopped."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from client.errors import ClientError, UsageError
from client.own_server import own_server, server_at

SLEEPING = """
import os, pathlib, signal, sys, time
def goodbye(*_): pathlib.Path(sys.argv[1]).write_text("stopped"); sys.exit(0)
signal.signal(signal.SIGTERM, goodbye)
print("asking the model at https://llm.example", file=sys.stderr)
print("loading ...", flush=True)
print("Antiphon is listening at http://127.0.0.1:4321/ (Ctrl-C stops it).", flush=True)
for _ in range(5000): print("x" * 100, file=sys.stderr)
time.sleep(30)
"""
DYING = "import sys; print('no room', file=sys.stderr); sys.exit(3)"
SILENT = "pass"
DYING_LATER = """
import sys, time
print("http://127.0.0.1:4321", flush=True)
time.sleep(0.2)
sys.exit("the roof fell in")
"""


def command(program: str, *args: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program, *args)


def test_it_lives_as_long_as_the_block(tmp_path: Path) -> None:
    async def living() -> str:
        async with own_server(command=command(SLEEPING, str(tmp_path / "note"))) as url:
            assert not (tmp_path / "note").exists()
            return url

    assert asyncio.run(living()) == "http://127.0.0.1:4321"
    assert (tmp_path / "note").read_text() == "stopped"


@pytest.mark.parametrize("kind", [ClientError, UsageError])
def test_an_error_in_the_block_stops_it_too_and_stays_what_it_is(tmp_path: Path, kind: type[ClientError]) -> None:
    async def living() -> None:
        async with own_server(command=command(SLEEPING, str(tmp_path / "note"))):
            raise kind("no words")

    with pytest.raises(ClientError, match=r"^no words$") as raised:
        asyncio.run(living())
    assert type(raised.value) is kind
    assert (tmp_path / "note").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_too(tmp_path: Path, number: int) -> None:
    async def living() -> None:
        async with own_server(command=command(SLEEPING, str(tmp_path / "note"))):
            asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
            await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(living())
    assert (tmp_path / "note").exists()


@pytest.mark.parametrize(
    ("program", "complaint"),
    [(DYING, "exit code 3:\n  no room"), (SILENT, "exit code 0"), (DYING_LATER, "exit code 1:\n  the roof fell in")],
)
def test_one_that_dies_shows_its_last_words(program: str, complaint: str) -> None:
    async def living() -> None:
        async with own_server(command=command(program)):
            await asyncio.sleep(0.4)
            raise ClientError("the connection broke off")

    with pytest.raises(ClientError, match=complaint):
        asyncio.run(living())


def test_its_log_is_shown_on_demand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    async def living() -> None:
        async with own_server(verbose=True, command=command(SLEEPING, str(tmp_path / "note"))):
            pass

    asyncio.run(living())
    assert "asking the model" in capsys.readouterr().err


def test_none_is_started_for_those_who_name_one() -> None:
    async def naming() -> str:
        async with server_at("ws://elsewhere", verbose=False) as url:
            return url

    assert asyncio.run(naming()) == "ws://elsewhere"
