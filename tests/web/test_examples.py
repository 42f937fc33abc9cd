"""What the page proposes to ask is answered well by the brain that is always there."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from models.wits import Question, think
from models.wits.conversation import Line

LOCALES = Path(__file__).parents[2] / "client" / "web" / "js" / "view" / "locales"


@pytest.mark.parametrize(
    ("language", "number", "answer"),
    [
        ("en", 1, "choir"),
        ("en", 2, "84"),
        ("en", 3, "lighthouse"),
        ("zh", 1, "回应"),
        ("zh", 2, "84"),
        ("zh", 3, "灯塔"),
    ],
)
def test_the_examples_are_answered(language: str, number: int, answer: str) -> None:
    found = re.search(rf'"empty\.try{number}": "([^"]+)"', (LOCALES / f"{language}.js").read_text())
    assert found
    reply = think(Question([Line("user", found[1])], datetime(2026, 11, 25, 12, 0)))
    assert isinstance(reply, str)
    assert answer in reply
