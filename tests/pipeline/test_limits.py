"""Rate limits as servers write them."""

import pytest

from pipeline.engines import RateLimit
from pipeline.llm.limits import rate_limits, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("2m59.56s", 179.56),
        ("1h30m", 5400.0),
        ("1d0h0m1s", 86_401.0),
        ("0s", 0.0),
        ("60", 60.0),
        ("0.5", 0.5),
        ("", None),
        ("soon", None),
        ("1s later", None),
        ("5 s", None),
        ("-1s", None),
        ("2026-11-21T18:30:00Z", None),
    ],
)
def test_a_time_is_read_in_every_spelling(text: str, expected: float | None) -> None:
    assert seconds(text) == (None if expected is None else pytest.approx(expected))


def told(name: str, limit: str, remaining: str, reset: str) -> dict[str, str]:
    return {
        f"x-ratelimit-limit-{name}": limit,
        f"x-ratelimit-remaining-{name}": remaining,
        f"x-ratelimit-reset-{name}": reset,
    }


def test_requests_and_tokens_are_told_apart() -> None:
    headers = told("requests", "60", "59", "1s") | told("tokens", "150000", "149984", "6m0s")
    assert rate_limits(headers) == (RateLimit("requests", 60, 59, 1.0), RateLimit("tokens", 150_000, 149_984, 360.0))


@pytest.mark.parametrize(
    "told",
    [
        {},
        told("requests", "60", "59", ""),
        told("requests", "60", "", "1s"),
        told("requests", "60, 100;w=60", "59", "1s"),
        told("requests", "-1", "-1", "0s"),
        told("tokens", "many", "59", "1s"),
        told("images", "60", "59", "1s"),
    ],
)
def test_what_is_not_told_in_full_is_not_told(told: dict[str, str]) -> None:
    assert rate_limits(told) == ()
