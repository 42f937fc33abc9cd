"""Nothing that a model writes or a person says makes a pattern backtrack for long: that would hold up every session."""

import importlib
import pkgutil
import re
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import pytest

from pipeline.context.edits import command_in
from pipeline.context.notes import weigh
from pipeline.llm.difficulty import built_in
from pipeline.tts.markup import plain
from pipeline.tts.speakable import speakable

PACKAGES = ("pipeline.tts", "pipeline.hearing", "pipeline.context", "models.wits")
"""Whose patterns are run on what models and people say."""

REPEATED = 500
"""Times, enough for what grows with the third power of a text's length to take minutes, and for what doubles with every
character to take for ever; a clause is not that long."""

BUDGET = 5.0
"""Seconds of our own computing, which other work on the machine makes no longer; what passes takes 0.1 s at most."""

SIGNS = "+-*=_~|`'\"<>()[]{}#&@.,:;!?/\\ \n\taA1我嗯的，。一%$€^²–—·"
PAIRS = (
    *("a ", "1 ", "1,", "1.", "1-", "1:", "1/", "a.", "a-", "a'", "a@", "- ", "+ ", "| ", "> ", "[]", "](", "()", "<a"),
    *(
        "嗯，",
        "我的",
        "1个",
        "。 ",
        "um ",
        "the ",
        "[a]",
        "(a)",
        "a,b ",
        "1, ",
        "1+",
        "$1",
        "\n\n",
        "\\a",
        "^{",
        "\\frac{",
    ),
)
NASTY = [*SIGNS, *PAIRS]


class TooLongError(Exception):
    """The budget is spent."""


@contextmanager
def budget(seconds: float) -> Generator[None]:
    """Raises `TooLongError` from inside a pattern, too: `re` looks out for signals now and then."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def compiled(thing: object) -> Iterator[re.Pattern[str]]:
    """The patterns in a module's constant, however deep in tables."""
    if isinstance(thing, re.Pattern):
        yield thing
    elif isinstance(thing, dict):
        yield from compiled([*thing.keys(), *thing.values()])  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(thing, (list, tuple)):
        for part in thing:  # pyright: ignore[reportUnknownVariableType]
            yield from compiled(part)  # pyright: ignore[reportUnknownArgumentType]


def patterns(package: str) -> Iterable[re.Pattern[str]]:
    path = importlib.import_module(package).__path__
    modules = [importlib.import_module(found.name) for found in pkgutil.iter_modules(path, f"{package}.")]
    return {pattern for module in modules for pattern in compiled([*vars(module).values()])}


def slow(all_of_them: Iterable[re.Pattern[str]]) -> list[tuple[str, str]]:
    """The patterns that do not get through hundreds of times the same and then something else, and what that was."""
    found: list[tuple[str, str]] = []
    for pattern in all_of_them:
        for nasty in NASTY:
            try:
                with budget(BUDGET):
                    pattern.search(nasty * REPEATED + "\x01")
            except TooLongError:
                found.append((pattern.pattern, nasty))
                break
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_no_pattern_backtracks_for_long(package: str) -> None:
    assert slow(patterns(package)) == []


def test_no_pattern_of_difficulty_backtracks_for_long() -> None:
    assert slow(pattern for rule in built_in().rules for pattern in rule.patterns) == []


@pytest.mark.parametrize(
    "reads",
    [partial(speakable, language="en"), partial(speakable, language="zh"), partial(plain, language="de"), weigh],
)
def test_no_clause_holds_up_the_server(reads: Callable[[str], object]) -> None:
    for nasty in NASTY:
        for text in (nasty * REPEATED, nasty * REPEATED + " is all.", "All " + nasty * REPEATED + "。"):
            with budget(BUDGET):
                reads(text)


@pytest.mark.parametrize("nasty", ["+" * 60 + " is a row.", "嗯" * 60 + "把", "好的，" * 20 + "删掉"])
def test_no_command_holds_up_the_server(nasty: str) -> None:
    with budget(BUDGET):
        command_in(nasty)
