"""The benchmarks under load, small and short, against the real server: that they work, not what they find."""

import argparse
import asyncio
import shutil
import sys
import urllib.request
from pathlib import Path
from typing import Any

import orjson
import pytest

from client import bench, rig

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are measured through /proc"),
]

SPEECH = Path("tests/speech")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """The two shortest recordings, so that there are a few questions in a few seconds."""
    labels = (SPEECH / "clips.tsv").read_text().splitlines()
    chosen = [line for line in labels[1:] if line.startswith(("LJ001-0008", "spk1_snt6"))]
    (tmp_path / "clips.tsv").write_text("\n".join([labels[0], *chosen]))
    for line in chosen:
        shutil.copy(SPEECH / line.split("\t")[0], tmp_path)
    return tmp_path


def measure(name: str, clips: Path, *words: str) -> tuple[int, dict[str, Any]]:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    result = clips / "result.json"
    args = parser.parse_args([name, "--clips", str(clips), "--json", str(result), *words])
    code = asyncio.run(bench.run(args))
    return code, orjson.loads(result.read_bytes()) if result.exists() else {}


def healthz(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/healthz", timeout=5.0) as answer:
        return orjson.loads(answer.read())


def test_capacity_is_measured_step_by_step(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timing = ("--settling", "1", "--lone-seconds", "12", "--seconds", "8")
    code, found = measure("capacity", clips, "--sessions", "1,3", *timing)
    lone, *_more = found["steps"]
    assert code == (1 if found["problem"] else 0), "a crowded machine measures nothing"
    assert (lone["sessions"], lone["errors"], lone["unanswered"]) == (1, [], 0)
    assert lone["turns"] >= 1
    assert lone["first_token_ms"]["p50"] > 200, "the stand-in's first token takes as long"
    assert lone["first_audio_ms"]["p50"] > lone["first_token_ms"]["p50"]
    assert lone["cpu_share"] > 0
    assert lone["rss_mb"] > 50
    assert lone["loop_lag_ms"]["p50"] > 0
    assert {"caller", "clip", "first_token_ms", "first_audio_ms"} <= lone["samples"][0].keys()
    assert "sessions in time" in capsys.readouterr().out


def test_a_server_that_is_measured_knows_nothing_of_ones_own_settings(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Path("models/catalog.toml").absolute()
    (tmp_path / "antiphon.toml").write_text(f'llm.catalog = "{catalog}"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTIPHON_LLM_CATALOG", str(catalog))
    parser = argparse.ArgumentParser()
    rig.add_arguments(parser)
    args = parser.parse_args(["--clips", str(clips)])

    async def models() -> list[Any]:
        async with rig.rig(args, "") as measured:
            health = await asyncio.to_thread(healthz, measured.url)
            return health["llm"]["engines"]

    assert len(asyncio.run(models())) == 2, "the stand-in, and the brain that is always there"


def test_a_soak_looks_at_the_server_again_and_again(clips: Path) -> None:
    timing = ("--minutes", "0.25", "--every", "1.5", "--talk", "0.15")
    _code, found = measure("soak", clips, "--sessions", "3", *timing)
    assert (found["talk"]["errors"], found["talk"]["unanswered"]) == ([], 0)
    assert found["talk"]["turns"] >= 1
    assert len(found["samples"]) >= 5
    assert all(sample["tasks"] > 10 and sample["files"] > 5 for sample in found["samples"])
    assert set(found["trends"]) == {"rss_mb", "files", "threads", "tasks"}


def test_what_is_asked_for_wrongly_is_refused(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measure("capacity", clips, "--sessions", "many")[0] == 2
    assert measure("capacity", clips, "--url", "ws://127.0.0.1:1")[0] == 2
    assert "--pid" in capsys.readouterr().err
