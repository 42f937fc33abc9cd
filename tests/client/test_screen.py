"""The screen shows what is happening, keeps what was said, and is quickly painted."""

import asyncio
import io
import time
from collections.abc import Sequence

import pytest
from rich.console import Console

from client.news import Level, Microphone, News, Notice, Ready, State, Turn, Typing, Words
from client.screen import screen
from tests.client.test_waterfall import MARKS
from tests.virtual_clock import run

TALK: Sequence[News] = (
    Ready("ws://h", "Yeti", "Box", "echo is cancelled"),
    Words("you", "hello there", final=True),
    Turn(310.0, 720.0, MARKS),
    Turn(910.0, None, {**MARKS, "llm_first_token": 910.0}),
    *[Level(-20)] * 5,
    State("speaking"),
    Words("antiphon", "Good mor", final=False),
)


def painted(*news: News) -> tuple[str, str]:
    """What is on the screen at last, and all that was ever written."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    shown = Console(file=io.StringIO(), width=100)

    async def showing() -> None:
        async with screen(console) as view:
            for one in news:
                view.show(one)
            await asyncio.sleep(0.3)
            shown.print(view.render())

    run(showing())
    assert isinstance(console.file, io.StringIO)
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue(), console.file.getvalue()


def test_it_shows_live_words_state_level_waterfall_and_figures() -> None:
    now, ever = painted(*TALK)
    assert "Antiphon Good mor" in now
    assert "◉ speaking" in now
    assert "▆" in now
    assert "first token p50 310 p95 910 ms · ear to ear p50 720 p95 720 ms · 2 turns" in now
    (model,) = [line for line in now.splitlines() if line.strip().startswith("model")]
    assert "━" in model
    assert "910 ms" in model
    assert "You hello there" in ever
    assert "Yeti → Box · echo is cancelled" in ever


def test_final_words_and_notices_go_up_and_the_cursor_is_given_back() -> None:
    now, ever = painted(
        Words("you", "hel", final=False),
        Words("you", "hello", final=True),
        Words("antiphon", "Good", final=True, interrupted=True),
        Notice("the sound card is gone"),
        State("listening"),
        Microphone(open=False),
        Typing("wait"),
    )
    assert "hel" not in now
    assert "closed" in now
    assert "› wait▏" in now
    assert "Antiphon Good —" in ever
    assert "the sound card is gone" in ever
    assert ever.rstrip().endswith("\x1b[?25h") or "\x1b[?25h" in ever[ever.rindex("\x1b[?25l") :]


@pytest.mark.parametrize("words", [" ".join(map(str, range(600))), "很长的回答，" * 300 + "599"])
def test_a_long_answer_pushes_nothing_off_the_screen(words: str) -> None:
    now, _ = painted(State("speaking"), Words("antiphon", words, final=False))
    assert "◉ speaking" in now
    assert "599" in now
    assert len(now.splitlines()) < 15


def test_a_painting_takes_little_of_the_event_loop() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)

    async def fastest() -> float:
        async with screen(console) as view:
            for one in TALK:
                view.show(one)
            taken: list[float] = []
            for _ in range(20):
                begun = time.perf_counter()
                view.live.update(view.render(), refresh=True)
                taken.append(time.perf_counter() - begun)
            return min(taken)

    assert asyncio.run(fastest()) < 0.008
