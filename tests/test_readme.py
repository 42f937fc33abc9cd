"""What the README says is true: its links, commands, settings and snippets."""

import ast
import re
import shlex
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from server.__main__ import COMMANDS, parser_for
from server.settings import known_settings, read_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced code of that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[list[str]]:
    """Every `antiphon ...` line, split as a shell would."""
    for block in blocks("sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.split("#")[0].rstrip(" &"))
            if "antiphon" in words:
                yield words[words.index("antiphon") + 1 :]


def test_it_can_be_read_in_one_sitting() -> None:
    assert len(README.splitlines()) < 250


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_what_it_links_to_is_there(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_its_commands_are_understood(words: list[str]) -> None:
    parser_for(words).parse_args(words)


def test_its_recordings_are_in_the_repository() -> None:
    for words in commands():
        for recording in (word for word in words if word.startswith("tests/") and "." in word):
            assert (ROOT / recording).is_file()


def test_its_settings_exist(tmp_path: Path) -> None:
    variables = {one.variable for one in known_settings()}
    for block in blocks("toml"):
        (tmp_path / "antiphon.toml").write_text(block)
        read_settings({"config": tmp_path / "antiphon.toml"}, {})
    assert set(re.findall(r"ANTIPHON_[A-Z_]+(?==)", README)) <= variables


@pytest.mark.parametrize("block", blocks("python"))
def test_its_snippets_are_python(block: str) -> None:
    tree = ast.parse("async def snippet():\n" + textwrap.indent(block, "    "))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                assert hasattr(import_module(node.module), name.name)


def test_every_command_is_explained() -> None:
    assert {name for name in COMMANDS if f"antiphon {name}" not in README} <= {"models"}
