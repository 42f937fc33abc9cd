"""What goes on beside the talking."""

import asyncio
import logging

import pytest

from pipeline.llm.load import CALM, Capacity, Load
from pipeline.llm.restraint import Step
from server.chores import Pulse, chores_of
from server.settings import read_settings
from server.staff import staff
from tests.virtual_clock import run

URL = "http://127.0.0.1:9/v1"


def warnings(caplog: pytest.LogCaptureFixture, given: dict[str, str], environment: dict[str, str]) -> list[str]:
    settings = read_settings({"server.state": "none", **given}, {"HOME": "/none"})
    with caplog.at_level(logging.WARNING):
        chores_of(settings, environment, staff(settings, environment, URL))
    return caplog.messages


@pytest.mark.parametrize(
    ("given", "environment", "named"),
    [
        ({"budget.day": "20"}, {"OPENAI_API_KEY": "sk-x"}, ["gpt-4.1-mini at https://api.openai.com/v1"]),
        ({"budget.session": "0.2", "llm.url": URL, "llm.model": "m"}, {}, [f"m at {URL}"]),
        ({"budget.day": "20"}, {}, []),
        ({"llm.url": URL}, {}, []),
    ],
)
def test_a_limit_that_does_not_see_a_model_s_price_is_warned_of(
    caplog: pytest.LogCaptureFixture, given: dict[str, str], environment: dict[str, str], named: list[str]
) -> None:
    expected = [f"budgets do not see what {name} costs: give it a row in llm.catalog" for name in named]
    assert warnings(caplog, given, environment) == expected


def test_load_passes_also_while_nobody_speaks() -> None:
    async def scene() -> None:
        now, load = asyncio.get_running_loop().time, Load(Capacity(answers=10))
        async with asyncio.TaskGroup() as tasks:
            pulse = tasks.create_task(Pulse(load).run())
            for _ in range(25):
                load.began(now())
            assert load.restraint(now()).step == Step.LESS_HISTORY
            for _ in range(25):
                load.ended()
            await asyncio.sleep(4 * CALM)
            assert load.restraint(now()).step == Step.FULL
            pulse.cancel()

    run(scene())


def test_a_pause_in_which_nobody_speaks_holds_nobody_back() -> None:
    async def scene() -> None:
        load = Load(Capacity(lag=0.2))
        load.late(2.0)
        async with asyncio.TaskGroup() as tasks:
            pulse = tasks.create_task(Pulse(load).run())
            await asyncio.sleep(2.0)
            assert load.restraint(asyncio.get_running_loop().time()).step == Step.FULL
            pulse.cancel()

    run(scene())
