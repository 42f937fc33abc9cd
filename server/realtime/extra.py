"""What a client may have passed through to the model's server: fields of a chat completions request, checked."""

from collections.abc import Callable, Mapping
from typing import Any

from server.realtime.checks import Json, as_list, as_number, as_object, as_text, wrong

MOST_STOPS = 4
"""As OpenAI has it."""

MOST_BIASES = 1024

FORMATS = ("text", "json_object", "json_schema")


def extra_of(ours: object, path: str) -> Mapping[str, Any]:
    """Those under `extra` in an `antiphon` object; none where it is null or has none. Raises `ProtocolError`."""
    given = as_object({} if ours is None else ours, path).get("extra")
    path = f"{path}.extra"
    fields = as_object({} if given is None else given, path)
    for name, value in fields.items():
        if name not in _CHECKS:
            raise wrong(name, path, f"one of {', '.join(_CHECKS)}")
        _CHECKS[name](value, f"{path}.{name}")
    return fields


def _stop(value: object, path: str) -> None:
    several = [value] if isinstance(value, str) else as_list(value, path)
    if not 1 <= len(several) <= MOST_STOPS or not all(isinstance(one, str) and one for one in several):
        raise wrong(several, path, f"a text, or a list of up to {MOST_STOPS}")


def _seed(value: object, path: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(value, path, "a whole number")


def _bias(value: object, path: str) -> None:
    biases = as_object(value, path)
    if len(biases) > MOST_BIASES or not all(token.isdecimal() for token in biases):
        raise wrong(value, path, f"an object of up to {MOST_BIASES} numbers of tokens")
    for token, bias in biases.items():
        as_number(bias, (-100, 100), f"{path}.{token}")


def _format(value: object, path: str) -> None:
    wanted: Json = as_object(value, path)
    kind = wanted.get("type")
    if kind not in FORMATS:
        raise wrong(kind, f"{path}.type", f"one of {', '.join(FORMATS)}")
    if kind == "json_schema":
        schema = as_object(wanted.get("json_schema"), f"{path}.json_schema")
        as_text(schema.get("name"), f"{path}.json_schema.name")
        as_object(schema.get("schema"), f"{path}.json_schema.schema")


def _within(least: float, most: float) -> Callable[[object, str], None]:
    def check(value: object, path: str) -> None:
        as_number(value, (least, most), path)

    return check


_CHECKS: Mapping[str, Callable[[object, str], None]] = {
    "stop": _stop,
    "seed": _seed,
    "logit_bias": _bias,
    "response_format": _format,
    "top_p": _within(0, 1),
    "presence_penalty": _within(-2, 2),
    "frequency_penalty": _within(-2, 2),
}
