"""The program as its users run it: starts, answers, stops in good order, and says in one line what is wrong."""

import asyncio
import json
import os
import resource
import signal
import socket
import ssl
import sys
import urllib.error
import urllib.request
import wave
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from models import brain
from models.faults import Knobs
from server.serve import MOST_FILES
from tests.server.caller import Caller, address, calling, play
from tests.server.houses import OFFLINE
from tests.server.test_realtime import word_errors
from tests.speech import CLIPS, HERE
from tests.stand_ins import asgi

pytestmark = pytest.mark.real

PROGRAM = (sys.executable, "-P", "-m", "server")
ENVIRONMENT = {
    "HOME": "/nonexistent",
    "PATH": os.environ["PATH"],
    **{f"ANTIPHON_{name.replace('.', '_').upper()}": value for name, value in OFFLINE.items()},
}


@asynccontextmanager
async def serving(*arguments: str) -> AsyncGenerator[tuple[Process, str]]:
    """The process once it has said where it is; killed at the end if it is still there."""
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "serve", "--port", "0", *arguments, stdout=PIPE, stderr=PIPE, env=ENVIRONMENT
    )
    assert process.stdout
    try:
        ready = (await process.stdout.readline()).decode()
        assert ready.startswith("Antiphon is ready at http://127.0.0.1:")
        yield process, ready.split()[-1]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def run(*arguments: str, timeout: float = 25.0) -> tuple[int, str, str]:
    """The exit status of a command, and what it said."""
    process = await asyncio.create_subprocess_exec(*PROGRAM, *arguments, stdout=PIPE, stderr=PIPE, env=ENVIRONMENT)
    async with asyncio.timeout(timeout):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def health(url: str) -> tuple[int, Mapping[str, Any]]:
    """What `/healthz` says. Blocking."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


async def all_reported(url: str) -> None:
    """Until no engine is starting any more: the server is ready with the first of each stage."""
    async with asyncio.timeout(5):
        while "starting" in json.dumps((await asyncio.to_thread(health, url))[1]):  # noqa: ASYNC110  it can only be asked
            await asyncio.sleep(0.02)


def test_a_server_told_to_stop_finishes_its_sentence() -> None:
    async def scenario() -> None:
        leisurely = brain.Settings(Knobs(tokens_per_second=10, replies=("One. Two. Three. Four. Five. Six.",)))
        async with (
            asgi.serving(brain.app(leisurely)) as model,
            serving("--llm-engine", "openai", "--llm-url", f"{model}/v1") as (process, url),
        ):
            await all_reported(url)
            status, report = await asyncio.to_thread(health, url)
            assert (status, report["status"], report["sessions"]) == (200, "ready", 0)
            assert report["asr"] == {"in_use": "pocketsphinx", "engines": [{"name": "pocketsphinx", "state": "ready"}]}
            async with connect(address(url), proxy=None):
                pass
            async with calling(url, server_hangs_up=True) as caller:
                await caller.say("Tell me a story.")
                await caller.send("response.create")
                await caller.until("response.output_audio.delta")
                process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.1)
                with pytest.raises((InvalidStatus, OSError)) as refused:
                    await connect(address(url), proxy=None)
                assert not isinstance(refused.value, InvalidStatus) or refused.value.response.status_code == 503
                assert (await asyncio.to_thread(health, url))[0] == 503
                assert (await caller.until("response.done"))["response"]["status"] == "completed"
            out, err = await asyncio.wait_for(process.communicate(), 10)
            assert process.returncode == 0
            assert b"Traceback" not in err, err.decode()
            assert b"  TTS: espeak-ng\n" in out

    play(scenario())


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux tells of another process")
def test_it_takes_as_many_connections_as_the_system_lets_it() -> None:
    async def scenario() -> None:
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", 'ulimit -S -n 200; exec "$@"', "sh", *PROGRAM, "serve", "--port", "0"),
            stdout=PIPE,
            stderr=PIPE,
            env=ENVIRONMENT,
        )
        assert process.stdout
        assert (await process.stdout.readline()).startswith(b"Antiphon is ready at ")
        soft, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        assert soft == (MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES))
        process.terminate()
        await process.communicate()

    play(scenario())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops_at_once(number: int) -> None:
    async def scenario() -> None:
        async with serving() as (process, url), connect(address(url), proxy=None) as idle:
            await idle.recv()
            process.send_signal(number)
            _, err = await asyncio.wait_for(process.communicate(), 5)
            assert process.returncode == 0
            assert b"Traceback" not in err, err.decode()
            await idle.wait_closed()
            assert idle.close_code == 1012

    play(scenario())


def test_a_phone_s_answer_is_finished_as_well(tmp_path: Path) -> None:
    async def scenario() -> None:
        leisurely = brain.Settings(Knobs(tokens_per_second=10, replies=("One. Two. Three. Four. Five. Six.",)))
        lan = ("--lan", "--lan-port", "0", "--state", str(tmp_path))
        async with (
            asgi.serving(brain.app(leisurely)) as model,
            serving(*lan, "--llm-engine", "openai", "--llm-url", f"{model}/v1") as (process, url),
        ):
            port = await lan_port(process)
            await all_reported(url)
            with pytest.raises(ConnectionError):  # who speaks no TLS there goes unheard, and unlogged
                await asyncio.to_thread(health, f"http://127.0.0.1:{port}")
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect(f"wss://127.0.0.1:{port}/v1/realtime", proxy=None)
            trusting = ssl.create_default_context(cafile=str(tmp_path / "lan-certificate.pem"))
            key = {"authorization": f"Bearer {(tmp_path / 'lan-access-key').read_text()}"}
            async with connect(
                f"wss://127.0.0.1:{port}/v1/realtime", ssl=trusting, additional_headers=key, proxy=None
            ) as websocket:
                caller = Caller(websocket)
                await caller.until("session.created")
                await caller.say("Tell me a story.")
                await caller.send("response.create")
                await caller.until("response.output_audio.delta")
                process.send_signal(signal.SIGTERM)
                assert (await caller.until("response.done"))["response"]["status"] == "completed"
            _, err = await asyncio.wait_for(process.communicate(), 10)
            assert [line for line in err.decode().splitlines() if " INFO " not in line] == []
            assert process.returncode == 0

    play(scenario())


async def lan_port(process: Process) -> int:
    """Where the others come in, as the server says it."""
    assert process.stdout
    async with asyncio.timeout(5):
        async for line in process.stdout:
            if line.startswith(b"  https://"):
                return int(line.rpartition(b":")[2])
    raise AssertionError("the server did not say where the others come in")


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = asyncio.run(run("serve", "--port", str(port)))
    assert (status, out) == (2, "")
    assert err.startswith(f"antiphon serve: cannot listen on 127.0.0.1 port {port}: something listens there already; ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--port", "70000"), "cannot listen on 127.0.0.1 port 70000: "),
        (("--lan", "--lan-port", "70000"), "cannot listen on 0.0.0.0 port 70000: "),
        (("--host", "no.such.host.invalid"), "cannot listen on no.such.host.invalid port 8080: "),
        (("--config", "/nonexistent/a.toml"), "cannot read /nonexistent/a.toml: No such file or directory"),
        (("--llm-engine", "openai"), "llm.engine = 'openai' needs llm.url"),
    ],
)
def test_what_cannot_work_is_one_clear_line(arguments: tuple[str, ...], complaint: str) -> None:
    status, out, err = asyncio.run(run("serve", *arguments))
    assert (status, out) == (2, "")
    assert err.startswith(f"antiphon serve: {complaint}")
    assert err.count("\n") == 1


def test_the_doctor_says_what_works() -> None:
    status, out, _ = asyncio.run(run("doctor", "--json", "--asr-url", "http://127.0.0.1:1/v1", "--asr-engine", "auto"))
    report = json.loads(out)
    assert (status, report["status"]) == (0, "ready")
    absent, present = report["asr"]["engines"]
    assert (absent["state"], present["state"]) == ("absent", "ready")
    assert "http://127.0.0.1:1/v1" in absent["why"]
    assert [line for line in report["advice"] if "hearing" in line]


def test_one_can_talk_to_it_in_writing() -> None:
    status, out, err = asyncio.run(run("talk", "--text", "What is 2 plus 3?", "--json"))
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["reply"] == "2 plus 3 is 5."
    assert told["engines"] == {"llm": "the embedded brain", "tts": "espeak-ng"}


def test_one_can_talk_to_it_aloud(tmp_path: Path) -> None:
    question, answer = HERE / "spk1_snt5.flac", tmp_path / "answer.wav"
    status, out, err = asyncio.run(run("talk", "--file", str(question), "--json", "--out", str(answer)))
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert word_errors(CLIPS["spk1_snt5"].transcript, told["transcript"]) <= 0.3
    assert told["reply"]
    order = [
        "speech_end",
        "paused",
        "asr_final",
        "llm_request",
        "llm_first_token",
        "first_clause",
        "first_audio",
        "sent",
    ]
    at = [told["marks_ms"][mark] for mark in order]
    assert at == sorted(at)
    with wave.open(str(answer)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (24_000, 1)
        assert sound.getnframes() / 24_000 == pytest.approx(told["audio_seconds"], abs=0.01)
