"""Personas from the settings."""

import tomllib

import pytest

from pipeline.context.personas import SPOKEN, Persona, chosen, personas
from pipeline.errors import ConfigError
from pipeline.manner import Manner

FILE = """
[personas]
pirate = "You are a pirate."

[personas.nurse]
prompt = "You are a calm nurse."
voice = "nova"
language = "de"
temperature = 0
greeting = "Guten Tag!"
"""


def test_two_lines_make_a_persona() -> None:
    assert personas(tomllib.loads(FILE)["personas"]) == {
        "pirate": Persona("pirate", "You are a pirate."),
        "nurse": Persona("nurse", "You are a calm nurse.", "nova", "de", 0.0, "Guten Tag!"),
    }


def test_a_session_takes_a_persona_on_and_keeps_what_that_leaves_open() -> None:
    manner = Manner(voice="alloy", language="en", temperature=0.7, speed=1.2)
    pirate, nurse = Persona("pirate", "You are a pirate."), Persona("nurse", "Be calm.", "nova", "de", 0.0)
    taken = pirate.manner(manner)
    assert taken == Manner(f"You are a pirate. {SPOKEN}", "en", "alloy", 1.2, temperature=0.7)
    assert (nurse.manner(manner).voice, nurse.manner(manner).language, nurse.manner(manner).temperature) == (
        "nova",
        "de",
        0.0,
    )


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"pirate": ""}, r"personas\.pirate needs a prompt"),
        ({"pirate": " \n"}, r"personas\.pirate needs a prompt"),
        ({"pirate": {}}, r"personas\.pirate needs a prompt"),
        ({"pirate": 7}, r"personas\.pirate\.prompt = 7: not a text"),
        ({"pirate": {"prompt": ["a"]}}, r"personas\.pirate\.prompt = \['a'\]: not a text"),
        ({"pirate": {"prompt": "a", "tone": "b"}}, r"personas\.pirate has no 'tone'; it may have \["),
        ({"pirate": {"prompt": "a", "name": "b"}}, r"personas\.pirate has no 'name'"),
        ({"pirate": {"prompt": "a", "language": "german"}}, r"personas\.pirate\.language = 'german': not two"),
        ({"pirate": {"prompt": "a", "temperature": 3}}, r"personas\.pirate\.temperature = 3: not a number from 0 to 2"),
        ({"pirate": {"prompt": "a", "temperature": "hot"}}, r"temperature = 'hot'"),
        ({"pirate": {"prompt": "a", "temperature": True}}, r"temperature = True"),
        ({"pirate": {"prompt": "a", "temperature": float("nan")}}, r"temperature = nan"),
        ({"Long John": "a"}, r"'Long John' is no name"),
        ({"": "a"}, r"'' is no name"),
    ],
)
def test_a_wrong_persona_says_what_is_wrong(table: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        personas(table)


def test_an_unknown_persona_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no persona 'cook'; choose one of \['nurse', 'pirate'\]"):
        chosen("cook", personas(tomllib.loads(FILE)["personas"]))
    with pytest.raises(ConfigError, match=r"there is no \[personas\]"):
        chosen("cook", {})
