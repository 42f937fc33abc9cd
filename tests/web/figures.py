"""`python -m tests.web.figures`: how soon the page answers and falls silent, in a real browser with recorded voices.

The engines are stand-ins with known delays, 120 ms to the words, 200 to the first token, 80 to the first sound. Ear to
ear is from the last voiced sample at the microphone to the first one at the speakers, `page` from the socket to there;
`silent` from the first sample of a voice that interrupts to the last one of the answer, `ducked` to half its loudness.
Milliseconds, on two lines of JSON. Takes three minutes, and a machine with nothing else to do.
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from playwright.sync_api import sync_playwright

from pipeline.audio import HEARING_RATE
from tests.server.caller import quiet
from tests.server.houses import next_door
from tests.speech import clip
from tests.web.browser import Chromium, chromium
from tests.web.programs import running, server, stand_ins
from tests.web.test_page_bargein import STORY, interrupted
from tests.web.visit import Turn

PAUSE = 4.0
"""Seconds in which a question is answered."""

Spread: TypeAlias = dict[str, float]
"""n, p50, p95 and max."""

SHORT = ("spk1_snt5", "spk1_snt6", "spk1_snt1", "LJ001-0008")
"""Recordings of one sentence; in the others people pause for longer than they want to be answered."""


def main() -> None:
    """Measure, and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        chromium(playwright, Path(folder) / "heard.wav") as browser,
    ):
        tell(of_answers(answers(browser)))
        tell(of_interruptions(interruptions(browser)))


def of_answers(turns: Sequence[Turn]) -> dict[str, Spread]:
    """How soon they came, and whether the page's account of the time is true."""
    return {
        "ear_to_ear": spread([turn["earToEar"] or 0.0 for turn in turns]),
        "page": spread([turn["page"]["heard"] - turn["page"]["received"] for turn in turns]),
        "parts_off_by": spread([abs(_sum(turn) - _end(turn)) for turn in turns]),
        "unexplained": spread(
            [part["ms"] for turn in turns for part in turn["parts"] if part["name"] == "unexplained"]
        ),
    }


def of_interruptions(cuts: Sequence[tuple[float, float]]) -> dict[str, Spread]:
    """How soon the answer stepped back, and fell silent."""
    return {"ducked": spread([ducked for ducked, _ in cuts]), "silent": spread([silent for _, silent in cuts])}


def tell(found: Mapping[str, Spread]) -> None:
    """One line of JSON, at once."""
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def answers(browser: Chromium) -> list[Turn]:
    """Two rounds of spoken questions, as the page exports them."""
    voices = SHORT * 2
    with (
        stand_ins("What will it be like?", replies=("That is a good question.",)) as engines,
        server(engines) as antiphon,
    ):
        browser.hears(quiet(1), *(sound for name in voices for sound in (clip(name), quiet(PAUSE))), quiet(10))
        with browser.visit(antiphon.url) as visit:
            visit.talk()
            visit.page.wait_for_timeout(1000 * (2 + sum(len(clip(name)) / HEARING_RATE + PAUSE for name in voices)))
            return [turn for turn in visit.exported() if turn["earToEar"] is not None]


def interruptions(browser: Chromium) -> list[tuple[float, float]]:
    """Milliseconds from each voice to half the loudness, and to silence; two rounds."""
    with (
        running("server", "brain", "--port", "0", "--first-token-ms", "50", "--reply", STORY) as brain,
        next_door({"llm.engine": "openai", "llm.url": f"{brain.url}/v1"}) as house,
    ):
        found = [cut for _ in range(2) for cut in interrupted(browser, house, [clip(name) for name in SHORT])]
    return [(1000 * (cut.ducked - cut.onset), 1000 * (cut.silent - cut.onset)) for cut in found]


def spread(values: Sequence[float]) -> Spread:
    """How many there are, and how large."""
    if not values:
        return {"n": 0}
    p50, p95 = np.quantile(values, [0.5, 0.95])
    return {"n": len(values), "p50": round(float(p50), 1), "p95": round(float(p95), 1), "max": round(max(values), 1)}


def _sum(turn: Turn) -> float:
    return sum(part["ms"] for part in turn["parts"])


def _end(turn: Turn) -> float:
    return turn["page"]["heard"] - turn["page"]["spoken"]


if __name__ == "__main__":
    main()
