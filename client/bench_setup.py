"""What the benchmarks of whole servers share: their options, the recordings, the file with the result."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson

from client.clips import Clip, read_clips
from client.errors import UsageError

LEAD = 0.5
"""Seconds of quiet before each clip: nobody speaks the instant the line opens."""


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Which server, and where to write what came of it."""
    parser.add_argument("--url", help="the server to measure (default: start one for the occasion)")
    parser.add_argument("--key", help="the key this server wants")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for an answer to end")
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")
    parser.add_argument("--verbose", action="store_true", help="show the log of the server started for the occasion")


def add_clip_arguments(parser: argparse.ArgumentParser) -> None:
    """What is said to it."""
    parser.add_argument("--clips", type=Path, required=True, help="folder of recordings, with clips.tsv")
    parser.add_argument("--repeat", type=int, default=1, help="how often each clip is spoken (default: %(default)d)")


def clips_of(args: argparse.Namespace) -> list[Clip]:
    """Each clip, after a moment of quiet, as often as it is to be spoken. Raises `UsageError`."""
    return [clip.after_quiet(LEAD) for clip in read_clips(args.clips)] * max(1, args.repeat)


def show(news: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(f"{news}\n")


def write_json(path: Path, result: Mapping[str, object]) -> None:
    """Keep the result. Raises `UsageError` when the place cannot be written."""
    try:
        path.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}") from None
