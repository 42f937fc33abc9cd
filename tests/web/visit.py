"""One page in a browser: what a test does on it, waits for, and reads from it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

import numpy as np
import orjson
import pybase64
from numpy.typing import NDArray
from playwright.sync_api import ConsoleMessage, Page, WebSocket

PATIENCE_MS = 15_000
"""For any one change on the page; far more than on an idle machine."""

REFUSED = "WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED"
"""What browsers say of a server that is not there; no page can keep them from it."""


_REACHED = """(wanted) => {
    const { seen, from } = window.states;
    const at = seen.findIndex((state, n) => n >= from && wanted.includes(state));
    if (at < 0) return null;
    window.states.from = at;
    return seen[at];
}"""
"""The first of the page's states that is wanted, if there was one; see states.js."""

Part = TypedDict("Part", {"name": str, "from": float, "ms": float})
"""A stretch of the wait for an answer; see client/web/js/types.js, as for the two below."""


class Marks(TypedDict):
    """Moments of a turn by the page's clock, milliseconds."""

    spoken: float
    received: float
    rendered: float
    heard: float


class Turn(TypedDict):
    """As the page exports it; only of a turn that was heard is all of it there."""

    status: str
    earToEar: float | None
    parts: list[Part]
    page: Marks


@dataclass
class Visit:
    """A page, and what it complained of."""

    page: Page
    forgiven: str = "$^"
    complaints: list[str] = field(default_factory=list[str])
    received: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The server's events, over all connections."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("websocket", self._opened)

    def talk(self) -> None:
        """Press the big button."""
        self.page.get_by_test_id("talk").click()

    def write(self, text: str) -> None:
        """Type a message, and send it."""
        self.page.get_by_test_id("text-input").fill(text)
        self.page.get_by_test_id("text-input").press("Enter")

    def call_and_write(self, text: str) -> None:
        """Call, with the microphone open, and type that as soon as there is somebody."""
        self.talk()
        self.reaches("listening")
        self.write(text)

    def reaches(self, *states: str) -> str:
        """Wait until the page is in one of these states, or has been since the one it reached last; which it was."""
        return self.page.wait_for_function(_REACHED, arg=states, polling=20).json_value()

    @property
    def state(self) -> str:
        """What the page says it is doing."""
        return self.page.get_by_test_id("state").get_attribute("data-state") or ""

    @property
    def says(self) -> str:
        """The same in words, with the advice below."""
        return f"{self.page.get_by_test_id('state').inner_text()}\n{self.page.get_by_test_id('hint').inner_text()}"

    def reads(self, words: str) -> None:
        """Wait until the transcript has these words."""
        self.page.get_by_test_id("transcript").get_by_text(words).first.wait_for()

    @property
    def transcript(self) -> str:
        """All words of the conversation."""
        return self.page.get_by_test_id("transcript").inner_text()

    def lines(self, role: Literal["user", "assistant"]) -> list[str]:
        """What this side has said, in order, with what was not heard of it."""
        return self.page.locator(f"[data-testid=transcript] .{role} .text").all_inner_texts()

    def tells(self, words: str) -> None:
        """Wait for a notice."""
        self.page.get_by_test_id("notices").get_by_text(words).first.wait_for()

    def exported(self) -> list[Turn]:
        """The timing of all turns, as the page saves it."""
        self.page.get_by_test_id("save").click()
        with self.page.expect_download() as download:
            self.page.get_by_test_id("save-timing-json").click()
        return orjson.loads(Path(download.value.path()).read_bytes())

    def heard_turns(self, count: int) -> list[Turn]:
        """The same of those that were heard, once there are so many."""
        self.page.wait_for_function(
            "count => document.querySelectorAll('[data-testid=transcript] .chip').length >= count", arg=count
        )
        return [turn for turn in self.exported() if turn["earToEar"] is not None]

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """The server's events of these kinds, so far."""
        return [event for event in self.received if event["type"] in kinds]

    def sent_sound(self) -> NDArray[np.int16]:
        """All the sound of answers that the server has sent, 24 kHz."""
        deltas = [pybase64.b64decode(event["delta"]) for event in self.events("response.output_audio.delta")]
        return np.frombuffer(b"".join(deltas), "<i2")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(self.forgiven, message.text):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.received.append(orjson.loads(frame)))
