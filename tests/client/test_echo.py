"""What is played does not reach the server: cancelled, or not listened to; and the way that is gone is said."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from client.bargein import Ducking
from client.duplex import PIECE
from client.echo import TAIL, Cancelling, Ears, HalfDuplex, OpenEars, Way, ears_for
from client.errors import UsageError
from client.loudness import Loudness, decibels
from client.sound import RATE, Pcm, read_sound
from pipeline.audio import HEARING_RATE
from pipeline.hearing.vad import CHUNK, best_vad
from pipeline.resample import Resampler
from tests.conftest import missing

SPEECH = Path(__file__).parents[1] / "speech"
REPLIES = 50
TONE: Pcm = np.full(PIECE, 1000, np.int16)
QUIET: Pcm = np.zeros(PIECE, np.int16)


@pytest.fixture
def cancelling() -> Cancelling:
    if not find_spec("livekit"):
        missing("livekit", "pip install 'antiphon[echo]'")
    return Cancelling()


VOICES = ("LJ001-0008", "jfk", "librivox_0880", "spk1_snt1", "spk1_snt5", "spk1_snt6")
"""Whose words the replies are made of."""


def replies() -> Pcm:
    """Fifty replies of one to two seconds, with half a second between them."""
    random = np.random.default_rng(1)
    voice = np.concatenate([read_sound(SPEECH / f"{name}.flac") for name in VOICES])
    said: list[Pcm] = []
    for _ in range(REPLIES):
        start = int(random.integers(0, len(voice) - 2 * RATE))
        said += [voice[start : start + int(random.uniform(1, 2) * RATE)], np.zeros(RATE // 2, np.int16)]
    pcm = np.concatenate(said)
    return pcm[: len(pcm) // PIECE * PIECE]


def room(played: Pcm, echo_db: float, delay: float) -> Pcm:
    """What a microphone hears of it in a room that is not quite silent."""
    echo = np.concatenate([np.zeros(round(delay * RATE)), played * 10 ** (echo_db / 20)])[: len(played)]
    noise = np.random.default_rng(2).normal(0, 8, len(played))
    return (echo + noise).clip(-32768, 32767).astype(np.int16)


def listen(ears: Ears, heard: Pcm, played: Pcm) -> Pcm:
    spans = [slice(start, start + PIECE) for start in range(0, len(heard), PIECE)]
    return np.concatenate([ears.hear(heard[span], played[span]) for span in spans])


def voiced(pcm: Pcm) -> list[float]:
    """When, in seconds, the server takes this for speech."""
    vad, low = best_vad(), Resampler(RATE, HEARING_RATE).feed(pcm)
    chunks = range(0, len(low) - CHUNK, CHUNK)
    return [start / HEARING_RATE for start in chunks if vad.hear(low[start : start + CHUNK]) > 0.5]


def ducked(clean: Pcm, played: Pcm) -> list[float]:
    """When, in seconds, the reply is ducked."""
    loudness, ducking = Loudness(), Ducking()
    spans = [slice(start, start + PIECE) for start in range(0, len(clean), PIECE)]
    moves = [ducking.hear(voiced=loudness.voiced(clean[span], played[span]), playing=True) for span in spans]
    return [span.stop / RATE for span, move in zip(spans, moves, strict=True) if move == "duck"]


@pytest.mark.real
@pytest.mark.parametrize(("echo_db", "delay"), [(-10, 0.06), (0, 0.15)])
def test_in_fifty_replies_the_server_never_hears_itself(cancelling: Cancelling, echo_db: float, delay: float) -> None:
    played = replies()
    heard = room(played, echo_db, delay)
    assert len(voiced(heard[: 10 * RATE])) > 50
    clean = listen(cancelling, heard, played)
    assert voiced(clean) == []
    assert len(ducked(clean, played)) <= 1  # before the canceller knows the room
    late = slice(2 * RATE, None)
    assert decibels(heard[late]) - decibels(clean[late]) > 40


@pytest.mark.real
def test_a_user_who_interrupts_is_heard_through_the_echo(cancelling: Cancelling) -> None:
    played = replies()[: 12 * RATE]
    heard = room(played, -10, 0.06)
    onset = 8.0
    user = read_sound(SPEECH / "spk1_snt5.flac") // 2
    heard[round(onset * RATE) : round(onset * RATE) + len(user)] += user
    clean = listen(cancelling, heard, played)
    assert onset < min(voiced(clean)) < onset + 0.8

    ducks = ducked(clean, played)
    assert onset < ducks[0] <= min(voiced(clean)) + 0.06


@pytest.mark.real
def test_the_canceller_is_as_late_as_it_says(cancelling: Cancelling) -> None:
    said = read_sound(SPEECH / "spk1_snt5.flac")
    said = said[: len(said) // PIECE * PIECE]
    clean = listen(cancelling, said, np.zeros_like(said))
    size = 2 * len(said)
    spectrum = np.fft.rfft(clean.astype(float), size) * np.conj(np.fft.rfft(said.astype(float), size))
    lag = int(np.argmax(np.fft.irfft(spectrum)[: RATE // 10]))
    assert lag / RATE == pytest.approx(cancelling.delay, abs=0.002)


def test_half_duplex_is_deaf_while_it_plays_and_until_the_room_is_quiet() -> None:
    ears = HalfDuplex()
    assert ears.hear(TONE, QUIET).any()
    assert not ears.hear(TONE, TONE).any()
    quiet_pieces = TAIL // PIECE
    assert not any(ears.hear(TONE, QUIET).any() for _ in range(quiet_pieces - 1))
    assert ears.hear(TONE, QUIET).any()


@pytest.mark.parametrize(
    ("way", "speakers", "kind", "line"),
    [
        ("headphones", "Speakers", OpenEars, "headphones"),
        ("half-duplex", "Speakers", HalfDuplex, "half-duplex"),
        ("auto", "Built-in Speakers", HalfDuplex, "pip install 'antiphon[echo]'"),
        ("auto", "USB Headset", OpenEars, "headphones"),
        ("auto", "AirPods Pro", OpenEars, "headphones"),
    ],
)
def test_without_a_canceller_it_takes_the_next_best_and_says_so(
    way: Way, speakers: str, kind: type, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    ears, said = ears_for(way, speakers)
    assert isinstance(ears, kind)
    assert line in said


def test_a_canceller_that_is_insisted_on_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    with pytest.raises(UsageError, match=r"antiphon\[echo\]"):
        ears_for("cancel", "Speakers")
