"""An SQLite file of ours: opened when needed, worked on by a thread of its own, moved aside when it is broken."""

import asyncio
import logging
import sqlite3
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeVar

from server.sessions import StoreError

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds to wait for another process that is writing; a write takes less than a millisecond."""

_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL)
"""What leaves a connection as good as it was."""

_log = logging.getLogger(__name__)


class _ForeignError(sqlite3.DatabaseError):
    """The file is none that this version can read."""


def nothing(_db: sqlite3.Connection) -> None:
    """For those who have nothing to do when a file is opened."""


@dataclass(slots=True)
class SqliteFile:
    """What is written survives the death of the process at once, that of the machine within seconds (WAL,
    `synchronous=NORMAL`).

    The file is opened when first needed, and again after it was moved, deleted or could not be used. One that is
    corrupt, or of a later version, is moved aside to `<name>.broken-N`. All of it happens on a thread of its own.
    """

    path: Path
    """Readable by its user alone, as is its folder if it has to be created."""
    schema: str
    """What creates its tables, in statements that end in semicolons."""
    version: int = 1
    """Of the schema, written into the file."""
    begin: Callable[[sqlite3.Connection], None] = nothing
    """Whatever is to be done each time it was opened, within a transaction."""
    _thread: ThreadPoolExecutor | None = field(default=None, init=False)
    _db: sqlite3.Connection | None = field(default=None, init=False)
    _file: tuple[int, int] | None = field(default=None, init=False)
    """Which one was opened, whatever it is called now."""

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What comes of some work on the file. Raises `StoreError`. Cancelled, the work may be done or not."""
        self._thread = self._thread or ThreadPoolExecutor(1, self.path.name)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._on_thread, work)

    async def aclose(self) -> None:
        """Close the file; it is opened again when needed."""
        thread, self._thread = self._thread, None
        if thread:
            await asyncio.get_running_loop().run_in_executor(thread, self._let_go)
            thread.shutdown(wait=False)

    def _on_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            try:
                return work(self._opened())
            except sqlite3.DatabaseError as error:
                if not isinstance(error, _ForeignError) and _code(error) not in _BROKEN:
                    raise
                self._start_afresh(error)
                return work(self._opened())
        except (sqlite3.Error, OSError) as error:
            if _code(error) not in _PASSING:
                self._let_go()
            raise StoreError(f"{self.path}: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        if self._db and _identity(self.path) != self._file:
            self._let_go()
        if self._db is None:
            _create(self.path)
            self._file = _identity(self.path)
            db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            try:
                self._prepare(db)
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db

    def _prepare(self, db: sqlite3.Connection) -> None:
        with db:
            db.execute("BEGIN")
            _check(db, self.version)  # before anything is changed
        _log_ahead(db)
        db.execute("PRAGMA synchronous = NORMAL")
        with db:
            db.execute("BEGIN IMMEDIATE")
            if _check(db, self.version) == 0:
                for statement in filter(None, map(str.strip, self.schema.split(";"))):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {self.version}")
            self.begin(db)

    def _let_go(self) -> None:
        if self._db:
            self._db.close()
        self._db = None

    def _start_afresh(self, error: sqlite3.DatabaseError) -> None:
        broken = self._file
        self._let_go()
        if _identity(self.path) != broken:
            return  # another process was quicker, and has begun a new one
        names = (self.path.with_name(f"{self.path.name}.broken-{number}") for number in count(1))
        aside = next(name for name in names if not name.exists())
        for suffix in ("-wal", "-journal", "-shm", ""):  # logs first: left behind, they would change the new file
            part = Path(f"{self.path}{suffix}")
            if part.exists():
                part.rename(f"{aside}{suffix}")
        _log.warning("%s cannot be used: %s; it is now %s, and a new one is begun", self.path, error, aside.name)


def _check(db: sqlite3.Connection, expected: int) -> int:
    """The schema's version, 0 when the file is empty; within a transaction. Raises `_ForeignError`."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version != expected and (version or tables):
        raise _ForeignError(f"its schema has version {version}, and {expected} is understood")
    return version


def _log_ahead(db: sqlite3.Connection) -> None:
    """Switch to WAL. This is the one statement for which SQLite does not wait for others, who may be opening too."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.005)


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 when the error is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)  # SQLite gives the files beside it the same mode
    except FileExistsError:  # and is not opened here: closing it would drop the locks of all its connections
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)


def _identity(path: Path) -> tuple[int, int] | None:
    """What stays the same when a file is renamed; None when there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
