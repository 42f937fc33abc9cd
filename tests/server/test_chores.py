"""What goes on beside the talking."""

import logging

import pytest

from server.chores import chores_of
from server.settings import read_settings
from server.staff import staff

URL = "http://127.0.0.1:9/v1"


def warnings(caplog: pytest.LogCaptureFixture, given: dict[str, str], environment: dict[str, str]) -> list[str]:
    settings = read_settings({"server.state": "none", **given}, {"HOME": "/none"})
    with caplog.at_level(logging.WARNING):
        chores_of(settings, environment, staff(settings, environment, URL))
    return caplog.messages


@pytest.mark.parametrize(
    ("given", "environment", "named"),
    [
        ({"budget.day": "20"}, {"OPENAI_API_KEY": "sk-x"}, ["gpt-4.1-mini at https://api.openai.com/v1"]),
        ({"budget.session": "0.2", "llm.url": URL, "llm.model": "m"}, {}, [f"m at {URL}"]),
        ({"budget.day": "20"}, {}, []),
        ({"llm.url": URL}, {}, []),
    ],
)
def test_a_limit_that_does_not_see_a_model_s_price_is_warned_of(
    caplog: pytest.LogCaptureFixture, given: dict[str, str], environment: dict[str, str], named: list[str]
) -> None:
    expected = [f"budgets do not see what {name} costs: give it a row in llm.catalog" for name in named]
    assert warnings(caplog, given, environment) == expected
