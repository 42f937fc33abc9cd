"""Virtual sound cards: PulseAudio servers of our own, each with speakers and a microphone to be played to."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from ctypes.util import find_library
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from client.loudness import decibels
from client.sound import RATE, Pcm
from client.tasks import alongside
from tests.conftest import missing

ROOT = Path(__file__).parents[2]
RAW = ("--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=20")
CHUNK = RATE // 100
ECHO = "module-loopback source=speakers.monitor sink=voice latency_msec=60 source_dont_move=1 adjust_time=0"
"""Sound that takes as long all the time, as in a room: by itself PulseAudio stretches it now and then."""

TALK = """
import argparse, asyncio, sys
from client import desktop
parser = argparse.ArgumentParser()
desktop.add_arguments(parser)
try:
    sys.exit(asyncio.run(desktop.run(parser.parse_args())))
except KeyboardInterrupt:
    sys.exit(130)
"""


@contextmanager
def pulse(*, echo_db: float | None = None, at: Path | None = None) -> Generator[str]:
    """A PulseAudio with a microphone, which hears the sink `voice`, and a sink `speakers`; yields its address.

    With `echo_db` the microphone hears the speakers too, so much louder. It lives in the folder `at`, whose path must
    be short, or in one of its own.
    """
    for program in ("pulseaudio", "pactl", "pacat", "parec"):
        if not shutil.which(program):
            missing("PulseAudio", "apt install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2")
    home = at or Path(tempfile.mkdtemp(prefix="pulse"))
    home.mkdir(exist_ok=True)
    address = f"unix:{home / 'native'}"
    environment = {**os.environ, "PULSE_SERVER": address, "PULSE_RUNTIME_PATH": str(home), "HOME": str(home)}
    script = (
        f"module-native-protocol-unix auth-anonymous=1 socket={home / 'native'}",
        f"module-null-sink sink_name=speakers rate={RATE} channels=1",
        f"module-null-sink sink_name=voice rate={RATE} channels=1",
        "module-remap-source source_name=microphone master=voice.monitor",
        *([] if echo_db is None else [ECHO]),
    )
    defaults = "set-default-sink speakers\nset-default-source microphone\n"
    (home / "pulse.pa").write_text("".join(f"load-module {line}\n" for line in script) + defaults)
    daemon = ["pulseaudio", "-n", "-F", str(home / "pulse.pa"), "--daemonize=no", "--exit-idle-time=-1"]
    with ExitStack() as running:
        running.callback(shutil.rmtree, home, ignore_errors=True)
        running.enter_context(_process(daemon, environment))
        for _ in range(200):
            if subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.05)
        if echo_db is not None:  # the echo is the only stream there is by now
            change = ["pactl", "set-sink-input-volume", "0", f"{echo_db:g}dB"]
            subprocess.run(change, env=environment, check=True)
        for sink in ("speakers", "voice"):  # sinks that nobody plays to fall asleep, and swallow the first second
            running.enter_context(_process(["pacat", *RAW, "-d", sink, "/dev/zero"], environment))
        running.enter_context(_process(["parec", *RAW, "-d", "microphone"], environment))
        yield address


def environment_for(folder: Path, address: str, **others: str) -> dict[str, str]:
    """What a program must be told to find this PulseAudio as its default card, and others under these names."""
    if not find_library("portaudio"):
        missing("PortAudio", "apt install libportaudio2")
    cards = "".join(f'pcm.{name} {{ type pulse; server "{where}" }}\n' for name, where in others.items())
    (folder / "asoundrc").write_text(f"pcm.!default {{ type pulse }}\nctl.!default {{ type pulse }}\n{cards}")
    return {
        **os.environ,
        "PULSE_SERVER": address,
        "HOME": str(folder),
        "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{folder / 'asoundrc'}",
        "PYTHONPATH": str(ROOT),
    }


@dataclass
class Talking:
    """`antiphon talk --json` in a process of its own."""

    process: asyncio.subprocess.Process
    news: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def until(self, event: str, within: float = 20, **fields: Any) -> dict[str, Any]:
        """The next line that says so, which may take so many seconds."""
        assert self.process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                async for line in self.process.stdout:
                    self.news.append(orjson.loads(line))
                    if {"event": event, **fields}.items() <= self.news[-1].items():
                        return self.news[-1]
        raise AssertionError(f"no {event} {fields} in {self.news}")


@asynccontextmanager
async def talking(environment: Mapping[str, str], *words: str) -> AsyncGenerator[Talking]:
    """Run it for as long as the block lasts; Ctrl-C ends it without a word of complaint."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", TALK, "--json", *words),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        yield Talking(process)
        process.send_signal(2)
        assert await asyncio.wait_for(process.wait(), 5) == 130
        assert await process.stderr.read() == b""
    finally:
        if process.returncode is None:
            process.kill()
            sys.stderr.write((await process.stderr.read()).decode())


@dataclass
class Recording:
    """What a source has heard, 10 ms at a time, and when."""

    at: list[float] = field(default_factory=list[float])
    db: list[float] = field(default_factory=list[float])
    pcm: list[Pcm] = field(default_factory=list[Pcm])

    def first(self, after: float, *, above: float = -200.0, below: float = 200.0) -> float:
        """When it was first within these bounds, dBFS, after that moment."""
        return next(at for at, db in zip(self.at, self.db, strict=True) if at > after and above < db < below)


@asynccontextmanager
async def recording(environment: Mapping[str, str], source: str) -> AsyncGenerator[Recording]:
    """Record a source for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        "parec", *RAW, "-d", source, env=environment, stdout=asyncio.subprocess.PIPE
    )
    heard = Recording()

    async def record() -> None:
        assert process.stdout is not None
        while True:
            heard.pcm.append(np.frombuffer(await process.stdout.readexactly(2 * CHUNK), "<i2"))
            heard.at.append(asyncio.get_running_loop().time())
            heard.db.append(decibels(heard.pcm[-1]))

    try:
        async with alongside(record()):
            yield heard
    finally:
        process.terminate()
        await process.wait()


async def speak(environment: Mapping[str, str], pcm: Pcm, sink: str = "voice") -> None:
    """Say something into the microphone; returns when it is said."""
    process = await asyncio.create_subprocess_exec(
        "pacat", *RAW, "-d", sink, env=environment, stdin=asyncio.subprocess.PIPE
    )
    await process.communicate(pcm.tobytes())


@contextmanager
def _process(command: list[str], environment: Mapping[str, str]) -> Generator[None]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(5)
