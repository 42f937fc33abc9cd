"""What `docs/benchmarks.md` says is true: its options, figures and benchmarks."""

import re
from pathlib import Path

import pytest

from client.bench import BENCHES
from client.latency import ORDER
from server.__main__ import parser_for
from server.bench import PARTS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")


def test_every_benchmark_is_explained() -> None:
    assert {name for name in (*BENCHES, *PARTS) if f"| `{name}` |" not in PAGE} == set()


def test_every_figure_is_explained() -> None:
    assert {name for name in ORDER if f"`{name}`" not in PAGE} == set()


def test_every_option_it_mentions_exists(capsys: pytest.CaptureFixture[str]) -> None:
    known = ""
    for name in (*BENCHES, *PARTS):
        with pytest.raises(SystemExit):
            parser_for(["bench"]).parse_args(["bench", name, "--help"])
        known += capsys.readouterr().out
    assert {option for option in re.findall(r"`(--[a-z-]+)`", PAGE) if option not in known} == set()
