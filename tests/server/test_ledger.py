"""Spending outlives the server, is shared by those that share the file, and goes on being counted without one."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import aclosing, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.llm.budget import KEPT, Budget, Limits, Payer
from pipeline.llm.restraint import Step
from server.bookkeeper import Bookkeeper, news_of
from server.ledger import Ledger
from server.webhook import News
from tests.server.houses import at_home

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0
ANNA, BERT = Payer("talk 1", "anna"), Payer("talk 2", "bert")
LIMITS = Limits(day=10.0)


def keeper(path: Path, now: float = NOON, limits: Limits = LIMITS) -> Bookkeeper:
    return Bookkeeper(Budget(limits), Ledger(path), clock=lambda: now)


def test_what_was_spent_counts_after_a_restart(tmp_path: Path) -> None:
    async def scene() -> None:
        async with aclosing(keeper(tmp_path / "ledger.sqlite")) as before:
            await before.open()
            before.budget.spend(ANNA, 4.0, NOON)
            await before.write()
            before.budget.spend(ANNA, 4.5, NOON)
        async with aclosing(keeper(tmp_path / "ledger.sqlite")) as after:
            await after.open()
            restraint = after.budget.restraint(BERT, NOON)
            assert (restraint.step, restraint.left) == (Step.CHEAPER, pytest.approx(1.5))

    asyncio.run(scene())


def test_a_server_knows_from_its_start_what_was_spent_before(tmp_path: Path) -> None:
    settings = {"server.state": str(tmp_path), "budget.day": "10"}

    async def scene() -> None:
        async with at_home(settings) as before:
            economy = before.engines.mind.economy
            economy.budget.spend(ANNA, 9.0, economy.clock())
        async with at_home(settings) as after:
            economy = after.engines.mind.economy
            async with asyncio.timeout(5):
                while economy.budget.restraint(BERT, economy.clock()).left > 5.0:  # noqa: ASYNC110  it can only be asked
                    await asyncio.sleep(0.02)
            assert economy.budget.restraint(BERT, economy.clock()).left == pytest.approx(1.0)

    asyncio.run(scene())


def test_a_ledger_that_is_lost_takes_nothing_back(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "ledger.sqlite"
        async with aclosing(keeper(path)) as books:
            books.budget.spend(ANNA, 9.0, NOON)
            await books.write()
            path.unlink()
            books.budget.spend(ANNA, 0.5, NOON)
            await books.write()
            assert books.budget.restraint(BERT, NOON).left == pytest.approx(0.5)

    asyncio.run(scene())


def test_who_was_warned_before_a_restart_is_not_warned_again(tmp_path: Path) -> None:
    async def scene() -> None:
        warned: list[float] = []
        for dollars in (4.5, 4.5, 0.1, 1.0):
            async with aclosing(keeper(tmp_path / "ledger.sqlite")) as books:
                await books.open()
                books.budget.spend(ANNA, dollars, NOON)
                warned += [one.share for one in books.budget.warnings]
        assert warned == [0.8, 1.0]

    asyncio.run(scene())


def test_servers_that_share_a_file_share_the_purses(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "ledger.sqlite"
        async with aclosing(keeper(path)) as one, aclosing(keeper(path)) as other:
            await one.open()
            await other.open()
            for _ in range(10):
                one.budget.spend(ANNA, 0.4, NOON)
                other.budget.spend(BERT, 0.5, NOON)
                await asyncio.gather(one.write(), other.write())
            one.budget.spend(ANNA, 0.01, NOON)
            await one.write()
            assert one.budget.restraint(ANNA, NOON).left == pytest.approx(10 - 4.0 - 5.0 - 0.01)

    asyncio.run(scene())


def test_purses_of_times_gone_by_are_thrown_away(tmp_path: Path) -> None:
    async def kinds(now: float) -> set[str]:
        async with aclosing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
            return {row.key.kind for row in await ledger.read(now)}

    async def scene() -> None:
        async with aclosing(keeper(tmp_path / "ledger.sqlite")) as books:
            books.budget.spend(ANNA, 1.0, NOON)
        assert await kinds(NOON) == {"session", "user_day", "day", "month"}
        assert await kinds(NOON + DAY) == {"session", "month"}
        assert await kinds(NOON + KEPT + 1) == {"month"}
        assert await kinds(NOON + 10 * DAY) == set()

    asyncio.run(scene())


def test_a_full_disk_loses_nothing_while_the_server_runs_and_is_mentioned_once(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filler = small_disk / "filler"

    async def scene() -> None:
        async with aclosing(keeper(small_disk / "ledger.sqlite")) as books:
            books.budget.spend(ANNA, 1.0, NOON)
            await books.write()
            filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
            for number in range(20):
                books.budget.spend(Payer(f"talk {number}" * 500, "anna"), 0.1, NOON)
                await books.write()
            assert books.budget.restraint(ANNA, NOON).left == pytest.approx(7.0)
            assert len(caplog.messages) == 1
            filler.unlink()
            await books.write()
            assert len(caplog.messages) == 2
        async with aclosing(keeper(small_disk / "ledger.sqlite")) as after:
            await after.open()
            assert after.budget.restraint(ANNA, NOON).left == pytest.approx(7.0)

    asyncio.run(scene())
    assert "counted in memory only" in caplog.messages[0]
    assert "written down again" in caplog.messages[1]


def not_a_database(path: Path) -> None:
    path.write_text("Dear diary, " * 1000)


def damaged(path: Path) -> None:
    async def fill() -> None:
        async with aclosing(keeper(path, limits=Limits())) as books:
            for number in range(200):
                books.budget.spend(Payer(f"talk {number}", "anna"), 0.1, NOON)

    asyncio.run(fill())
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 20_000)


def another_versions(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE spent (cents INTEGER); PRAGMA user_version = 7")


@pytest.mark.parametrize("spoil", [not_a_database, damaged, another_versions])
def test_a_ledger_that_cannot_be_read_is_put_aside_and_the_server_goes_on(
    spoil: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "ledger.sqlite"
    spoil(path)

    async def scene() -> None:
        async with aclosing(keeper(path)) as books:
            await books.open()
            books.budget.spend(ANNA, 4.0, NOON)
        async with aclosing(keeper(path)) as books:
            await books.open()
            assert books.budget.restraint(ANNA, NOON).left == pytest.approx(6.0)

    asyncio.run(scene())
    assert (tmp_path / "ledger.sqlite.broken-1").exists()
    assert len(caplog.messages) == 1


def test_without_a_ledger_money_is_counted_all_the_same() -> None:
    async def scene() -> None:
        async with aclosing(Bookkeeper(Budget(LIMITS))) as books:
            await books.open()
            books.budget.spend(ANNA, 1.0, NOON)
            await books.write()
            assert books.budget.restraint(ANNA, NOON).left == 9.0

    asyncio.run(scene())


class Heard(list[News]):
    def tell(self, news: News) -> None:
        self.append(news)


def test_warnings_are_passed_on_once_but_for_those_of_a_session(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()

    async def scene() -> None:
        books = Bookkeeper(Budget(Limits(session=1.0, user_day=5.0, day=10.0)), herald=heard)
        for _ in range(3):
            books.budget.spend(ANNA, 4.0, NOON)
            await books.write()

    asyncio.run(scene())
    assert [(news.facts["budget"], news.facts["share"]) for news in heard] == [
        ("user_day", 0.8),
        ("user_day", 1.0),
        ("day", 0.8),
        ("day", 1.0),
    ]
    assert heard[0].text == "this user's budget for the day (user anna) is used to 80%: $4.00 of $5.00 in 2026-11-25"
    assert heard[3].text == "the day's budget is used up: $12.00 of $10.00 in 2026-11-25"
    assert len(caplog.messages) == 5


def test_a_warning_tells_programs_what_it_tells_people() -> None:
    budget = Budget(Limits(month=100.0))
    budget.spend(ANNA, 81.5, NOON)
    assert news_of(budget.warnings[0]).facts == {
        "event": "budget",
        "budget": "month",
        "whose": "",
        "period": "2026-11",
        "share": 0.8,
        "spent_usd": 81.5,
        "limit_usd": 100.0,
    }
