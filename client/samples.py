"""What a benchmark keeps of single turns, so that two of its results can be compared: named samples, and what is good.

In a benchmark's JSON, `samples` has for each figure the values by clip (or by whatever else was measured repeatedly),
and `goals` which figures a change is judged by. A figure whose name ends in `_ms` is a latency, and stands for its
percentiles; of any other the mean counts, as of 0 and 1 for what should not happen and did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        kept = read if "samples" in read or "steps" not in read else of_steps(read["steps"])
        samples = {
            str(figure): {str(group): [float(value) for value in values] for group, values in groups.items()}
            for figure, groups in kept["samples"].items()
        }
        goals: dict[str, Goal] = {str(figure): GOALS[goal] for figure, goal in kept["goals"].items()}
        machine: dict[str, Any] = dict(read.get("machine") or {})
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{str(path)!r} has no samples that could be compared") from None
    if not goals.keys() & samples.keys():
        raise UsageError(f"{str(path)!r} has no figure that a change could be judged by")
    return Result(str(read["bench"]), samples, goals, machine)


def of_steps(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The samples of a climb: one step after the other with more callers, who are the groups here."""
    samples: dict[str, dict[str, list[float]]] = {}
    for step in steps:
        group = f"{step['sessions']} sessions"
        for figure in ("first_token_ms", "first_audio_ms"):
            values = [turn[figure] for turn in step["samples"] if turn.get(figure) is not None]
            if values:
                samples.setdefault(figure, {})[group] = values
        samples.setdefault("unanswered", {})[group] = [step["unanswered"] / max(1, step["turns"])]
        samples.setdefault("cpu_each", {})[group] = [step["cpu_share"] / step["sessions"]]
        samples.setdefault("rss_mb", {})[group] = [step["rss_mb"]]
    return {"samples": samples, "goals": dict.fromkeys(samples, "lower")}
