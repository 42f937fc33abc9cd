"""A few threads for blocking work; what somebody waits for goes before what is nice to have."""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

from pipeline.errors import EngineError

T = TypeVar("T")


class Urgency(IntEnum):
    """What goes first."""

    FINAL = 0
    """A reply waits for it."""
    PARTIAL = 1
    """It is shown while the user still speaks."""
    END = 2
    """The thread's last job."""


@dataclass(frozen=True, slots=True, order=True)
class _Job:
    urgency: Urgency
    number: int
    """Counts up, so that equally urgent jobs run in the order they came."""
    run: Callable[[], Any] = field(compare=False)
    answer: Future[Any] = field(compare=False)


class Workers:
    """`threads` threads, started when first needed. All methods may be called from any thread.

    The queue has no bound of its own: every utterance has at most a handful of jobs in it, and the number of
    utterances is bounded where speakers are admitted.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name} {number}", daemon=True) for number in range(threads)
        ]
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, urgency: Urgency, run: Callable[[], T]) -> Future[T]:
        """Has a thread call `run`. Cancelling the future takes the job back, unless it has begun.

        After `close` the future comes back cancelled.
        """
        answer: Future[T] = Future()
        with self._lock:
            if self._closed:
                answer.cancel()
                return answer
            for thread in self._threads:
                if thread.ident is None:
                    thread.start()
            self._jobs.put(_Job(urgency, next(self._numbers), run, answer))
        return answer

    def close(self, *, wait: bool = True) -> None:
        """Takes back the jobs that have not begun, and waits for those that have, or not. Safe to call twice."""
        with self._lock:
            self._closed = True
            self._cancel_waiting()
            for _ in self._threads:
                self._jobs.put(_Job(Urgency.END, next(self._numbers), lambda: None, Future()))
        for thread in self._threads:
            if wait and thread.ident is not None:
                thread.join()

    def _cancel_waiting(self) -> None:
        while True:
            try:
                self._jobs.get_nowait().answer.cancel()
            except queue.Empty:
                return

    def _work(self) -> None:
        while (job := self._jobs.get()).urgency is not Urgency.END:
            if job.answer.set_running_or_notify_cancel():
                _answer(job)
            del job  # or an idle thread would keep the last utterance's audio alive


async def outcome(answer: Future[T]) -> T:
    """Waits for a job on the event loop; cancelling the wait leaves the job be. `EngineError` if it was taken back."""
    waiting = asyncio.wrap_future(answer)
    waiting.add_done_callback(lambda done: done.cancelled() or done.exception())  # or asyncio says that nobody asked
    await asyncio.wait({waiting})  # not `await waiting`: that would hand our own cancellation on to the job
    if waiting.cancelled():
        raise EngineError("the engine was stopped before it had an answer")
    return waiting.result()


def _answer(job: _Job) -> None:
    try:
        job.answer.set_result(job.run())
    except BaseException as error:  # noqa: BLE001 - it is the waiting caller's to handle
        job.answer.set_exception(error)
