"""Threads for blocking work, urgent jobs first."""

import asyncio
import threading

import pytest

from pipeline.asr.workers import Urgency, Workers, outcome
from pipeline.errors import EngineError


def test_urgent_jobs_go_first_and_the_others_in_turn() -> None:
    workers, go_on, done = Workers(1, "test"), threading.Event(), list[str]()
    blocking = workers.submit(Urgency.PARTIAL, lambda: go_on.wait(5))
    for name, urgency in (("a", Urgency.PARTIAL), ("b", Urgency.PARTIAL), ("c", Urgency.FINAL)):
        workers.submit(urgency, lambda name=name: done.append(name))
    last = workers.submit(Urgency.PARTIAL, lambda: None)
    go_on.set()
    last.result(5)
    assert blocking.result(5)
    assert done == ["c", "a", "b"]
    workers.close()


def test_a_job_that_has_not_begun_can_be_taken_back() -> None:
    workers, go_on, done = Workers(1, "test"), threading.Event(), list[str]()
    begun = workers.submit(Urgency.FINAL, lambda: go_on.wait(5))
    waiting = workers.submit(Urgency.FINAL, lambda: done.append("waiting"))
    assert waiting.cancel()
    go_on.set()
    assert begun.result(5)
    workers.close()
    workers.close()
    assert done == []


def test_a_failing_job_fails_only_itself() -> None:
    workers = Workers(1, "test")
    with pytest.raises(ZeroDivisionError):
        workers.submit(Urgency.FINAL, lambda: 1 / 0).result(5)
    assert workers.submit(Urgency.FINAL, lambda: 1).result(5) == 1
    workers.close()


def test_after_the_end_jobs_are_refused() -> None:
    async def scene() -> None:
        workers = Workers(1, "test")
        workers.close()
        with pytest.raises(EngineError, match="stopped"):
            await outcome(workers.submit(Urgency.FINAL, lambda: 1))

    asyncio.run(scene())


def test_cancelling_the_wait_leaves_the_job_be() -> None:
    async def scene() -> None:
        workers, go_on = Workers(1, "test"), threading.Event()
        job = workers.submit(Urgency.FINAL, lambda: go_on.wait(5))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await outcome(job)
        go_on.set()
        assert await outcome(job)
        workers.close()

    asyncio.run(scene())
