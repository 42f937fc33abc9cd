"""What tests of the whole server share."""

import logging
from collections.abc import Generator

import pytest


@pytest.fixture
def unrecorded() -> Generator[None]:
    """Nobody keeps log records: they remember exceptions, and those whom they have passed."""

    def nothing(_: logging.LogRecord) -> bool:
        return False

    recorders = list(logging.getLogger().handlers)
    for recorder in recorders:
        recorder.addFilter(nothing)
    yield
    for recorder in recorders:
        recorder.removeFilter(nothing)
