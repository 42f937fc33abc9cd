"""The terminal while a talk is on: keys come one by one, and it is left as it was found."""

import asyncio
import codecs
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from client.keys import Command, Keyboard, keys_in
from client.news import Typing

WAITING = 100
"""Commands that may wait to be carried out; further keys are dropped, as a terminal would."""


def has_keys() -> bool:
    """Whether somebody sits at a keyboard we can read; not so on Windows, in a pipe or in the background."""
    return sys.stdin.isatty() and _termios() is not None


@asynccontextmanager
async def commands(keyboard: Keyboard, typing: Callable[[Typing], None]) -> AsyncGenerator[asyncio.Queue[Command]]:
    """What the user asks for by keys, as long as the block lasts. `typing` is told of each line as it grows."""
    asked: asyncio.Queue[Command] = asyncio.Queue(WAITING)
    if not has_keys():
        yield asked
        return
    loop = asyncio.get_running_loop()
    terminal = sys.stdin.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read() -> None:
        raw = os.read(terminal, 1024)
        if not raw:  # the terminal is gone
            loop.remove_reader(terminal)
        for key in keys_in(decoder.decode(raw)):
            for command in keyboard.press(key, loop.time()):
                with suppress(asyncio.QueueFull):
                    asked.put_nowait(command)
        typing(Typing(keyboard.line))

    with _key_by_key(terminal):
        loop.add_reader(terminal, read)
        try:
            yield asked
        finally:
            loop.remove_reader(terminal)


@contextmanager
def signals_as_ctrl_c() -> Generator[None]:
    """Let the end of the terminal, and of the patience of whoever started us, unwind us as Ctrl-C does."""
    loop = asyncio.get_running_loop()
    caught = [one for name in ("SIGHUP", "SIGTERM") if (one := getattr(signal, name, None))]
    with suppress(NotImplementedError, RuntimeError):  # Windows; or not in the main thread, which gets no signals
        for one in caught:
            loop.add_signal_handler(one, signal.raise_signal, signal.SIGINT)
    try:
        yield
    finally:
        with suppress(NotImplementedError, RuntimeError):
            for one in caught:
                loop.remove_signal_handler(one)


@contextmanager
def libraries_silenced() -> Generator[None]:
    """Keep what C libraries write to stderr off the screen: ALSA and PortAudio comment on every device they open.

    What Python writes there still arrives.
    """
    python = sys.stderr
    try:
        kept = os.dup(2)
    except OSError:  # there is no stderr
        yield
        return
    with os.fdopen(kept, "w", buffering=1, errors="backslashreplace") as ours, Path(os.devnull).open("wb") as nowhere:
        python.flush()
        os.dup2(nowhere.fileno(), 2)
        sys.stderr = ours
        try:
            yield
        finally:
            sys.stderr = python
            os.dup2(ours.fileno(), 2)


@contextmanager
def _key_by_key(terminal: int) -> Generator[None]:
    """Each key is delivered at once and not echoed; Ctrl-C stays what it is."""
    termios = _termios()
    before = termios.tcgetattr(terminal)

    def apply() -> None:
        now = termios.tcgetattr(terminal)
        now[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(terminal, termios.TCSANOW, now)

    apply()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCONT, apply)  # back from Ctrl-Z: the shell has changed it
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGCONT)
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _termios() -> Any:  # the module, or None where there is none
    try:
        return import_module("termios")
    except ImportError:
        return None
