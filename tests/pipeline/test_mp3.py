"""The MP3 decoder against signals encoded on the spot: time, likeness, splits and damage."""

import numpy as np
import pytest

from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.tts.mp3 import Mp3Decoder
from tests.stand_ins.edge_server import mp3_from_pcm

pytestmark = pytest.mark.real


def chirp(seconds: float, rate: int = SPEAKING_RATE) -> Pcm:
    at = np.arange(round(seconds * rate)) / rate
    return (0.4 * 32767 * np.sin(2 * np.pi * (200 + 300 * at) * at)).astype(np.int16)


def decoded(mp3: bytes, chunk: int) -> Pcm:
    decoder = Mp3Decoder()
    pieces = [decoder.feed(mp3[start : start + chunk]) for start in range(0, len(mp3), chunk)]
    return np.concatenate([*pieces, decoder.finish()])


@pytest.mark.parametrize("chunk", [1, 7, 144, 720, 10**6])
def test_the_sound_comes_back_in_place_however_it_is_split(chunk: int) -> None:
    sound = chirp(2.0)
    pcm = decoded(mp3_from_pcm(sound), chunk)
    assert len(sound) <= len(pcm) < len(sound) + 1152
    assert np.corrcoef(pcm[1000 : len(sound)], sound[1000:])[0, 1] > 0.9999
    one_off = np.corrcoef(pcm[999 : len(sound) - 1], sound[1000:])[0, 1]
    assert one_off < 0.999


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_other_rates_are_resampled(rate: int) -> None:
    pcm = decoded(mp3_from_pcm(chirp(1.0, rate), rate), 500)
    expected = chirp(1.0)
    assert np.corrcoef(pcm[2000:22_000], expected[2000:22_000])[0, 1] > 0.995  # half a sample aside


def test_damage_costs_a_few_frames_not_the_rest() -> None:
    mp3 = bytearray(mp3_from_pcm(chirp(2.0)))
    mp3[3000:3300] = bytes(300)
    pcm = decoded(bytes(mp3), 720)
    assert len(pcm) > 1.7 * SPEAKING_RATE
    assert np.abs(pcm[-12_000:-2000]).max() > 8000


def test_no_sound_in_noise() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 20_000, np.uint8).tobytes()
    assert len(decoded(noise, 720)) < SPEAKING_RATE


def test_each_piece_is_decoded_as_it_comes() -> None:
    mp3 = mp3_from_pcm(chirp(4.0))
    decoder, lengths = Mp3Decoder(), list[int]()
    for start in range(0, len(mp3), 720):  # 120 ms of sound, five frames
        lengths.append(len(decoder.feed(mp3[start : start + 720])))
    assert max(lengths) <= 6 * 576
    assert min(lengths[1:]) >= 4 * 576
