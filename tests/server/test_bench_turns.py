"""The curve of turn-taking: real recordings, the real detector, a real endpointer."""

import argparse
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline.errors import ConfigError
from server import bench_turns
from server.recordings import read_recordings
from tests.speech import HERE

pytestmark = pytest.mark.real

FEW = ("jfk", "LJ001-0009", "spk1_snt5", "spk1_snt1")


def few(folder: Path) -> Path:
    """Some of the recordings, with their labels."""
    for name in FEW:
        (folder / f"{name}.flac").symlink_to(HERE / f"{name}.flac")
    for labels in ("clips.tsv", "pauses.tsv"):
        lines = (HERE / labels).read_text("utf-8").splitlines(keepends=True)
        (folder / labels).write_text("".join([lines[0], *(line for line in lines if line.startswith(FEW))]), "utf-8")
    (folder / "noise").symlink_to(HERE / "noise")
    return folder


def bench(folder: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    bench_turns.add_arguments(parser)
    return bench_turns.run(parser.parse_args(["--clips", str(folder), *words]))


@cache
def measured(folder: Path) -> dict[str, Any]:
    few(folder)
    json = folder / "turns.json"
    assert bench(folder, "--noise", "10", "--echo", "30", "--json", str(json)) == 0
    return orjson.loads(json.read_bytes())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return measured(tmp_path_factory.mktemp("few"))


def points(found: dict[str, Any], condition: str, kind: str) -> list[dict[str, Any]]:
    return [point for point in found["conditions"][condition] if point["kind"] == kind]


def test_the_conditions_are_those_asked_for(found: dict[str, Any]) -> None:
    assert list(found["conditions"]) == ["clean", "noise 10 dB", "echo 30 dB"]
    assert {(point["turns"], point["pauses"]) for one in found["conditions"].values() for point in one} == {(12, 21)}


@pytest.mark.parametrize("kind", ["graded", "fixed"])
def test_who_waits_longer_cuts_in_less(found: dict[str, Any], kind: str) -> None:
    cuts = [point["cut_pauses"]["value"] for point in points(found, "clean", kind)]
    delays = [point["delay_ms"]["mean"] for point in points(found, "clean", kind)]
    assert cuts == sorted(cuts, reverse=True)
    assert delays == sorted(delays)
    assert cuts[0] - cuts[-1] > 0.4


def test_words_are_worth_more_than_any_silence(found: dict[str, Any]) -> None:
    medium = next(point for point in points(found, "clean", "graded") if point["eagerness"] == "medium")
    alike = bench_turns.as_rarely(points(found, "clean", "fixed"), medium["cut_pauses"]["value"])
    assert alike is not None
    assert medium["delay_ms"]["p50"] < alike


def test_clean_sentences_end_when_they_end(found: dict[str, Any]) -> None:
    medium = next(point for point in points(found, "clean", "graded") if point["eagerness"] == "medium")
    assert (medium["unended"], medium["astray"]) == (0, 0)
    assert 250 <= medium["delay_ms"]["p50"] <= 600


def test_single_turns_are_kept_for_comparison(found: dict[str, Any]) -> None:
    assert len(found["samples"]["clean, medium: cut_pauses"]["jfk.flac"]) == 12
    assert found["goals"]["clean, low: delay_ms"] == "lower"


def test_mixtures_can_be_spoken_to_a_live_server(tmp_path: Path) -> None:
    few(tmp_path)
    assert bench(tmp_path, "--noise", "20", "--echo", "20", "--stretch", "2", "--write", str(tmp_path / "out")) == 0
    folders = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert folders == ["clean", "echo-20-dB", "noise-20-dB"]
    again = read_recordings(tmp_path / "out" / "clean")
    assert len(again) == len(FEW)
    assert sum(len(one.pauses) for one in again) == 7


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        (None, "cannot read the labels"),
        ("file\tspeech_start\tspeech_end\ttranscript\n", "names no recordings"),
        ("file\tspeech_start\tspeech_end\ttranscript\na.flac\t0\t1\tx\n", "cannot read .* as audio"),
        ("file\tspeech_start\tspeech_end\ttranscript\nspk1_snt5.flac\tsoon\t1\tx\n", "row without a good"),
        ("file\tspeech_start\tspeech_end\ttranscript\nspk1_snt5.flac\t0\t1\tx\n", "no pause is labelled"),
    ],
)
def test_bad_labels_are_named(tmp_path: Path, labels: str | None, complaint: str) -> None:
    (tmp_path / "spk1_snt5.flac").symlink_to(HERE / "spk1_snt5.flac")
    (tmp_path / "pauses.tsv").write_text("file\tstart\tend\tsaid\n")
    if labels is not None:
        (tmp_path / "clips.tsv").write_text(labels)
    with pytest.raises(ConfigError, match=complaint):
        bench(tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    few(tmp_path)
    with pytest.raises(ConfigError, match="cannot write"):
        bench(tmp_path, "--noise", "20", "--stretch", "1", "--json", "/nowhere/at/all.json")


def test_the_pauses_of_the_recordings_lie_within_their_speech() -> None:
    recordings = read_recordings(HERE)
    assert sum(len(one.pauses) for one in recordings) > 20
    for one in recordings:
        edges = [one.speech_start, *(edge for pause in one.pauses for edge in (pause.start, pause.end)), one.speech_end]
        assert edges == sorted(edges)
        assert all(one.said.startswith(pause.said) for pause in one.pauses)
