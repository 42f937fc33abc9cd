"""Any recording becomes mono 24 kHz samples, in time; anything else is one clear line."""

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from client.errors import SoundFileError
from client.sound import RATE, Pcm, read_sound, voiced_end, write_wav


def tone(seconds: float, hz: float = 440, rate: int = RATE) -> Pcm:
    return (12000 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def write(path: Path, pcm: Pcm, rate: int, channels: int) -> None:
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(channels)
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes(np.repeat(pcm, channels).tobytes())


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_and_channels_become_mono_24_khz(tmp_path: Path, rate: int, channels: int) -> None:
    write(tmp_path / "a.wav", tone(0.5, rate=rate), rate, channels)
    pcm = read_sound(tmp_path / "a.wav")
    assert pcm.dtype == np.int16
    assert abs(len(pcm) - RATE // 2) < RATE // 1000
    middle = slice(RATE // 10, RATE // 10 * 4)
    assert np.corrcoef(pcm[middle], tone(0.5)[middle])[0, 1] > 0.999


def test_resampling_does_not_move_a_click(tmp_path: Path) -> None:
    click = np.zeros(16000, np.int16)
    click[8000] = 30000
    write(tmp_path / "a.wav", click, 16000, 1)
    assert abs(int(np.argmax(np.abs(read_sound(tmp_path / "a.wav")))) - 12000) <= 1


@pytest.mark.parametrize(("name", "codec"), [("a.flac", "flac"), ("a.mp3", "mp3"), ("a.ogg", "libopus")])
def test_compressed_files_are_read(tmp_path: Path, name: str, codec: str) -> None:
    sink: Any  # PyAV knows the kind of a stream only when the codec's name is a literal
    with av.open(str(tmp_path / name), "w") as sink:
        stream = sink.add_stream(codec, rate=48000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.repeat(tone(0.5, rate=48000), 2)[None], format="s16", layout="stereo")
        frame.sample_rate = 48000
        resampler = av.AudioResampler(stream.format, stream.layout, stream.rate, frame_size=stream.frame_size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            sink.mux(stream.encode(piece))
        sink.mux(stream.encode(None))
    pcm = read_sound(tmp_path / name)
    assert 0.49 < len(pcm) / RATE < 0.62  # an encoder's padding may stay
    assert 10000 < np.abs(pcm).max() < 15000


def test_what_was_written_reads_the_same(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(0.1))
    assert np.array_equal(read_sound(tmp_path / "a.wav"), tone(0.1))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "there is no file"), (b"", "cannot read"), (b"not a sound at all\n" * 50, "cannot read")],
)
def test_what_is_no_sound_is_said_in_one_line(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SoundFileError, match=complaint):
        read_sound(path)


def test_an_empty_recording_has_no_sound(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", tone(0), RATE, 1)
    with pytest.raises(SoundFileError, match="no sound"):
        read_sound(tmp_path / "a.wav")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="cannot read"):
        read_sound(tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="nowhere"):
        write_wav(tmp_path / "nowhere" / "a.wav", tone(0.1))


@pytest.mark.parametrize(
    ("pcm", "end"),
    [
        (np.zeros(RATE, np.int16), 0.0),
        (np.zeros(0, np.int16), 0.0),
        (tone(0.5), 0.5),
        (np.concatenate([tone(0.5), np.zeros(RATE, np.int16)]), 0.5),
        (np.concatenate([tone(0.5), tone(1.0) // 400]), 0.5),
        (np.concatenate([tone(0.2), np.zeros(RATE, np.int16), tone(0.1)]), 1.3),
    ],
)
def test_the_voice_ends_with_its_last_loud_moment(pcm: Pcm, end: float) -> None:
    assert voiced_end(pcm) == pytest.approx(end, abs=0.011)
