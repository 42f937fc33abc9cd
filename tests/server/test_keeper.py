"""A session is written as it changes: soon, seldom, and never while somebody waits."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from server.keeper import GATHER, Keeper
from server.sessions import Kept, MemoryStore
from tests.server.stores import Clock, Flaky, kept
from tests.virtual_clock import run


@dataclass(slots=True)
class Scene:
    """A session with some items, its keeper at work, and what arrived in the store."""

    clock: Clock = field(default_factory=Clock)
    items: int = 0
    snapshots: int = 0
    disk: Flaky = field(init=False)
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        self.disk = Flaky(MemoryStore(clock=self.clock))
        self.keeper = Keeper(self.disk, "token", self.snapshot, 600)

    def snapshot(self) -> Kept:
        self.snapshots += 1
        return kept("a", b"%d" % self.items)

    def say(self) -> None:
        self.items += 1
        self.keeper.changed()

    async def written(self) -> int | None:
        found = await self.disk.inner.take("token", "")
        return int(found.state) if found else None


def play(act: Callable[[Scene], Awaitable[None]]) -> None:
    async def on_stage() -> None:
        scene = Scene()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(scene.keeper.run())
            await act(scene)
            running.cancel()

    run(on_stage())


def test_a_new_session_is_written_soon() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.sleep(2 * GATHER)
        assert await scene.written() == 0

    play(act)


def test_a_burst_of_changes_is_one_write_of_the_latest() -> None:
    async def act(scene: Scene) -> None:
        for _ in range(30):
            scene.say()
        await asyncio.sleep(2 * GATHER)
        assert await scene.written() == 30
        assert (scene.snapshots, scene.disk.asked) == (1, 1)

    play(act)


def test_constant_change_is_written_at_its_own_pace() -> None:
    async def act(scene: Scene) -> None:
        for _ in range(1000):  # one second
            scene.say()
            await asyncio.sleep(0.001)
        assert scene.disk.asked == pytest.approx(1 / GATHER, abs=1)

    play(act)


def test_a_change_during_a_write_is_written_too() -> None:
    async def act(scene: Scene) -> None:
        scene.disk.slow = 1.0
        await asyncio.sleep(0.5)
        scene.say()
        await asyncio.sleep(2.0)
        assert await scene.written() == 1
        assert scene.disk.asked == 2

    play(act)


def test_flush_returns_when_all_is_written() -> None:
    async def act(scene: Scene) -> None:
        scene.say()
        await scene.keeper.flush()
        assert await scene.written() == 1
        await scene.keeper.flush()
        await asyncio.sleep(1)
        assert scene.disk.asked == 1

    play(act)


def test_flush_waits_for_the_write_under_way() -> None:
    async def act(scene: Scene) -> None:
        scene.disk.slow = 1.0
        await asyncio.sleep(0.5)
        await scene.keeper.flush()
        assert scene.disk.asked == 1
        assert await scene.written() == 0

    play(act)


@pytest.mark.parametrize("after", [0.0, GATHER / 2, 0.5])
def test_after_cancelling_flush_writes_the_rest(after: float) -> None:
    async def scene_without_end() -> None:
        scene = Scene()
        scene.disk.slow = 1.0
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(scene.keeper.run())
            scene.say()
            await asyncio.sleep(after)
            running.cancel()
        assert await scene.written() is None
        await scene.keeper.flush()
        assert await scene.written() == 1

    run(scene_without_end())


def test_a_silent_session_is_kept_for_as_long_as_it_lasts() -> None:
    async def act(scene: Scene) -> None:
        for _ in range(6):
            await asyncio.sleep(590)
            scene.clock.now += 590
        assert scene.disk.asked == pytest.approx(6 * 590 / 300, abs=1)
        assert await scene.written() == 0

    play(act)
