"""LiteLLM's latency-based routing, the real package, as one of the policies."""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pipeline.llm.catalog import Model
from server.simulation.servers import Servers
from server.simulation.traffic import Turn

GROUP = "antiphon"
EPOCH = datetime(2026, 1, 1)


def installed() -> bool:
    """Whether the package is here; it comes with none of our extras, for it is large."""
    return find_spec("litellm") is not None


COOLDOWN = 5.0
"""Seconds its Router leaves a deployment alone that failed, by default."""


def _strategy() -> Any:  # Any: the package is not there when types are checked
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or its import waits for the network
    caching: Any = import_module("litellm.caching.caching")
    strategy: Any = import_module("litellm.router_strategy.lowest_latency")
    return strategy.LowestLatencyLoggingHandler(router_cache=caching.DualCache())


@dataclass
class LiteLlm:
    """Picks as `Router(routing_strategy="latency-based-routing")` does for streams, and tells it what came of it."""

    seed: int
    _strategy: Any = field(default_factory=_strategy)
    _cools_until: dict[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        random.seed(self.seed)  # it draws from the module's own generator

    def pick(self, turn: Turn, fitting: Sequence[Model], servers: Servers, now: float) -> Model:
        fitting = [one for one in fitting if now >= self._cools_until.get(one.name, 0.0)] or fitting
        deployments = [_deployment(one) for one in fitting]
        streams: dict[str, Any] = {"stream": True, "metadata": {}}
        picked = self._strategy.get_available_deployments(GROUP, deployments, request_kwargs=streams)
        return next((one for one in fitting if picked and one.name == picked["model_info"]["id"]), fitting[0])

    def saw(self, model: Model, turn: Turn, wait: float | None, now: float) -> None:
        if wait is None:
            self._cools_until[model.name] = now + COOLDOWN
            return
        begun, first = EPOCH + timedelta(seconds=now - wait), EPOCH + timedelta(seconds=now)
        kwargs = {
            "litellm_params": {"metadata": {"model_group": GROUP}, "model_info": {"id": model.name}},
            "stream": True,
            "completion_start_time": first,
        }
        end = first + timedelta(seconds=turn.answer_tokens / model.tokens_per_second)
        self._strategy.log_success_event(kwargs, _answer(turn), begun, end)


def _deployment(model: Model) -> dict[str, Any]:
    return {
        "model_name": GROUP,
        "model_info": {"id": model.name},
        "litellm_params": {"rpm": model.requests_per_minute or None, "tpm": model.tokens_per_minute or None},
    }


def _answer(turn: Turn) -> Any:
    types: Any = import_module("litellm.types.utils")
    total = turn.prompt_tokens + turn.answer_tokens
    usage = types.Usage(prompt_tokens=turn.prompt_tokens, completion_tokens=turn.answer_tokens, total_tokens=total)
    return types.ModelResponse(usage=usage)
