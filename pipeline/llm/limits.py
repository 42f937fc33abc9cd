"""What a server tells of its rate limits, in the headers that OpenAI sends and others have copied."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from pipeline.engines import RateLimit

Name = Literal["requests", "tokens"]

_NAMES: tuple[Name, ...] = ("requests", "tokens")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd]|$)", re.ASCII)


def rate_limits(headers: Mapping[str, str]) -> Sequence[RateLimit]:
    """Those of `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` that are told in full."""
    return tuple(limit for name in _NAMES if (limit := _limit(headers, name)))


def seconds(text: str) -> float | None:
    """How long "1s", "6m0s", "2m59.56s", "120ms" or a plain "60" is. None for what is none of these."""
    parts = _PART.findall(text)
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts)


def _limit(headers: Mapping[str, str], name: Name) -> RateLimit | None:
    limit, remaining, reset = (
        headers.get(f"x-ratelimit-{what}-{name}", "").strip() for what in ("limit", "remaining", "reset")
    )
    wait = seconds(reset)
    if wait is None or not (limit.isdecimal() and remaining.isdecimal()):
        return None
    return RateLimit(name, int(limit), int(remaining), wait)
