"""A server of our own for those who name none: started beside us on a free loopback port, stopped when we are done."""

import asyncio
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, Collection, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

from client.errors import ClientError, UsageError
from client.printable import printable
from client.tasks import alongside
from client.vitals import kept_to

PYTHON = (sys.executable, "-P", "-m")
"""Runs a module of ours. `-P`: a folder called server where the user happens to be is not ours."""

COMMAND = (*PYTHON, "server", "serve", "--port", "0")

START_TIMEOUT = 120.0
"""Seconds; a first start may have engines to load and weights to fetch."""

STOP_TIMEOUT = 15.0
"""Seconds the server may take to say goodbye to its callers."""

LAST_LINES = 8
"""How much of its log is shown when it dies."""


@asynccontextmanager
async def server_at(url: str | None, *, verbose: bool) -> AsyncGenerator[str]:
    """The address of the server to talk to: `url`, or that of a server which lives as long as the block."""
    if url:
        yield url
    else:
        async with own_server(verbose=verbose) as own:
            yield own


@asynccontextmanager
async def own_server(
    *, verbose: bool = False, command: Sequence[str] = COMMAND, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[str]:
    """Start the server and yield its address once it is ready; see `running`."""
    async with running(command, verbose=verbose, environment=environment) as server:
        yield server.url


@dataclass(frozen=True, slots=True)
class Running:
    """A server of ours."""

    url: str
    pid: int


@asynccontextmanager
async def running(
    command: Sequence[str],
    *,
    verbose: bool = False,
    cores: Collection[int] = (),
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[Running]:
    """Start a server that says its address on standard output; SIGTERM at the end. Without `environment` it has ours.

    Its log goes to our stderr when `verbose`; it keeps to those processors, if any are named. Raises `ClientError`,
    with the log's last lines, when it does not start, or when it dies and so makes the block fail.
    """
    with kept_to(cores):
        process = await _start(command, environment)
    assert process.stdout is not None
    assert process.stderr is not None
    log: deque[str] = deque(maxlen=LAST_LINES)
    async with alongside(_follow(process.stderr, log, verbose=verbose)):
        try:
            with _sigterm_as_ctrl_c():
                url = await _address(process.stdout)
                async with alongside(_follow(process.stdout, log, verbose=verbose)):
                    yield Running(url, process.pid)
        except UsageError:
            raise  # a wrong wish of the user's is no fault of the server's
        except ClientError as error:
            raise ClientError(await _autopsy(process, log) or str(error)) from None
        finally:
            await _stop(process)


async def _start(command: Sequence[str], environment: Mapping[str, str] | None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
        env=environment,
        start_new_session=True,  # Ctrl-C in the terminal is for us: we say goodbye first, and then stop the server
    )


async def _address(stdout: asyncio.StreamReader) -> str:
    """The first address on the server's standard output."""
    try:
        async with asyncio.timeout(START_TIMEOUT):
            async for line in stdout:
                if found := re.search(rb"https?://[\w.:\[\]-]+\w", line):
                    return found[0].decode()
    except TimeoutError:
        raise ClientError(f"the server was not ready within {START_TIMEOUT:.0f} s; see why with --verbose") from None
    raise ClientError("the server did not say where it listens; see why with --verbose")


async def _follow(stream: asyncio.StreamReader, log: deque[str], *, verbose: bool) -> None:
    """Read for as long as there is something, so that the server never waits for a full pipe."""
    async for line in stream:
        log.append(printable(line.decode(errors="replace").rstrip()))
        if verbose:
            sys.stderr.write(f"{log[-1]}\n")


async def _autopsy(process: asyncio.subprocess.Process, log: deque[str]) -> str:
    """What a server that stopped by itself said last; empty when it is alive."""
    try:
        async with asyncio.timeout(0.5):  # the connection breaks a moment before the process is gone
            await process.wait()
    except TimeoutError:
        return ""
    return "\n  ".join([f"the server stopped by itself, with exit code {process.returncode}:", *log])


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@contextmanager
def _sigterm_as_ctrl_c() -> Generator[None]:
    """Let SIGTERM unwind us as Ctrl-C does: dying at once would leave the server behind."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
    except (NotImplementedError, RuntimeError):  # Windows; or not in the main thread, which gets no signals
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
