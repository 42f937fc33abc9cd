"""Personas on the wire: asked for when a client connects, changed in mid-session, listed, and the first to speak."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from pipeline.context.personas import Persona
from pipeline.errors import ConfigError, ProtocolError
from pipeline.manner import Manner
from server.house import House
from server.realtime.config import new_session
from server.realtime.meaning import manner_of
from server.realtime.roles import Roles
from server.settings import read_settings
from tests.server.caller import Caller, calling, play
from tests.server.houses import next_door

USUAL = Manner("Be kind.", voice="alloy")
PIRATE = Persona("pirate", "You are a pirate.")
NURSE = Persona("nurse", "You are a nurse.", "nova", "de", 0.3, "Guten Tag!")
ROLES = Roles(USUAL, {"pirate": PIRATE, "nurse": NURSE})

FILE = """
[personas]
pirate = "You are a pirate. Every answer has a joke about the sea."

[personas.nurse]
prompt = "You are a calm nurse."
voice = "nova"
language = "de"
greeting = "Guten Tag, wie geht es Ihnen?"

[personas.host]
prompt = "You are a host."
greeting = '''
Good evening, ladies and gentlemen. It is a great pleasure to have you here. The evening will be long. There will be
music later on. There will be something to eat before that. And there will be a great many speeches, I am afraid.
'''
"""


def change(persona: str | None, **more: Any) -> dict[str, Any]:
    return {"antiphon": {"persona": persona}, **more}


def test_a_persona_decides_all_that_it_names_and_leaves_the_rest() -> None:
    session = ROLES.updated(new_session(USUAL, "test"), change("nurse", output_modalities=["text"]))
    manner = manner_of(session, ROLES.base(session))
    assert manner == NURSE.manner(Manner(USUAL.instructions, voice="alloy", aloud=False))
    assert session["antiphon"]["persona"] == "nurse"


def test_what_comes_with_it_wins_over_what_it_says() -> None:
    audio = {"output": {"voice": "ash"}, "input": {"transcription": {"language": "fr"}}}
    session = ROLES.updated(new_session(USUAL, "test"), change("nurse", instructions="Sing.", audio=audio))
    manner = manner_of(session, ROLES.base(session))
    assert (manner.instructions, manner.voice, manner.language, manner.temperature) == ("Sing.", "ash", "fr", 0.3)


def test_nothing_of_it_is_left_once_another_is_taken_on_or_none() -> None:
    nurse = ROLES.updated(new_session(USUAL, "test"), change("nurse"))
    pirate = ROLES.updated(nurse, change("pirate"))
    assert manner_of(pirate, ROLES.base(pirate)) == PIRATE.manner(USUAL)
    nobody = ROLES.updated(pirate, change(None))
    assert manner_of(nobody, ROLES.base(nobody)) == USUAL
    assert nobody["antiphon"]["persona"] is None


def test_it_stays_when_a_client_changes_something_else() -> None:
    nurse = ROLES.updated(new_session(USUAL, "test"), change("nurse"))
    later = ROLES.updated(nurse, {"audio": {"output": {"speed": 1.2}}, "antiphon": {"resumed": True}})
    assert later["antiphon"]["persona"] == "nurse"
    assert manner_of(later, ROLES.base(later)).voice == "nova"


def test_a_client_that_wants_no_transcription_gets_none_with_any_persona() -> None:
    silent = ROLES.updated(new_session(USUAL, "test"), {"audio": {"input": {"transcription": None}}})
    nurse = ROLES.updated(silent, change("nurse"))
    assert nurse["audio"]["input"]["transcription"] is None
    assert manner_of(nurse, ROLES.base(nurse)).language == "de"


def test_a_session_whose_persona_the_settings_have_lost_keeps_its_words() -> None:
    nurse = ROLES.updated(new_session(USUAL, "test"), change("nurse"))
    manner = manner_of(nurse, Roles(USUAL).base(nurse))
    assert (manner.instructions, manner.voice, manner.temperature) == (NURSE.instructions, "nova", None)


@pytest.mark.parametrize(
    ("roles", "persona", "why"),
    [
        (ROLES, "cook", r"no persona 'cook'; choose one of \['nurse', 'pirate'\]"),
        (Roles(USUAL), "cook", r"no persona 'cook'; the server's settings have none"),
        (ROLES, 7, r"session\.antiphon\.persona: 7 is not a string"),
    ],
)
def test_an_unknown_persona_is_refused(roles: Roles, persona: Any, why: str) -> None:
    with pytest.raises(ProtocolError, match=why):
        roles.updated(new_session(USUAL, "test"), change(persona))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    path = tmp_path_factory.mktemp("settings") / "antiphon.toml"
    path.write_text(FILE)
    with next_door(config=path) as house:
        yield house


async def greeting(caller: Caller) -> dict[str, Any]:
    """The first response, whole; nothing was asked."""
    return (await caller.until("response.done"))["response"]


@pytest.mark.real
def test_two_lines_of_settings_are_a_persona_that_clients_find_and_ask_for(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url, query="&persona=pirate") as caller:
            session = caller.events[0]["session"]
            assert session["antiphon"]["persona"] == "pirate"
            assert session["instructions"].startswith("You are a pirate.")
            assert (await caller.ask("What is 2 plus 3?"))["output"][0]["content"][0]["transcript"] == "2 plus 3 is 5."

    listed = httpx2.get(f"{house.url}/v1/personas").json()["data"]
    assert [(one["id"], one["voice"], one["language"]) for one in listed] == [
        ("pirate", None, None),
        ("nurse", "nova", "de"),
        ("host", None, None),
    ]
    play(scenario())


@pytest.mark.real
def test_one_with_a_greeting_speaks_first_once_the_client_has_said_how(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url, query="&persona=nurse") as caller:
            await caller.update(audio={"output": {"format": {"type": "audio/pcmu"}}})
            said = await greeting(caller)
            (item,) = said["output"]
            assert item["content"][0]["transcript"] == "Guten Tag, wie geht es Ihnen?"
            assert said["audio"]["output"]["format"]["type"] == "audio/pcmu"
            assert said["usage"]["total_tokens"] == 0
            (session,) = house.sessions
            assert [one.id for one in session.talk.entries] == [item["id"]]

    play(scenario())


@pytest.mark.real
@pytest.mark.parametrize("query", ["", "&persona=pirate", "&persona=nurse&intent=transcription"])
def test_others_wait_to_be_spoken_to(house: House, query: str) -> None:
    async def scenario() -> None:
        async with calling(house.url, query=query) as caller:
            await caller.update()
            await caller.update()
            assert "response.created" not in caller.kinds()

    play(scenario())


@pytest.mark.real
def test_a_greeting_gives_way_to_a_client_that_asks_at_once(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url, query="&persona=host") as caller:
            await caller.update()
            await caller.until("response.output_audio.delta")
            await caller.say("What is 2 plus 3?")
            await caller.send("response.create")
            assert (await greeting(caller))["status"] == "cancelled"
            answer = await greeting(caller)
            assert answer["output"][0]["content"][0]["transcript"] == "2 plus 3 is 5."

    play(scenario())


@pytest.mark.real
def test_who_asks_before_anything_else_is_not_greeted(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url, query="&persona=nurse") as caller:
            done = await caller.ask("What is 2 plus 3?")
            await caller.update()
            assert done["output"][0]["content"][0]["transcript"] == "2 plus 3 is 5."
            assert caller.kinds().count("response.created") == 1

    play(scenario())


@pytest.mark.real
def test_a_name_that_nobody_has_is_an_error_and_the_talk_goes_on_as_usual(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url, query="&persona=cook") as caller:
            usual = caller.events[0]["session"]["instructions"]
            problem = await caller.refusal(None)
            assert problem["param"] == "session.antiphon.persona"
            assert problem["message"] == "there is no persona 'cook'; choose one of ['host', 'nurse', 'pirate']"
            later = await caller.send("session.update", session={"type": "realtime", **change("cook")})
            assert (await caller.refusal(later))["code"] == "invalid_value"
            assert (await caller.update())["instructions"] == usual

    play(scenario())


@pytest.mark.real
def test_a_client_secret_may_carry_one(house: House) -> None:
    async def scenario() -> None:
        body = orjson.dumps({"session": {"type": "realtime", **change("pirate")}})
        told = await asyncio.to_thread(httpx2.post, f"{house.url}/v1/realtime/client_secrets", content=body)
        assert told.json()["session"]["antiphon"]["persona"] == "pirate"

    play(scenario())


def test_settings_with_a_wrong_persona_say_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "antiphon.toml"
    path.write_text("[personas]\ncook = 7\n")
    with pytest.raises(ConfigError, match=r"antiphon\.toml: personas\.cook\.prompt = 7: not a text"):
        read_settings({"config": path}, {})
    path.write_text("personas = 7\n")
    with pytest.raises(ConfigError, match=r"\[personas\] is a table of names and prompts, not 7"):
        read_settings({"config": path}, {})
