"""A store that fails, and a disk that is full: nobody notices but the log."""

import asyncio
import shutil
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from server.fallback import REST, Fallback
from server.sessions import MOST, MOST_BYTES, MemoryStore
from server.sqlite_store import SqliteStore
from tests.server.stores import Clock, Flaky, kept
from tests.virtual_clock import run


def flaky(clock: Clock | None = None) -> tuple[Flaky, Fallback]:
    clock = clock or Clock()
    disk = Flaky(MemoryStore(most=2 * MOST, clock=clock))
    return disk, Fallback(disk, MemoryStore(clock=clock))


def test_what_the_store_cannot_take_is_kept_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        disk, store = flaky()
        disk.broken = "disk full"
        for number in range(5):
            await store.put(f"{number}", kept(f"{number}"), 600)
            await asyncio.sleep(REST)
        assert [await store.take(f"{number}", "") for number in range(5)] == [kept(f"{number}") for number in range(5)]
        assert await store.take("0", "") is None

    run(scene())
    assert caplog.messages == ["conversations are kept in memory only, where a restart would lose them: disk full"]


def test_the_store_is_told_later_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        disk, store = flaky()
        await store.put("stale", kept("a", b"1"), 600)
        await store.put("gone", kept("b"), 600)
        disk.broken = "disk full"
        await store.put("fresh", kept("a", b"2"), 600)
        await store.forget("b")
        disk.broken = ""
        await asyncio.sleep(REST)
        await store.put("new", kept("c"), 600)
        await store.put("newer", kept("c"), 600)
        assert await disk.take("stale", "") is None
        assert await disk.take("gone", "") is None
        assert await disk.take("fresh", "") == kept("a", b"2")
        assert await disk.take("newer", "") == kept("c")

    run(scene())
    assert [message.split(":")[0] for message in caplog.messages] == [
        "conversations are kept in memory only, where a restart would lose them",
        "conversations are written down again, and so are those of the meantime",
    ]


def test_what_was_written_before_the_store_failed_can_be_taken_once() -> None:
    async def scene() -> None:
        disk, store = flaky()
        await store.put("token", kept("a"), 600)
        disk.broken = "disk full"
        assert await store.take("token", "") == kept("a")
        assert await store.take("token", "") is None
        disk.broken = ""
        assert await store.take("token", "") is None
        await asyncio.sleep(REST)
        assert await store.take("token", "") is None
        assert await disk.take("token", "") is None

    run(scene())


def test_a_token_that_was_replaced_is_no_good_even_if_the_store_knows_no_better() -> None:
    async def scene() -> None:
        disk, store = flaky()
        await store.put("stale", kept("a", b"1"), 600)
        disk.broken = "disk full"
        await store.put("fresh", kept("a", b"2"), 600)
        disk.broken = ""  # but it is not told yet: it rests
        assert await store.take("stale", "") is None
        assert await store.take("fresh", "") == kept("a", b"2")

    run(scene())


def test_what_another_server_took_is_not_given_again() -> None:
    async def scene() -> None:
        disk, store = flaky()
        await store.put("token", kept("a"), 600)
        assert await disk.take("token", "") == kept("a")
        assert await store.take("token", "") is None

    run(scene())


def test_a_conversation_of_another_server_is_asked_for_even_while_the_store_rests() -> None:
    async def scene() -> None:
        disk, store = flaky()
        await disk.put("token", kept("theirs"), 600)
        disk.broken = "busy"
        await store.put("other", kept("ours"), 600)
        disk.broken = ""
        assert await store.take("token", "") == kept("theirs")

    run(scene())


def test_a_store_that_failed_is_left_alone_for_a_while() -> None:
    async def scene() -> None:
        disk, store = flaky()
        disk.broken = "slow"
        for number in range(100):
            await store.put(f"{number}", kept(f"{number}"), 600)
        assert disk.asked == 1
        await asyncio.sleep(REST)
        await store.put("one more", kept("one more"), 600)
        assert disk.asked == 2

    run(scene())


def test_what_the_store_never_takes_keeps_nobody_else_waiting() -> None:
    async def scene() -> None:
        disk, store = flaky()
        disk.largest = 1_000
        for number in range(3):
            await store.put(f"large {number}", kept(f"large {number}", b"x" * 5_000), 600)
            await asyncio.sleep(REST)
        for number in range(10):
            await store.put(f"{number}", kept(f"{number}"), 600)
        found = [await disk.take(f"{number}", "") for number in range(10)]
        assert found == [kept(f"{number}") for number in range(10)]
        disk.largest = 10_000
        await store.aclose()
        assert all([await disk.take(f"large {number}", "") for number in range(3)])

    run(scene())


