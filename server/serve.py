"""`antiphon serve`: one process, one port; orderly from its first line to its last."""

import argparse
import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from pipeline.errors import ConfigError
from server import settings
from server.app import BRAIN, app
from server.auth import door_of
from server.fallback import store_of
from server.house import House
from server.settings import ServerSettings, Settings, read_settings
from server.staff import manner, staff

MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest client event: OpenAI's 15 MiB of base64, and what is around it."""

_log = logging.getLogger("antiphon")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One flag for each setting."""
    settings.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; the exit status. Raises `ConfigError`."""
    chosen = read_settings(vars(args), args.environment)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=chosen.server.log_level.upper(), format=form)
    for chatty in ("httpx2", "httpcore2", "openai", "faster_whisper", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_serve(chosen, args.environment))
    return 0


@asynccontextmanager
async def open_house(chosen: Settings, environment: Mapping[str, str]) -> AsyncGenerator[House]:
    """A server that serves for as long as the block lasts, and a little longer: whoever is being answered hears the
    end of it. Raises `ConfigError`."""
    with _listening(chosen.server) as listening:
        host, port = str(chosen.server.host), int(listening.getsockname()[1])
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        url = f"http://{f'[{here}]' if ':' in here else here}:{port}"
        house = House(
            url,
            staff(chosen, environment, f"{url}{BRAIN}/v1"),
            manner(chosen),
            door_of(chosen.server),
            lifetime=chosen.server.session_minutes * 60,
            resume=chosen.server.resume,
            store=store_of(chosen.server, environment),
        )
        config = uvicorn.Config(
            app(house),
            log_config=None,
            access_log=False,
            date_header=False,
            ws="websockets-sansio",
            ws_max_size=MESSAGE_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
        )
        server = _Server(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listening]))
            try:
                yield house
                house.closing = True
                with suppress(TimeoutError):
                    async with asyncio.timeout(chosen.server.drain):
                        await house.finish()
            finally:
                server.stop.set()


async def _serve(chosen: Settings, environment: Mapping[str, str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # who says it twice means it
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    async with open_house(chosen, environment) as house, asyncio.TaskGroup() as tasks:
        announcing = tasks.create_task(_announce(house))
        await stop.wait()
        announcing.cancel()


async def _announce(house: House) -> None:
    """Say where we are once somebody can talk to us."""
    await house.engines.staffed()
    for stage in house.engines.stages:
        if not stage.ready():
            _log.error("no %s engine works; see %s/healthz", stage.job, house.url)
    sys.stdout.write(f"Antiphon is ready at {house.url}\n")
    for stage in house.engines.stages:
        in_use = stage.ready()[0].name if stage.ready() else "none"
        waiting = ", ".join(one.engine.name for one in stage.candidates if one.state == "starting")
        sys.stdout.write(f"  {stage.job}: {in_use}" + (f" (still trying {waiting})\n" if waiting else "\n"))
    sys.stdout.flush()


class _Server(uvicorn.Server):
    """uvicorn, but told to stop instead of asking ten times a second, and without its signals: at the first it would
    close every socket, in mid-sentence."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()

    async def main_loop(self) -> None:
        """Until `stop` is set."""
        await self.stop.wait()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to us."""
        yield


def _listening(where: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        return socket.create_server((where.host, where.port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot listen on {where.host} port {where.port}: {reason}") from error
