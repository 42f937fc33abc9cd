"""What a client's JSON must look like: small checks that name the field and the value when they refuse it."""

import reprlib
from typing import Any, TypeAlias, cast

from pipeline.errors import ProtocolError

Json: TypeAlias = dict[str, Any]
"""A JSON object; its values are whatever the client sent, until they are checked here."""


def as_object(value: object, param: str) -> Json:
    """A value that must be an object. Raises `ProtocolError` naming `param` when it is not."""
    if not isinstance(value, dict):
        raise wrong(value, param, "an object")
    return cast("Json", value)


def as_list(value: object, param: str) -> list[object]:
    """A value that must be an array. Raises `ProtocolError`."""
    if not isinstance(value, list):
        raise wrong(value, param, "an array")
    return cast("list[object]", value)


def as_text(value: object, param: str) -> str:
    """A value that must be a string. Raises `ProtocolError`."""
    if not isinstance(value, str):
        raise wrong(value, param, "a string")
    return value


def as_number(value: object, bounds: tuple[float, float], param: str) -> float:
    """A value that must be a number within these bounds. Raises `ProtocolError`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not bounds[0] <= value <= bounds[1]:
        raise wrong(value, param, f"a number from {bounds[0]} to {bounds[1]}")
    return float(value)


def wrong(value: object, param: str, right: str) -> ProtocolError:
    """The refusal of a value."""
    return ProtocolError(f"{param}: {_short(value)} is not {right}", code="invalid_value", param=param)


def missing(param: str) -> ProtocolError:
    """The refusal of an event that lacks something."""
    return ProtocolError(f"{param} is missing or of the wrong type", code="missing_required_parameter", param=param)


def _short(value: object) -> str:
    return reprlib.repr(value)  # `repr` of some megabytes would hold everybody up
