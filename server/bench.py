"""`antiphon bench`: what can be measured of any Realtime server, and what only of the parts of this one."""

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Any

FROM_OUTSIDE = "client.bench"
"""Measures whole servers, as their clients."""

PARTS: Mapping[str, tuple[str, str]] = {
    "router": ("server.bench_router", "a day of simulated turns: who answers in time, how well, at what price"),
    "context": ("server.bench_context", "what long conversations cost, and what is forgotten of them"),
    "streams": ("server.bench_streams", "how many answers at once are kept up with, and what each then waits"),
    "turns": ("server.bench_turns", "how often a pause is taken for the end, against how long one waits at the end"),
}
"""Each part: the module that has its `add_arguments` and `run`, and what is measured."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `antiphon bench` understands."""
    what = import_module(FROM_OUTSIDE).add_arguments(parser)
    for name, (module, purpose) in PARTS.items():
        import_module(module).add_arguments(what.add_parser(name, help=purpose))


def run(args: argparse.Namespace) -> Any:  # Any: an exit code, or a coroutine of one
    """Carry out the command."""
    module = PARTS[args.bench][0] if args.bench in PARTS else FROM_OUTSIDE
    return import_module(module).run(args)
