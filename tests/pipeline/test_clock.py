"""The turn's stopwatch; and the clock of these tests."""

import asyncio
from itertools import pairwise

import pytest

from pipeline.clock import FIRST_TOKEN_TARGET, MARKS, TurnClock
from tests.deadline import ends
from tests.virtual_clock import Deadlock, run


def test_the_first_write_of_a_mark_wins() -> None:
    clock = TurnClock(lambda: 5.0)
    clock.mark("speech_end", 1.0)
    clock.mark("speech_end", 2.0)
    clock.mark("paused")
    clock.mark("paused", 3.0)
    assert clock.marks == {"speech_end": 1.0, "paused": 5.0}


def test_marks_are_told_in_the_order_of_a_turn_in_ms_since_the_end_of_speech() -> None:
    clock = TurnClock(lambda: 0.0)
    clock.mark("sent", 10.98765)
    clock.mark("asr_final", 10.3)
    clock.mark("speech_end", 10.0)
    assert list(clock.marks_ms().items()) == [("speech_end", 0.0), ("asr_final", 300.0), ("sent", 987.7)]
    assert MARKS[0] == "speech_end"


@pytest.mark.parametrize(("now", "left"), [(10.0, FIRST_TOKEN_TARGET), (10.25, 0.35), (11.0, -0.4)])
def test_the_time_left_is_that_until_the_first_token_is_late(now: float, left: float) -> None:
    clock = TurnClock(lambda: now)
    clock.mark("speech_end", 10.0)
    assert clock.time_left() == pytest.approx(left)


def test_on_the_virtual_clock_an_hour_takes_no_time_and_timers_keep_their_order() -> None:
    async def scene() -> list[float]:
        now, woken = asyncio.get_running_loop().time, list[float]()

        async def nap(seconds: float) -> None:
            await asyncio.sleep(seconds)
            woken.append(now())

        async with asyncio.TaskGroup() as tasks:
            for seconds in (3600.0, 0.001, 60.0, 0.0):
                tasks.create_task(nap(seconds))
        return woken

    with ends():
        woken = run(scene())
    assert woken == pytest.approx([0.0, 0.001, 60.0, 3600.0])
    assert all(earlier < later for earlier, later in pairwise(woken))


def test_on_the_virtual_clock_waiting_for_nothing_is_an_error() -> None:
    with pytest.raises(Deadlock, match=r"at 2\.000 s"):
        run(_wait_for_nothing())


async def _wait_for_nothing() -> None:
    await asyncio.sleep(2.0)
    await asyncio.get_running_loop().create_future()
