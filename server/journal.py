"""The requests that failed, whole, in an SQLite file: to find out why, and to send them again.

Their words are people's: only its user can read the file, it holds so many for so long, and there is none where nobody
wants it.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from pipeline.llm.failure import Failure
from server.sessions import StoreError
from server.sqlite_file import SqliteFile

JOURNAL = "failed.sqlite"
"""The file's name, in the state folder."""

MOST = 1_000
"""Requests that are kept; beyond, the oldest go."""

MOST_BYTES = 32 * 1024 * 1024
"""Of all of them together."""

AGE = 7 * 86_400.0
"""Seconds after which one is thrown away."""

WAITING = 100
"""That may wait to be written; when everything fails at once, some of it is enough."""

_SCHEMA = """
CREATE TABLE failed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    bytes INTEGER NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    error TEXT NOT NULL,
    waited REAL NOT NULL,
    said TEXT NOT NULL,
    request BLOB NOT NULL
)"""

_TOO_MANY = """
DELETE FROM failed WHERE at < ? OR id IN (
    SELECT id FROM (SELECT id, row_number() OVER newest AS place, sum(bytes) OVER newest AS total FROM failed
                    WINDOW newest AS (ORDER BY id DESC))
    WHERE place > ? OR total > ?
)"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Noted:
    """A failure in the journal."""

    id: int
    at: float
    """Unix seconds."""
    failure: Failure


@dataclass(slots=True)
class Journal:
    """One file. `note` costs nothing; `run` writes. Where it cannot, failures are not kept, which is said once."""

    path: Path
    clock: Callable[[], float] = time.time
    most: int = MOST
    most_bytes: int = MOST_BYTES
    file: SqliteFile = field(init=False)
    _waiting: "asyncio.Queue[tuple[float, Failure]]" = field(default_factory=lambda: asyncio.Queue(WAITING), init=False)
    _failing: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.file = SqliteFile(self.path, _SCHEMA)

    def note(self, failure: Failure) -> None:
        """It is written soon."""
        if not self._waiting.full():
            self._waiting.put_nowait((self.clock(), failure))

    async def run(self) -> None:
        """Write what is noted, until cancelled; the rest is left to `aclose`."""
        while True:
            first = await self._waiting.get()
            await self._write([first, *self._rest()])

    async def flush(self) -> None:
        """Write what is waiting."""
        if rest := self._rest():
            await self._write(rest)

    async def aclose(self) -> None:
        """Write the rest, and close the file."""
        await self.flush()
        await self.file.aclose()

    async def all(self) -> Sequence[Noted]:
        """The oldest first. Raises `StoreError`."""

        def work(db: sqlite3.Connection) -> Sequence[Noted]:
            rows = db.execute("SELECT id, at, name, url, request, error, waited, said FROM failed ORDER BY id")
            return [
                Noted(number, at, Failure(name, url, orjson.loads(request), error, waited, said))
                for number, at, name, url, request, error, waited, said in rows
            ]

        return await self.file.run(work)

    async def forget(self, ids: Sequence[int]) -> None:
        """Throw these away. Raises `StoreError`."""

        def work(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM failed WHERE id = ?", [(number,) for number in ids])
            db.execute("VACUUM")  # or the words would stay in the file

        await self.file.run(work)

    def _rest(self) -> list[tuple[float, Failure]]:
        return [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]

    async def _write(self, noted: Sequence[tuple[float, Failure]]) -> None:
        def work(db: sqlite3.Connection) -> None:
            with db:
                db.execute("BEGIN IMMEDIATE")
                for at, one in noted:
                    request = orjson.dumps(one.request)
                    row = (at, len(request), one.name, one.url, one.error, one.waited, one.said, request)
                    columns = "at, bytes, name, url, error, waited, said, request"
                    db.execute(f"INSERT INTO failed ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
                db.execute(_TOO_MANY, (self.clock() - AGE, self.most, self.most_bytes))

        try:
            await self.file.run(work)
            self._failing = False
        except (StoreError, ValueError, TypeError) as error:  # the latter two for what no file can hold
            if not self._failing:
                _log.warning("failed requests are not written down: %s", error)
            self._failing = True
