"""`python -m tests.client.self_talk`: how often the assistant would interrupt itself, over a sound card with an echo.

It says fifty replies through PulseAudio's speakers, whose sound comes back into the microphone 10 dB softer; a server's
own ear listens to what it is sent, and nobody else speaks.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pybase64

from client.loudness import decibels
from client.sound import RATE, Pcm
from pipeline.audio import HEARING_RATE
from pipeline.hearing.ear import Ear
from pipeline.hearing.endpoint import Began, Endpointing
from pipeline.hearing.vad import best_vad
from pipeline.resample import Resampler
from tests.client.scripted import Caller, listen_forever, server
from tests.client.sound_card import environment_for, pulse, recording, talking
from tests.client.test_echo import REPLIES, replies

ECHO_DB = -10


@dataclass(frozen=True, slots=True)
class Overheard:
    """What came of so many seconds of replies."""

    seconds: float
    interruptions: int
    """How often the server's ear believed that the user had begun to speak."""
    echo_db: float
    """How loud the microphone heard them."""
    left_db: float
    """How loud what was sent of that is."""


async def overhear(desk: Mapping[str, str], said: Pcm) -> Overheard:
    """Say this, with the echo cancelled."""
    callers: list[Caller] = []

    async def script(caller: Caller) -> None:
        callers.append(caller)
        await caller.hear(0.5)
        await say(caller, said)
        await listen_forever(caller)

    async with (
        server(script) as url,
        recording(desk, "microphone") as microphone,
        talking(desk, "--url", url, "--echo", "cancel") as talk,
    ):
        await talk.until("state", doing="speaking")
        await talk.until("state", within=len(said) / RATE + 20, doing="listening")
    sent = np.concatenate(callers[0].sound)
    raw = np.concatenate(microphone.pcm)
    return Overheard(len(said) / RATE, beginnings(sent), round(decibels(raw), 1), round(decibels(sent), 1))


def beginnings(sent: Pcm) -> int:
    """How often a server takes somebody to begin to speak in this."""
    low = Resampler(RATE, HEARING_RATE).feed(sent)
    signs = [sign for _, heard in Ear(best_vad(), Endpointing()).hear(low) for sign in heard]
    return sum(isinstance(sign, Began) for sign in signs)


async def say(caller: Caller, pcm: Pcm) -> None:
    """All the sound of a reply at once, as a server sends it that is faster than speech."""
    await caller.tell("response.created", response={"id": "resp_1", "status": "in_progress"})
    ids = {"response_id": "resp_1", "item_id": "said_1", "output_index": 0, "content_index": 0}
    for start in range(0, len(pcm), RATE // 5):
        audio = pybase64.b64encode_as_string(pcm[start : start + RATE // 5].tobytes())
        await caller.tell("response.output_audio.delta", **ids, delta=audio)
    await caller.end_reply()


def main() -> None:
    """Say all fifty, and print what came of it as JSON."""
    with tempfile.TemporaryDirectory() as folder, pulse(echo_db=ECHO_DB) as address:
        found = asyncio.run(overhear(environment_for(Path(folder), address), replies()))
    sys.stdout.write(json.dumps({"replies": REPLIES, **asdict(found)}) + "\n")


if __name__ == "__main__":
    main()
