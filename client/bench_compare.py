"""`antiphon bench compare`: what has become slower or faster from one result of a benchmark to another, and how surely.

The exit code is 1 when a figure that counts has become worse beyond its uncertainty. As many figures are looked at,
each is held to a stricter level (Bonferroni), so that a comparison of two equal servers fails once in twenty times.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from client.errors import UsageError
from client.samples import Goal, Result, read_result
from client.uncertainty import Interval, Statistic, common, difference, interval, mean, share_quantile

FEWEST = 5
"""Values on either side from which on the bootstrap says anything."""

SURE = 0.95
"""Of all comparisons together."""

DRAWS = 10_000
"""The stricter levels look far into the tails."""

STEP_MS = 2.0
"""Latencies are differences of two marks, each of which a server's clock may round to a millisecond."""

Verdict: TypeAlias = Literal["worse", "better", "same", "too few", ""]
"""Empty for figures that a change is not judged by: a stage may well grow where another shrinks."""

STATISTICS: Mapping[str, Statistic] = {"p50": share_quantile(0.5), "p95": share_quantile(0.95)}


@dataclass(frozen=True, slots=True)
class Change:
    """One figure, before and after."""

    name: str
    before: float
    after: float
    by: Interval
    verdict: Verdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the comparison understands."""
    parser.add_argument("before", type=Path, help="what a benchmark wrote with --json")
    parser.add_argument("after", type=Path, help="the same, later")
    parser.add_argument(
        "--tolerance", type=float, default=2.0, help="percent by which a figure may be worse (default: %(default)g)"
    )


def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 1 when something has become worse. Raises `UsageError`."""
    before, after = read_result(args.before), read_result(args.after)
    if before.bench != after.bench:
        raise UsageError(f"{before.bench} and {after.bench} are different benchmarks")
    changes = list(compare(before, after, args.tolerance / 100))
    if not changes:
        raise UsageError("the two files have no figure of the same clips in common")
    for line in (*_table(changes), *_remarks(before, after, changes)):
        sys.stdout.write(f"{line}\n")
    return int(any(change.verdict == "worse" for change in changes))


def compare(before: Result, after: Result, tolerance: float) -> Iterator[Change]:
    """Each figure that both have, those first that count; `tolerance` is the share by which they may be worse."""
    yield from _tried(before, after, tolerance)
    figures = [*before.goals, *(name for name in before.samples if name not in before.goals)]
    pairs = {name: common(before.samples.get(name, {}), after.samples.get(name, {})) for name in figures}
    rows = [(name, label) for name, (ours, _) in pairs.items() if ours for label in statistics_of(name)]
    level = 1 - (1 - SURE) / max(1, sum(name in before.goals for name, _ in rows))
    for name, label in rows:
        goal, statistic = before.goals.get(name), statistics_of(name)[label]
        ours, theirs = pairs[name]
        by = difference(ours, theirs, statistic, level if goal else SURE, DRAWS)
        old, new = (interval(groups, statistic, draws=1).value for groups in (ours, theirs))
        slack = max(abs(old) * tolerance, STEP_MS if name.endswith("_ms") else 0.0)
        enough = all(sum(map(len, groups.values())) >= FEWEST for groups in (ours, theirs))
        yield Change(f"{name} {label}", old, new, by, _verdict(by, goal, slack) if enough or not goal else "too few")


def _tried(before: Result, after: Result, tolerance: float) -> Iterator[Change]:
    """Figures found by trying. Each run knows its own to the next step that it tried, whatever lies between: two that
    may be the same are."""
    for name in before.tried.keys() & after.tried.keys():
        (old, too_much), (new, still_too_much) = before.tried[name], after.tried[name]
        by = Interval(new - old, new - too_much, still_too_much - old)
        yield Change(name, old, new, by, _verdict(by, before.goals[name], old * tolerance))


def statistics_of(figure: str) -> Mapping[str, Statistic]:
    """What it is looked at by."""
    return STATISTICS if figure.endswith("_ms") else {"mean": mean}


def _verdict(by: Interval, goal: Goal | None, slack: float) -> Verdict:
    """Worse or better only where all of the interval is, and the difference itself is more than may be."""
    if goal is None:
        return ""
    worse = 1 if goal == "lower" else -1
    if abs(by.value) <= slack or by.low <= 0 <= by.high:
        return "same"
    return "worse" if by.value * worse > 0 else "better"


def _table(changes: Sequence[Change]) -> Iterator[str]:
    wide = max(len(change.name) for change in changes) + 2
    yield f"{'':{wide}}{'before':>10}{'after':>10}{'change':>10}  surely within"
    for change in changes:
        form = ".1f" if "_ms " in change.name else ".4g"
        before, after = (f"{value:10{form}}" for value in (change.before, change.after))
        by, low, high = (f"{value:+{form}}" for value in (change.by.value, change.by.low, change.by.high))
        yield f"{change.name:{wide}}{before}{after}{by:>10}  {f'{low} .. {high}':22}{change.verdict}".rstrip()


def _remarks(before: Result, after: Result, changes: Sequence[Change]) -> Iterator[str]:
    machines = [one.machine.get("processor") for one in (before, after)]
    if machines[0] != machines[1]:
        yield f"The machines differ: {machines[0] or 'unknown'}, then {machines[1] or 'unknown'}."
    if any(change.verdict == "too few" for change in changes):
        yield f"With fewer than {FEWEST} values a figure is not judged; measure more clips or steps, or --repeat."
    worse = [change.name for change in changes if change.verdict == "worse"]
    yield f"Worse: {', '.join(worse)}." if worse else "Nothing has become worse beyond its uncertainty."
