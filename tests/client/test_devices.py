"""The sound card is opened, or the user is told what to install, plug in or choose."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

from client.devices import Device, device_from
from client.sound import RATE, Pcm
from tests.client.scripted import Caller, listen_forever, server
from tests.conftest import missing

ROOT = Path(__file__).parents[2]
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

PORTAUDIO = """
class PortAudioError(Exception): pass
def query_devices(): return {devices}
def RawStream(**_): raise PortAudioError("Device unavailable [PaErrorCode -9985]")
"""


def talk(*words: str, path: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `antiphon talk` in a process of its own, with `path` searched first for modules."""
    search = os.pathsep.join(filter(None, [path, str(ROOT)]))
    return subprocess.run(
        [sys.executable, "-c", TALK, *words],
        env={**os.environ, "PYTHONPATH": search, **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "device"),
    [("3", 3), ("3,5", (3, 5)), ("USB Headset", "USB Headset"), ("hw:0,1", "hw:0,1"), ("1,2,3", "1,2,3")],
)
def test_a_device_is_a_number_a_pair_or_a_name(text: str, device: Device) -> None:
    assert device_from(text) == device


@pytest.mark.parametrize("words", [(), ("--list-devices",)])
def test_without_portaudio_it_says_what_to_install(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    done = talk(*words, path=str(tmp_path))
    assert done.returncode == 1
    assert "apt install libportaudio2" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_recording_needs_no_portaudio(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    done = talk("--file", "/nowhere.wav", path=str(tmp_path))
    assert done.returncode == 2
    assert "PortAudio" not in done.stderr


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [("[]", "no sound card that can be used"), ("['hw:0']", "cannot open the sound card: Device unavailable")],
)
def test_a_card_that_cannot_be_opened_is_one_line(tmp_path: Path, devices: str, complaint: str) -> None:
    (tmp_path / "sounddevice.py").write_text(PORTAUDIO.format(devices=devices))
    done = talk(path=str(tmp_path))
    assert done.returncode == 1
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.real
def test_a_talk_through_a_sound_card_is_heard_on_both_sides(tmp_path: Path) -> None:
    with virtual_card(tmp_path) as environment:
        heard, played, code = asyncio.run(_talk_through_the_card(tmp_path, environment))
    assert code == 130
    assert pitch(heard) == pytest.approx(660, abs=5)
    assert pitch(played) == pytest.approx(440, abs=5)


async def _talk_through_the_card(folder: Path, environment: dict[str, str]) -> tuple[Pcm, Pcm, int | None]:
    """What the server heard while 660 Hz were spoken, what was played while it said 440 Hz, Ctrl-C's exit code."""
    callers: list[Caller] = []
    done = asyncio.Event()

    async def script(caller: Caller) -> None:
        callers.append(caller)
        await caller.hear(0.5)
        await caller.reply()
        await caller.hear(2.0)
        done.set()
        await listen_forever(caller)

    (folder / "voice").write_bytes(
        (8000 * np.sin(2 * np.pi * 660 * np.arange(4 * RATE) / RATE)).astype("<i2").tobytes()
    )
    raw = ("--raw", "--rate=24000", "--channels=1", "--format=s16le")
    with (folder / "played").open("wb") as speakers:
        async with server(script) as url:
            recorder = await asyncio.create_subprocess_exec(
                "parec", *raw, "-d", "speakers.monitor", stdout=speakers, env=environment
            )
            talking = await asyncio.create_subprocess_exec(sys.executable, "-c", TALK, "--url", url, env=environment)
            speaker = await asyncio.create_subprocess_exec(
                "pacat", *raw, "-d", "voice", str(folder / "voice"), env=environment
            )
            async with asyncio.timeout(20):
                await done.wait()
            talking.send_signal(signal.SIGINT)
            code = await talking.wait()
            for process in (recorder, speaker):
                process.terminate()
                await process.wait()
    return np.concatenate(callers[0].sound), np.frombuffer((folder / "played").read_bytes(), "<i2"), code


def pitch(pcm: Pcm) -> float:
    """The strongest frequency, Hz."""
    return float(np.argmax(np.abs(np.fft.rfft(pcm))) * RATE / len(pcm))


@contextmanager
def virtual_card(folder: Path) -> Generator[dict[str, str]]:
    """A PulseAudio of our own, with a microphone and speakers; yields the environment that reaches them."""
    if not find_library("portaudio"):
        missing("PortAudio", "apt install libportaudio2")
    for program in ("pulseaudio", "pactl", "pacat", "parec"):
        if not shutil.which(program):
            missing("PulseAudio", "apt install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2")
    runtime = Path(tempfile.mkdtemp(prefix="pulse"))  # a socket's path must be short
    socket = runtime / "native"
    (folder / "asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    (folder / "pulse.pa").write_text(
        f"load-module module-native-protocol-unix auth-anonymous=1 socket={socket}\n"
        "load-module module-null-sink sink_name=speakers rate=24000 channels=1\n"
        "load-module module-null-sink sink_name=voice rate=24000 channels=1\n"
        "load-module module-remap-source source_name=microphone master=voice.monitor\n"
        "set-default-sink speakers\nset-default-source microphone\n"
    )
    environment = {
        **os.environ,
        "PULSE_SERVER": f"unix:{socket}",
        "PULSE_RUNTIME_PATH": str(runtime),
        "HOME": str(folder),
        "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{folder / 'asoundrc'}",
    }
    daemon = ["pulseaudio", "-n", "-F", str(folder / "pulse.pa"), "--daemonize=no", "--exit-idle-time=-1"]
    quiet = ["pacat", "--raw", "--rate=24000", "--channels=1", "--latency-msec=20"]
    with ExitStack() as running:
        running.callback(shutil.rmtree, runtime, ignore_errors=True)
        running.enter_context(_process(daemon, environment))
        for _ in range(100):
            if subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.05)
        for sink in ("speakers", "voice"):  # sinks that nobody plays to fall asleep, and swallow the first second
            running.enter_context(_process([*quiet, "-d", sink, "/dev/zero"], environment))
        yield environment


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Generator[None]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(5)
