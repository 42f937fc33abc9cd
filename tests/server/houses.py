"""A whole server for a test, with engines that need nothing but their wheels, or with worse ones."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from server.house import House
from server.serve import open_house
from server.settings import read_settings

OFFLINE: Mapping[str, str] = {
    "asr.engine": "pocketsphinx",
    "llm.engine": "brain",
    "tts.engine": "espeak-ng",
    "server.resume": "0",
    "server.state": "none",
    "load.lag_ms": "0",
}
"""Nothing from elsewhere, and nothing that is left behind."""

NOWHERE: Mapping[str, str] = {"HOME": "/nonexistent"}
"""An environment without settings."""


@asynccontextmanager
async def at_home(settings: Mapping[str, str] = OFFLINE, config: Path | None = None) -> AsyncGenerator[House]:
    """A server on a free port of this loop, its engines ready; what the settings leave open is offline."""
    chosen = read_settings({"config": config, "server.port": "0", **OFFLINE, **settings}, NOWHERE)
    async with open_house(chosen, NOWHERE) as house:
        await house.engines.reported()
        yield house


@contextmanager
def next_door(settings: Mapping[str, str] = OFFLINE, config: Path | None = None) -> Generator[House]:
    """The same on a loop and a thread of its own, for many tests."""
    opened: Future[tuple[House, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        leave = asyncio.Event()
        async with at_home(settings, config) as house:
            opened.set_result((house, asyncio.get_running_loop(), leave))
            await leave.wait()

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            if opened.done():
                raise
            opened.set_exception(error)

    thread = threading.Thread(target=run)
    thread.start()
    house, loop, leave = opened.result(20)
    try:
        yield house
    finally:
        loop.call_soon_threadsafe(leave.set)
        thread.join()
