"""`antiphon bench`: speak labelled recordings to a Realtime server, in real time, and measure the answers.

Every clip gets a session of its own, one after the other. Time zero is the moment the last labelled sample of speech is
sent, as a microphone would send it; what the server knows of its own stages comes along in `response.done`.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import orjson

from client import bench_bargein, bench_latency
from client.clips import read_clips
from client.errors import ClientError, UsageError
from client.own_server import server_at

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # pyright: ignore[reportPrivateUsage]  argparse has no other name for it

LEAD = 0.5
"""Seconds of quiet before each clip: nobody speaks the instant the line opens."""


def add_arguments(parser: argparse.ArgumentParser) -> Subparsers:
    """Declare what `antiphon bench` understands; returns where others may declare more."""
    what: Subparsers = parser.add_subparsers(dest="bench", required=True)
    latency = what.add_parser("latency", help="how soon the answers come")
    bargein = what.add_parser("bargein", help="how soon the server falls silent when interrupted")
    bargein.add_argument("--ask", default="Please tell me a long story.", help="what makes the server speak at length")
    bargein.add_argument(
        "--after", type=float, default=1.0, help="seconds of its answer to let pass (default: %(default)g)"
    )
    for parser_ in (latency, bargein):
        parser_.add_argument("--clips", type=Path, required=True, help="folder of recordings, with clips.tsv")
        parser_.add_argument("--url", help="the server to measure (default: start one for the occasion)")
        parser_.add_argument("--key", help="the key this server wants")
        parser_.add_argument(
            "--repeat", type=int, default=1, help="how often each clip is spoken (default: %(default)d)"
        )
        parser_.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for an answer to end")
        parser_.add_argument("--json", type=Path, help="write all that was measured to this file")
        parser_.add_argument(
            "--verbose", action="store_true", help="show the log of the server started for the occasion"
        )
    return what


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0, 1 when the server fails us, 2 when a file or an option is wrong."""
    try:
        clips = [clip.after_quiet(LEAD) for clip in read_clips(args.clips)] * max(1, args.repeat)
        async with server_at(args.url, verbose=args.verbose) as url:
            bench = bench_latency if args.bench == "latency" else bench_bargein
            result, text = await bench.measure(url, clips, args, _progress)
        if args.json:
            _write(args.json, {"url": url, "bench": args.bench, **result})
        sys.stdout.write(f"{text}\n")
    except ClientError as error:
        sys.stderr.write(f"antiphon bench: {error}\n")
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _progress(news: str) -> None:
    sys.stderr.write(f"{news}\n")


def _write(path: Path, result: Mapping[str, object]) -> None:
    try:
        path.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}") from None
