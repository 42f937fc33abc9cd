"""A talk for a pipe: plain lines for people, one JSON object per event for scripts."""

import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field

import orjson

from client.news import Level, News, Notice, Ready, Typing, View, Words


@asynccontextmanager
async def view_for(*, as_json: bool, push_to_talk: bool = False) -> AsyncGenerator[View]:
    """The best way to show a talk on standard output, as long as the block lasts."""
    if as_json:
        yield JsonLines(print_line)
    elif sys.stdout.isatty():
        from client.screen import screen  # noqa: PLC0415  who pipes needs no rich

        async with screen(push_to_talk=push_to_talk) as painted:
            yield painted
    else:
        yield PlainLines(print_line)


@dataclass(slots=True)
class PlainLines:
    """What was said, and what the user should know."""

    write: Callable[[str], None]

    def show(self, news: News) -> None:
        if line := plain(news):
            self.write(line)


@dataclass(slots=True)
class JsonLines:
    """All but what changes many times a second: `{"event": "words", "at": 1.25, "who": "you", ...}`.

    `event` is the news' name in small letters, `at` seconds since the beginning.
    """

    write: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.clock()

    def show(self, news: News) -> None:
        if not isinstance(news, Level | Typing):
            at = round(self.clock() - self._begun, 3)
            self.write(orjson.dumps({"event": type(news).__name__.lower(), "at": at, **asdict(news)}).decode())


def plain(news: News) -> str:
    """The news as a line of its own; empty for what is not worth one."""
    match news:
        case Ready(_, microphone, speakers, echo):
            return f"(microphone: {microphone}; speakers: {speakers}; {echo})"
        case Words("you", text, final=True) if text:
            return f"You: {text}"
        case Words("antiphon", text, final=True, interrupted=interrupted) if text:
            return f"Antiphon: {text}{' —' if interrupted else ''}"
        case Notice(text):
            return f"({text})"
        case _:
            return ""


def print_line(text: str) -> None:
    """A line on standard output, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
