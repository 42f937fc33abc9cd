"""What the README says is true: its links, commands, settings and snippets."""

import ast
import re
import textwrap
from importlib import import_module
from pathlib import Path

import pytest

from server.__main__ import COMMANDS
from server.settings import known_settings, read_settings
from tests.pages import README, ROOT


def test_it_can_be_read_in_one_sitting() -> None:
    assert len(README.text.splitlines()) < 250


def test_its_recordings_are_in_the_repository() -> None:
    for words in README.commands("antiphon"):
        for recording in (word for word in words if word.startswith("tests/") and "." in word):
            assert (ROOT / recording).is_file()


def test_its_settings_exist(tmp_path: Path) -> None:
    variables = {one.variable for one in known_settings()}
    for block in README.blocks("toml"):
        (tmp_path / "antiphon.toml").write_text(block)
        read_settings({"config": tmp_path / "antiphon.toml"}, {})
    assert set(re.findall(r"ANTIPHON_[A-Z_]+(?==)", README.text)) <= variables


@pytest.mark.parametrize("block", README.blocks("python"))
def test_its_snippets_are_python(block: str) -> None:
    tree = ast.parse("async def snippet():\n" + textwrap.indent(block, "    "))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                assert hasattr(import_module(node.module), name.name)


def test_every_command_is_explained() -> None:
    assert {name for name in COMMANDS if f"antiphon {name}" not in README.text} <= {"models"}
