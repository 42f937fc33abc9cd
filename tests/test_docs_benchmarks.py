"""What `docs/benchmarks.md` says is true: its commands, options, figures and benchmarks."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.bench import BENCHES
from client.latency import ORDER
from server.__main__ import parser_for
from server.bench import PARTS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")


def commands() -> Iterator[list[str]]:
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield shlex.split(line, comments=True)[1:]


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_its_commands_are_understood(words: list[str]) -> None:
    assert words[0] == "bench"
    parser_for(words).parse_args(words)


def test_every_benchmark_is_explained() -> None:
    assert {name for name in (*BENCHES, *PARTS) if f"| `antiphon bench {name}` |" not in PAGE} == set()


def test_every_figure_is_explained() -> None:
    assert {name for name in ORDER if f"`{name}`" not in PAGE} == set()


def test_every_option_it_mentions_exists(capsys: pytest.CaptureFixture[str]) -> None:
    known = ""
    for name in (*BENCHES, *PARTS):
        with pytest.raises(SystemExit):
            parser_for(["bench"]).parse_args(["bench", name, "--help"])
        known += capsys.readouterr().out
    assert {option for option in re.findall(r"`(--[a-z-]+)`", PAGE) if option not in known} == set()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", PAGE))))
def test_what_it_links_to_is_there(target: str) -> None:
    assert (ROOT / "docs" / target).exists()
