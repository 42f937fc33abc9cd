"""A day of turns as a server has lived it: read from its log of turns (docs/metrics.md) in place of one that is drawn.

What a model's first token took is known where it alone was asked. Where it was not, it waits as it did in a turn near
that one in time; one that was never asked waits as its world says. A turn that its user ended before the first token
says of nobody how long that would have taken, and is passed over.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson

from pipeline.errors import ConfigError
from server.simulation.traffic import DIFFICULTY, DRAWS, TARGET, Turn, questions
from server.simulation.worlds import World

NEAR = 20
"""Turns around one in time among which its waits are drawn: a model that is slow now is slow for them all."""


@dataclass(slots=True)
class _Seen:
    """One model's waits, in the order of time; None for a request that failed."""

    times: list[float] = field(default_factory=list[float])
    waits: list[float | None] = field(default_factory=list[float | None])

    def near(self, at: float) -> Sequence[float | None]:
        middle = bisect_left(self.times, at)
        return self.waits[max(0, middle - NEAR // 2) : middle + NEAR // 2] or self.waits[-NEAR:]


def read_log(path: Path, world: World, seed: int) -> Sequence[Turn]:
    """The turns of a log that asked a model; its other lines are passed over. Raises `ConfigError`."""
    told = list(_told(path))
    if not told:
        raise ConfigError(
            f"{path} has no turns that asked a model; let the server write one with server.log_format = 'json'"
        )
    begin = min(_at(one) for one in told)
    told.sort(key=_at)
    seen: dict[str, _Seen] = {}
    for one in told:
        if len(one["asked"]) == 1:
            known = seen.setdefault(one["asked"][0], _Seen())
            known.times.append(_at(one) - begin)
            known.waits.append(_wait(one))
    chance = Random(f"{seed} {world.name}")
    return [_turn(one, _at(one) - begin, world, seen, chance) for one in told]


def _told(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    for line in lines:
        try:
            told: Any = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue  # what others have written to the same place
        match told:
            case {"logger": "antiphon.turn", "marks_ms": {"llm_request": _}} if not _given_up(told):
                yield told
            case _:
                pass


def _given_up(told: Mapping[str, Any]) -> bool:
    """Whether its user did not wait for the first token; that is no failure of a model's."""
    return told["outcome"] == "cancelled" and "llm_first_token" not in told["marks_ms"]


def _turn(told: Mapping[str, Any], at: float, world: World, seen: Mapping[str, _Seen], chance: Random) -> Turn:
    kind, prompt = told["kind"], told["prompt_tokens"]
    said = questions()
    question = told.get("question") or chance.choice(said.get(kind) or said["fact"])
    waits: dict[str, Sequence[float | None]] = {}
    for model in world.models:
        near = seen[model.name].near(at) if model.name in seen else ()
        waits[model.name] = [
            chance.choice(near) if near else world.wait(model.name, prompt, at, chance) for _ in range(DRAWS)
        ]
        if told["asked"] == [model.name]:
            waits[model.name] = [_wait(told), *waits[model.name][1:]]
    difficulty = DIFFICULTY.get(kind, 0.5)
    return Turn(at, _time_left(told), question, difficulty, prompt, told["completion_tokens"], waits)


def _at(told: Mapping[str, Any]) -> float:
    """When the model was chosen, Unix seconds."""
    return datetime.fromisoformat(told["asked_at"]).timestamp() + told["marks_ms"]["llm_request"] / 1000


def _time_left(told: Mapping[str, Any]) -> float:
    left = told["time_left_ms"]
    return TARGET - told["marks_ms"]["llm_request"] / 1000 if left is None else left / 1000


def _wait(told: Mapping[str, Any]) -> float | None:
    marks = told["marks_ms"]
    return (marks["llm_first_token"] - marks["llm_request"]) / 1000 if "llm_first_token" in marks else None
