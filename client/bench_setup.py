"""What the benchmarks of whole servers share: their options, the recordings, progress, and what is left of a run."""

import argparse
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import orjson

from client.access_key import add_key_argument
from client.bench_report import write_report
from client.clips import Clip, read_clips
from client.errors import UsageError
from client.machine import Load, machine
from client.own_server import server_at
from client.stand_ins import REPLY, Delays, StandIn, stand_in_server

LEAD = 0.5
"""Seconds of quiet before each clip: nobody speaks the instant the line opens."""

CLIPS = Path("tests/speech")
"""Ours, where the repository is."""

DELAYS = {"asr_ms": "transcription", "llm_ms": "first token", "tokens_per_second": "text", "tts_ms": "first sound"}
"""Options of the stand-ins, and what they are of."""


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Which server, and where to write what came of it."""
    parser.add_argument("--url", help="the server to measure (default: start one for the occasion)")
    add_key_argument(parser)
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for an answer to end")
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")
    parser.add_argument("--report", type=Path, help="write a report to this file, HTML that needs nothing else")
    parser.add_argument("--verbose", action="store_true", help="show the log of the server started for the occasion")


def add_clip_arguments(parser: argparse.ArgumentParser) -> None:
    """What is said to it."""
    parser.add_argument(
        "--clips", type=Path, default=CLIPS, help="folder of recordings, with clips.tsv (default: %(default)s)"
    )
    parser.add_argument(
        "--repeat", type=int, default=1, help="how many times each clip is spoken (default: %(default)d)"
    )


def add_stand_in_arguments(parser: argparse.ArgumentParser) -> None:
    """Engines of known speed, so that what is measured is the server itself."""
    parser.add_argument("--stand-in", action="store_true", help="start a server on engines with these delays:")
    for one in fields(Delays):
        flag = "--" + one.name.replace("_", "-")
        parser.add_argument(flag, type=float, metavar="N", help=f"their {DELAYS[one.name]} (default: {one.default:g})")


def clips_of(args: argparse.Namespace) -> list[Clip]:
    """Each clip, after a moment of quiet, as often as it is to be spoken. Raises `UsageError`."""
    if args.repeat < 1:
        raise UsageError(f"--repeat {args.repeat}: must be at least 1")
    return [clip.after_quiet(LEAD) for clip in read_clips(args.clips)] * args.repeat


def delays_of(args: argparse.Namespace) -> Delays | None:
    """Of the stand-ins, None without them. Raises `UsageError` for options that contradict each other."""
    given = {name: value for name in DELAYS if (value := getattr(args, name, None)) is not None}
    if not getattr(args, "stand_in", False):
        if given:
            raise UsageError(f"--{next(iter(given)).replace('_', '-')} is for --stand-in")
        return None
    if args.url:
        raise UsageError("--stand-in starts a server of its own; leave out --url")
    for name, value in given.items():
        if value < 0:
            raise UsageError(f"--{name.replace('_', '-')} {value:g}: must not be negative")
    return Delays(**given)


@asynccontextmanager
async def server_for(args: argparse.Namespace, reply: str = REPLY) -> AsyncGenerator[tuple[str, StandIn | None]]:
    """The server to measure, and its engines where those are stand-ins, which say `reply`. Raises `ClientError`."""
    if delays := delays_of(args):
        async with stand_in_server(delays, reply=reply, verbose=args.verbose) as stand_in:
            yield stand_in.url, stand_in
    else:
        async with server_at(args.url, verbose=args.verbose) as url:
            yield url, None


@contextmanager
def progress(total: int) -> Generator[Callable[[str], None]]:
    """What to call with each piece of news: a bar where somebody watches, else a line on standard error."""
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console  # noqa: PLC0415  who pipes needs no rich
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def tell(news: str) -> None:
            bar.update(task, advance=1, description=escape(f"{news:40.40}"))

        yield tell


def check_places(args: argparse.Namespace) -> None:
    """Refuse before the work what could not be written after it. Raises `UsageError`."""
    for path in (args.json, args.report):
        if path and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise UsageError(f"cannot write {str(path)!r}: {'it is a folder' if path.is_dir() else 'no such folder'}")


def deliver(args: argparse.Namespace, result: Mapping[str, Any], load: Load, text: str) -> None:
    """Leave what was measured where it is wanted. Raises `UsageError` when a place cannot be written."""
    delays = delays_of(args)
    whole = {
        "bench": args.bench,
        **result,
        "machine": machine(),
        "load": load.read(),
        "stand_in": asdict(delays) if delays else None,
    }
    if args.json:
        write_json(args.json, whole)
    if args.report:
        write_report(args.report, [whole])
    sys.stdout.write(f"{text}\n")


def write_json(path: Path, result: Mapping[str, object]) -> None:
    """Keep the result. Raises `UsageError` when the place cannot be written."""
    try:
        path.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}") from None


def _line(news: str) -> None:
    sys.stderr.write(f"{news}\n")
