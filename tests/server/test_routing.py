"""A server with three models to choose among: who answers, what is said of it, and what happens when one stalls."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from models import brain
from models.faults import Knobs
from server.house import House
from tests.server.caller import calling, play
from tests.server.houses import at_home
from tests.stand_ins.asgi import serving

pytestmark = pytest.mark.real

ROW = """
[[model]]
name = "{name}"
url = "{url}/v1"
model = "antiphon-brain"
price_in = {price}
price_out = {price}
window = 8192
quality = {quality}
first_token_p50_ms = 60
first_token_p90_ms = 120
tokens_per_second = 100
timeout = 6.0
"""

MODELS: Mapping[str, tuple[float, float]] = {"small": (0.001, 0.6), "large": (0.01, 0.9), "huge": (0.05, 0.91)}
"""Each with its price and its quality."""

HARD = "Explain step by step why the sea is salty and the rivers are not, and compare them."

LATE_MS = 2000.0
"""Far from what any of them takes, also on a busy machine, and from the 6 s after which a stalled one is given up."""


@dataclass
class Model:
    """One stand-in, which can be made to stall."""

    name: str
    well: Any = field(init=False)
    stalled: Any = field(init=False)
    stalls: bool = False

    def __post_init__(self) -> None:
        reply = f"This is {self.name}. It has more to say."
        self.well = brain.app(brain.Settings(Knobs(first_token_ms=40.0, replies=(reply,))))
        self.stalled = brain.app(brain.Settings(Knobs(fault="silence")))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stalls = self.stalls and scope["path"].endswith("completions")
        await (self.stalled if stalls else self.well)(scope, receive, send)


@asynccontextmanager
async def house_of(folder: Path, **settings: str) -> AsyncGenerator[tuple[House, Mapping[str, Model]]]:
    """A server that chooses among all of them."""
    models = {name: Model(name) for name in MODELS}
    async with AsyncExitStack() as running:
        rows = list[str]()
        for name, (price, quality) in MODELS.items():
            url = await running.enter_async_context(serving(models[name]))
            rows.append(ROW.format(name=name, url=url, price=price, quality=quality))
        catalog = folder / "catalog.toml"
        catalog.write_text("".join(rows))
        given = {"llm.catalog": str(catalog), "llm.engine": "auto", **settings}
        yield await running.enter_async_context(at_home(given)), models


def choice(done: Mapping[str, Any]) -> Mapping[str, Any]:
    return done["antiphon"]["choice"]


def test_each_answer_says_who_gave_it_and_why(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_of(tmp_path) as (house, _), calling(house.url) as caller:
            easy = await caller.ask("Hello!")
            assert choice(easy)["model"] == "small"
            assert choice(easy)["kind"] == "greeting"
            assert choice(easy)["why"].startswith("small: ")
            assert choice(easy)["asked"][0] == "small"
            assert 0 < choice(easy)["cost_usd"] < 0.01
            assert 0 < choice(easy)["time_left_ms"] <= 600
            await caller.update(antiphon={"policy": "best"})
            hard = await caller.ask("Explain why the sky is blue, step by step.")
            assert choice(hard)["model"] == "large"

    play(scenario())


def test_a_policy_can_be_asked_for_when_connecting_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_of(tmp_path) as (house, _), calling(house.url, query="&policy=best") as caller:
            assert choice(await caller.ask("Hello!"))["model"] == "large"
            wrong = await caller.send("session.update", session={"type": "realtime", "antiphon": {"policy": "slow"}})
            refused = await caller.refusal(wrong)
            assert (refused["param"], refused["code"]) == ("session.antiphon.policy", "invalid_value")

    play(scenario())


def test_no_user_hears_more_than_one_late_reply_when_a_model_stalls(tmp_path: Path) -> None:
    users, questions = 4, 4

    async def talk(house: House, models: Mapping[str, Model], ready: asyncio.Barrier) -> Sequence[Mapping[str, Any]]:
        async with calling(house.url) as caller:
            assert choice(await caller.ask(HARD))["model"] == "large"
            await ready.wait()
            models["large"].stalls = True
            return [await caller.ask(HARD) for _ in range(questions)]

    async def scenario() -> None:
        async with house_of(tmp_path) as (house, models):
            ready = asyncio.Barrier(users)
            talks = await asyncio.gather(*(talk(house, models, ready) for _ in range(users)))
        for replies in talks:
            assert [done["status"] for done in replies] == ["completed"] * questions
            late = [done for done in replies if done["antiphon"]["marks_ms"]["llm_first_token"] > LATE_MS]
            assert len(late) <= 1
            assert choice(replies[-1])["model"] != "large"

    play(scenario())


def test_when_all_of_them_are_down_the_embedded_brain_answers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_of(tmp_path) as (house, _):
            for candidate in house.engines.llm_stage.candidates[:3]:
                candidate.state = "absent"
            async with calling(house.url) as caller:
                done = await caller.ask("What is 2 plus 3?")
                assert done["output"][0]["content"][0]["transcript"] == "2 plus 3 is 5."
                assert choice(done)["model"] == "the embedded brain"

    play(scenario())
