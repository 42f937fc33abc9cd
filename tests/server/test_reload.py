"""Settings change while the server runs: whole or not at all, and what does not is said."""

import asyncio
import json
import logging
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from models import brain
from models.faults import Knobs
from pipeline.errors import ConfigError
from pipeline.llm.difficulty import BUILT_IN
from server.govern import rule_of
from server.house import House
from server.reload import Reload, changes
from server.settings import Settings, read_settings
from tests.server.caller import calling, play
from tests.server.houses import NOWHERE, OFFLINE, at_home
from tests.stand_ins.asgi import serving

NOBODY = "http://127.0.0.1:9"

ROW = """
[[model]]
name = "{name}"
url = "{url}/v1"
model = "antiphon-brain"
price_in = {price}
price_out = 0.01
window = 8192
quality = {quality}
first_token_p50_ms = 60
first_token_p90_ms = 120
tokens_per_second = 100
"""


def read(path: Path, **flags: str) -> Settings:
    return read_settings({"config": path, **flags}, NOWHERE)


@dataclass
class Scene:
    """A server, its files, and what reloads them."""

    house: House
    folder: Path
    reload: Reload
    urls: Mapping[str, str]

    @property
    def file(self) -> Path:
        return self.folder / "antiphon.toml"

    def write(self, toml: str) -> None:
        self.file.write_text(toml)

    def catalog(self, *names: str, price: float = 0.001) -> str:
        """Writes a catalogue of these; the line that names it."""
        path = self.folder / "catalog.toml"
        quality = {"one": 0.7, "two": 0.9}
        rows = [ROW.format(name=name, url=self.urls[name], price=price, quality=quality[name]) for name in names]
        path.write_text("".join(rows))
        return f'[llm]\ncatalog = "{path}"\n'


@asynccontextmanager
async def scene_in(folder: Path) -> AsyncGenerator[Scene]:
    one, two = (brain.app(brain.Settings(Knobs(replies=(f"This is {name}.",)))) for name in ("one", "two"))
    async with serving(one) as first, serving(two) as second, at_home() as house:
        file = folder / "antiphon.toml"
        file.write_text("")

        def again() -> Settings:
            return read_settings({"config": file, "server.port": "0", **OFFLINE}, NOWHERE)

        reload = Reload(house, again(), again, file, NOWHERE, poll=0.02)
        yield Scene(house, folder, reload, {"one": first, "two": second})
        await reload.aclose()


async def taken_over(scene: Scene) -> Mapping[str, Any]:
    """What was chosen for a question that the server now answers."""
    async with calling(scene.house.url) as caller:
        return (await caller.ask("Hello!"))["antiphon"]["choice"]


