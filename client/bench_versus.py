"""What an option of the server costs: two servers under the same load, in turn, compared by their processor time."""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from client import rig
from client.bench_capacity import SPREAD, take


async def compare(args: argparse.Namespace, sessions: int) -> tuple[Mapping[str, Any], str]:
    """`--serve` and `--versus`, each `--rounds` times; for machines and for people.

    Neither is always first: a machine grows slower as it grows warm.
    """
    costs: dict[str, list[float]] = {"serve": [], "versus": []}
    for number in range(args.rounds):
        for name in ("serve", "versus") if number % 2 == 0 else ("versus", "serve"):
            costs[name].append(await _cost(args, getattr(args, name), sessions))
            sys.stderr.write(f"{name:7} {costs[name][-1]:.2f} ms a session and second\n")
    return judged(costs, sessions)


def judged(costs: Mapping[str, Sequence[float]], sessions: int) -> tuple[Mapping[str, Any], str]:
    """The ratio of the second's processor time to the first's, round by round, and how sure that is."""
    ratios = [second / first for first, second in zip(costs["serve"], costs["versus"], strict=True)]
    ratio = statistics.median(ratios)
    result = {"sessions": sessions, "ms_per_session_second": costs, "ratio": round(ratio, 4), "ratios": ratios}
    span = f"{min(ratios) - 1:+.1%} to {max(ratios) - 1:+.1%}, n = {len(ratios)}"
    return result, f"--versus takes {ratio - 1:+.1%} of the processor time of --serve ({span})"


async def _cost(args: argparse.Namespace, serve: str, sessions: int) -> float:
    """Milliseconds of processor time for each second of each session."""
    async with rig.rig(args, serve) as measured:
        await measured.crowd.grow(sessions, min(SPREAD, args.settling))
        await asyncio.sleep(args.settling)
        step = await take(measured, args.seconds)
    return round(step.cpu_share / sessions * 1000, 4)
