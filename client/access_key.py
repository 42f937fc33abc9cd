"""The key that a server wants, as all commands ask for it."""

import argparse


def add_key_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--key`; whoever runs the command takes it from the environment where it is not given."""
    told = "the key this server wants (default: ANTIPHON_KEY, else the first of ANTIPHON_KEYS)"
    parser.add_argument("--key", help=told)