def test_what_the_store_has_not_taken_is_offered_now_and_then() -> None:
    async def scene() -> None:
        disk, store = flaky()
        disk.largest = 1_000
        for number in range(100):
            await store.put("large", kept("large", b"x" * 5_000), 600)
            await store.put(f"{number}", kept(f"{number}"), 600)
            await asyncio.sleep(REST / 10)
        assert disk.asked < 100 + 15
        disk.largest = 10_000
        await asyncio.sleep(REST)
        await store.put("another", kept("another"), 600)
        assert await disk.take("large", "") == kept("large", b"x" * 5_000)

    run(scene())


def test_the_store_is_not_told_what_has_expired_meanwhile() -> None:
    async def scene() -> None:
        clock = Clock()
        disk, store = flaky(clock)
        disk.broken = "disk full"
        await store.put("token", kept("a"), 600)
        clock.now += 590
        await store.put("other", kept("b"), 600)
        clock.now += 11
        disk.broken = ""
        await store.aclose()
        clock.now -= 11
        assert await disk.take("token", "") is None
        assert await disk.take("other", "") == kept("b")

    run(scene())


def test_what_has_to_be_told_is_bounded() -> None:
    async def scene() -> None:
        disk, store = flaky()
        disk.broken = "disk full"
        for number in range(MOST + 10):
            await store.put(f"{number}", kept(f"{number}"), 600)
        disk.broken = ""
        await store.aclose()
        assert disk.asked == 1 + MOST
        assert await disk.take("9", "") is None
        assert await disk.take("10", "") == kept("10")

    run(scene())


def test_what_has_to_be_told_is_bounded_in_bytes_too() -> None:
    async def scene() -> None:
        disk, store = flaky()
        disk.broken, disk.largest, state = "disk full", MOST_BYTES, bytes(MOST_BYTES // 10)
        for number in range(15):
            await store.put(f"{number}", kept(f"{number}", state), 600)
        disk.broken = ""
        await store.aclose()
        found = [await disk.take(f"{number}", "") for number in range(15)]
        assert [bool(one) for one in found] == [number >= 5 for number in range(15)]

    run(scene())


def test_a_put_that_was_given_up_half_way_is_made_good() -> None:
    async def scene() -> None:
        disk, store = flaky()
        disk.slow = 0.2
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await store.put("token", kept("a"), 600)
        assert await disk.take("token", "") is None
        await store.put("other", kept("b"), 600)
        assert await disk.take("token", "") == kept("a")

    run(scene())


FULL_DISK = """
import asyncio, logging, resource, sys
from pathlib import Path
from server.fallback import Fallback
from server.sessions import Kept
from server.sqlite_store import SqliteStore

async def main():
    logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s")
    store = Fallback(SqliteStore(Path(sys.argv[1])))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    for number in range(20):
        await store.put(str(number), Kept(str(number), "", b"x" * 50_000), 600)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for number in range(10):
        print(await store.take(str(number), "") == Kept(str(number), "", b"x" * 50_000))
    await store.aclose()

asyncio.run(main())
"""


def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    done = subprocess.run([sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[0] == "WARNING server.fallback"
    assert done.stdout.count("True") == 10
    assert done.stdout.count("WARNING") == 2
    assert done.stderr == ""

    async def after_a_restart() -> None:
        async with aclosing(SqliteStore(path)) as store:
            found = [await store.take(str(number), "") for number in range(20)]
        assert [one is not None for one in found] == [False] * 10 + [True] * 10

    asyncio.run(after_a_restart())


def test_a_full_disk_loses_nothing(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    filler = small_disk / "filler"

    async def scene() -> None:
        store = Fallback(SqliteStore(small_disk / "kept.db"))
        for number in range(5):
            await store.put(f"{number}", kept(f"{number}", b"x" * 10_000), 600)
        filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
        for number in range(5, 10):
            await store.put(f"{number}", kept(f"{number}", b"x" * 100_000), 600)
        assert [bool(await store.take(f"{number}", "")) for number in (0, 5)] == [True, True]
        filler.unlink()
        await asyncio.sleep(REST)
        await store.put("10", kept("10"), 600)
        await store.aclose()

    async def after_a_restart() -> None:
        async with aclosing(SqliteStore(small_disk / "kept.db")) as store:
            found = [bool(await store.take(f"{number}", "")) for number in range(11)]
        assert found == [number not in (0, 5) for number in range(11)]

    asyncio.run(scene())
    assert len(caplog.messages) == 2
    assert "disk" in caplog.messages[0]
    asyncio.run(after_a_restart())
