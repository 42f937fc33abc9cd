"""The committed results are what the benchmarks write today: they can be compared with, and a report made of them."""

from pathlib import Path

import pytest

from client.bench_report import page
from client.samples import read_json, read_result

FOLDER = Path(__file__).parent.parent / "bench" / "results"
RESULTS = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_new_run_can_be_compared_with_it(path: Path) -> None:
    assert read_result(path).bench == path.stem


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_report_can_be_made_of_it(path: Path) -> None:
    assert "<svg" in page([read_json(path)])


def test_it_says_where_the_latencies_were_measured() -> None:
    latency = read_json(FOLDER / "latency.json")
    assert {"processor", "cores", "date"} <= latency["machine"].keys()
    assert latency["load"]["busy"] is not None
    assert latency["stand_in"]["llm_ms"] == 200


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_its_page_names_it(path: Path) -> None:
    assert f"({path.name})" in (FOLDER / "README.md").read_text("utf-8")
