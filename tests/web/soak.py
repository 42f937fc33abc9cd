"""`python -m tests.web.soak`: talk with the page for minutes on end, and tell whether anything grows, drifts or tears.

The microphone speaks in real time, with barge-ins, to engines of known delays; every half minute is a line of figures.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, sync_playwright

from tests.server.caller import quiet
from tests.speech import clip
from tests.web.browser import Chromium, chromium
from tests.web.programs import server, stand_ins
from tests.web.tap import Tapped, tapped
from tests.web.visit import Turn, Visit

VOICES = ("spk1_snt5", "LJ001-0008", "spk1_snt6", "spk1_snt1")
PAUSES = (5.0, 2.5)
"""Seconds after each, in turn: the first lets the answer end, the second cuts it off."""

REPLIES = ("That is a good question.", "Let me think about that for a moment. It depends on the day, and on you.")

EVERY = 30.0
"""Seconds between two looks."""

LISTENING = "[data-testid=state][data-state=listening]"
"""The page while nobody speaks: a look holds it up, and with it an answer's sound."""

MOST_GAP = 0.02
"""Seconds of silence in the middle of an answer that nobody notices."""

LONGEST_GAP = 1.0
"""Seconds; a longer silence is between two answers."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the page fares after so many seconds."""

    seconds: float
    heap_mb: float
    """The page's JavaScript, after collecting garbage."""
    process_mb: float
    """Private memory of its process: the audio thread's as well."""
    nodes: int
    turns: int
    ear_to_ear_ms: float
    unexplained_ms: float
    """Both are medians of the turns since the last look; drifting clocks show in the second."""
    clock_ms: float
    """By how much the sound system's clock has run away from the page's since the first look."""
    gaps: int
    longest_gap_ms: float
    """Silences in the middle of an answer, since the last look."""


def main() -> None:
    """Talk, print, and say what was found in one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="of talk, in real time (%(default)g)")
    minutes = parser.parse_args().minutes
    with (
        tempfile.TemporaryDirectory() as folder,
        stand_ins("What will it be like tomorrow?", replies=REPLIES) as engines,
        server({**engines, "server.session_minutes": "0"}) as running,
        sync_playwright() as playwright,
        chromium(playwright, Path(folder) / "heard.wav", *_looping(Path(folder) / "heard.wav")) as browser,
    ):
        looks = talk(browser, running.url, minutes * 60)
    sys.stdout.write(json.dumps(verdict(looks)) + "\n")


def talk(browser: Chromium, url: str, seconds: float) -> list[Look]:
    """So long; how the page fared from one look to the next."""
    browser.hears(*(sound for at, name in enumerate(VOICES) for sound in (clip(name), quiet(PAUSES[at % 2]))))
    looks: list[Look] = []
    with browser.visit(url, tapped=True) as visit:
        inside = visit.page.context.new_cdp_session(visit.page)
        visit.talk()
        visit.reaches("listening")
        began, clocks = time.monotonic(), _Clocks()
        while time.monotonic() - began < seconds:
            visit.page.wait_for_timeout(EVERY * 1000)
            visit.page.locator(LISTENING).wait_for()
            looks.append(_look(visit, inside, clocks, time.monotonic() - began))
            sys.stdout.write(json.dumps(asdict(looks[-1])) + "\n")
            sys.stdout.flush()
    return looks


def verdict(looks: Sequence[Look]) -> dict[str, float]:
    """What changed from the second quarter of the time to the last, and the worst of what must not be."""
    quarter = max(1, len(looks) // 4)
    early, late = looks[quarter : 2 * quarter] or looks[:1], looks[-quarter:]

    def change(name: str) -> float:
        values = [median(float(getattr(look, name)) for look in some) for some in (early, late)]
        return round(values[1] - values[0], 2)

    return {
        **{f"{name}_change": change(name) for name in ("heap_mb", "process_mb", "unexplained_ms", "clock_ms")},
        "turns": looks[-1].turns,
        "gaps": sum(look.gaps for look in looks),
        "longest_gap_ms": max(look.longest_gap_ms for look in looks),
    }


@dataclass(slots=True)
class _Clocks:
    turns: int = 0
    offset: float | None = None


def _look(visit: Visit, inside: CDPSession, clocks: _Clocks, seconds: float) -> Look:
    sound = tapped(visit.page)
    gaps = gaps_of(sound)
    turns = [turn for turn in visit.exported() if turn["earToEar"] is not None]
    fresh, clocks.turns = turns[clocks.turns :], len(turns)
    offset = float(visit.page.evaluate("window.tapped.offset()"))
    clocks.offset = offset if clocks.offset is None else clocks.offset
    visit.received.clear()
    visit.page.evaluate("window.tapped.tidy()")
    visit.page.wait_for_timeout(200)
    _ask(inside, "HeapProfiler.collectGarbage")
    heap, counters = _ask(inside, "Runtime.getHeapUsage"), _ask(inside, "Memory.getDOMCounters")
    return Look(
        round(seconds, 1),
        round(heap["usedSize"] / 1e6, 2),
        round(_private_mb(visit), 1),
        int(counters["nodes"]),
        len(turns),
        _middle([turn["earToEar"] or 0.0 for turn in fresh]),
        _middle([_unexplained(turn) for turn in fresh]),
        round(offset - clocks.offset, 2),
        len(gaps),
        round(1000 * max(gaps, default=0.0), 1),
    )


def gaps_of(sound: Tapped) -> list[float]:
    """Seconds of each silence in the middle of an answer: the engines' own voice is never silent for so long."""
    silences = np.diff(np.flatnonzero(sound.played)) / sound.rate
    return [float(one) for one in silences[(silences > MOST_GAP) & (silences < LONGEST_GAP)]]


def _unexplained(turn: Turn) -> float:
    return sum(part["ms"] for part in turn["parts"] if part["name"] == "unexplained")


def _private_mb(visit: Visit) -> float:
    """Of the page's process."""
    browser = visit.page.context.browser
    assert browser
    session = browser.new_browser_cdp_session()
    processes = _ask(session, "SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(_rollup(int(one["id"])) for one in processes if one["type"] == "renderer")


def _ask(session: CDPSession, method: str) -> dict[str, Any]:
    return session.send(method)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  as JSON is


def _middle(values: Sequence[float]) -> float:
    return round(median(values), 1) if values else 0.0


def _rollup(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1000


def _looping(recording: Path) -> tuple[str, ...]:
    fake = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={recording}")
    return (*fake, "--js-flags=--expose-gc")


if __name__ == "__main__":
    main()
