"""Worlds to choose a model in: who there is, how their first tokens are spread, and what goes wrong on the day."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import models
from pipeline.llm.catalog import Model, read_catalog

DAY = 86_400.0
"""Seconds."""

ERRORS = 0.004
"""Of all requests; as 30,000 measured calls had it (pipecat#1795)."""

STALLS = 0.003
"""Of all requests: connected, then nothing for a long time."""

STALLED = 30.0
"""Seconds until a stalled request says something after all."""

PROMPT_DOUBLES = 16_000
"""Tokens of a prompt that double the wait for the first token of the answer."""

_Z99 = 2.3263478740408408
"""The 99th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Some minutes of the day in which something is `factor` times what it is at other times. Seconds."""

    begin: float
    seconds: float
    factor: float

    def covers(self, at: float) -> bool:
        return self.begin <= at < self.begin + self.seconds


@dataclass(frozen=True, slots=True)
class World:
    """Models, and their weather."""

    name: str
    models: Sequence[Model]
    p99: Mapping[str, float]
    """Seconds, by model; the median is the catalogue's, the distribution log-normal."""
    slow: Mapping[str, Incident] = field(default_factory=dict[str, Incident])
    """By model, when it is slower, and stalls ten times as often."""
    limited: Mapping[str, Incident] = field(default_factory=dict[str, Incident])
    """By model, when its server lets through only `factor` requests a minute."""
    spike: Incident = Incident(0.0, 0.0, 1.0)
    """When there are more turns; then every model is half as fast again."""

    def wait(self, name: str, prompt_tokens: int, at: float, chance: Random) -> float | None:
        """How long a first token takes, seconds; None when the request fails at once."""
        model = next(one for one in self.models if one.name == name)
        slow = name in self.slow and self.slow[name].covers(at)
        fate = chance.random()
        median = model.first_token_p50_ms / 1000
        spread = math.log(self.p99[name] / median) / _Z99
        wait = median * math.exp(chance.gauss(0, 1) * spread) * (1 + prompt_tokens / PROMPT_DOUBLES)
        if fate < ERRORS:
            return None
        if fate < ERRORS + STALLS * (10 if slow else 1):
            return STALLED
        return wait * (self.slow[name].factor if slow else 1.0) * (1.5 if self.spike.covers(at) else 1.0)


def _world(name: str, catalog: str, p99: Mapping[str, float]) -> World:
    """The favourite is four times slower for ten minutes, the best is hardly let through for an hour, and for ten
    minutes there are eight times as many turns.
    """
    return World(
        name,
        read_catalog(Path(models.__file__).with_name(catalog)),
        p99,
        slow={"small": Incident(10.5 * 3600, 600, 4.0)},
        limited={"large": Incident(14 * 3600, 3600, 1.0)},
        spike=Incident(19 * 3600, 600, 8.0),
    )


def classic() -> World:
    """The table every survey of 2023 has: p99 five times the median."""
    return _world("classic", "catalog.toml", {"small": 1.75, "large": 4.0, "large-long": 6.0})


def modern() -> World:
    """Servers of today."""
    return _world("modern", "catalog_modern.toml", {"small": 0.45, "large": 0.9, "large-long": 2.5})


WORLDS = {"classic": classic, "modern": modern}
"""By name."""
