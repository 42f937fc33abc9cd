"""Which model answered and why, in a line."""

from typing import Any

import pytest

from client.choice import in_words

ALONE: dict[str, Any] = {
    "model": "brain",
    "why": "",
    "kind": "",
    "time_left_ms": None,
    "asked": ["brain"],
    "failures": 0,
    "wasted_tokens": 0,
    "saved_ms": 0.0,
    "cost_usd": 0.0,
}
RACE = {"model": "quick", "asked": ["large", "quick"], "wasted_tokens": 12, "saved_ms": 310.4, "cost_usd": 0.00042}


@pytest.mark.parametrize(
    ("choice", "line"),
    [
        ({}, ""),
        (ALONE, ""),
        (ALONE | {"why": "best of those in time"}, "brain: best of those in time"),
        (
            ALONE | RACE | {"why": "best of those in time"},
            "quick: best of those in time · large → quick · 310 ms won · 12 tokens thrown away · $0.00042",
        ),
        (ALONE | {"asked": ["a", "b"], "failures": 1}, "brain · a → b · 1 failed"),
    ],
)
def test_a_choice_is_told_where_there_was_one(choice: dict[str, Any], line: str) -> None:
    assert in_words(choice) == line
