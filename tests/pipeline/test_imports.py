"""The arrows between the packages, and how long a file may be."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MAY_IMPORT = {
    "pipeline": ("pipeline", "models"),
    "models": ("models",),
    "server": ("server", "pipeline", "models"),
    "client": ("client", "server.realtime"),
}
"""Of our own packages."""

LONGEST = 400
"""Lines of a file."""

FILES = [path.relative_to(ROOT) for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def imported(path: Path) -> frozenset[str]:
    """All names a file imports from our packages, wherever in it: "pipeline.audio", "pipeline.audio.Pcm"."""
    return frozenset(name for name in _imported(path) if name.split(".")[0] in MAY_IMPORT)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, level):
                base = ".".join(path.parts[: len(path.parts) - level]) if level else ""
                for alias in names:
                    yield ".".join(part for part in (base, module, alias.name) if part)
            case _:
                pass


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_follow_the_arrows(path: Path) -> None:
    allowed = MAY_IMPORT[path.parts[0]]
    assert {name for name in imported(path) if not any(within(name, package) for package in allowed)} == set()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_says_what_it_is(path: Path) -> None:
    text = (ROOT / path).read_text()
    assert not text or ast.get_docstring(ast.parse(text))


def test_the_walk_sees_every_kind_of_import() -> None:
    assert "pipeline.tts.english" in imported(Path("pipeline/tts/speakable.py"))
    assert "pipeline.engines.TtsEngine" in imported(Path("pipeline/tts/voices.py"))
    assert len(FILES) > 50
