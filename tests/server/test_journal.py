"""Failed requests are kept for a while, not too many of them, for nobody else to read."""

import asyncio
import shutil
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from pipeline.llm.failure import Failure
from server.journal import AGE, WAITING, Journal, Noted
from tests.server.stores import Clock


def failure(text: str = "Hello!", said: str = "") -> Failure:
    request = {"model": "m", "messages": [{"role": "user", "content": text}], "stream": True}
    return Failure("small", "http://127.0.0.1:1/v1", request, "small answers 500", 0.25, said)


async def kept(path: Path) -> Sequence[Noted]:
    async with aclosing(Journal(path)) as journal:
        return await journal.all()


def questions(noted: Sequence[Noted]) -> list[str]:
    return [one.failure.request["messages"][0]["content"] for one in noted]


def test_what_was_noted_is_there_after_a_restart_whole(tmp_path: Path) -> None:
    async def scene() -> None:
        path, clock = tmp_path / "failed.sqlite", Clock()
        async with aclosing(Journal(path, clock)) as journal:
            journal.note(failure("Hello!", "Good "))
            journal.note(failure("你好"))
        assert await kept(path) == [
            Noted(1, clock.now, failure("Hello!", "Good ")),
            Noted(2, clock.now, failure("你好")),
        ]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    asyncio.run(scene())


def test_what_no_file_can_hold_does_not_end_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        async with aclosing(Journal(path)) as journal:
            journal.note(failure("half \ud83d"))
            await journal.flush()
            journal.note(failure("whole"))
        assert questions(await kept(path)) == ["whole"]

    asyncio.run(scene())
    assert "failed requests are not written down" in caplog.text


def test_it_is_written_while_the_server_runs(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        async with aclosing(Journal(path)) as journal, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(journal.run())
            journal.note(failure())
            await asyncio.sleep(0)  # the writer has its turn
            assert questions(await journal.all()) == ["Hello!"]
            running.cancel()

    asyncio.run(scene())


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        async with aclosing(Journal(path, Clock(), most=3)) as journal:
            for number in range(10):
                journal.note(failure(str(number)))
        assert questions(await kept(path)) == ["7", "8", "9"]
        async with aclosing(Journal(path, Clock(), most=3)) as journal:
            journal.note(failure("10"))
        assert [one.id for one in await kept(path)] == [9, 10, 11]

    asyncio.run(scene())


def test_only_so_much_is_kept(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        async with aclosing(Journal(path, Clock(), most_bytes=25_000)) as journal:
            for number in range(5):
                journal.note(failure(f"{number}" * 10_000))
        assert [question[0] for question in questions(await kept(path))] == ["3", "4"]

    asyncio.run(scene())


def test_what_is_old_is_thrown_away(tmp_path: Path) -> None:
    async def scene() -> None:
        path, clock = tmp_path / "failed.sqlite", Clock()
        for text in ("old", "new"):
            async with aclosing(Journal(path, clock)) as journal:
                journal.note(failure(text))
            clock.now += AGE + 1
        assert questions(await kept(path)) == ["new"]

    asyncio.run(scene())


def test_what_is_to_be_forgotten_is_nowhere_in_the_file(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        async with aclosing(Journal(path)) as journal:
            journal.note(failure("my secret"))
            journal.note(failure("the weather"))
        async with aclosing(Journal(path)) as journal:
            await journal.forget([1])
        assert questions(await kept(path)) == ["the weather"]

    asyncio.run(scene())
    assert b"my secret" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_when_everything_fails_at_once_some_of_it_is_kept_and_nobody_waits(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        async with aclosing(Journal(path)) as journal:
            for number in range(5 * WAITING):
                journal.note(failure(str(number)))
        assert len(await kept(path)) == WAITING

    asyncio.run(scene())


async def overfill(journal: Journal, fill: Sequence[str]) -> None:
    for text in fill:
        journal.note(failure(text))
        await journal.flush()


def test_a_full_disk_is_mentioned_once_and_failures_are_kept_again_afterwards(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        path, filler = small_disk / "failed.sqlite", small_disk / "filler"
        async with aclosing(Journal(path)) as journal:
            await overfill(journal, ["before"])
            filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
            await overfill(journal, [f"{number}" * 100_000 for number in range(5)])
            filler.unlink()
            await overfill(journal, ["after"])
        assert questions(await kept(path)) == ["before", "after"]

    asyncio.run(scene())
    assert len(caplog.messages) == 1
    assert "failed requests are not written down" in caplog.messages[0]
    assert "disk" in caplog.messages[0]


def test_a_file_that_may_not_grow_is_no_reason_to_fall_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def small(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA max_page_count = 20")

    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        journal = Journal(path)
        journal.file.begin = small
        async with aclosing(journal):
            await overfill(journal, ["before", *(f"{number}" * 100_000 for number in range(5)), "after"])
        assert questions(await kept(path)) == ["before", "after"]

    asyncio.run(scene())
    assert ["full" in message for message in caplog.messages] == [True]


def test_a_damaged_journal_is_put_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        path = tmp_path / "failed.sqlite"
        path.write_text("Dear diary, " * 1000)
        async with aclosing(Journal(path)) as journal:
            journal.note(failure())
        assert questions(await kept(path)) == ["Hello!"]

    asyncio.run(scene())
    assert (tmp_path / "failed.sqlite.broken-1").exists()
    assert len(caplog.messages) == 1


def test_where_nothing_has_failed_there_is_no_file(tmp_path: Path) -> None:
    async def scene() -> None:
        async with aclosing(Journal(tmp_path / "failed.sqlite")):
            pass

    asyncio.run(scene())
    assert list(tmp_path.iterdir()) == []
