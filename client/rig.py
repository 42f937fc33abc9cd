"""The set-up for load: a server with a processor to itself, behind it engines of known speed, before it callers."""

import argparse
import os
import shlex
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from client.access_key import add_key_argument
from client.clips import read_clips
from client.crowd import Crowd, crowd_at
from client.errors import UsageError
from client.own_server import PYTHON, Running, running
from client.stand_ins import REPLY, Delays, alone
from client.vitals import Vitals, cores, kept_to, vitals_of


@dataclass(frozen=True, slots=True)
class Rig:
    """Everything that takes part."""

    url: str
    server: int
    """Its process."""
    engines: Sequence[int]
    processors: int
    """How many there are for callers and engines."""
    alone: bool
    """Whether the server has another one to itself."""
    crowd: Crowd

    def vitals(self) -> Vitals:
        """The server's."""
        return vitals_of(self.server)

    def others_cpu(self) -> float:
        """Seconds of processor time that callers and engines have taken."""
        return sum(vitals_of(pid).cpu for pid in (os.getpid(), *self.engines))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What every measurement under load can be told."""
    parser.add_argument("--clips", type=Path, required=True, help="folder of recordings, with clips.tsv")
    parser.add_argument("--piece-ms", type=int, default=20, help="sound in one event (default: %(default)d)")
    parser.add_argument("--url", help="the server to measure, with --pid (default: start one, with stand-in engines)")
    parser.add_argument("--pid", type=int, help="its process, on this machine")
    add_key_argument(parser)
    parser.add_argument("--serve", default="", help='further options of the server that is started: "--resume 0"')
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")
    parser.add_argument("--verbose", action="store_true", help="show the log of the server that is started")


@asynccontextmanager
async def rig(args: argparse.Namespace, serve: str) -> AsyncGenerator[Rig]:
    """All of it, for as long as the block lasts; `serve` are further options of a server that is started."""
    clips, piece = read_clips(args.clips), args.piece_ms / 1000
    first, *others = cores()
    async with AsyncExitStack() as opened:
        engines: list[Running] = []
        opened.enter_context(kept_to(others))
        if args.url and args.pid:
            server = Running(args.url, args.pid)
        elif args.url or args.pid:
            raise UsageError("a server of yours is measured by both its --url and its --pid")
        else:
            modules = (Delays().brain(REPLY), Delays().speech())
            engines = [await opened.enter_async_context(running((*PYTHON, *one))) for one in modules]
            brain, speech = (one.url for one in engines)
            options = ("--state", opened.enter_context(tempfile.TemporaryDirectory()), *shlex.split(serve))
            own = alone(brain, speech, *options, verbose=args.verbose, cores=[first] if others else [])
            server = await opened.enter_async_context(own)
        crowd = await opened.enter_async_context(crowd_at(server.url, clips, piece, args.key))
        yield Rig(server.url, server.pid, [one.pid for one in engines], max(1, len(others)), bool(others), crowd)
