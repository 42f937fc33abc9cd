"""`antiphon replay`: the requests that failed, as the journal has them; sent again to the same model, or to another."""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from pipeline.engines import CallPiece, Finish, Prompt
from pipeline.errors import ConfigError, EngineError
from pipeline.llm.catalog import Model
from pipeline.llm.client import ChatCompletions
from pipeline.llm.failure import prompt_of
from pipeline.openai_server import address, is_openai
from server import settings
from server.govern import rows_of
from server.journal import JOURNAL, Journal, Noted
from server.sessions import StoreError
from server.settings import LlmSettings, read_settings, state_folder
from server.staff import OPENAI

SHOWN = 60
"""Characters of a question, and of an error, in the list."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which requests, where to, and the settings that say where the journal is."""
    parser.add_argument(
        "ids", nargs="*", type=int, metavar="ID", help="the requests to send again; without any: --list"
    )
    parser.add_argument("--list", action="store_true", help="show what failed: number, time, model, question, error")
    parser.add_argument(
        "--forget", action="store_true", help="throw these away instead; all of them where none is named"
    )
    parser.add_argument("--url", help="the server to send them to, ending in /v1 (default: the one that failed)")
    parser.add_argument("--model", help="the model to ask (default: the one that failed)")
    parser.add_argument(
        "--key-env", help="the environment variable with the server's key (default: as in the settings)"
    )
    settings.add_arguments(parser)


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; 0 when every request was answered, 1 when one failed again. Raises `ConfigError`."""
    chosen = read_settings(vars(args), args.environment)
    folder = state_folder(chosen.server, args.environment)
    if folder is None:
        raise ConfigError("server.state = 'none': no failed requests are kept")
    noted = await _noted(Journal(folder / JOURNAL), args)
    if args.forget:
        return 0
    if args.list or not args.ids:
        sys.stdout.write("".join(map(_listed, noted)) or "no request has failed\n")
        return 0
    answered, rows = True, rows_of(chosen.llm)
    for one in noted:
        sys.stdout.write(_listed(one))
        sys.stdout.flush()
        url = args.url or one.failure.url
        key = args.environment.get(args.key_env, "") if args.key_env else _key(url, rows, chosen.llm, args.environment)
        model = ChatCompletions(url, args.model or str(one.failure.request["model"]), key, probe=5.0)
        answered = await _replay(model, prompt_of(one.failure.request)) and answered
    return 0 if answered else 1


async def _noted(journal: Journal, args: argparse.Namespace) -> Sequence[Noted]:
    """Those that are wanted, or all. Raises `ConfigError` where one of them is not there."""
    if not journal.path.exists():
        known: Sequence[Noted] = ()
    else:
        async with aclosing(journal):
            try:
                known = await journal.all()
                if args.forget:
                    await journal.forget([one.id for one in known if one.id in args.ids or not args.ids])
            except StoreError as error:
                raise ConfigError(f"the journal cannot be read: {error}") from error
    missing = set(args.ids) - {one.id for one in known}
    if missing:
        raise ConfigError(f"there is no request {min(missing)} in {journal.path}; see antiphon replay --list")
    return [one for one in known if one.id in args.ids] if args.ids else known


async def _replay(model: ChatCompletions, prompt: Prompt) -> bool:
    """Ask once, and show what comes; whether it was an answer."""
    now = asyncio.get_running_loop().time
    first, tokens = 0.0, 0
    try:
        await model.start()
        asked = now()
        async with aclosing(model.reply(prompt)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Finish):
                    tokens = piece.usage.completion if piece.usage else 0
                else:
                    first = first or now() - asked
                    sys.stdout.write(piece if isinstance(piece, str) else _called(piece))
                    sys.stdout.flush()
        if not first:
            raise EngineError(f"{model.name} ended without a word")
    except EngineError as error:
        sys.stdout.write(("\n" if first else "") + f"  failed again: {error}\n")
        return False
    finally:
        await model.aclose()
    counted = f", {tokens} tokens" if tokens else ""
    sys.stdout.write(f"\n  {model.name}: first token {first * 1000:.0f} ms, all {now() - asked:.2f} s{counted}\n")
    return True


def _called(piece: CallPiece) -> str:
    return (f"\n{piece.name}: " if piece.name else "") + piece.arguments


def _listed(one: Noted) -> str:
    when = datetime.fromtimestamp(one.at).strftime("%Y-%m-%d %H:%M:%S")
    asked = next((line["content"] for line in reversed(one.failure.request["messages"]) if line["role"] == "user"), "")
    error, waited = _short(one.failure.error), f"after {one.failure.waited:.1f} s"
    return f"{one.id}  {when}  {one.failure.name}  {_short(asked)!r}\n  {error} ({waited})\n"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else f"{flat[: SHOWN - 1]}…"


def _key(url: str, rows: Sequence[Model], llm: LlmSettings, environment: Mapping[str, Any]) -> str:
    """The key for a server: that of its row in the catalogue, or of the settings, where it is theirs."""
    for row in rows:
        if address(row.url) == url and row.key_env:
            return environment.get(row.key_env, "")
    if llm.key and url == address(llm.url or OPENAI):
        return llm.key
    return environment.get("OPENAI_API_KEY", "") if is_openai(url) else ""
