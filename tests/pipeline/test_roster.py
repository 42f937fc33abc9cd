"""Engines reporting in, on the virtual clock."""

import asyncio
import math
from dataclasses import dataclass, field

from pipeline.engines import Voice
from pipeline.errors import EngineError
from pipeline.lineup import unpaid
from pipeline.roster import Candidate, Engines, Stage
from tests.pipeline.fakes import FakeAsr, FakeLlm, FakeTts, broken, staff
from tests.virtual_clock import run


@dataclass
class Late:
    """An engine that takes its time to start, or cannot."""

    name: str
    seconds: float = 0.0
    failure: EngineError | None = None
    closed: list[str] = field(default_factory=list[str])
    started: list[float] = field(default_factory=list[float])
    """When."""

    async def start(self) -> None:
        self.started.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.seconds)
        if self.failure:
            raise self.failure

    async def aclose(self) -> None:
        self.closed.append(self.name)


def stage(*engines: Late) -> Stage[Late]:
    return Stage("ASR", [Candidate(engine) for engine in engines])


def names(staffed: Stage[Late]) -> list[str]:
    return [engine.name for engine in staffed.ready()]


def test_a_stage_is_staffed_by_the_first_to_be_ready_and_gets_better() -> None:
    async def scene() -> None:
        job = stage(Late("best", 5.0), Late("broken", 0.5, broken("cable")), Late("plain", 1.0))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(job.start())
            await job.staffed.wait()
            assert (asyncio.get_running_loop().time(), names(job)) == (1.0, ["plain"])
            await job.reported.wait()
            assert (asyncio.get_running_loop().time(), names(job)) == (5.0, ["best", "plain"])
        assert [(candidate.state, candidate.why) for candidate in job.candidates] == [
            ("ready", ""),
            ("absent", "the cable broke"),
            ("ready", ""),
        ]

    run(scene())


def test_where_nobody_can_work_nobody_is_waited_for() -> None:
    async def scene() -> None:
        job = stage(Late("broken", 2.0, broken("cable")))
        await job.start()
        assert (job.staffed.is_set(), job.reported.is_set(), names(job)) == (True, True, [])

    run(scene())


def test_two_who_start_a_stage_at_once_start_each_engine_once() -> None:
    async def scene() -> None:
        job = stage(good := Late("good", 1.0), bad := Late("bad", 0.5, broken("cable")))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(job.start())
            tasks.create_task(job.start())
        assert (good.started, bad.started, names(job)) == ([0.0], [0.0, 0.5], ["good"])

    run(scene())


def test_a_start_that_is_cancelled_gives_up_who_is_still_starting() -> None:
    async def scene() -> None:
        job = stage(Late("quick"), Late("never", math.inf))
        try:
            async with asyncio.timeout(3.0):
                await job.start()
        except TimeoutError:
            assert (names(job), job.reported.is_set()) == (["quick"], False)

    run(scene())


def test_who_is_let_go_is_not_ready_any_more() -> None:
    async def scene() -> None:
        good, bad = Late("good"), Late("bad", 0.0, broken("cable"))
        job = stage(good, bad)
        await job.start()
        await job.aclose()
        assert (names(job), good.closed, bad.closed) == ([], ["good"], ["bad"])

    run(scene())


def test_all_stages_start_side_by_side() -> None:
    class Slow(FakeLlm):
        async def start(self) -> None:
            await asyncio.sleep(2.0)

    async def scene() -> float:
        asr, llm, tts = FakeAsr(), Slow(), FakeTts()
        engines = Engines(
            Stage("ASR", [Candidate(asr)]), Stage("LLM", [Candidate(llm)]), Stage("TTS", [Candidate(tts)])
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(engines.start())
            await engines.staffed()
            staffed = asyncio.get_running_loop().time()
            await engines.reported()
        await engines.aclose()
        assert [stage.ready() for stage in engines.stages] == [[], [], []]
        return staffed

    assert run(scene()) == 2.0


def test_a_failure_is_remembered_from_one_turn_to_the_next() -> None:
    async def scene() -> None:
        first, second = FakeTts(failure=broken("voice")), FakeTts(name="spare")
        engines, used = staff([FakeAsr()], [FakeLlm()], [first, second]), list[str]()
        for _ in range(3):
            async for _ in engines.tts(used.append, unpaid).speak("Hello.", Voice()):
                pass
        assert (len(first.asked), len(second.asked), used) == (1, 3, ["spare"] * 3)

    run(scene())
