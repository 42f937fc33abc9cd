"""A day of turns, drawn from a seed or read from a file: what is asked, how much time is left, how soon each model
would answer. Every policy meets the same day.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import orjson

import models
from pipeline.errors import ConfigError
from server.simulation.worlds import DAY, World

DRAWS = 3
"""Requests to one model in one turn of which the wait is drawn; a fourth waits like the first."""

TARGET = 0.6
"""Seconds from the end of speech to the first token."""

HEARD_AFTER: Sequence[tuple[float, float, float]] = ((0.1, 0.0, 0.0), (0.45, 0.076, 0.119), (0.45, 0.169, 0.202))
"""How often, and seconds from the end of speech to the choice of a model, median and p95: typed; heard by the offline
recogniser, which streams; heard by a server that takes 120 ms. As `antiphon bench latency` has measured them.
"""

DIFFICULTY: Mapping[str, float] = {
    "greeting": 0.02,
    "small_talk": 0.1,
    "arithmetic": 0.2,
    "fact": 0.25,
    "creative": 0.45,
    "code": 0.65,
    "long_context": 0.8,
    "reasoning": 0.85,
}
"""By what is asked; 0..1, give or take 0.1."""

SHARES: Mapping[str, float] = {
    "greeting": 0.12,
    "small_talk": 0.2,
    "arithmetic": 0.08,
    "fact": 0.27,
    "creative": 0.08,
    "code": 0.06,
    "long_context": 0.04,
    "reasoning": 0.15,
}
"""How often each is asked."""

ANSWER_TOKENS: Mapping[str, int] = {"greeting": 15, "small_talk": 30, "arithmetic": 25, "fact": 40}
"""Mean length of an answer; 100 for the other kinds."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of the day. Seconds, but for the tokens."""

    at: float
    """When the model is chosen."""
    time_left: float
    question: str
    difficulty: float
    """What it truly is, 0..1; no policy is told."""
    prompt_tokens: int
    answer_tokens: int
    waits: Mapping[str, Sequence[float | None]]
    """By model, how long its first token takes, for each request of this turn; None for one that fails at once."""

    def wait(self, model: str, number: int) -> float | None:
        """That of the n-th request, counted from 0."""
        draws = self.waits[model]
        return draws[number % len(draws)]


def draw(world: World, turns: int, seed: int) -> Sequence[Turn]:
    """A day of about so many turns."""
    chance = Random(f"{seed} {world.name}")
    spike, busier = world.spike, world.spike.factor
    quiet = turns / (DAY + (busier - 1) * spike.seconds)
    day, at = list[Turn](), 0.0
    while True:
        at += chance.expovariate(quiet * (busier if spike.covers(at) else 1.0))
        if at >= DAY:
            return day
        day.append(_turn(world, at, chance))


def _turn(world: World, at: float, chance: Random) -> Turn:
    kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
    said = questions()
    # What is asked of a long text is phrased like any other question.
    question = chance.choice(said[kind] if kind in said else [*said["fact"], *said["reasoning"]])
    prompt, answer = _tokens(kind, chance)
    waits = {one.name: [world.wait(one.name, prompt, at, chance) for _ in range(DRAWS)] for one in world.models}
    difficulty = min(1.0, max(0.0, DIFFICULTY[kind] + chance.uniform(-0.1, 0.1)))
    return Turn(at, TARGET - _heard_after(chance), question, difficulty, prompt, answer, waits)


def _tokens(kind: str, chance: Random) -> tuple[int, int]:
    """Of a prompt: a persona and the turns before this one, about 65 tokens each; with every seventh, functions that
    may be called or passages that were looked up; or a long document. And of the answer.
    """
    answer = round(chance.gammavariate(3, ANSWER_TOKENS.get(kind, 100) / 3)) + 3
    if kind == "long_context":
        return round(math.exp(chance.uniform(math.log(6500), math.log(25_000)))), answer
    before = math.floor(chance.expovariate(1 / 5))
    looked_up = round(chance.uniform(800, 2000)) if chance.random() < 0.15 else 0
    return min(1600, 110 + 65 * before) + looked_up, answer


def _heard_after(chance: Random) -> float:
    _, median, p95 = chance.choices(HEARD_AFTER, [share for share, _, _ in HEARD_AFTER])[0]
    return median * math.exp(chance.gauss(0, 1) * math.log(p95 / median) / 1.645) if median else 0.0


@cache
def questions() -> Mapping[str, Sequence[str]]:
    """What people say, by what answering it takes."""
    return tomllib.loads(Path(models.__file__).with_name("questions.toml").read_text("utf-8"))


def write(path: Path, day: Sequence[Turn]) -> None:
    """One turn a line. Raises `ConfigError`."""
    try:
        path.write_bytes(b"".join(orjson.dumps(asdict(turn)) + b"\n" for turn in day))
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def read(path: Path, world: World) -> Sequence[Turn]:
    """A day as `write` left it, or one of your own. Raises `ConfigError` naming the line that is none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    day = [_read(line, f"{path}, line {number}", world) for number, line in enumerate(lines, 1) if line.strip()]
    if not day:
        raise ConfigError(f"{path} has no turns")
    return sorted(day, key=lambda turn: turn.at)


def _read(line: bytes, place: str, world: World) -> Turn:
    try:
        fields: Any = orjson.loads(line)
        turn = Turn(**fields)
        for name in ("at", "time_left", "difficulty", "prompt_tokens", "answer_tokens"):
            if not isinstance(fields[name], int | float):
                raise TypeError(f"{name} is {fields[name]!r}; it must be a number")
        for model in world.models:
            if not turn.waits[model.name]:
                raise KeyError(model.name)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{place} is no turn: {error}") from error
    except KeyError as error:
        raise ConfigError(f"{place} has no waits of model {error}") from error
    return turn
