"""Asking a server for one of its personas."""

from collections.abc import Generator
from pathlib import Path

import orjson
import pytest

from client import desktop
from client.errors import UsageError
from client.personas import connect_as
from server.house import House
from tests.client.scripted import Caller, listen_forever, server
from tests.client.test_desktop import parsed
from tests.server.caller import play
from tests.server.houses import next_door
from tests.virtual_clock import run

UNKNOWN = "there is no persona 'cook'; choose one of ['nurse']"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    path: Path = tmp_path_factory.mktemp("settings") / "antiphon.toml"
    path.write_text('[personas.nurse]\nprompt = "You are a nurse called Vera."\ngreeting = "Good day."\n')
    with next_door(config=path) as house:
        yield house


@pytest.mark.real
def test_the_persona_that_was_asked_for_answers_and_its_greeting_is_no_answer(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        words = ("--url", house.url, "--persona", "nurse", "--text", "What is your name?", "--json")
        assert await desktop.run(parsed(*words)) == 0

    play(scenario())
    assert orjson.loads(capsys.readouterr().out)["reply"] == "I'm Vera."


@pytest.mark.real
def test_a_name_that_nobody_has_is_refused_in_one_line(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    async def in_writing() -> None:
        assert await desktop.run(parsed("--url", house.url, "--persona", "cook", "--text", "Hello?")) == 2

    async def aloud() -> None:
        with pytest.raises(UsageError) as refused:
            async with connect_as("cook", house.url):
                pass
        assert str(refused.value) == UNKNOWN

    play(in_writing())
    assert capsys.readouterr().err == f"antiphon talk: {UNKNOWN}\n"
    play(aloud())


def test_a_server_without_personas_is_found_out() -> None:
    async def scenario() -> None:
        async def script(caller: Caller) -> None:
            assert caller.query["persona"] == "nurse"
            await listen_forever(caller)

        async with server(script) as url:
            with pytest.raises(UsageError, match="has no personas"):
                async with connect_as("nurse", url):
                    pass

    run(scenario())
