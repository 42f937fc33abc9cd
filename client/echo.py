"""What the microphone hears of our own voice, and three ways to keep it from the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from client.errors import UsageError
from client.sound import RATE, Pcm

Way: TypeAlias = Literal["auto", "cancel", "headphones", "half-duplex"]
"""`auto` cancels where that is installed, else looks whether the speakers are called headphones."""

FRAME = RATE // 100
"""Samples the canceller takes at a time: 10 ms."""

GUESS_MS = 60
"""How late the echo comes, at first; the canceller finds out by itself."""

TAIL = round(0.4 * RATE)
"""Samples for which a room goes on after the speakers: the sound card's delay, and the echo."""

CLOSE_TO_THE_EAR = ("headphone", "headset", "earphone", "earbud", "airpods", "buds")
"""What speakers are called that the microphone cannot hear."""

INSTALL = "pip install 'antiphon[echo]'"


class Ears(Protocol):
    """Between the microphone and the server."""

    @property
    def delay(self) -> float:
        """Seconds by which what they hear comes later."""
        ...

    def hear(self, heard: Pcm, played: Pcm) -> Pcm:
        """What the user said of what the microphone `heard` while the speakers `played`: as many samples.

        Both are as long, a multiple of 10 ms; an echo in `heard` is of what was `played` then, or up to 0.4 s before.
        """
        ...


class OpenEars:
    """For headphones: hears all there is."""

    delay = 0.0

    def hear(self, heard: Pcm, played: Pcm) -> Pcm:
        return heard


@dataclass(slots=True)
class HalfDuplex:
    """Deaf while something is played, and until the room is quiet again: nobody can interrupt by voice."""

    delay: float = 0.0
    _since: int = TAIL
    """Samples since something was played."""

    def hear(self, heard: Pcm, played: Pcm) -> Pcm:
        self._since = 0 if played.any() else self._since + len(played)
        return heard if self._since >= TAIL else np.zeros_like(heard)


@dataclass(slots=True)
class Cancelling:
    """WebRTC's echo canceller (AEC3), from the `livekit` wheel: 0.07 ms of work and 9 ms of delay for each 10 ms.

    It needs a second of echo to know a room. Its noise suppression stays off: it costs 6 ms more, and recognisers hear
    better without.
    """

    delay: float = 0.009
    _rtc: Any = field(init=False)  # livekit's types are incomplete
    _canceller: Any = field(init=False)

    def __post_init__(self) -> None:
        """Raises `ImportError` or `OSError` when it is not installed, or not for this kind of computer."""
        self._rtc = import_module("livekit.rtc")
        self._canceller = self._rtc.AudioProcessingModule(echo_cancellation=True, high_pass_filter=True)

    def hear(self, heard: Pcm, played: Pcm) -> Pcm:
        clean = np.empty_like(heard)
        for start in range(0, len(heard), FRAME):
            span = slice(start, start + FRAME)
            self._canceller.process_reverse_stream(self._frame(played[span]))
            self._canceller.set_stream_delay_ms(GUESS_MS)
            frame = self._frame(heard[span])
            self._canceller.process_stream(frame)
            clean[span] = np.frombuffer(frame.data, np.int16)
        return clean

    def _frame(self, pcm: Pcm) -> Any:
        return self._rtc.AudioFrame(bytearray(pcm.tobytes()), RATE, 1, len(pcm))


def ears_for(way: Way, speakers: str) -> tuple[Ears, str]:
    """How to listen through this card, and a line that says so.

    `speakers` is their name. Raises `UsageError` when the way cannot be gone.
    """
    match way:
        case "cancel":
            try:
                return Cancelling(), WAYS["cancel"]
            except (ImportError, OSError) as error:
                raise UsageError(f"--echo cancel: no echo canceller here ({error}); {INSTALL}") from None
        case "headphones":
            return OpenEars(), WAYS["headphones"]
        case "half-duplex":
            return HalfDuplex(), WAYS["half-duplex"]
        case "auto":
            return _best_ears(speakers)


WAYS: Mapping[str, str] = {
    "cancel": "echo is cancelled: interrupt whenever you like",
    "headphones": "headphones: interrupt whenever you like",
    "half-duplex": "half-duplex: not listening while speaking",
}
"""What each way means for the user."""


def _best_ears(speakers: str) -> tuple[Ears, str]:
    try:
        return Cancelling(), WAYS["cancel"]
    except (ImportError, OSError):
        if any(name in speakers.lower() for name in CLOSE_TO_THE_EAR):
            return OpenEars(), WAYS["headphones"]
        return HalfDuplex(), f"{WAYS['half-duplex']}; with headphones say --echo headphones, without: {INSTALL}"
