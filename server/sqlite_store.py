"""Conversations in an SQLite file: they outlive the server, and several servers on one machine may share them."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from server.sessions import Kept, Mine, digest
from server.sqlite_file import SqliteFile

PURGE_EVERY = 60.0
"""Seconds between two searches for what has expired."""

SPENT = b"spent"
"""Before the token of a conversation that somebody has taken, or forgotten: the row stays for a while, empty, so that a
server which still waits for the client does not write over what another has made of it."""

_SPEND = """
UPDATE kept SET token = CAST(:spent || token AS BLOB), state = x'', until = :now + 2 * (until - :now)
WHERE token = :token"""

# `until` comes before `state`, or looking for what has expired would read every conversation.
_SCHEMA = """
CREATE TABLE kept (
    session TEXT PRIMARY KEY,
    token BLOB NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    until REAL NOT NULL,
    state BLOB NOT NULL
)"""


@dataclass(slots=True)
class SqliteStore:
    """See `Store`, and `SqliteFile` for what it survives."""

    path: Path
    clock: Callable[[], float] = time.time
    """Wall time in seconds: expiry is understood by later processes."""
    _file: SqliteFile = field(init=False)
    _purge_at: float = field(default=0.0, init=False)
    _mine: Mine = field(default_factory=Mine, init=False)

    def __post_init__(self) -> None:
        self._file = SqliteFile(self.path, _SCHEMA, begin=self._purge)

    async def put(self, token: str, kept: Kept, seconds: float) -> None:
        """See `Store`."""

        key = digest(token)
        again = self._mine.of(kept.session) == key

        def work(db: sqlite3.Connection) -> None:
            now = self.clock()
            if not now < self._purge_at <= now + PURGE_EVERY:  # nor if the clock was set back
                self._purge(db)
            with db:
                db.execute("BEGIN IMMEDIATE")
                there = db.execute("SELECT token FROM kept WHERE session = ?", (kept.session,)).fetchone()
                if again and there not in (None, (key,)):
                    return  # it has gone on elsewhere
                row = (kept.session, key, kept.owner, now + seconds, kept.state)
                db.execute(
                    "INSERT OR REPLACE INTO kept (session, token, owner, until, state) VALUES (?, ?, ?, ?, ?)", row
                )

        await self._file.run(work)
        self._mine.put(kept.session, key)

    async def take(self, token: str, owner: str) -> Kept | None:
        """See `Store`."""

        def work(db: sqlite3.Connection) -> Kept | None:
            key = digest(token)
            with db:
                db.execute("BEGIN IMMEDIATE")
                chosen = "SELECT session, owner, state FROM kept WHERE token = ? AND owner = ? AND until > ?"
                row = db.execute(chosen, (key, owner, self.clock())).fetchone()
                if row:
                    db.execute(_SPEND, {"spent": SPENT, "token": key, "now": self.clock()})
            return Kept(*row) if row else None

        taken = await self._file.run(work)
        if taken:
            self._mine.drop(taken.session)
        return taken

    async def forget(self, session: str) -> None:
        """See `Store`."""

        mine = self._mine.of(session)

        def work(db: sqlite3.Connection) -> None:
            if mine:
                db.execute(_SPEND, {"spent": SPENT, "token": mine, "now": self.clock()})
            else:
                db.execute("DELETE FROM kept WHERE session = ?", (session,))

        await self._file.run(work)
        self._mine.drop(session)

    async def aclose(self) -> None:
        """Close the file; it is opened again when needed."""
        await self._file.aclose()

    def _purge(self, db: sqlite3.Connection) -> None:
        now = self.clock()
        db.execute("DELETE FROM kept WHERE until <= ?", (now,))
        self._purge_at = now + PURGE_EVERY
