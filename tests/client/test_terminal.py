"""`antiphon talk` in a real terminal: keys do what they say, and it is left as it was found, however it ends."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client.scripted import Caller, Script, listen_forever, server
from tests.client.sound_card import ROOT, TALK

CARD = """
import threading, time
class PortAudioError(Exception): pass
class default: hostapi, device = 0, (0, 0)
def query_hostapis(): return [dict(name="ALSA")]
def query_devices(): return [dict(name="desk", max_input_channels=1, max_output_channels=1, hostapi=0)]
class Clock: currentTime = inputBufferAdcTime = outputBufferDacTime = 0.0
class RawStream:
    latency = (0.02, 0.02)
    def __init__(self, callback, finished_callback, blocksize, **_):
        self.callback, self.finished, self.samples, self.open = callback, finished_callback, blocksize, True
        self.thread = threading.Thread(target=self.play)
    def start(self): self.thread.start()
    def play(self):
        while self.open:
            time.sleep(0.02)
            self.callback(bytes(2 * self.samples), bytearray(2 * self.samples), self.samples, Clock, None)
        self.finished()
    def close(self):
        self.open = False
        self.thread.join()
"""


@dataclass
class Terminal:
    """What somebody sees and types."""

    process: asyncio.subprocess.Process
    keyboard: int
    screen: str = ""

    def type(self, keys: str) -> None:
        os.write(self.keyboard, keys.encode())

    async def until(self, text: str) -> None:
        """Until this was painted."""
        async with asyncio.timeout(15):
            while text not in self.screen:
                await asyncio.sleep(0.02)
                self.look()

    async def end(self) -> int:
        """The exit code, once everything was painted."""
        code = await asyncio.wait_for(self.process.wait(), 10)
        self.look()
        return code

    def look(self) -> None:
        """See what was painted meanwhile."""
        with suppress(OSError):  # nothing more, for now or for ever
            while True:
                self.screen += os.read(self.keyboard, 100_000).decode(errors="replace")

    def modes(self) -> list[object]:
        return termios.tcgetattr(self.keyboard)[:4]


@asynccontextmanager
async def terminal(folder: Path, *words: str) -> AsyncGenerator[Terminal]:
    """`antiphon talk` in a terminal of its own, with a sound card that hears nothing."""
    (folder / "sounddevice.py").write_text(CARD)
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", TALK, "--echo", "headphones", *words),
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=_own_terminal,
    )
    try:
        yield Terminal(process, ours)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(theirs)
        os.close(ours)


def _own_terminal() -> None:
    """So that Ctrl-C, typed, becomes a signal."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def in_terminal(folder: Path, script: Script, keys: str, code: int, *words: str) -> str:
    """Type this once the talk is on; the screen, when the program has ended with that exit code."""

    async def sitting() -> str:
        async with server(script) as url, terminal(folder, "--url", url, *words) as desk:
            before = desk.modes()
            await desk.until("listening")
            assert desk.modes() != before
            for key in keys:
                desk.type(key)
                await asyncio.sleep(0.1)
            await desk.until("\x1b[?25h")
            assert await desk.end() == code
            assert desk.modes() == before
            assert "Traceback" not in desk.screen
            return desk.screen

    return asyncio.run(sitting())


def test_a_line_is_typed_and_ctrl_c_ends_the_talk(tmp_path: Path) -> None:
    said: list[str] = []

    async def script(caller: Caller) -> None:
        await caller.next("response.create")
        said.append(caller.received[-2]["item"]["content"][0]["text"])
        await caller.reply(words="Good evening.")
        await listen_forever(caller)

    screen = in_terminal(tmp_path, script, "why so?\n\x03", 130)
    assert said == ["why so?"]
    assert "› why s" in screen
    assert "You why so?" in screen.replace("\x1b[0m", "").replace("\x1b[1;32m", "")
    assert "Good evening." in screen


def test_m_mutes_and_push_to_talk_needs_its_button(tmp_path: Path) -> None:
    assert "closed" in in_terminal(tmp_path, listen_forever, "m\x03", 130)
    assert "closed" in in_terminal(tmp_path, listen_forever, "\x03", 130, "--push-to-talk")


def test_a_server_that_throws_us_out_leaves_one_line(tmp_path: Path) -> None:
    async def script(caller: Caller) -> None:
        await caller.hear(0.5)
        await caller.websocket.close(1008, "you do not read what you are sent")

    screen = in_terminal(tmp_path, script, "", 1)
    assert "you do not read what you are sent" in screen


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_the_terminal_is_restored(tmp_path: Path, sign: signal.Signals) -> None:
    async def sitting() -> None:
        async with server(listen_forever) as url, terminal(tmp_path, "--url", url) as desk:
            before = desk.modes()
            await desk.until("listening")
            desk.process.send_signal(sign)
            assert await desk.end() == 130
            assert desk.modes() == before

    asyncio.run(sitting())


def test_ctrl_c_before_the_server_answers_is_as_clean(tmp_path: Path) -> None:
    async def sitting() -> None:
        async with server(listen_forever, greet=False) as url, terminal(tmp_path, "--url", url) as desk:
            before = desk.modes()
            await desk.until("\x1b[?25l")
            await asyncio.sleep(0.5)
            desk.type("\x03")
            assert await desk.end() == 130
            await desk.until("\x1b[?25h")
            assert desk.modes() == before
            assert "Traceback" not in desk.screen

    asyncio.run(sitting())
