"""An event loop on which waiting takes no time: when nothing is ready, its clock jumps to the next timer.

A conversation of half a minute takes milliseconds, and latencies can be asserted exactly. Not for code with threads or
other processes: the clock does not wait for them. Sockets may join two tasks of the same loop.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

DELIVERY = 0.001
"""Real seconds that the kernel has to carry bytes from one socket of this process to another."""


class Deadlock(RuntimeError):  # noqa: N818  the word for it
    """Every task waits, and nothing is left that could wake one of them."""


class _Leap(selectors.SelectSelector):
    """Instead of waiting for so many seconds, lets them have passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        sockets = len(self.get_map()) > 1  # one is the loop's own, to wake it
        ready = super().select(DELIVERY if sockets and timeout != 0 else 0)
        if not ready:
            if timeout is None:
                raise Deadlock(f"at {self.now:.3f} s every task waits for another")
            self.now += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0.0."""

    def __init__(self) -> None:
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self) -> float:
        return self._leap.now


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, on virtual time. Raises `Deadlock`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
