"""Conversations in a real file: after restarts, beside other processes, and when the file or the disk is bad."""

import asyncio
import logging
import sqlite3
import stat
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path

import pytest

from server.sessions import Store, StoreError
from server.sqlite_store import PURGE_EVERY, SqliteStore
from tests.server.stores import Clock, goes_on_elsewhere, kept

COMMON = """
import asyncio, sys
from pathlib import Path
from server.sessions import Kept
from server.sqlite_store import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
"""


@asynccontextmanager
async def opened(path: Path, clock: Clock | None = None) -> AsyncGenerator[Store]:
    async with aclosing(SqliteStore(path, clock or Clock())) as store:
        yield store


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT * FROM kept ORDER BY session").fetchall()


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(tmp_path / "kept.db") as store:
            await store.put("token", kept("a"), 600)
        async with opened(tmp_path / "kept.db") as store:
            assert await store.take("token", "") == kept("a")
        async with opened(tmp_path / "kept.db") as store:
            assert await store.take("token", "") is None

    asyncio.run(scene())


def test_a_writer_that_is_killed_loses_nothing_it_had_put(tmp_path: Path) -> None:
    code = """
async def main():
    for number in range(5):
        await store.put(f"token {number}", Kept(f"{number}", "", b"x" * 50_000), 600)
    print("put", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""

    async def scene() -> None:
        path = tmp_path / "kept.db"
        writer = await asyncio.create_subprocess_exec(sys.executable, "-c", COMMON + code, path, stdout=PIPE)
        assert writer.stdout
        assert await writer.stdout.readline() == b"put\n"
        writer.kill()
        await writer.communicate()
        async with aclosing(SqliteStore(path)) as store:
            for number in range(5):
                assert await store.take(f"token {number}", "") == kept(f"{number}", b"x" * 50_000)

    asyncio.run(scene())


def test_processes_that_share_a_file_never_give_a_conversation_twice(tmp_path: Path) -> None:
    code = """
