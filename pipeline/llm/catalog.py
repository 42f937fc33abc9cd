"""The models that may answer: what each can, costs and promises, read from a table and checked row by row."""

import math
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast, get_type_hints
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

Tier = Literal["normal", "vip"]

TOKENIZERS = ("", "cl100k_base", "o200k_base", "o200k_harmony", "p50k_base", "r50k_base")
"""Those that are known by name; "" stands for an estimate."""


def _within(default: Any = MISSING, least: float = 0.0, most: float = math.inf) -> Any:
    """A field with the range its values must be in; without a default it must be given."""
    limits = {"least": least, "most": most}
    return field(metadata=limits) if default is MISSING else field(default=default, metadata=limits)


@dataclass(frozen=True, slots=True)
class Model:
    """One row: a model behind one endpoint."""

    name: str
    url: str
    model: str
    """What its server calls it."""
    price_in: float = _within()
    price_out: float = _within()
    """Dollars per 1,000 tokens of the prompt, and of the answer."""
    window: int = _within(least=1)
    """Tokens of prompt and answer together."""
    quality: float = _within(most=1.0)
    """The share of questions it answers well, 0..1."""
    first_token_p50_ms: float = _within(least=1.0)
    first_token_p90_ms: float = _within(least=1.0)
    tokens_per_second: float = _within(least=0.1)
    key_env: str = ""
    """The environment variable that holds the key; "" for none."""
    tokenizer: str = ""
    """"" for an estimate."""
    tools: bool = True
    reasons: bool = False
    """Whether it thinks before it speaks: its thoughts count as words, so nobody caps their number."""
    tier: Tier = "normal"
    """Who may use it: `vip` only those who are, `normal` everybody."""
    requests_per_minute: int = _within(0)
    tokens_per_minute: int = _within(0)
    """0 for no limit."""
    timeout: float = _within(8.0, least=0.1)
    """Seconds it has for its first token before it is given up."""

    def price(self, prompt: int, answer: int) -> float:
        """Dollars for so many tokens."""
        return (prompt * self.price_in + answer * self.price_out) / 1000


def read_catalog(path: Path, tokenizers: Collection[str] = TOKENIZERS) -> Sequence[Model]:
    """The rows in their order. Raises `ConfigError` that names the row and the field that is wrong."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    match table:
        case {"model": [_, *_] as rows, **rest} if not rest:
            pass
        case _:
            raise ConfigError(f"{path} must have [[model]] rows, at least one, and nothing else")
    models = [_model(row, f"{path}, row {number}", tokenizers) for number, row in enumerate(rows, 1)]
    first: dict[str, int] = {}
    for number, model in enumerate(models, 1):
        if first.setdefault(model.name, number) != number:
            raise ConfigError(
                f"{path}: rows {first[model.name]} and {number} are both named {model.name!r}; rename one of them"
            )
    return models


def _model(row: Any, place: str, tokenizers: Collection[str]) -> Model:
    if not isinstance(row, dict):
        raise ConfigError(f"{place} is {row!r}; it must be a [[model]] table")
    given = cast("Mapping[str, object]", row)  # TOML's keys are text
    if name := given.get("name"):
        place = f"{place} ({name})"
    known = {one.name for one in fields(Model)}
    for name in given:
        if name not in known:
            raise ConfigError(f"{place}: there is no field {name!r}; there are {', '.join(sorted(known))}")
    hints = get_type_hints(Model)
    values: dict[str, Any] = {}
    for one in fields(Model):
        if one.name in given:
            values[one.name] = _checked(given[one.name], hints[one.name], f"{place}: {one.name}", one.metadata)
        elif one.default is MISSING:
            raise ConfigError(f"{place}: {one.name} is missing")
    model = Model(**values)
    _check_as_a_whole(model, place, tokenizers)
    return model


def _checked(value: object, kind: Any, what: str, limits: Mapping[str, float]) -> object:
    if kind is bool or kind is str:
        if not isinstance(value, kind):
            raise ConfigError(f"{what} is {value!r}; it must be {'true or false' if kind is bool else 'a text'}")
        return value
    if kind is Tier:
        if value not in ("normal", "vip"):
            raise ConfigError(f"{what} is {value!r}; it must be normal or vip")
        return value
    numbers = int if kind is int else (int, float)
    if not isinstance(value, numbers) or isinstance(value, bool):
        raise ConfigError(f"{what} is {value!r}; it must be a {'whole ' if kind is int else ''}number")
    if not limits["least"] <= value <= limits["most"] or math.isinf(value):
        most = f" and at most {limits['most']:g}" if math.isfinite(limits["most"]) else ""
        raise ConfigError(f"{what} is {value!r}; it must be at least {limits['least']:g}{most}")
    return value


def _check_as_a_whole(model: Model, place: str, tokenizers: Collection[str]) -> None:
    for name in ("name", "model"):
        if not getattr(model, name).strip():
            raise ConfigError(f"{place}: {name} is empty")
    if not _is_url(model.url):
        raise ConfigError(f"{place}: url is {model.url!r}; write it like http://127.0.0.1:8000/v1")
    if model.tokenizer not in tokenizers:
        known = ", ".join(sorted(filter(None, tokenizers)))
        raise ConfigError(f'{place}: tokenizer is {model.tokenizer!r}; choose one of {known}, or "" to estimate')
    if model.first_token_p90_ms < model.first_token_p50_ms:
        raise ConfigError(
            f"{place}: first_token_p90_ms is {model.first_token_p90_ms:g}, below first_token_p50_ms,"
            f" which is {model.first_token_p50_ms:g}"
        )


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in text
    except ValueError:
        return False
