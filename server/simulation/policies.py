"""Ways to choose a model that people use, to measure ours against; and one that knows the future."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.llm.catalog import Model
from server.simulation.servers import Servers
from server.simulation.traffic import Turn


class Policy(Protocol):
    """Names one model for each request. One that fails is retried as OpenAI's SDK does it."""

    def pick(self, turn: Turn, fitting: Sequence[Model], servers: Servers, now: float) -> Model:
        """One of those that hold the prompt, the smallest first; there is at least one."""
        ...

    def saw(self, model: Model, turn: Turn, wait: float | None, now: float) -> None:
        """How long its first token took; None when the request failed."""
        ...


class _Unmoved:
    def saw(self, model: Model, turn: Turn, wait: float | None, now: float) -> None:
        """Learns nothing."""


class Small(_Unmoved):
    """Always the smallest."""

    def pick(self, turn: Turn, fitting: Sequence[Model], servers: Servers, now: float) -> Model:
        return fitting[0]


class Large(_Unmoved):
    """Always the second."""

    def pick(self, turn: Turn, fitting: Sequence[Model], servers: Servers, now: float) -> Model:
        return next((one for one in fitting if one.name == "large"), fitting[-1])


HARD = re.compile(r"\b(why|how|explain|compare|write|code|python|plan|analy[sz]e)\b|为什么|怎么|解释|比较|写|分析|代码")


class Keywords(Large):
    """The second for questions with a word that sounds hard, else the smallest."""

    def pick(self, turn: Turn, fitting: Sequence[Model], servers: Servers, now: float) -> Model:
        return super().pick(turn, fitting, servers, now) if HARD.search(turn.question) else fitting[0]


@dataclass
class RoundRobin(_Unmoved):
    """Each in its turn."""

    asked: int = 0

    def pick(self, turn: Turn, fitting: Sequence[Model], servers: Servers, now: float) -> Model:
        self.asked += 1
        return fitting[self.asked % len(fitting)]


class Oracle(_Unmoved):
    """Knows how long each would take, and takes the best that makes it; if none does, the one that is least late."""

    def pick(self, turn: Turn, fitting: Sequence[Model], servers: Servers, now: float) -> Model:
        waits = {one.name: turn.wait(one.name, 0) for one in fitting if servers.lets_through(one, now)}
        known = {name: wait for name, wait in waits.items() if wait is not None}
        in_time = [one for one in fitting if known.get(one.name, float("inf")) <= turn.time_left]
        if in_time:
            return max(in_time, key=lambda one: one.quality)
        return min(fitting, key=lambda one: known.get(one.name, float("inf")))
