"""The `antiphon` command: the only place that reads the command line and the environment."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

from pipeline.errors import ConfigError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("server.serve", "start the assistant and print its address"),
    "talk": ("client.desktop", "speak with it: microphone and speakers, a recording, or a line of text"),
    "doctor": ("server.doctor", "what was found here, what is used and why, and how to get better"),
    "models": ("models.download", "Whisper's weights: list them, fetch them"),
    "bench": ("server.bench", "measure a server, or its parts; compare two results; make a report of them"),
    "replay": ("server.replay", "the requests to models that failed: list them, send them again"),
    "brain": ("models.brain", "the embedded LLM by itself, also as a stand-in for another"),
}
"""Each command: the module that has its `add_arguments` and `run`, and what it is for."""

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status: 0 done, 1 failed, 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given:
        sys.stderr.write(parser_for(given).format_help())
        return 2
    parsed = parser_for(given).parse_args(given)
    try:
        return _run(import_module(COMMANDS[parsed.command][0]), parsed)
    except ConfigError as error:
        sys.stderr.write(f"antiphon {parsed.command}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def parser_for(given: Sequence[str]) -> argparse.ArgumentParser:
    """The command line's grammar, as far as these words need it: the other commands' modules are not loaded."""
    parser = argparse.ArgumentParser(prog="antiphon", description="A self-hosted, real-time voice assistant.")
    told = f"antiphon {version('antiphon')}" if "--version" in given else ""
    parser.add_argument("--version", action="version", version=told)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, purpose) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose[0].upper() + purpose[1:] + ".")
        if name in given:
            import_module(module).add_arguments(command)
    return parser


def _run(module: Any, parsed: argparse.Namespace) -> int:  # Any: a module that has `run`
    parsed.environment = os.environ
    if getattr(parsed, "key", "") is None:  # not on the command line, where everybody could read it
        parsed.key = os.environ.get("ANTIPHON_KEY") or os.environ.get("ANTIPHON_KEYS", "").partition(",")[0] or None
    result = module.run(parsed)
    return asyncio.run(result) if asyncio.iscoroutine(result) else result


if __name__ == "__main__":
    sys.exit(main())