@pytest.mark.real
def test_models_come_and_go_and_change_their_prices(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scene_in(tmp_path) as scene:
            assert (await taken_over(scene))["model"] == "the embedded brain"
            scene.write(scene.catalog("one"))
            await scene.reload.reload()
            assert (await taken_over(scene))["model"] == "one"
            kept = scene.house.engines.llm_stage.candidates[0].engine
            scene.write(scene.catalog("one", "two", price=0.005))
            await scene.reload.reload()
            assert scene.house.engines.llm_stage.candidates[0].engine is kept
            assert [row.price_in for row in scene.house.engines.mind.fleet.catalog] == [0.005, 0.005]
            rule = '[[rollout.rule]]\nname = "all"\nmodel = "two"\n'
            scene.write(scene.catalog("one", "two") + rule)
            await scene.reload.reload()
            choice = await taken_over(scene)
            assert (choice["model"], choice["why"].endswith("; by all")) == ("two", True)
            scene.write("")
            await scene.reload.reload()
            assert (await taken_over(scene))["model"] == "the embedded brain"

    play(scenario())


@pytest.mark.real
def test_personas_and_prompts_of_the_roll_out_are_everywhere_the_same(tmp_path: Path) -> None:
    def personas(url: str) -> list[str]:
        with urlopen(f"{url}/v1/personas") as answer:
            return [one["id"] for one in json.load(answer)["data"]]

    async def scenario() -> None:
        async with scene_in(tmp_path) as scene:
            scene.write('[personas]\npirate = "You are a pirate."\n')
            await scene.reload.reload()
            assert await asyncio.to_thread(personas, scene.house.url) == ["pirate"]
            scene.write('[[rollout.rule]]\nname = "all"\nprompt = "You are a canary."\n')
            await scene.reload.reload()
            assert scene.house.roles_for("somebody").usual.instructions == "You are a canary."
            assert scene.house.roles_for("").usual.instructions == scene.house.manner.instructions

    play(scenario())


@pytest.mark.real
def test_a_budget_of_zero_is_heard_at_once_and_in_the_language_of_the_question(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scene_in(tmp_path) as scene, calling(scene.house.url) as caller:
            scene.write(scene.catalog("one") + "[budget]\nday = 0")
            await scene.reload.reload()
            for question, words in (("Hello!", "I'm sorry, my budget"), ("\u4f60\u597d", "\u62b1\u6b49")):
                done = await caller.ask(question)
                assert done["status"] == "completed"
                assert done["output"][0]["content"][0]["transcript"].startswith(words)
                assert done["antiphon"]["choice"]["asked"] == []
                assert "the day's budget is used up, for it is 0" in done["antiphon"]["choice"]["why"]
            scene.write(scene.catalog("one"))
            await scene.reload.reload()
            assert (await caller.ask("Hello!"))["output"][0]["content"][0]["transcript"] == "This is one."

    play(scenario())


@pytest.mark.real
def test_a_share_of_the_users_gets_another_persona_or_prompt(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scene_in(tmp_path) as scene:
            scene.write("""
[personas]
pirate = "You are a pirate."
[[rollout.rule]]
name = "half"
share = 0.5
persona = "pirate"
[[rollout.rule]]
name = "rest"
prompt = "Be brief."
""")
            await scene.reload.reload()
            prompts = {scene.house.manner_for(f"user {number}", "").instructions for number in range(50)}
            assert {prompt.partition(" Your")[0] for prompt in prompts} == {"You are a pirate.", "Be brief."}
            async with calling(scene.house.url) as caller:
                instructions = caller.events[0]["session"]["instructions"]
            assert instructions in prompts

    play(scenario())


def test_a_change_of_the_file_is_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with scene_in(tmp_path) as scene, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(scene.reload.run())
            budget = scene.house.engines.mind.economy.budget
            await asyncio.sleep(0.05)
            scene.write("[budget]\nday = 3")
            await holds(lambda: budget.limits.day == 3.0)
            scene.write("[budget]\nday = 'much'")
            await holds(lambda: "are wrong" in caplog.text)
            assert budget.limits.day == 3.0
            scene.write("")
            await holds(lambda: budget.limits.day is None)
            running.cancel()

    with caplog.at_level(logging.INFO, "server.reload"):
        play(scenario())
    said = [message for message in caplog.messages if "settings" in message]
    assert said == [
        "settings taken over: budget.day",
        "the settings stay as they were, for the new ones are wrong: "
        f"budget.day in {tmp_path / 'antiphon.toml'} = 'much': not a number",
        "settings taken over: budget.day",
    ]


@pytest.mark.parametrize(("setting", "wrong"), [("catalog", "[[model]]"), ("difficulty", "[[kind]]")])
def test_a_new_file_that_was_wrong_is_read_again_once_it_is_mended(
    setting: str, wrong: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with scene_in(tmp_path) as scene, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(scene.reload.run())
            await asyncio.sleep(0.05)
            named = tmp_path / "new.toml"
            named.write_text(wrong)
            scene.write(f'[llm]\n{setting} = "{named}"\n[budget]\nday = 3')
            await holds(lambda: "are wrong" in caplog.text)
            await asyncio.sleep(0.05)
            right = ROW.format(name="one", url=NOBODY, price=0.001, quality=0.7)
            named.write_text(right if setting == "catalog" else BUILT_IN.read_text("utf-8"))
            await holds(lambda: scene.house.engines.mind.economy.budget.limits.day == 3.0)
            running.cancel()

    play(scenario())


def test_a_reload_that_falls_over_does_not_end_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with scene_in(tmp_path) as scene, asyncio.TaskGroup() as tasks:
            read_well = scene.reload.read

            def fall_over() -> Settings:
                raise RecursionError("too deep")

            scene.reload.read = fall_over
            running = tasks.create_task(scene.reload.run())
            scene.reload.asked.set()
            await holds(lambda: "could not be taken over" in caplog.text)
            scene.reload.read = read_well
            scene.write("[budget]\nday = 3")
            await holds(lambda: scene.house.engines.mind.economy.budget.limits.day == 3.0)
            running.cancel()

    play(scenario())


async def holds(claim: Any) -> None:
    """Until it does."""
    async with asyncio.timeout(10):
        while not claim():  # noqa: ASYNC110  what is waited for happens elsewhere
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("[budget]\nday = -1", "budget.day in {path} = -1: must be at least 0"),
        ("[rollout]\nvip = 1", "rollout.vip is 1; it must be a list"),
        ("[[rollout.rule]]\nname = 'a'\nmodel = 'gpt'", "there is no model 'gpt'; there are none"),
        ("[[rollout.rule]]\nname = 'a'\npersona = 'pirate'", "there is no persona 'pirate'; there are none"),
        ("[llm]\ncatalog = '/nonexistent/catalog.toml'", "cannot read /nonexistent/catalog.toml"),
        ("[llm]\ndifficulty = '/nonexistent/rules.toml'", "cannot read /nonexistent/rules.toml"),
        ("[llm]\ncatalog = '~nobody-of-that-name/c.toml'", "'~nobody-of-that-name/c.toml' is no place"),
        ('[llm]\ncatalog = "a\\u0000b"', "there is a null character in it"),
        ("[budget", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_changes(
    toml: str, complaint: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "antiphon.toml"

    async def scenario() -> None:
        async with scene_in(tmp_path) as scene:
            scene.write("[budget]\nday = 3")
            await scene.reload.reload()
            caplog.clear()
            scene.write(toml)
            await scene.reload.reload()
            assert scene.house.engines.mind.economy.budget.limits.day == 3.0
            assert scene.reload.settings.budget.day == 3.0

    play(scenario())
    [error] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert complaint.format(path=path) in error.getMessage()
    with pytest.raises(ConfigError):  # and a server that is started so does not start
        rule_of(read(path))


def test_what_needs_a_new_start_is_told_from_what_does_not(tmp_path: Path) -> None:
    path = tmp_path / "antiphon.toml"
    path.write_text("")
    old = read(path)
    path.write_text("""
[server]
port = 9000
[budget]
day = 5
webhook = "http://127.0.0.1/"
[llm]
hedging = 0.1
instructions = "Be brief."
[personas]
pirate = "You are a pirate."
[rollout]
vip = ["anna"]
""")
    live, later = changes(old, read(path))
    assert set(live) == {"budget.day", "llm.hedging", "[personas]", "[rollout]"}
    assert set(later) == {"server.port", "budget.webhook", "llm.instructions"}
    assert changes(old, old) == ([], [])


@pytest.mark.real
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP here")
def test_a_hangup_has_them_read_at_once(tmp_path: Path) -> None:
    from tests.server.test_serve import serving as served  # noqa: PLC0415

    path = tmp_path / "antiphon.toml"
    path.write_text("")

    async def scenario() -> None:
        async with served("--config", str(path), "--state", "none") as (process, url):
            path.write_text("[budget]\nday = 0")
            os.kill(process.pid, signal.SIGHUP)
            async with calling(url) as caller, asyncio.timeout(20):
                while not (await caller.ask("Hello!"))["antiphon"]["choice"]["why"]:
                    pass
                assert caller.events[-1]["response"]["output"][0]["content"][0]["transcript"].startswith("I'm sorry")

    play(scenario())
