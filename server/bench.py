"""`antiphon bench`: what can be measured of any Realtime server, and what only of the parts of this one."""

import argparse
from collections.abc import Coroutine, Mapping
from importlib import import_module

from client import bench

PARTS: Mapping[str, tuple[str, str]] = {
    "context": ("server.bench_context", "what long conversations cost, and what is forgotten of them"),
}
"""Each part: the module that has its `add_arguments` and `run`, and what is measured."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `antiphon bench` understands."""
    what = bench.add_arguments(parser)
    for name, (module, purpose) in PARTS.items():
        import_module(module).add_arguments(what.add_parser(name, help=purpose))


def run(args: argparse.Namespace) -> int | Coroutine[None, None, int]:
    """Carry out the command; the exit code."""
    if args.bench in PARTS:
        return import_module(PARTS[args.bench][0]).run(args)
    return bench.run(args)
