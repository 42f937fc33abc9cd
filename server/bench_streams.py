"""`antiphon bench streams`: how many answers at once our client of a model's server keeps up with.

The embedded brain stands in for the server, in a process of its own. It takes as long for each of many requests as for
a lone one, so that what is lost is lost by the client.
"""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from pipeline.engines import Finish, Message, Prompt
from pipeline.errors import ConfigError, EngineError
from pipeline.llm.client import ChatCompletions
from server.bench_results import write_json

REPLY = "The answer to your question is quite simple today. It only takes a little more time to explain why."

PROMPT = Prompt([Message("system", "Be brief."), Message("user", "What is an antiphon?")])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark understands."""
    parser.add_argument(
        "--url", help="the server to ask, ending in /v1 (default: a stand-in, started for the occasion)"
    )
    parser.add_argument("--model", default="", help="its model (default: the first it offers)")
    parser.add_argument("--at-once", type=int, default=20, help="answers at the same time (default: %(default)d)")
    parser.add_argument("--requests", type=int, default=200, help="of those, in all (default: %(default)d)")
    parser.add_argument("--alone", type=int, default=20, help="of those one by one (default: %(default)d)")
    parser.add_argument("--first-token-ms", type=int, default=200, help="of the stand-in (default: %(default)d)")
    parser.add_argument("--tokens-per-second", type=int, default=60, help="of the stand-in (default: %(default)d)")
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0, or 1 when the server fails us. Raises `ConfigError`."""
    if min(args.at_once, args.requests, args.alone) < 1:
        raise ConfigError("--at-once, --requests and --alone must be at least 1")
    try:
        async with _server(args) as url:
            llm = ChatCompletions(url, args.model)
            await llm.start()
            try:
                result = await measure(llm, args.at_once, args.requests, args.alone)
            finally:
                await llm.aclose()
    except EngineError as error:
        sys.stderr.write(f"antiphon bench streams: {error}\n")
        return 1
    if args.json:
        write_json(args.json, result.shown())
    sys.stdout.write(_table(result))
    return 0


@dataclass(slots=True)
class Load:
    """What so many answers at a time came to."""

    at_once: int
    first_tokens: list[float]
    """Seconds of each."""
    seconds: float
    cpu: float
    """Seconds of this process."""

    def figures(self) -> Mapping[str, float]:
        """What is reported of it."""
        waits = sorted(self.first_tokens)
        cuts = quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else waits * 99
        return {
            "at_once": self.at_once,
            "requests_per_second": len(waits) / self.seconds,
            "first_token_ms_p50": cuts[49] * 1000,
            "first_token_ms_p95": cuts[94] * 1000,
            "cpu_ms_per_answer": self.cpu / len(waits) * 1000,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """The same question one by one, and many at a time."""

    alone: Mapping[str, float]
    together: Mapping[str, float]

    @property
    def speedup(self) -> float:
        """How many times the answers per second."""
        return self.together["requests_per_second"] / self.alone["requests_per_second"]

    @property
    def first_token_ratio(self) -> float:
        """How many times as long the first token takes."""
        return self.together["first_token_ms_p50"] / self.alone["first_token_ms_p50"]

    def shown(self) -> Mapping[str, object]:
        """What the JSON holds."""
        ratios = {"speedup": self.speedup, "first_token_ratio": self.first_token_ratio}
        return {"alone": self.alone, "together": self.together, **ratios}


async def measure(llm: ChatCompletions, at_once: int, requests: int, alone: int) -> Result:
    """One by one, then many at a time. Raises `EngineError`."""
    await _load(llm, at_once, at_once)  # opens the connections
    lone = await _load(llm, 1, alone)
    return Result(lone.figures(), (await _load(llm, at_once, requests)).figures())


async def _load(llm: ChatCompletions, at_once: int, requests: int) -> Load:
    waits: list[float] = []
    left = iter(range(requests))
    begun, cpu = time.monotonic(), time.process_time()

    async def ask_on() -> None:
        for _ in left:
            waits.append(await _first_token(llm))  # noqa: PERF401  a list at the end would be one list a task

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(ask_on())
    return Load(at_once, waits, time.monotonic() - begun, time.process_time() - cpu)


async def _first_token(llm: ChatCompletions) -> float:
    """Hears the answer out. Returns the seconds until its first word."""
    begun, first = time.monotonic(), 0.0
    async with aclosing(llm.reply(PROMPT)) as pieces:
        async for piece in pieces:
            if not first and not isinstance(piece, Finish):
                first = time.monotonic() - begun
    return first


@asynccontextmanager
async def _server(args: argparse.Namespace) -> AsyncGenerator[str]:
    """The one that was named, or a stand-in for as long as the block lasts. Raises `EngineError`."""
    if args.url:
        yield args.url
        return
    pace = ("--first-token-ms", str(args.first_token_ms), "--tokens-per-second", str(args.tokens_per_second))
    command: Sequence[str] = (sys.executable, "-P", "-m", "server", "brain", "--port", "0", *pace, "--reply", REPLY)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        said = (await process.stdout.readline()).decode()
        if not (found := re.search(r"https?://[\w.:\[\]-]+\w", said)):
            raise EngineError(f"the stand-in did not start; it said {said!r}")
        yield f"{found[0]}/v1"
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _table(result: Result) -> str:
    lines = ["| at once | answers/s | first token p50 | p95, ms | our CPU per answer, ms |", "|---|---|---|---|---|"]
    for one in (result.alone, result.together):
        waits = f"{one['first_token_ms_p50']:.0f} | {one['first_token_ms_p95']:.0f}"
        answers, cpu = one["requests_per_second"], one["cpu_ms_per_answer"]
        lines.append(f"| {one['at_once']:.0f} | {answers:.1f} | {waits} | {cpu:.1f} |")
    ratios = f"{result.speedup:.1f} times the answers, first token x {result.first_token_ratio:.2f}"
    return "\n".join([*lines, f"{ratios}\n"])
