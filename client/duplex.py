"""One open sound card: microphone and speakers on one clock, 20 ms at a time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from client.alignment import Alignment
from client.devices import NO_CARD, Device, portaudio
from client.errors import ClientError
from client.playback import Playback
from client.sound import RATE, Pcm

PIECE = RATE // 50
"""Samples the card delivers and takes at a time: 20 ms."""

BACKLOG = 25
"""Pieces the microphone may be ahead of us: half a second, then the oldest are lost. Only a stuck program needs it."""


LATEST = 2.0
"""Seconds; no sound card is so late."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The same 20 ms on both sides of the card."""

    heard: Pcm
    played: Pcm
    """What came from the speakers when this was heard, or 40 ms later."""
    taken: Pcm
    """What the card was given for them at that time; they play it some time later."""
    at: float
    """When, on the loop's clock, its last sample reached the microphone."""
    latency: float
    """Seconds from `Playback.take` to the ear."""


class SoundCard(Protocol):
    """What a conversation needs of a sound card."""

    @property
    def playback(self) -> Playback:
        """What will be heard from the speakers."""
        ...

    @property
    def latency(self) -> float:
        """Seconds from `Playback.take` to the ear, over the devices in use now."""
        ...

    async def listen(self) -> Exchanged:
        """The next piece. Waits while there is no card."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """A running card."""

    lost: asyncio.Event
    """Set when it stops by itself: it was unplugged, or its driver gave up."""
    close: Callable[[], None]
    """Blocks for some milliseconds."""


def open_stream(
    devices: tuple[Device | None, Device | None],
    playback: Playback,
    heard: Callable[[Exchanged], None],
    loop: asyncio.AbstractEventLoop,
) -> Stream:
    """Start listening to and playing on (microphone, speakers); blocks, so not on the event loop.

    `heard` is called on the loop with each piece. Raises `ClientError` saying what to install, plug in or choose.
    """
    sounddevice = portaudio()
    lost = asyncio.Event()
    alignment = Alignment()

    def exchange(microphone: Any, speakers: Any, samples: int, clock: Any, _status: Any) -> None:
        taken = playback.take(samples)
        speakers[:] = taken.tobytes()
        began = _plausible(clock.currentTime - clock.inputBufferAdcTime, stream.latency[0])
        at = time.monotonic() - began + samples / RATE
        ahead = _plausible(clock.outputBufferDacTime - clock.currentTime, stream.latency[1])
        played = alignment.played(taken, began + ahead)
        loop.call_soon_threadsafe(
            heard, Exchanged(np.frombuffer(bytes(microphone), np.int16), played, taken, at, ahead)
        )

    def ended() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lost.set)

    try:
        stream = sounddevice.RawStream(
            samplerate=RATE,
            blocksize=PIECE,
            device=tuple(device.number if device else None for device in devices),
            channels=1,
            dtype="int16",
            latency="low",
            callback=exchange,
            finished_callback=ended,
        )
        stream.start()
    except (sounddevice.PortAudioError, ValueError) as error:
        raise ClientError(_trouble(str(error), has_card=bool(sounddevice.query_devices()))) from None
    return Stream(lost, stream.close)


def look_again() -> None:
    """Let PortAudio find what was plugged in and out since it last looked. Every stream must be closed before."""
    sounddevice = portaudio()
    sounddevice._terminate()  # its authors' own advice: PortAudio has no other way
    sounddevice._initialize()


def _plausible(measured: float, declared: float) -> float:
    """Drivers that cannot tell how late they are say 0, or nonsense; then what they declared at first holds."""
    return measured if 0.0 < measured < LATEST else declared


def _trouble(error: str, *, has_card: bool) -> str:
    if not has_card:
        return NO_CARD
    if "sample rate" in error.lower():
        return (
            f"the sound card does not do {RATE} Hz ({error}); choose one that converts (pulse, default) with --device"
        )
    return f"cannot open the sound card: {error}; is another program using it? choose another with --device"
