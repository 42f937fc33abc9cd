import numpy as np
import pytest

from pipeline.audio import Pcm
from pipeline.resample import REACH, Resampler


def tone(hz: float, rate: int, seconds: float = 1.0) -> Pcm:
    return (8000 * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)).astype(np.int16)


def power(pcm: Pcm) -> float:
    return float(np.mean(pcm.astype(np.float64) ** 2))


@pytest.mark.parametrize(("from_hz", "to_hz"), [(24_000, 16_000), (8_000, 16_000), (16_000, 24_000), (48_000, 16_000)])
def test_speech_frequencies_pass_unchanged(from_hz: int, to_hz: int) -> None:
    out = Resampler(from_hz, to_hz).feed(tone(1000, from_hz))
    expected = tone(1000, to_hz)
    lag = round((REACH + 2) / from_hz * to_hz)
    best = max(
        np.corrcoef(out[200 + shift : -200], expected[200 : len(out) - 200 - shift])[0, 1] for shift in range(lag + 1)
    )
    assert best > 0.99
    assert len(out) == len(expected)
    assert power(out[200:-200]) == pytest.approx(power(expected[200:-200]), rel=0.02)


def test_what_the_lower_rate_cannot_hold_is_filtered_out() -> None:
    out = Resampler(24_000, 16_000).feed(tone(10_500, 24_000))
    assert power(out[200:-200]) < 0.001 * power(tone(1000, 16_000))


@pytest.mark.parametrize("size", [1, 7, 480, 2400])
def test_pieces_join_without_a_seam(size: int) -> None:
    source = tone(700, 24_000)
    whole = Resampler(24_000, 16_000).feed(source)
    pieces = Resampler(24_000, 16_000)
    joined = np.concatenate([pieces.feed(source[at : at + size]) for at in range(0, len(source), size)])
    assert np.abs(joined.astype(int) - whole.astype(int)).max() <= 1
    assert len(joined) == len(whole)


def test_sound_comes_out_within_a_millisecond() -> None:
    click = np.zeros(480, np.int16)
    click[240] = 20_000
    out = Resampler(24_000, 16_000).feed(click)
    assert len(out) == 320
    assert int(np.argmax(np.abs(out))) / 16_000 - 240 / 24_000 < 0.001


def test_equal_rates_pass_through() -> None:
    source = tone(700, 16_000)
    assert Resampler(16_000, 16_000).feed(source) is source
