"""What a benchmark of a part of this server leaves behind, for other programs."""

from collections.abc import Mapping
from pathlib import Path

import orjson

from pipeline.errors import ConfigError


def write(path: Path, content: bytes) -> None:
    """Keep it. Raises `ConfigError` when the place cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"cannot write {str(path)!r}: {error.strerror}") from None


def write_json(path: Path, result: Mapping[str, object]) -> None:
    """The same with a result."""
    write(path, orjson.dumps(result, option=orjson.OPT_INDENT_2))
