"""What a benchmark keeps of single turns, so that two of its results can be compared: named samples, and what is good.

In a benchmark's JSON, `samples` has for each figure the values by clip (or by whatever else was measured repeatedly),
and `goals` which figures a change is judged by. A figure whose name ends in `_ms` is a latency, and stands for its
percentiles; of any other the mean counts, as of 0 and 1 for what should not happen and did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import orjson

from client.errors import UsageError

Groups: TypeAlias = Mapping[str, Sequence[float]]
"""Values by what they were measured with: those of one clip are more alike than those of two."""

Samples: TypeAlias = Mapping[str, Groups]
"""Figure -> its values."""

Goal: TypeAlias = Literal["lower", "higher"]
"""Which way is better."""

GOALS: Mapping[str, Goal] = {"lower": "lower", "higher": "higher"}


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of a benchmark has left behind."""

    bench: str
    samples: Samples
    goals: Mapping[str, Goal]
    tried: Mapping[str, tuple[float, float]]
    """Figures that are found by trying: what went well, and the next that was tried and did not; infinite if none."""
    machine: Mapping[str, Any]
    """Where and when; see `client.machine`."""


def read_json(path: Path) -> Mapping[str, Any]:
    """A benchmark's JSON. Raises `UsageError` when it is none."""
    try:
        read: Any = orjson.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except orjson.JSONDecodeError:
        raise UsageError(f"{str(path)!r} is not JSON") from None
    if not isinstance(read, dict) or "bench" not in read:
        raise UsageError(f"{str(path)!r} is not what `antiphon bench` writes with --json")
    return cast("Mapping[str, Any]", read)  # the keys of a JSON object are strings


def read_result(path: Path) -> Result:
    """The samples in a benchmark's JSON. Raises `UsageError` when there are none."""
    read = read_json(path)
    try:
        kept = read if "samples" in read or "steps" not in read else of_climb(read)
        samples = {
            str(figure): {str(group): [float(value) for value in values] for group, values in groups.items()}
            for figure, groups in kept["samples"].items()
        }
        goals: dict[str, Goal] = {str(figure): GOALS[goal] for figure, goal in kept["goals"].items()}
        tried = {str(figure): (float(good), float(bad)) for figure, (good, bad) in kept.get("tried", {}).items()}
        machine: dict[str, Any] = dict(read.get("machine") or {})
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{str(path)!r} has no samples that could be compared") from None
    if not goals.keys() & (samples.keys() | tried.keys()):
        raise UsageError(f"{str(path)!r} has no figure that a change could be judged by")
    return Result(str(read["bench"]), samples, goals, tried, machine)


def of_climb(read: Mapping[str, Any]) -> Mapping[str, Any]:
    """The samples of a climb, by step and clip.

    What a step gives counts while the server bears as many callers: beyond that all wait for each other, and two runs
    of the same server differ by more than their turns let suspect. A last step at which the callers themselves were
    too slow is left out.
    """
    samples: dict[str, dict[str, list[float]]] = {"cpu_each": {}, "rss_mb": {}}
    goals = dict.fromkeys(samples, "lower")
    for step in read["steps"][:-1] if read["problem"] else read["steps"]:
        place = f"{step['sessions']} sessions"
        samples["cpu_each"][place] = [step["cpu_share"] / step["sessions"]]
        samples["rss_mb"][place] = [step["rss_mb"]]
        given = {f"{place} {name}": groups for name, groups in _of_turns(step["samples"]).items()}
        samples |= given
        goals |= dict.fromkeys(given, "lower") if step["sessions"] <= read["capacity"] else {}
    return {"samples": samples, "goals": {"capacity": "higher", **goals}, "tried": {"capacity": _capacity(read)}}


def _of_turns(turns: Sequence[Mapping[str, Any]]) -> Mapping[str, dict[str, list[float]]]:
    """What one step's turns are judged by."""
    found: dict[str, dict[str, list[float]]] = {}
    for turn in turns:
        values = {"unanswered": float(turn["problem"] not in ("", "early"))}
        if not turn["problem"]:
            values |= {name: turn[name] for name in ("first_token_ms", "first_audio_ms") if turn[name] is not None}
        for name, value in values.items():
            found.setdefault(name, {}).setdefault(turn["clip"], []).append(value)
    return found


def _capacity(read: Mapping[str, Any]) -> tuple[float, float]:
    """The callers that were borne, and the next that were tried. If the callers failed first, nobody knows of more."""
    more = [step["sessions"] for step in read["steps"] if step["sessions"] > read["capacity"]]
    return read["capacity"], inf if read["problem"] else min(more, default=inf)
