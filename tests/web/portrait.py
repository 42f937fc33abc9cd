"""`python -m tests.web.portrait`: a picture of a conversation under way for the README, docs/talk.png.

People speak, the recogniser and the voice are those of a fresh installation; what is answered is scripted.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.server.caller import quiet
from tests.speech import clip
from tests.web.browser import chromium
from tests.web.programs import running, server

PICTURE = Path(__file__).parents[2] / "docs" / "talk.png"

REPLIES = (
    "It is, and the quietest one. Is there anything that you would like to get done?",
    "Then it is time for new ones. There is a small shop by the bridge that sells nothing but pencils, and the old man "
    "who keeps it sharpens every one of them by hand, whistling.",
    "You have been there before, then! His whistling, on the other hand, is nothing special.",
)


def main() -> None:
    """Hold the conversation, and take the picture in the middle of the last answer."""
    said = [part for reply in REPLIES for part in ("--reply", reply)]
    pace = ("--first-token-ms", "180", "--tokens-per-second", "40")
    with (
        tempfile.TemporaryDirectory() as folder,
        running("server", "brain", "--port", "0", *pace, *said) as brain,
        server({"llm.engine": "openai", "llm.url": f"{brain.url}/v1"}) as antiphon,
        sync_playwright() as playwright,
        chromium(playwright, Path(folder) / "heard.wav") as browser,
    ):
        voices = (clip("spk1_snt5"), quiet(6.5), clip("spk1_snt6"), quiet(4.5), clip("LJ001-0008"), quiet(20))
        browser.hears(quiet(1), *voices)
        with browser.visit(antiphon.url, viewport={"width": 1280, "height": 800}) as visit:
            visit.page.set_default_timeout(60_000)
            visit.talk()
            visit.reads("nothing special")
            visit.reaches("speaking")
            visit.page.locator("[data-testid=transcript] .chip").nth(2).wait_for()
            visit.page.screenshot(path=PICTURE)
    sys.stdout.write(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
