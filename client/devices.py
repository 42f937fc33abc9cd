"""The microphone and the speakers of this computer, both at once, through PortAudio."""

import asyncio
import importlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from client.errors import ClientError
from client.playback import Playback
from client.sound import RATE, Pcm

Device: TypeAlias = int | str | tuple[int, int] | None
"""A number or a part of a name as `--list-devices` shows them; a pair (microphone, speakers); the system's choice."""

PIECE = RATE // 50
"""Samples the card delivers and takes at a time: 20 ms."""

BACKLOG = 10
"""Pieces the microphone may be ahead of us, 200 ms on top of what the socket holds; then the oldest are lost."""

NO_PORTAUDIO = (
    "PortAudio is missing, so there is no microphone; install it (Debian, Ubuntu: apt install libportaudio2), "
    "or talk with --file or --text"
)
NO_CARD = "this computer has no sound card that can be used; talk with --file or --text"


class SoundCard(Protocol):
    """What a conversation needs of a sound card."""

    @property
    def playback(self) -> Playback:
        """What will be heard from the speakers."""
        ...

    @property
    def latency(self) -> float:
        """Seconds from `Playback.take` to the ear."""
        ...

    async def listen(self) -> Pcm:
        """The next piece the microphone heard."""
        ...


@dataclass(frozen=True, slots=True)
class Duplex:
    """An open sound card."""

    playback: Playback
    latency: float
    _pieces: asyncio.Queue[Pcm]

    async def listen(self) -> Pcm:
        return await self._pieces.get()


@contextmanager
def open_card(device: Device) -> Generator[Duplex]:
    """Listen and play until the block is left. Raises `ClientError` saying what to install, plug in or choose."""
    sounddevice = _portaudio()
    loop = asyncio.get_running_loop()
    playback = Playback()
    pieces: asyncio.Queue[Pcm] = asyncio.Queue(BACKLOG)

    def heard(pcm: Pcm) -> None:
        if pieces.full():
            pieces.get_nowait()
        pieces.put_nowait(pcm)

    def exchange(heard_now: Any, to_play: Any, samples: int, _time: Any, _status: Any) -> None:
        to_play[:] = playback.take(samples).tobytes()
        loop.call_soon_threadsafe(heard, np.frombuffer(bytes(heard_now), np.int16))

    try:
        stream = sounddevice.RawStream(
            samplerate=RATE, blocksize=PIECE, device=device, channels=1, dtype="int16", latency="low", callback=exchange
        )
        stream.start()
    except (sounddevice.PortAudioError, ValueError) as error:
        raise ClientError(_trouble(str(error), has_card=bool(sounddevice.query_devices()))) from None
    try:
        yield Duplex(playback, stream.latency[1], pieces)
    finally:
        stream.close()


def list_devices() -> str:
    """A table of all sound devices, numbered. Raises `ClientError` when PortAudio is missing."""
    return str(_portaudio().query_devices()) or NO_CARD


def device_from(text: str) -> Device:
    """What `--device` means: "3", "3,5" (microphone, speakers) or a part of a name."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        return text
    match numbers:
        case [both]:
            return both
        case [microphone, speakers]:
            return microphone, speakers
        case _:
            return text


def _portaudio() -> Any:  # sounddevice is untyped
    try:
        return importlib.import_module("sounddevice")
    except OSError:
        raise ClientError(NO_PORTAUDIO) from None


def _trouble(error: str, *, has_card: bool) -> str:
    if not has_card:
        return NO_CARD
    return f"cannot open the sound card: {error}; is another program using it? choose another with --device"
