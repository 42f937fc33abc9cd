"""`antiphon serve`: one process, one port, and one more for other devices; orderly from its first line to its last."""

import argparse
import asyncio
import errno
import gc
import logging
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from secrets import token_urlsafe
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory

from pipeline.errors import ConfigError
from server import settings
from server.app import BRAIN, app, app_outside
from server.auth import door_of
from server.chores import chores_of
from server.fallback import store_of
from server.house import House
from server.invitation import invitation
from server.lan import Lan, lan_on
from server.logs import logging_to_stderr
from server.observing.observer import observer_of
from server.observing.standing import budgets_now
from server.patience import hang_up_on_the_slow
from server.reload import Reload
from server.settings import ServerSettings, Settings, read_settings
from server.staff import manner, staff
from server.trust import trusting
from server.websocket import Http, Websocket

MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest client event: OpenAI's 15 MiB of base64, and what is around it."""

EVERYWHERE = "0.0.0.0"
"""All of this machine's addresses. IPv4: the others change by the day, and certificates with them."""

MOST_FILES = 65536
"""What may be open at the same time, where the system lets us: each connection is one file."""

_log = logging.getLogger("antiphon")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One flag for each setting."""
    settings.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; the exit status. Raises `ConfigError`."""

    def read() -> Settings:
        return read_settings(vars(args), args.environment)

    _make_room()
    chosen, file = read(), settings.settings_file(vars(args), args.environment)
    with logging_to_stderr(chosen.server), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_serve(chosen, args.environment, lambda house: Reload(house, chosen, read, file, args.environment)))
    return 0


@asynccontextmanager
async def open_house(chosen: Settings, environment: Mapping[str, str], lan: Lan | None = None) -> AsyncGenerator[House]:
    """A server that serves for as long as the block lasts, and a little longer: whoever is being answered hears the
    end of it. Those of `lan` are served as well. Raises `ConfigError`."""
    with _listening(chosen.server.host, chosen.server.port) as listening:
        host, port = str(chosen.server.host), int(listening.getsockname()[1])
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        url = f"http://{f'[{here}]' if ':' in here else here}:{port}"
        own_key = token_urlsafe()
        house = House(
            url,
            staff(chosen, environment, f"{url}{BRAIN}/v1", own_key),
            manner(chosen),
            door_of(chosen.server),
            own_key,
            lifetime=chosen.server.session_minutes * 60,
            resume=chosen.server.resume,
            store=store_of(chosen.server, environment),
            personas=chosen.personas,
            observer=observer_of(chosen.server, environment),
            metrics_for_all=chosen.server.metrics == "open",
        )
        house.chores = chores_of(chosen, environment, house.engines)
        if house.observer:
            budget = house.engines.mind.economy.budget
            house.observer.budgets = lambda: budgets_now(budget, time.time())
        async with AsyncExitStack() as doors:
            await doors.enter_async_context(_serving(trusting(app(house, lan), chosen.server), listening))
            if lan:
                await doors.enter_async_context(_serving(app_outside(house, lan), lan.listening, lan.tls))
            yield house
            house.closing = True
            with suppress(TimeoutError):
                async with asyncio.timeout(chosen.server.drain):
                    await house.finish()


@contextmanager
def open_lan(settings: ServerSettings, environment: Mapping[str, str]) -> Generator[Lan | None]:
    """The way in for the other devices of this network, where the settings want one. Raises `ConfigError`."""
    if settings.lan:
        with _listening(EVERYWHERE, settings.lan_port) as listening:
            yield lan_on(listening, settings, environment)
    else:
        yield None


def _make_room() -> None:
    """Let more files be open than the 1024 that most systems begin with."""
    try:
        import resource  # noqa: PLC0415  Windows has none, and no such limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # macOS may allow less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(chosen: Settings, environment: Mapping[str, str], reload_of: Callable[[House], Reload]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # who says it twice means it
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    with open_lan(chosen.server, environment) as lan:
        async with open_house(chosen, environment, lan) as house, asyncio.TaskGroup() as tasks:
            reload = reload_of(house)
            _upon_hangup(loop, reload.asked)
            beside = [tasks.create_task(_announce(house, lan)), tasks.create_task(reload.run())]
            await stop.wait()
            for task in beside:
                task.cancel()
        await reload.aclose()


def _upon_hangup(loop: asyncio.AbstractEventLoop, reload: asyncio.Event) -> None:
    """SIGHUP, where there is one, has the settings read again."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda _number, _frame: loop.call_soon_threadsafe(reload.set) and None)


async def _announce(house: House, lan: Lan | None) -> None:
    """Say where we are once somebody can talk to us."""
    await house.engines.staffed()
    gc.collect()
    gc.freeze()  # what is there now stays: no need to look through it again and again while people talk
    for stage in house.engines.stages:
        if not stage.ready():
            _log.error("no %s engine works; see %s/healthz", stage.job, house.url)
    sys.stdout.write(f"Antiphon is ready at {house.url}\n")
    for stage in house.engines.stages:
        in_use = stage.ready()[0].name if stage.ready() else "none"
        waiting = ", ".join(one.engine.name for one in stage.candidates if one.state == "starting")
        sys.stdout.write(f"  {stage.job}: {in_use}" + (f" (still trying {waiting})\n" if waiting else "\n"))
    if lan:
        watched = sys.stdout.isatty() and sys.stdout.encoding.lower().startswith("utf")
        sys.stdout.write(await asyncio.to_thread(invitation, lan, house.url, private=watched))
    sys.stdout.flush()


@asynccontextmanager
async def _serving(what: ASGIApp, listening: socket.socket, tls: ssl.SSLContext | None = None) -> AsyncGenerator[None]:
    """An application behind a socket, for as long as the block lasts."""
    config = uvicorn.Config(
        what,
        log_config=None,
        access_log=False,
        date_header=False,
        http=Http,
        ws=Websocket,
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
        ssl_context_factory=(lambda _config, _usual: tls) if tls else None,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            server.stop.set()


class _Server(uvicorn.Server):
    """uvicorn, but told to stop instead of asking ten times a second, and without its signals: at the first it would
    close every socket, in mid-sentence."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()

    async def main_loop(self) -> None:
        """Until `stop` is set."""
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(hang_up_on_the_slow(self.server_state.connections))
            await self.stop.wait()
            watch.cancel()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to us."""
        yield


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", 0) == errno.EADDRINUSE:
            hint = "something listens there already; stop it, or take another with --port"
            raise ConfigError(f"cannot listen on {host} port {port}: {hint}") from error
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot listen on {host} port {port}: {reason}") from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for its connections: asyncio overlooks them
    return listening
