"""What the programs share: a person who speaks into a microphone, and a way to play all scenarios at once."""

import asyncio
import inspect
import itertools
import json
import sys
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

RATE = 24_000
"""Samples a second of all sound here; 16 bits, one channel."""

SECONDS = 0.04
PIECE = 2 * int(RATE * SECONDS)
"""What the microphone gives at a time, and its bytes."""

STORY = "Tell me a story."
"""What is answered with nine seconds of speech, or so."""

PATIENCE = 20.0
"""Seconds for a scenario; several times what one takes on an idle machine."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is. Every client is told a URL, the name of a model (by which the tests tell the connections
    apart) and any key, and nothing else."""

    base: str
    """Of the HTTP API; ends in /v1."""
    model: str
    sounds: Path
    """Recorded sentences as raw sound, `NAME.pcm`."""

    @property
    def websocket(self) -> str:
        """The same over websockets, with the path of the Realtime API."""
        return f"ws{self.base.removeprefix('http')}/realtime"

    def recorded(self, name: str = "") -> Iterator[bytes]:
        """A recorded sentence, or none, then silence without end, in pieces."""
        sound = (self.sounds / f"{name}.pcm").read_bytes() if name else b""
        for at in itertools.count(step=PIECE):
            yield sound[at : at + PIECE].ljust(PIECE, b"\0")

    async def microphone(self, name: str = "") -> AsyncIterator[bytes]:
        """The same, as time goes by."""
        start = time.monotonic()
        for number, piece in enumerate(self.recorded(name), 1):
            yield piece
            await asyncio.sleep(start + number * SECONDS - time.monotonic())


Scenario = Callable[[Place], Awaitable[None] | None]


def play(*scenarios: Scenario) -> None:
    """Play those that the command line names, at the same time, and write a line of JSON for each: its name, and how
    it failed if it did. Usage: BASE_URL SOUNDS [NAME ...]"""
    base, sounds, *names = sys.argv[1:]
    chosen = [one for one in scenarios if one.__name__ in names]

    async def play_one(scenario: Scenario) -> None:
        place = Place(base, scenario.__name__, Path(sounds))
        failure = ""
        try:
            async with asyncio.timeout(PATIENCE):
                await (scenario(place) if inspect.iscoroutinefunction(scenario) else asyncio.to_thread(scenario, place))
        except Exception:  # noqa: BLE001 - whatever it is, the test shows it
            failure = traceback.format_exc()
        sys.stdout.write(json.dumps({"scenario": scenario.__name__, "failure": failure}) + "\n")
        sys.stdout.flush()

    async def play_all() -> None:
        async with asyncio.TaskGroup() as tasks:
            for scenario in chosen:
                tasks.create_task(play_one(scenario))

    asyncio.run(play_all())


def words(text: str) -> set[str]:
    """The words of a sentence, to see how many of them were understood."""
    return {word.strip(".,;!?").lower() for word in text.split()}
