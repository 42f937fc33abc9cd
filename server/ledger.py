"""What was spent, written down: it outlives the server, and those that share the file share the purses."""

import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pipeline.llm.budget import KEPT, Key, Kind, Row, day_of
from server.sessions import StoreError
from server.sqlite_file import SqliteFile

LEDGER = "spending.sqlite"
"""The file's name, in the state folder."""

_SCHEMA = """
CREATE TABLE spent (
    kind TEXT NOT NULL,
    whose TEXT NOT NULL,
    period TEXT NOT NULL,
    dollars REAL NOT NULL,
    warned REAL NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (kind, whose, period)
) WITHOUT ROWID"""

_ADD = """
INSERT INTO spent VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET dollars = dollars + excluded.dollars, warned = excluded.warned, at = excluded.at
RETURNING kind, whose, period, dollars, warned, at"""

_PAST = """
DELETE FROM spent WHERE (kind = 'session' AND at < ?) OR (kind IN ('day', 'user_day') AND period < ?)
OR (kind = 'month' AND period < ?)"""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ledger:
    """One file of purses. While it cannot be written, spending is counted in memory alone, which is said once."""

    path: Path
    _file: SqliteFile = field(init=False)
    _failing: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._file = SqliteFile(self.path, _SCHEMA)

    async def read(self, now: float) -> Sequence[Row]:
        """The purses that still count, after those of times gone by were thrown away. None where it cannot be read."""
        if not self.path.exists():
            return ()
        today = day_of(now)

        def work(db: sqlite3.Connection) -> Sequence[Row]:
            db.execute(_PAST, (now - KEPT, today, today[:7]))
            return [_row(found) for found in db.execute("SELECT * FROM spent")]

        try:
            return await self._file.run(work)
        except StoreError as error:
            self._fail(error)
            return ()

    async def add(self, rows: Sequence[Row]) -> Sequence[Row] | None:
        """Write down what has come on top; what there is now in each, others' spending included. None if it failed."""

        def work(db: sqlite3.Connection) -> Sequence[Row]:
            with db:
                db.execute("BEGIN IMMEDIATE")
                return [_row(db.execute(_ADD, _written(row)).fetchone()) for row in rows]

        try:
            known = await self._file.run(work)
        except StoreError as error:
            self._fail(error)
            return None
        if self._failing:
            self._failing = False
            _log.warning("spending is written down again, and so is that of the meantime")
        return known

    async def aclose(self) -> None:
        """Let go of the file."""
        await self._file.aclose()

    def _fail(self, error: StoreError) -> None:
        if not self._failing:
            self._failing = True
            _log.warning("spending is counted in memory only, where a restart would forget it: %s", error)


def _written(row: Row) -> tuple[str, str, str, float, float, float]:
    return row.key.kind, row.key.whose, row.key.period, row.spent, row.warned, row.at


def _row(found: tuple[str, str, str, float, float, float]) -> Row:
    kind, whose, period, dollars, warned, at = found
    return Row(Key(cast("Kind", kind), whose, period), dollars, warned, at)  # what we have written
