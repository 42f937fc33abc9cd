"""`antiphon bench`: what can be measured of a whole server from outside, as its clients see it.

To add a benchmark, write a module that has `add_arguments` and `run`, and name it in `BENCHES`.
"""

import argparse
import inspect
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, TypeAlias

from client.errors import ClientError, UsageError

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # pyright: ignore[reportPrivateUsage]  argparse has no other name for it

BENCHES: Mapping[str, tuple[str, str]] = {
    "latency": ("client.bench_latency", "how soon the answers come"),
    "bargein": ("client.bench_bargein", "how soon the server falls silent when interrupted"),
    "capacity": ("client.bench_capacity", "how many sessions one processor carries, and what each costs"),
    "soak": ("client.bench_soak", "whether the server stays as it is, for hours"),
    "report": ("client.bench_report", "results of benchmarks as one HTML file"),
    "compare": ("client.bench_compare", "two results of one benchmark: what has become worse, and how surely"),
}
"""Each benchmark: the module that has its `add_arguments` and `run`, and what is measured."""


def add_arguments(parser: argparse.ArgumentParser) -> Subparsers:
    """Declare what `antiphon bench` understands; returns where others may declare more."""
    what: Subparsers = parser.add_subparsers(dest="bench", required=True)
    for name, (module, purpose) in BENCHES.items():
        import_module(module).add_arguments(what.add_parser(name, help=purpose))
    return what


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0, 1 when the server fails us, 2 when a file or an option is wrong."""
    try:
        done: Any = import_module(BENCHES[args.bench][0]).run(args)  # Any: an exit code, or a coroutine of one
        return await done if inspect.isawaitable(done) else done
    except ClientError as error:
        sys.stderr.write(f"antiphon bench: {error}\n")
        return 2 if isinstance(error, UsageError) else 1
