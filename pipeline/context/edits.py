"""Edits by voice: "scrap that", "forget the part about X", "start over" change the history instead of being answered.

Only what is such a command as a whole counts: deleting too little can be said again, deleting too much cannot.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pipeline.context.conversation import Called, Entry, Item, Returned
from pipeline.context.details import subjects
from pipeline.context.digest import exchanges, is_users
from pipeline.context.edit_rules import (
    ABOUT,
    ABOUT_ZH,
    ABOUT_ZH_2,
    ANSWER,
    ANSWER_ZH,
    BEFORE,
    BEHIND,
    EVERYTHING,
    GOES_ON,
    LAST,
    LAST_THING,
    LAST_ZH,
    OF_ZH,
    OVER,
    OVER_ZH,
    OWNER_ZH,
    POLITE_ZH,
    VAGUE_ZH,
)
from pipeline.words import HAN

Language = Literal["en", "zh"]

LONGEST = 120
"""Characters of a command."""

ALIKE = 0.6
"""Share of the topics of X that an exchange must have to be about X."""


@dataclass(frozen=True, slots=True)
class Scrap:
    """Forget the last exchange, or only what was answered in it."""

    answer_only: bool = False
    vague: bool = False
    """It may as well be meant for a function: "delete that", after an appointment was made."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Forget all exchanges about something."""

    about: str


@dataclass(frozen=True, slots=True)
class StartOver:
    """Forget everything."""


Command: TypeAlias = Scrap | Forget | StartOver


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of the history, and what the user is told. The command itself is not to be kept either."""

    gone: tuple[str, ...]
    """The ids of the items to take out."""
    spoken: str


def edit_of(text: str, items: Sequence[Item], *, functions: bool = False) -> Edit | None:
    """The edit that the user asks for; None when they ask for none. `items` is all that was said before `text`.

    Where there are `functions`, what may as well be meant for one of them is.
    """
    command = command_in(text)
    groups = exchanges(item for item in items if not (isinstance(item, Entry) and item.role == "system"))
    language: Language = "zh" if HAN.search(text) else "en"
    match command:
        case StartOver():
            return _edit([item for group in groups for item in group], "all", language)
        case Forget(about):
            found = [group for group in groups if _is_about(group, about)]
            return _edit([item for group in found for item in group], "part", language, about)
        case Scrap():
            if command.vague and functions:
                return None
            last = groups[-1] if groups else []
            gone = [item for item in last if not command.answer_only or not is_users(item)]
            return _edit(gone, "last", language)
        case None:
            return None


def command_in(text: str) -> Command | None:
    """The command that a text is, if it is one and nothing else."""
    if len(text) > LONGEST:
        return None
    if HAN.search(text):
        return _command_zh(POLITE_ZH.sub("", re.sub(r"[\s，,。.！!？?~～]+", "", text)))
    words = re.findall(r"[^\s.,!?;:]+(?:[.:]\d+)?|[,;:](?=\s)|[.!?](?=\s)", text.lower().replace("’", "'"))
    said = BEHIND.sub("", BEFORE.sub("", " ".join(words)))
    return _command(said)


def _command(said: str) -> Command | None:
    if OVER.fullmatch(said):
        return StartOver()
    if ANSWER.fullmatch(said):
        return Scrap(answer_only=True)
    if found := LAST.fullmatch(said):
        return Scrap(vague=bool(found["vague"]))
    if found := ABOUT.fullmatch(said):
        return _forget(found["about"] or found["mentioned"])
    return None


def _command_zh(said: str) -> Command | None:
    if OVER_ZH.fullmatch(said):
        return StartOver()
    if ANSWER_ZH.fullmatch(said):
        return Scrap(answer_only=True)
    if found := LAST_ZH.fullmatch(said):
        return Scrap(vague=bool(found["vague"]))
    if found := ABOUT_ZH.fullmatch(said) or ABOUT_ZH_2.fullmatch(said):
        return _forget(found["about"])
    return None


def _forget(about: str) -> Command | None:
    """What is to be forgotten; nothing that goes on to ask for something else."""
    if about in EVERYTHING:
        return StartOver()
    if about in LAST_THING:
        return Scrap()
    if GOES_ON.search(about) or not _topics(about):
        return None
    return Forget(about)


def _is_about(group: Sequence[Item], about: str) -> bool:
    wanted = _topics(about)
    texts = [item.text for item in group if isinstance(item, Entry)]
    texts += [item.call.arguments for item in group if isinstance(item, Called)]
    texts += [item.result.output for item in group if isinstance(item, Returned)]
    text = " ".join(texts)
    return len(wanted & (subjects(text) | set(HAN.findall(text)))) >= ALIKE * len(wanted)


def _topics(about: str) -> set[str]:
    """What an exchange is searched for; in Chinese also what is said in one character, whoever's it is."""
    parts = OF_ZH.split(OWNER_ZH.sub("", about))
    found = {topic for part in parts for topic in subjects(part) or HAN.findall(part)}
    return found if found - VAGUE_ZH else set()


def _edit(gone: Sequence[Item], kind: str, language: Language, about: str = "") -> Edit:
    spoken = (_SPOKEN if gone else _NOTHING)[kind, language]
    return Edit(tuple(item.id for item in gone), spoken.format(about=about))


_SPOKEN = {
    ("last", "en"): "Okay, scrapped.",
    ("last", "zh"): "好的，不算了。",
    ("part", "en"): "Okay, I've forgotten that part.",
    ("part", "zh"): "好的，那部分我忘掉了。",
    ("all", "en"): "Okay, let's start over.",
    ("all", "zh"): "好的，我们重新开始。",
}
_NOTHING = {
    ("last", "en"): "There is nothing to scrap.",
    ("last", "zh"): "没有什么可以删的。",
    ("part", "en"): "I have found nothing about {about}.",
    ("part", "zh"): "没有找到关于{about}的内容。",
    ("all", "en"): "Okay, let's start over.",
    ("all", "zh"): "好的，我们重新开始。",
}
