"""What others say, fit for a terminal: by control characters in it they would drive it, and write the clipboard."""

from collections.abc import Mapping
from typing import Any

CONTROLS: Mapping[int, None] = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\t"), ord("\n")})
"""C0 and C1, as `str.translate` wants them: U+009B begins a command as ESC [ does."""


def printable(text: str) -> str:
    """The text without its control characters, but for tabs and newlines."""
    return text if text.isprintable() else text.translate(CONTROLS)


def printable_json(value: Any) -> Any:  # whatever JSON can be
    """The same with all texts in it printable, names of fields too."""
    match value:
        case str():
            return printable(value)
        case list():
            return [printable_json(one) for one in value]  # pyright: ignore[reportUnknownVariableType]  of JSON
        case dict():
            return {printable(name): printable_json(one) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  of JSON
        case _:
            return value
