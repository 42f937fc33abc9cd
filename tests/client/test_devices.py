"""Devices are found by what people call them, and what is missing is said in one line."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from client.devices import Device, Wanted, again, is_there, wanted_from
from client.errors import UsageError
from tests.client.sound_card import ROOT, TALK

PORTAUDIO = """
class PortAudioError(Exception): pass
class default: hostapi = 0
def query_hostapis(): return [dict(name="ALSA")]
def query_devices(): return {devices}
def RawStream(**_): raise PortAudioError("Device unavailable [PaErrorCode -9985]")
"""
ONE = '[dict(name="hw:0", max_input_channels=1, max_output_channels=1, hostapi=0)]'


def talk(*words: str, path: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `antiphon talk` in a process of its own, with `path` searched first for modules."""
    search = os.pathsep.join(filter(None, [path, str(ROOT)]))
    return subprocess.run(
        [sys.executable, "-c", TALK, *words],
        env={**os.environ, "PYTHONPATH": search, **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


YETI = Device(0, "Yeti Stereo Microphone", 2, 0, "ALSA")
USB = Device(1, "USB Headset: Audio (hw:0,1)", 1, 2, "ALSA")
BOX = Device(2, "Sound Box", 0, 2, "ALSA")
OLD = Device(3, "Sound Box", 0, 2, "OSS", default_host=False)
TWIN = Device(4, "Twin", 1, 1, "ALSA")
OTHER_TWIN = Device(5, "Twin", 1, 1, "ALSA")
THERE = [YETI, USB, BOX, OLD, TWIN, OTHER_TWIN]


@pytest.mark.parametrize(
    ("text", "microphone", "speakers"),
    [
        ("1", USB, USB),
        ("0", YETI, None),
        ("box", None, BOX),
        ("0,2", YETI, BOX),
        ("0,3", YETI, OLD),
        ("yeti, box", YETI, BOX),
        (",box", None, BOX),
        ("usb,", USB, None),
        ("hw:0,1", USB, USB),
        ("yeti,hw:0,1", YETI, USB),
        ("5", OTHER_TWIN, OTHER_TWIN),
    ],
)
def test_a_device_is_a_number_or_a_part_of_a_name(
    text: str, microphone: Device | None, speakers: Device | None
) -> None:
    assert wanted_from(text, THERE) == Wanted(microphone, speakers)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("9", "there is no microphone '9', only: Yeti Stereo Microphone, USB Headset"),
        ("yeti,yeti", "there is no speakers 'yeti'"),
        ("twin", "microphone 'twin' could be any of: 4 Twin, 5 Twin"),
    ],
)
def test_what_cannot_be_told_is_asked_back(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        wanted_from(text, THERE)


def test_a_device_is_known_again_under_another_number() -> None:
    back = replace(USB, number=7)
    assert again([YETI, back], USB, "microphone") == back
    assert again(THERE, OTHER_TWIN, "speakers") == OTHER_TWIN
    assert again([YETI], USB, "microphone") is None
    assert again(THERE, None, "microphone") is None
    assert again(THERE, YETI, "speakers") is None


@pytest.mark.parametrize(
    ("wanted", "there"), [(Wanted(), True), (Wanted(YETI), True), (Wanted(YETI, BOX), True), (Wanted(YETI, USB), False)]
)
def test_all_that_is_wanted_must_be_there(wanted: Wanted, there: bool) -> None:
    assert is_there([YETI.name, BOX.name], wanted) is there


@pytest.mark.parametrize("words", [(), ("--list-devices",)])
def test_without_portaudio_it_says_what_to_install(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    done = talk(*words, path=str(tmp_path))
    assert done.returncode == 1
    assert "apt install libportaudio2" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_recording_needs_no_portaudio(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    done = talk("--file", "/nowhere.wav", path=str(tmp_path))
    assert done.returncode == 2
    assert "PortAudio" not in done.stderr


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [("[]", "no sound card that can be used"), (ONE, "cannot open the sound card: Device unavailable")],
)
def test_a_card_that_cannot_be_opened_is_one_line(tmp_path: Path, devices: str, complaint: str) -> None:
    (tmp_path / "sounddevice.py").write_text(PORTAUDIO.format(devices=devices))
    done = talk(path=str(tmp_path))
    assert done.returncode == 1
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
