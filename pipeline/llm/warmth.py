"""Keeps models warm, and known: something small is asked of those that nobody has asked for long.

Connections are closed and small servers unload their model when they are idle; the first to ask then waits for seconds.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from contextlib import aclosing

from pipeline.engines import LlmEngine, Message, Prompt
from pipeline.errors import EngineError
from pipeline.llm.catalog import Model
from pipeline.llm.fleet import PROBE_AFTER
from pipeline.llm.mind import Mind
from pipeline.llm.router import Need

EVERY = 30.0
"""Seconds between two looks at who is idle."""

SMALL = Prompt([Message("user", "Hi")], max_tokens=1, temperature=0.0)
NEED = Need(prompt_tokens=10, answer_tokens=1, time_left=1.0, difficulty=0.0)
"""What is asked, and what it takes."""

_log = logging.getLogger(__name__)


async def keep_warm(mind: Mind, expected: Callable[[], bool]) -> None:
    """All models at once, and then for ever those that grow cold while somebody may ask something."""
    await _try_to_warm(mind)
    while True:
        await asyncio.sleep(EVERY)
        if expected():
            await _try_to_warm(mind)


async def _try_to_warm(mind: Mind) -> None:
    try:
        await warm(mind)
    except Exception:  # noqa: BLE001  a courtesy: whatever breaks in it, the server goes on
        _log.exception("the models could not be kept warm")


async def warm(mind: Mind) -> None:
    """Ask those that are idle; returns when all have answered, or failed to. Paid for as hedges are."""
    now = asyncio.get_running_loop().time()
    engines = {engine.name: engine for engine in mind.ready()}
    async with asyncio.TaskGroup() as tasks:
        for row in mind.fleet.to_probe(now):
            if row.name in engines:
                tasks.create_task(_ask(mind, row, engines[row.name]))
        first = next(iter(mind.others()), None)
        if first and now - mind.asked_at.get(first.name, -math.inf) > PROBE_AFTER:
            tasks.create_task(_wake(mind, first))


async def _wake(mind: Mind, engine: LlmEngine) -> None:
    mind.asked_at[engine.name] = asyncio.get_running_loop().time()
    try:
        async with aclosing(engine.reply(SMALL)) as pieces:
            async for _ in pieces:
                return
    except EngineError as error:
        _log.info("could not be kept warm: %s", error)


async def _ask(mind: Mind, row: Model, engine: LlmEngine) -> None:
    now, fleet = asyncio.get_running_loop().time, mind.fleet
    fleet.allowance.spend(NEED.tokens)
    mind.economy.budget.spend(None, row.price(NEED.prompt_tokens, NEED.answer_tokens), mind.economy.clock())
    asked = fleet.ask(row, NEED, NEED.time_left, now())
    try:
        async with aclosing(engine.reply(SMALL)) as pieces:
            async for _ in pieces:
                fleet.answered(asked, now())
                fleet.settle(asked, NEED.tokens, now())  # whole: no more than a token was asked for
                return
        raise EngineError(f"{row.name} ended without a word")
    except EngineError as error:
        _log.info("could not be kept warm: %s", error)
        fleet.blame(asked, error, now())
