"""Events that arrive damaged: refused one by one, each by its name, and forgotten."""

import pytest

from tests.server.fuzz import survive


@pytest.mark.usefixtures("unrecorded")
def test_thousands_of_damaged_events_do_no_damage() -> None:
    assert survive(messages=4000, seed=1)["session.created"] == 20