async def main():  # all start on the same fresh file
    for number in range(50):
        await store.put(f"{sys.argv[2]} {number}", Kept(f"{sys.argv[2]} {number}", "", b"{}"), 600)
    print("put", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for process in "012":
        for number in range(50):
            if taken := await store.take(f"{process} {number}", ""):
                print(taken.session, flush=True)
    await store.aclose()
asyncio.run(main())
"""

    async def scene() -> None:
        path = tmp_path / "kept.db"
        start = asyncio.create_subprocess_exec
        servers = [
            await start(sys.executable, "-c", COMMON + code, path, name, stdin=PIPE, stdout=PIPE) for name in "012"
        ]
        for server in servers:
            assert server.stdout
            assert await server.stdout.readline() == b"put\n"
        answers = await asyncio.gather(*(server.communicate(b"go\n") for server in servers))
        taken = [line for out, _ in answers for line in out.decode().splitlines()]
        assert sorted(taken) == sorted(f"{process} {number}" for process in "012" for number in range(50))

    asyncio.run(scene())


def test_a_fresh_file_that_another_process_is_preparing_is_waited_for(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "kept.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with opened(path) as store, asyncio.TaskGroup() as tasks:
                putting = tasks.create_task(store.put("token", kept("a"), 600))
                await asyncio.sleep(0.1)
                assert not putting.done()
                other.execute("ROLLBACK")
                other.close()
                await putting

    asyncio.run(scene())


def test_two_stores_in_one_process_see_the_same(tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(tmp_path / "kept.db") as one, opened(tmp_path / "kept.db") as other:
            await one.put("first", kept("a"), 600)
            await other.put("second", kept("a"), 600)
            assert await one.take("first", "") is None
            taken = await asyncio.gather(one.take("second", ""), other.take("second", ""))
            assert [one for one in taken if one] == [kept("a")]

    asyncio.run(scene())


def test_a_server_that_waits_in_vain_cannot_undo_what_another_made_of_the_conversation(tmp_path: Path) -> None:
    async def scene() -> None:
        path, clock = tmp_path / "kept.db", Clock()
        async with opened(path, clock) as before, opened(path, clock) as after:
            await goes_on_elsewhere(before, after)
            assert await after.take("new", "") == kept("a", b"2")
            await after.put("newer", kept("a", b"3"), 600)
            await after.forget("a")
            clock.now += 599
            await before.put("old", kept("a", b"stale"), 600)
            await before.forget("a")
            assert await after.take("old", "") is None
            assert b"stale" not in contents(tmp_path)

    asyncio.run(scene())


def test_only_its_user_can_read_it(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "state" / "antiphon" / "kept.db"
        async with opened(path) as store:
            await store.put("token", kept("a"), 600)
            assert mode(path.parent) == 0o700
            assert {mode(file) for file in path.parent.iterdir()} == {0o600}
        path.chmod(0o644)
        async with opened(path) as store:
            await store.put("token", kept("a"), 600)
            assert {mode(file) for file in path.parent.iterdir()} == {0o600}

    asyncio.run(scene())


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(tmp_path / "kept.db") as store:
            await store.put("token", kept("a"), 600)

    tmp_path.chmod(0o755)
    asyncio.run(scene())
    assert mode(tmp_path) == 0o755


def test_the_token_itself_is_nowhere_in_the_file(tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(tmp_path / "kept.db") as store:
            await store.put("a secret token", kept("a", b"a conversation"), 600)
            written = contents(tmp_path)
        assert b"a conversation" in written
        assert b"secret" not in written

    asyncio.run(scene())


def test_what_has_expired_is_deleted_on_opening_and_now_and_then(tmp_path: Path) -> None:
    async def scene() -> None:
        clock, path = Clock(), tmp_path / "kept.db"
        async with opened(path, clock) as store:
            await store.put("1", kept("short"), 10)
            await store.put("2", kept("long"), 600)
            clock.now += PURGE_EVERY + 1
            await store.put("3", kept("new"), 600)
            assert [row[0] for row in rows(path)] == ["long", "new"]
        clock.now += 1000
        async with opened(path, clock) as store:
            await store.take("unknown", "")
            assert rows(path) == []

    asyncio.run(scene())


def test_expiry_goes_on_when_the_clock_is_set_back(tmp_path: Path) -> None:
    async def scene() -> None:
        clock, path = Clock(), tmp_path / "kept.db"
        async with opened(path, clock) as store:
            await store.put("1", kept("a"), 600)
            clock.now -= 1e6
            await store.put("2", kept("b"), 10)
            clock.now += PURGE_EVERY + 1
            await store.put("3", kept("c"), 600)
            assert [row[0] for row in rows(path)] == ["a", "c"]

    asyncio.run(scene())


def later_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE kept (what TEXT); PRAGMA user_version = 2")


def not_a_database(path: Path) -> None:
    path.write_text("Dear diary, " * 1000)


def damaged(path: Path) -> None:
    async def fill() -> None:
        async with opened(path) as store:
            for number in range(20):
                await store.put(f"{number}", kept(f"{number}", b"x" * 10_000), 600)

    asyncio.run(fill())
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 40_000)


def another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")


@pytest.mark.parametrize("spoil", [later_version, not_a_database, damaged, another_programs])
def test_a_file_that_cannot_be_read_is_moved_aside(
    spoil: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "kept.db"
    for number in (1, 2):
        spoil(path)
        before = path.read_bytes()

        async def scene() -> None:
            async with opened(path) as store:
                await store.put("token", kept("a"), 600)
            async with opened(path) as store:
                assert await store.take("token", "") == kept("a")

        asyncio.run(scene())
        assert (tmp_path / f"kept.db.broken-{number}").read_bytes() == before
        assert len(caplog.messages) == number
        assert f"kept.db.broken-{number}" in caplog.text
        path.unlink()


def test_a_file_that_breaks_while_it_is_open_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        path = tmp_path / "kept.db"
        async with opened(path) as store:
            for number in range(20):
                await store.put(f"{number}", kept(f"{number}", b"x" * 10_000), 600)
            with closing(sqlite3.connect(path)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with path.open("r+b") as file:
                file.write(b"\xa5" * 100_000)
            await store.put("token", kept("a"), 600)
            assert await store.take("token", "") == kept("a")

    asyncio.run(scene())
    assert [path.name for path in tmp_path.iterdir() if "broken" in path.name]
    assert len(caplog.messages) == 1


def test_a_file_that_is_gone_is_begun_again(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "state" / "kept.db"
        async with opened(path) as store:
            await store.put("token", kept("a"), 600)
            for file in path.parent.iterdir():
                file.unlink()
            path.parent.rmdir()
            await store.put("other", kept("b"), 600)
            assert [row[0] for row in rows(path)] == ["b"]

    asyncio.run(scene())


def test_what_is_wrong_is_said_and_the_store_works_again_when_it_is_not(tmp_path: Path) -> None:
    async def scene() -> None:
        obstacle = tmp_path / "state"
        obstacle.touch()
        async with opened(obstacle / "kept.db") as store:
            for _ in range(2):
                with pytest.raises(StoreError, match=r"kept\.db: .*(exists|directory)"):
                    await store.put("token", kept("a"), 600)
            obstacle.unlink()
            await store.put("token", kept("a"), 600)
            assert await store.take("token", "") == kept("a")

    asyncio.run(scene())


def test_somebody_who_holds_the_file_for_long_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        path = tmp_path / "kept.db"
        async with opened(path) as store:
            await store.put("token", kept("a"), 600)
            with closing(sqlite3.connect(path, isolation_level=None)) as hog:
                hog.execute("BEGIN IMMEDIATE")
                with pytest.raises(StoreError, match="locked"):
                    await store.take("token", "")
            assert await store.take("token", "") == kept("a")

    monkeypatch.setattr("server.sqlite_file.PATIENCE", 0.05)
    asyncio.run(scene())


def test_the_event_loop_goes_on_while_the_file_is_waited_for(tmp_path: Path) -> None:
    async def scene() -> None:
        path, longest = tmp_path / "kept.db", 0.0
        async with opened(path) as store, asyncio.TaskGroup() as tasks:
            await store.put("token", kept("a"), 600)
            with closing(sqlite3.connect(path, isolation_level=None)) as hog:
                hog.execute("BEGIN IMMEDIATE")
                putting = tasks.create_task(store.put("token", kept("a"), 600))
                clock = asyncio.get_running_loop().time
                for _ in range(20):
                    before = clock()
                    await asyncio.sleep(0.005)
                    longest = max(longest, clock() - before)
                assert not putting.done()
        assert longest < 0.1

    asyncio.run(scene())


def test_closing_leaves_no_log_of_changes_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with opened(tmp_path / "kept.db") as store:
            await store.put("token", kept("a"), 600)

    with caplog.at_level(logging.DEBUG, "server"):
        asyncio.run(scene())
    assert [file.name for file in tmp_path.iterdir()] == ["kept.db"]
    assert caplog.messages == []
