"""stub"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def write_report(path: Path, results: Sequence[Mapping[str, Any]]) -> None:
    """Not yet."""
