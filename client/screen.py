"""A talk on a terminal: what was said scrolls by, and below it what is happening now."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from client.choice import in_words
from client.latency import quantile
from client.news import Doing, Level, Microphone, News, Notice, Ready, Side, State, Turn, Typing, Words
from client.tasks import alongside
from client.waterfall import GOAL_MS, waterfall

FRAME = 0.1
"""Seconds between two paintings; nobody reads faster."""

REMEMBERED = 200
"""Turns that the percentiles are of."""

BLOCKS = " ▁▂▃▄▅▆▇█"

FACES: Mapping[Doing, tuple[str, str]] = {
    "listening": ("○", "green"),
    "hearing": ("●", "bold green"),
    "thinking": ("◌", "yellow"),
    "speaking": ("◉", "cyan"),
}

NAMES: Mapping[Side, tuple[str, str]] = {"you": ("You ", "bold green"), "antiphon": ("Antiphon ", "bold cyan")}

KEYS = "type to write · m mute · space stop · Ctrl-C end"
PUSH_KEYS = "space speak, and again when done · type to write · Ctrl-C end"


@asynccontextmanager
async def screen(console: Console | None = None, *, push_to_talk: bool = False) -> AsyncGenerator["Screen"]:
    """Paint for as long as the block lasts; then only what was said is left, and the figures."""
    with Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:
        painted = Screen(live, push_to_talk)
        try:
            async with alongside(painted.paint()):
                yield painted
        finally:
            if painted.turns:
                live.console.print(painted.figures())


@dataclass(slots=True)
class Screen:
    """What is on it."""

    live: Live
    push_to_talk: bool = False
    turns: deque[Turn] = field(default_factory=lambda: deque[Turn](maxlen=REMEMBERED))
    _doing: Doing | None = None
    """None before the talk begins."""
    _open: bool = True
    _levels: deque[float] = field(default_factory=lambda: deque[float]([-90.0] * 100, maxlen=100))
    _yours: str = ""
    _ours: str = ""
    _typed: str = ""
    _stale: bool = True

    def show(self, news: News) -> None:
        """Note it; what is over goes up at once, the rest is painted soon."""
        self._stale = True
        match news:
            case Level(db):
                self._levels.append(db)
            case Words():
                self._hear(news)
            case Ready(_, microphone, speakers, echo):
                self.live.console.print(Text(f"{microphone} → {speakers} · {echo}", "dim"))
            case Notice(text):
                self.live.console.print(Text(text, "yellow"))
            case State(doing):
                self._doing = doing
            case Microphone(is_open):
                self._open = is_open
            case Turn():
                self.turns.append(news)
            case Typing(text):
                self._typed = text

    async def paint(self) -> None:
        """Keep the screen up to date, until cancelled."""
        while True:
            if self._stale:
                self._stale = False
                self.live.update(self.render(), refresh=True)
            await asyncio.sleep(FRAME)

    def render(self) -> RenderableType:
        """What is happening now."""
        parts: list[RenderableType] = [Text()]
        if self._yours:
            parts.append(Text.assemble(NAMES["you"], (self._end_of(self._yours), "italic dim")))
        if self._ours:
            parts.append(Text.assemble(NAMES["antiphon"], (self._end_of(self._ours), "italic dim")))
        parts.append(self._status())
        if self.turns:
            chosen = in_words(self.turns[-1].choice)
            parts += [*self._waterfall(self.turns[-1]), *([Text(chosen, "dim")] if chosen else []), self.figures()]
        keys = PUSH_KEYS if self.push_to_talk else KEYS
        parts.append(Text(f"› {self._typed}▏") if self._typed else Text(keys, "dim"))
        return Group(*parts)

    def figures(self) -> Text:
        """p50 and p95 of the turns so far."""
        firsts = [turn.first_token_ms for turn in self.turns if turn.first_token_ms is not None]
        heard = [turn.ear_to_ear_ms for turn in self.turns if turn.ear_to_ear_ms is not None]
        parts = [f"{name} {_spread(values)}" for name, values in (("first token", firsts), ("ear to ear", heard))]
        return Text(f"{' · '.join(parts)} · {len(self.turns)} turns", "dim")

    def _hear(self, words: Words) -> None:
        if words.who == "you":
            self._yours = "" if words.final else words.text
        else:
            self._ours = "" if words.final else words.text
        if words.final and words.text:
            self.live.console.print(Text.assemble(NAMES[words.who], words.text, " —" if words.interrupted else ""))

    def _end_of(self, text: str) -> str:
        """What fits into a quarter of the screen: whatever is longer would push the rest off it."""
        room = self.live.console.width * max(2, self.live.console.height // 4)
        end = text[-room:]
        if cell_len(end) > room:
            end = end[-room // 2 :]
        return end if end == text else f"… {end[2:]}"

    def _status(self) -> Text:
        if self._doing is None:
            return Text("… connecting", "dim")
        face, style = FACES[self._doing]
        microphone = ("".join(map(_block, list(self._levels)[::5])), "green") if self._open else ("closed", "bold red")
        return Text.assemble((f"{face} {self._doing:10}", style), ("microphone ", "dim"), microphone)

    def _waterfall(self, turn: Turn) -> list[Text]:
        width = max(20, min(60, self.live.console.width - 20))
        drawn = waterfall(turn.marks_ms, width)
        lines: list[Text] = []
        for bar in drawn.bars:
            late = bar.name == "model" and bar.until_ms > GOAL_MS
            cells = [" "] * width
            cells[drawn.goal] = "┊"
            cells[bar.start : bar.end] = "━" * (bar.end - bar.start)
            row = Text(f"{bar.name:>6} {''.join(cells)} {bar.until_ms:5.0f} ms", "dim")
            row.stylize("red" if late else "cyan", 7 + bar.start, 7 + bar.end)
            lines.append(row)
        return lines


def _block(db: float) -> str:
    """-60 dBFS and below is nothing, -10 full."""
    return BLOCKS[max(0, min(8, round((db + 60) / 50 * 8)))]


def _spread(values: list[float]) -> str:
    return f"p50 {quantile(values, 0.5):.0f} p95 {quantile(values, 0.95):.0f} ms" if values else "–"
