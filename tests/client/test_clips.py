"""Labels are found beside the recordings or above them, and nonsense in them is named."""

from pathlib import Path

import numpy as np
import pytest

from client.clips import read_clips
from client.errors import SoundFileError
from client.sound import RATE, write_wav

HEADER = "file\tseconds\tspeech_start\tspeech_end\ttranscript\n"


def labelled(folder: Path, rows: str, *, above: bool = False) -> Path:
    clips = folder / "clips"
    clips.mkdir()
    write_wav(clips / "a.wav", np.ones(RATE, np.int16))
    ((folder if above else clips) / "clips.tsv").write_text(HEADER + rows)
    return clips


@pytest.mark.parametrize("above", [False, True])
def test_labels_are_found(tmp_path: Path, above: bool) -> None:
    (clip,) = read_clips(labelled(tmp_path, "a.wav\t1.0\t0.2\t0.9\thello there\n", above=above))
    assert (clip.name, clip.speech_start, clip.speech_end, clip.transcript) == ("a.wav", 0.2, 0.9, "hello there")
    assert len(clip.pcm) == RATE


def test_quiet_before_a_clip_moves_its_labels(tmp_path: Path) -> None:
    clip = read_clips(labelled(tmp_path, "a.wav\t1.0\t0.2\t0.9\thello\n"))[0].after_quiet(0.5)
    assert (clip.speech_start, clip.speech_end) == pytest.approx((0.7, 1.4))
    assert not clip.pcm[: RATE // 2].any()
    assert clip.pcm[RATE // 2 :].all()


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("", "names no recordings"),
        ("b.wav\t1\t0\t1\tx\n", "there is no file"),
        ("a.wav\t1\tsoon\t1\tx\n", "soon"),
        ("a.wav\t1\n", "row without a good"),
    ],
)
def test_bad_labels_are_named(tmp_path: Path, rows: str, complaint: str) -> None:
    with pytest.raises(SoundFileError, match=complaint):
        read_clips(labelled(tmp_path, rows))


def test_a_folder_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match=r"there is no clips\.tsv"):
        read_clips(tmp_path)
