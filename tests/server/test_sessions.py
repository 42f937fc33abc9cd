"""What every store promises, whichever it is; and what memory alone does."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path

import pytest

from server.fallback import Fallback
from server.redis_store import redis_store
from server.sessions import Kept, MemoryStore, Store
from server.sqlite_store import SqliteStore
from tests.server.stores import Clock, kept
from tests.stand_ins.redis_server import RedisServer, redis_serving

Scene = Callable[[Store, Clock], Awaitable[None]]


def memory(_: Path, clock: Clock) -> Store:
    return MemoryStore(clock=clock)


def sqlite(folder: Path, clock: Clock) -> Store:
    return SqliteStore(folder / "kept.db", clock)


def redis(folder: Path, _: Clock) -> Store:
    return redis_store(f"unix://{folder}/redis.sock")


def memory_behind_a_broken_disk(folder: Path, clock: Clock) -> Store:
    (folder / "file").touch()
    return Fallback(sqlite(folder / "file", clock), MemoryStore(clock=clock))


def memory_where_there_is_no_redis(folder: Path, clock: Clock) -> Store:
    return Fallback(redis(folder, clock), MemoryStore(clock=clock))


def sqlite_and_memory(folder: Path, clock: Clock) -> Store:
    return Fallback(sqlite(folder, clock), MemoryStore(clock=clock))


def redis_and_memory(folder: Path, clock: Clock) -> Store:
    return Fallback(redis(folder, clock), MemoryStore(clock=clock))


ON_REDIS = (redis, redis_and_memory)
WITHOUT = (memory, sqlite, sqlite_and_memory, memory_behind_a_broken_disk, memory_where_there_is_no_redis)


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[RedisServer]:
    with redis_serving(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=[*WITHOUT, *(pytest.param(one, marks=pytest.mark.real) for one in ON_REDIS)])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        async def on_stage() -> None:
            folder, clock = tmp_path, Clock()
            if request.param in ON_REDIS:
                server: RedisServer = request.getfixturevalue("redis_server")
                server.ask("FLUSHALL")
                folder, clock = server.folder, Clock(passed=server.age)
            store: Store = request.param(folder, clock)
            await scene(store, clock)
            await store.aclose()
            await store.aclose()

        asyncio.run(on_stage())

    return play


def test_what_was_put_can_be_taken_once(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        await store.put("token", kept("a"), 600)
        assert await store.take("token", "") == kept("a")
        assert await store.take("token", "") is None

    play(scene)


def test_of_many_who_ask_at_once_one_is_served(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        await store.put("token", kept("a"), 600)
        taken = await asyncio.gather(*(store.take("token", "") for _ in range(20)))
        assert [one for one in taken if one] == [kept("a")]

    play(scene)


def test_nothing_is_kept_under_another_token(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        await store.put("token", kept("a"), 600)
        for wrong in ("", "a", "TOKEN", "token ", "%", "π🎤"):
            assert await store.take(wrong, "") is None
        assert await store.take("token", "") == kept("a")

    play(scene)


def test_somebody_elses_stays_where_it_is(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        await store.put("token", kept("a", owner="alice"), 600)
        assert await store.take("token", "bob") is None
        assert await store.take("token", "") is None
        assert await store.take("token", "alice") == kept("a", owner="alice")

    play(scene)


def test_a_session_is_kept_once_under_its_latest_token(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        await store.put("first", kept("a", b"1"), 600)
        await store.put("second", kept("a", b"2"), 600)
        assert await store.take("first", "") is None
        assert await store.take("second", "") == kept("a", b"2")

    play(scene)


def test_a_token_leads_to_the_session_it_was_last_given_to(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        await store.put("token", kept("a"), 600)
        await store.put("token", kept("b"), 600)
        assert await store.take("token", "") == kept("b")
        assert await store.take("token", "") is None

    play(scene)


def test_sessions_do_not_meet(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        names = [f"session {number}" for number in range(50)]
        await asyncio.gather(*(store.put(f"token of {name}", kept(name), 600) for name in names))
        await store.forget(names[0])
        taken = await asyncio.gather(*(store.take(f"token of {name}", "") for name in names))
        assert taken == [None, *(kept(name) for name in names[1:])]

    play(scene)


def test_what_was_forgotten_is_gone(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        await store.forget("never there")
        await store.put("token", kept("a"), 600)
        await store.forget("a")
        assert await store.take("token", "") is None

    play(scene)


@pytest.mark.parametrize(("after", "there"), [(0.0, True), (590.0, True), (600.0, False), (1e6, False)])
def test_it_waits_for_as_long_as_was_asked(play: Callable[[Scene], None], after: float, there: bool) -> None:
    async def scene(store: Store, clock: Clock) -> None:
        await store.put("token", kept("a"), 600)
        clock.now += after
        assert await store.take("token", "") == (kept("a") if there else None)

    play(scene)


def test_putting_it_again_lets_it_wait_longer(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, clock: Clock) -> None:
        await store.put("token", kept("a"), 600)
        clock.now += 500
        await store.put("token", kept("a"), 600)
        clock.now += 500
        assert await store.take("token", "") == kept("a")

    play(scene)


def test_any_bytes_and_any_names_come_back_as_they_were(play: Callable[[Scene], None]) -> None:
    async def scene(store: Store, _: Clock) -> None:
        for state in (b"", b"\0\xff'\"", bytes(range(256)) * 4096):
            odd = Kept("séance '; DROP TABLE kept; --", "π", state)
            await store.put("token", odd, 600)
            assert await store.take("token", "π") == odd

    play(scene)


def test_memory_lets_the_oldest_go() -> None:
    async def scene() -> None:
        store = MemoryStore(most=3, clock=Clock())
        for name in "abcbd":
            await store.put(name, kept(name), 600)
        assert [bool(await store.take(name, "")) for name in "abcd"] == [False, True, True, True]

    asyncio.run(scene())


def test_memory_lets_the_oldest_go_too_where_they_are_large() -> None:
    async def scene() -> None:
        store = MemoryStore(most_bytes=100, clock=Clock())
        for name, size in (("a", 60), ("b", 40), ("c", 30), ("c", 50), ("d", 10)):
            await store.put(name, kept(name, b"x" * size), 600)
        assert [bool(await store.take(name, "")) for name in "abcd"] == [False, True, True, True]
        await store.put("e", kept("e", b"x" * 100), 600)
        assert await store.take("e", "")

    asyncio.run(scene())
