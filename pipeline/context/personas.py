"""Who the assistant is: personas from the settings, any of which a session may take on at any time.

[personas]
pirate = "You are a pirate. Every answer has a joke about the sea."

[personas.nurse]
prompt = "You are a calm nurse."
voice = "nova"
language = "de"
temperature = 0.3
greeting = "Guten Tag, wie geht es Ihnen?"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import cast

from pipeline.errors import ConfigError
from pipeline.manner import Manner

SPOKEN = (
    "Your answers are spoken aloud: keep them short, in plain sentences, without lists, markdown or emoji. Answer in "
    "the language the user speaks."
)
"""What holds for every persona, behind its own prompt."""

HOTTEST = 2.0
"""The highest temperature that servers take."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Persona:
    """One of them."""

    name: str
    prompt: str
    """Who the assistant is and how it behaves."""
    voice: str = ""
    """Who speaks; empty for the session's own."""
    language: str = ""
    """ISO 639-1 code of what it speaks with the user; empty for what the session has."""
    temperature: float | None = None
    """0..2; None for the model's own."""
    greeting: str = ""
    """What it says first; empty for nothing."""

    @property
    def instructions(self) -> str:
        """The system prompt."""
        return f"{self.prompt} {SPOKEN}"

    def manner(self, manner: Manner) -> Manner:
        """How a session behaves as this persona that otherwise behaves like that."""
        return replace(
            manner,
            instructions=self.instructions,
            voice=self.voice or manner.voice,
            language=self.language or manner.language,
            temperature=manner.temperature if self.temperature is None else self.temperature,
        )


def personas(table: Mapping[str, object], place: str = "personas") -> Mapping[str, Persona]:
    """Those in the settings' table, by their names: each a prompt, or a table with one. Raises `ConfigError`."""
    return {name: _persona(name, given, f"{place}.{name}") for name, given in table.items()}


def chosen(name: str, there: Mapping[str, Persona]) -> Persona:
    """The persona of that name. Raises `ConfigError`."""
    if name not in there:
        raise ConfigError(f"no persona {name!r}; choose one of {sorted(there) or 'none: there is no [personas]'}")
    return there[name]


def _persona(name: str, given: object, place: str) -> Persona:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{place}: {name!r} is no name; use small letters, digits, - and _, a letter first")
    table: Mapping[str, object] = {"prompt": given}
    if isinstance(given, Mapping):
        table = cast("Mapping[str, object]", given)  # TOML's keys are texts
    known = {field.name for field in fields(Persona)} - {"name"}
    for key in table:
        if key not in known:
            raise ConfigError(f"{place} has no {key!r}; it may have {sorted(known)}")
    texts = {key: _text(value, f"{place}.{key}") for key, value in table.items() if key != "temperature"}
    if not texts.get("prompt"):
        raise ConfigError(f"{place} needs a prompt: one or two sentences on who it is")
    language = texts.get("language", "")
    if language and not _LANGUAGE.fullmatch(language):
        raise ConfigError(f"{place}.language = {language!r}: not two small letters, like en or zh")
    return Persona(name, **texts, temperature=_temperature(table.get("temperature"), f"{place}.temperature"))


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{place} = {value!r}: not a text")
    return " ".join(value.split())


def _temperature(value: object, place: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= HOTTEST:
        raise ConfigError(f"{place} = {value!r}: not a number from 0 to {HOTTEST:g}")
    return float(value)
