"""`antiphon bench router`: a day of turns, and how each way to choose a model comes through it.

Everything is simulated but the choosing: the same router, predictor, breaker and race as on a server live through the
day on a clock that jumps, beside simpler policies and one that knows the future. The same seed gives the same figures.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.llm.allowance import Allowance
from pipeline.llm.fleet import Fleet
from server.bench_results import write_json
from server.simulation import litellm_latency, traffic
from server.simulation.day import Naive, Ours, Outcome, live
from server.simulation.logged import read_log
from server.simulation.policies import Keywords, Large, Oracle, Policy, RoundRobin, Small
from server.simulation.report import Figures, Policies, figures, table
from server.simulation.servers import Servers
from server.simulation.traffic import Turn
from server.simulation.worlds import WORLDS, World

NAIVE: Mapping[str, Callable[[], Policy]] = {
    "oracle": Oracle,
    "small": Small,
    "large": Large,
    "keywords": Keywords,
    "round_robin": RoundRobin,
}
"""Policies that name a model, by name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark understands."""
    parser.add_argument("--turns", type=int, default=20_000, help="turns of the day, about (default: %(default)d)")
    parser.add_argument("--seed", type=int, default=1, help="of the day (default: %(default)d)")
    parser.add_argument(
        "--world", choices=sorted(WORLDS), action="append", help="a world to measure; may be repeated (default: all)"
    )
    parser.add_argument(
        "--hedge-share",
        type=float,
        default=Allowance().share,
        help="share of all tokens that hedging may waste (default: %(default)g)",
    )
    parser.add_argument("--traffic", type=Path, help="a day to live through instead, as --write-traffic leaves it")
    parser.add_argument("--log", type=Path, help="or one that a server has lived through, from its log in JSON")
    parser.add_argument("--write-traffic", type=Path, help="write the day to a file, a turn a line; wants one --world")
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `ConfigError` when a file or an option is wrong."""
    _check(args)
    worlds: dict[str, Policies] = {}
    for name in args.world or WORLDS:
        world = WORLDS[name]()
        day = _day(args, world)
        if args.write_traffic:
            traffic.write(args.write_traffic, day)
        worlds[name] = dict(measure(world, day, args.seed, args.hedge_share, _progress))
    if args.json:
        write_json(args.json, result(worlds))
    sys.stdout.write(f"{table(worlds)}\n")
    return 0


def _day(args: argparse.Namespace, world: World) -> Sequence[Turn]:
    if args.log:
        return read_log(args.log, world, args.seed)
    return traffic.read(args.traffic, world) if args.traffic else traffic.draw(world, args.turns, args.seed)


def result(worlds: Mapping[str, Policies]) -> Mapping[str, object]:
    """What the JSON holds."""
    return {"worlds": {name: {"policies": policies} for name, policies in worlds.items()}}


def measure(
    world: World, day: Sequence[Turn], seed: int, share: float, show: Callable[[str], None]
) -> Iterator[tuple[str, Figures]]:
    """Every policy's name and figures; `show` is told of each as it is done."""
    for name, outcomes in _lives(world, day, seed, share, show):
        one = figures(outcomes)
        show(f"{world.name}, {name}: {one['within_deadline']:.2%} of {len(day)} turns in time")
        yield name, one


def _lives(
    world: World, day: Sequence[Turn], seed: int, share: float, show: Callable[[str], None]
) -> Iterator[tuple[str, Sequence[Outcome]]]:
    yield "antiphon", live(day, Ours(Fleet(world.models, Allowance(share)), Servers(world)).take)
    for name, policy in NAIVE.items():
        yield name, live(day, Naive(policy(), Servers(world)).take)
    if litellm_latency.installed():
        yield "litellm", live(day, Naive(litellm_latency.LiteLlm(seed), Servers(world)).take)
    else:
        show("litellm: left out, it is not installed; run: pip install litellm")


def _check(args: argparse.Namespace) -> None:
    if args.turns < 1:
        raise ConfigError(f"--turns {args.turns}: must be at least 1")
    if not 0 <= args.hedge_share < 1:
        raise ConfigError(f"--hedge-share {args.hedge_share:g}: must be at least 0 and below 1")
    if args.write_traffic and len(args.world or WORLDS) != 1:
        raise ConfigError("--write-traffic: name one --world, for models differ from world to world")


def _progress(news: str) -> None:
    sys.stderr.write(f"{news}\n")
