"""Decoders for what speech servers send: every format and split gives the same samples."""

import io
import wave

import numpy as np
import pytest

from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.errors import EngineError
from pipeline.tts.formats import HEAD, Decoder, PcmDecoder, WavDecoder, decoder_for
from pipeline.tts.mp3 import Mp3Decoder


def tone(rate: int, seconds: float = 0.5) -> Pcm:
    return (8000 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


def wav(pcm: Pcm, rate: int, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.repeat(pcm, channels).tobytes())
    return file.getvalue()


def decoded(decoder: Decoder, raw: bytes, chunk: int) -> Pcm:
    pieces = [decoder.feed(raw[start : start + chunk]) for start in range(0, len(raw), chunk)]
    return np.concatenate([*pieces, decoder.finish()])


@pytest.mark.parametrize("chunk", [1, 3, 4096, 10**6])
def test_raw_samples_survive_odd_splits(chunk: int) -> None:
    pcm = tone(SPEAKING_RATE)
    np.testing.assert_array_equal(decoded(PcmDecoder(SPEAKING_RATE, 1), pcm.tobytes() + b"\x01", chunk), pcm)


@pytest.mark.parametrize("chunk", [1, 45, 4096])
@pytest.mark.parametrize(("rate", "channels"), [(24_000, 1), (24_000, 2), (16_000, 1), (44_100, 2)])
def test_wav_of_any_rate_becomes_24_khz_mono(chunk: int, rate: int, channels: int) -> None:
    pcm = decoded(WavDecoder(), wav(tone(rate), rate, channels), chunk)
    expected = tone(SPEAKING_RATE)
    assert abs(len(pcm) - len(expected)) <= 2
    assert np.corrcoef(pcm[500:11_000], expected[500:11_000])[0, 1] > 0.999


def test_wav_with_unknown_sizes_and_other_chunks_is_read() -> None:
    raw = wav(tone(SPEAKING_RATE), SPEAKING_RATE)
    listed = raw[:36] + b"LIST\x05\x00\x00\x00INFO\x00\x00" + b"data\xff\xff\xff\xff" + raw[44:]
    np.testing.assert_array_equal(decoded(WavDecoder(), listed, 10), tone(SPEAKING_RATE))


@pytest.mark.parametrize(
    ("content_type", "head", "kind"),
    [
        ("audio/pcm", bytes(HEAD), PcmDecoder),
        ("application/octet-stream", bytes(HEAD), PcmDecoder),
        ("audio/pcm", b"RIFF\x00\x00\x00\x00WAVE", WavDecoder),
        ("audio/mpeg", b"\xff\xfb" + bytes(10), Mp3Decoder),
        ("application/octet-stream", b"ID3" + bytes(9), Mp3Decoder),
        ("audio/mpeg", bytes(HEAD), PcmDecoder),
        ("audio/pcm", b"\xff\xfb" + bytes(10), PcmDecoder),
    ],
)
def test_bytes_are_believed_before_labels(content_type: str, head: bytes, kind: type[Decoder]) -> None:
    assert type(decoder_for(content_type, head)) is kind


@pytest.mark.parametrize(
    ("content_type", "head", "reason"),
    [("audio/ogg", b"OggS" + bytes(8), "Ogg"), ("text/html", b"<html><body>", "text/html"), ("", b"fLaC1234", "FLAC")],
)
def test_what_is_no_known_sound_is_refused(content_type: str, head: bytes, reason: str) -> None:
    with pytest.raises(EngineError, match=reason):
        decoder_for(content_type, head)


def test_wav_of_another_sample_format_is_refused() -> None:
    raw = bytearray(wav(tone(SPEAKING_RATE), SPEAKING_RATE))
    raw[20], raw[34] = 3, 32  # IEEE float
    with pytest.raises(EngineError, match="32 bits"):
        WavDecoder().feed(bytes(raw))
