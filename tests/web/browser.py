"""A real browser for a test: Debian's Chromium, with a microphone that plays what it is given."""

import os
import shutil
import wave
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict, Unpack

import numpy as np
import orjson
from playwright.sync_api import Browser, Page, Playwright, ViewportSize

from pipeline.audio import HEARING_RATE, Pcm
from tests.conftest import missing
from tests.web.visit import Visit

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
)

ARTEFACTS = Path(os.environ.get("ANTIPHON_ARTEFACTS") or Path(__file__).parents[2] / ".ci" / "artefacts")
"""Where the pictures go that are kept of each run."""

TAP = Path(__file__).with_name("tap.js")
STATES = Path(__file__).with_name("states.js")


class Window(TypedDict, total=False):
    """How a browser's window is; see `Browser.new_context`."""

    locale: str
    viewport: ViewportSize
    has_touch: bool
    is_mobile: bool
    color_scheme: Literal["light", "dark"]
    reduced_motion: Literal["reduce"]
    permissions: Sequence[str]


@dataclass(slots=True)
class Chromium:
    """A browser, and the recording that its microphone plays, once and from the start, whenever it is opened."""

    browser: Browser
    recording: Path

    def hears(self, *sounds: Pcm) -> None:
        """From now on, these sounds, 16 kHz, one after the other, and silence after them."""
        with wave.open(str(self.recording), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(HEARING_RATE)
            file.writeframes(np.concatenate(sounds).astype("<i2").tobytes())

    @contextmanager
    def visit(
        self, url: str, *, tapped: bool = False, forgiven: str = "$^", **window: Unpack[Window]
    ) -> Generator[Visit]:
        """The page in a window of its own, which may use the microphone; nothing on it may complain, but of what
        matches `forgiven`. A page that is `tapped` records what it hears and plays, outside of its security policy."""
        settings: Window = {"locale": "en-US", "permissions": ["microphone"], **window}
        context = self.browser.new_context(**settings, bypass_csp=tapped)
        context.add_init_script(path=STATES)
        if tapped:
            context.add_init_script(path=TAP)
        visit = Visit(context.new_page(), forgiven)
        try:
            visit.page.goto(url)
            yield visit
            assert visit.complaints == [], visit.complaints
        finally:
            context.close()


@contextmanager
def chromium(playwright: Playwright, recording: Path, *switches: str) -> Generator[Chromium]:
    """A browser that hears `recording`; with other switches, something else."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        missing("chromium", "apt install chromium")
    hearing = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={recording}%noloop")
    args = [*SWITCHES, *(switches or hearing)]
    browser = playwright.chromium.launch(executable_path=program, args=args)
    try:
        yield Chromium(browser, recording)
    finally:
        browser.close()


def keep_picture(page: Page, name: str) -> None:
    """A picture of the page for those who want to see what was tested."""
    page.screenshot(path=_artefact(f"{name}.png"), animations="disabled")


def keep_figures(name: str, figures: object) -> None:
    """What was measured, for those who want to know by how much a test has passed."""
    _artefact(f"{name}.json").write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))


def _artefact(name: str) -> Path:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    (ARTEFACTS / ".gitignore").write_text("*\n")
    return ARTEFACTS / name
