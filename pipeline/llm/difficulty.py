"""How hard is a question, and how should it be answered? Told from its words alone, in some ten microseconds.

The rules are a table, `models/difficulty.toml`; another table or any function of the same kind may take its place.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import models
from pipeline.errors import ConfigError

BUILT_IN = Path(models.__file__).with_name("difficulty.toml")

LONG_CONTEXT = 6000
"""Tokens of a prompt from which finding the answer in it is the hard part."""

MOST_CHARACTERS = 600
"""Of a question that are looked at; a dictated page is told by its beginning."""

LENGTH_COUNTS = 0.15
"""Difficulty that the longest questions add."""

LONG_QUESTION = 40
"""Words from which a question is as long as it counts; a Chinese character counts for half a word."""

_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Nature:
    """What a question is like, and what follows from it."""

    kind: str
    difficulty: float
    """0..1."""
    temperature: float
    max_tokens: int
    advice: str
    """For the model: how long an answer that is heard should be."""


Classifier: TypeAlias = Callable[[str, int], Nature]
"""From a question and the tokens of its prompt. May take a millisecond at most, and asks no network."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of question, and how to tell it."""

    nature: Nature
    patterns: Sequence[re.Pattern[str]]
    """One is enough. They are tried one by one, for joined they would share their flags and the numbers of their
    groups."""

    def holds(self, text: str) -> bool:
        """Whether the question, in lower case, is of this kind."""
        return any(pattern.search(text) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Rules:
    """Kinds in the order in which they are tried. Called, it classifies."""

    rules: Sequence[Rule]

    def __call__(self, question: str, prompt_tokens: int = 0) -> Nature:
        text = question[:MOST_CHARACTERS].lower().strip()
        if prompt_tokens >= LONG_CONTEXT:
            return _LONG_CONTEXT
        nature = next((rule.nature for rule in self.rules if rule.holds(text)), self.rules[-1].nature)
        words = len(text.split()) + len(_HAN.findall(text)) / 2
        harder = nature.difficulty + LENGTH_COUNTS * min(1.0, words / LONG_QUESTION)
        return Nature(nature.kind, min(1.0, harder), nature.temperature, nature.max_tokens, nature.advice)


_LONG_CONTEXT = Nature("long_context", 0.8, 0.2, 300, "Give the answer first, then where in the text it stands.")


def read_rules(path: Path = BUILT_IN) -> Rules:
    """Rules from a table like `models/difficulty.toml`. Raises `ConfigError` that names what is wrong, and where."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    match table.get("kind"):
        case [_, *_] as kinds:
            return Rules([_rule(kind, f"{path}, kind {number}") for number, kind in enumerate(kinds, 1)])
        case _:
            raise ConfigError(f"{path} must have [[kind]] tables, at least one")


@cache
def built_in() -> Rules:
    """Our own rules."""
    return read_rules()


def _rule(kind: Mapping[str, Any], place: str) -> Rule:
    match kind:
        case {
            "name": str(name),
            "difficulty": int() | float() as difficulty,
            "temperature": int() | float() as temperature,
            "max_tokens": int(max_tokens),
            "advice": str(advice),
            "patterns": [*patterns],
        } if 0 <= difficulty <= 1 and 0 <= temperature <= 2 and max_tokens > 0:
            nature = Nature(name, float(difficulty), float(temperature), max_tokens, advice)
            return Rule(nature, [_compiled(pattern, f"{place} ({name})") for pattern in patterns])
        case _:
            raise ConfigError(
                f"{place}: needs name, difficulty 0..1, temperature 0..2, max_tokens above 0, advice and patterns;"
                f" it is {kind!r}"
            )


def _compiled(pattern: Any, place: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, TypeError, OverflowError) as error:
        raise ConfigError(f"{place}: {pattern!r} is no regular expression: {error}") from error
