"""The wits of the embedded brain: a conversation goes in, a spoken reply or tool calls come out. No I/O, no clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.wits import arithmetic, clock, dates, recall, reflection, smalltalk, units
from models.wits.conversation import Call, Heard, Line, hear
from models.wits.numbers import digits
from models.wits.summary import summarise
from models.wits.tools import Tool, choose, force, speak

NONE: Final = "none"
AUTO: Final = "auto"
REQUIRED: Final = "required"


@dataclass(frozen=True, slots=True)
class Question:
    """All that a reply depends on."""

    lines: Sequence[Line]
    now: datetime
    tools: Sequence[Tool] = ()
    tool_choice: str = AUTO
    """`none`, `auto`, `required`, or the name of a tool."""
    several_calls: bool = True
    max_tokens: int | None = None


Wit = Callable[[Heard], str | None]

WITS: Final[Sequence[Wit]] = (
    recall.repeat,
    recall.recall,
    clock.tell,
    dates.tell,
    units.convert,
    arithmetic.reckon,
    lambda heard: smalltalk.perform(heard, digits(heard.plain)),
    recall.note,
    smalltalk.chat,
)
"""Asked in this order; the first that knows answers."""


def think(question: Question) -> str | tuple[Call, ...]:
    """The reply to the last line: what to say, or which tools to call. The same question gets the same reply."""
    heard = hear(question.lines, question.now)
    if question.lines and question.lines[-1].role == "tool":
        return speak(question.lines, heard.language)
    if question.tools and question.tool_choice not in {AUTO, NONE}:
        return force(question.tools, heard, None if question.tool_choice == REQUIRED else question.tool_choice)
    if (summary := summarise(question.lines, question.max_tokens)) is not None:
        return summary
    if not heard.raw:
        return smalltalk.greet(heard)
    if question.tools and question.tool_choice == AUTO:
        wanted = choose(question.tools, heard, several=question.several_calls)
        if wanted is not None:
            return wanted
    return next((reply for wit in WITS if (reply := wit(heard))), None) or reflection.reflect(heard)
