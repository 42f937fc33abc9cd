"""A bound for code that might never end: far more than it needs on a busy machine, far less than a night."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ends(seconds: int = 10) -> Generator[None]:
    """Fails the test if the block is still at it after `seconds`, even inside one regular expression or power."""

    def ring(_: int, __: FrameType | None) -> None:
        raise AssertionError(f"still at it after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
