"""What a client's JSON must look like: small checks that name the field and the value when they refuse it."""

import reprlib
from typing import Any, TypeAlias, cast

from pipeline.errors import ProtocolError

Json: TypeAlias = dict[str, Any]
"""A JSON object; its values are whatever the client sent, until they are checked here."""

MOST_NAME = 512
"""Characters of a name, and of an id that the client has made up."""


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


def as_name(value: object, param: str) -> str:
    """A value that must be a string of a name's length. Raises `ProtocolError`."""
    name = as_text(value, param)
    if len(name) > MOST_NAME:
        raise wrong(name, param, f"a name: it has over {MOST_NAME} characters")
    return name


def short(value: object) -> str:
    """A value for a message: the `repr` of some megabytes would hold everybody up."""
    return reprlib.repr(value)


def wrong(value: object, param: str, right: str) -> ProtocolError:
    """The refusal of a value."""
    return ProtocolError(f"{param}: {short(value)} is not {right}", code="invalid_value", param=param)


def missing(param: str) -> ProtocolError:
    """The refusal of an event that lacks something."""
    return ProtocolError(f"{param} is missing or of the wrong type", code="missing_required_parameter", param=param)
