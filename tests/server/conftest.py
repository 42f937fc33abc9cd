"""What tests of the whole server share."""

import logging
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest


@pytest.fixture
def unrecorded() -> Generator[None]:
    """Nobody keeps log records: they remember exceptions, and those whom they have passed."""

    def nothing(_: logging.LogRecord) -> bool:
        return False

    recorders = list(logging.getLogger().handlers)
    for recorder in recorders:
        recorder.addFilter(nothing)
    yield
    for recorder in recorders:
        recorder.removeFilter(nothing)


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """A folder on a disk of 4 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if not sys.platform.startswith("linux") or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
