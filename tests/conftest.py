"""What all tests share: which real components are here, and what to do when one is not."""

import os

import pytest


def missing(component: str, hint: str) -> None:
    """A real component is not there: a skip that says what to install on a user's machine, a failure in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{component} is missing; {hint}")
    pytest.skip(f"{component} is missing; {hint}")
