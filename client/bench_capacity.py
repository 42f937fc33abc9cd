"""`antiphon bench capacity`: more and more callers who talk all the time, until the answers come late."""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence

from client import rig
from client.bench_setup import write_json
from client.capacity import Step, Used, bottleneck, gives_in, heading, report, row, step_of, summary
from client.errors import ClientError, UsageError
from client.rig import Rig

SETTLING = 12.0
"""Seconds after callers have joined before anything counts: a whole question and its answer."""

SPREAD = 8.0
"""Seconds over which those who join begin to ask."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    rig.add_arguments(parser)
    parser.add_argument("--sessions", default="1,25,50,75,100,125,150,175,200,250,300", help="the steps (%(default)s)")
    parser.add_argument("--seconds", type=float, default=30.0, help="measured at each step (default: %(default)g)")
    parser.add_argument("--lone-seconds", type=float, default=60.0, help="at the first step (default: %(default)g)")
    parser.add_argument("--versus", help="compare --serve with these options instead, at the last of --sessions")
    parser.add_argument("--rounds", type=int, default=3, help="how often both are measured (default: %(default)d)")
    parser.add_argument("--settling", type=float, default=SETTLING, help="before each step (default: %(default)g)")


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `ClientError`, also when we ourselves are too slow."""
    sizes = _sizes(args.sessions)
    if args.versus is None:
        result, text = await _capacity(sizes, args)
    else:
        from client.bench_versus import compare  # noqa: PLC0415  it measures by our means

        result, text = await compare(args, sizes[-1])
    if args.json:
        write_json(args.json, {"bench": "capacity", "piece_ms": args.piece_ms, **result})
    sys.stdout.write(f"{text}\n")
    if problem := result.get("problem"):
        raise ClientError(f"{problem}; what they saw then is no figure of the server's")
    return 0


async def _capacity(sizes: Sequence[int], args: argparse.Namespace) -> tuple[Mapping[str, object], str]:
    """For machines, and for people."""
    async with rig.rig(args, args.serve) as measured:
        steps = await _climb(measured, sizes, args)
    result = {"alone": measured.alone, "problem": bottleneck(steps[-1], measured.processors), **report(steps)}
    return result, "\n".join([heading(), *map(row, steps), summary(result)])


async def _climb(measured: Rig, sizes: Sequence[int], args: argparse.Namespace) -> Sequence[Step]:
    """Step by step, as long as the answers are in time, and we ourselves are not too slow."""
    steps: list[Step] = []
    sys.stderr.write(f"{heading()}\n")
    for size in sizes:
        await measured.crowd.grow(size, min(SPREAD, args.settling))
        await asyncio.sleep(args.settling)
        step = await take(measured, args.seconds if steps else args.lone_seconds)
        sys.stderr.write(f"{row(step)}\n")
        steps.append(step)
        if gives_in(step, steps[0]) or bottleneck(step, measured.processors):
            break
    return steps


async def take(measured: Rig, seconds: float) -> Step:
    """Measure the callers there are for so long."""
    now, notes = asyncio.get_running_loop().time, measured.crowd.notes
    notes.clear()
    begun, server, others = now(), measured.vitals().cpu, measured.others_cpu()
    await asyncio.sleep(seconds)
    vitals = measured.vitals()
    used = Used(now() - begun, vitals.cpu - server, measured.others_cpu() - others, vitals)
    return step_of(len(measured.crowd), notes, used)


def _sizes(written: str) -> list[int]:
    try:
        sizes = sorted(int(size) for size in written.split(","))
    except ValueError:
        raise UsageError(f"--sessions {written!r}: write it like 1,50,100") from None
    if not sizes or sizes[0] < 1:
        raise UsageError(f"--sessions {written!r}: at least one caller is needed")
    return sizes
