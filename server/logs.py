"""The log of the whole server, for people or for machines, written by a thread: a full pipe must not stop a talk."""

import logging
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import TypeAlias

import orjson

from server.observing.masking import masked
from server.realtime.checks import Json
from server.settings import ServerSettings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

LOGGER = "antiphon"

MOST_WAITING = 10_000
"""Lines that may wait to be written; while a reader is stuck, further ones are lost, and counted."""

LAST_WORDS = 2.0
"""Seconds in which a reader may take what is left when the server stops."""

CHATTY = ("httpx2", "httpcore2", "openai", "faster_whisper", "asyncio", "uvicorn", "opentelemetry")
"""Libraries that say only what is wrong."""

QUOTING = "pipeline."
"""How the loggers begin that pass on what other servers say: some quote what they were asked, people's words too."""

Waiting: TypeAlias = "SimpleQueue[logging.LogRecord | None]"
"""Records to be written; None is the last."""


class JsonFormatter(logging.Formatter):
    """One object a line: `time`, `level`, `logger`, `message`, and what else the record brings along."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        told: Json = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(told | getattr(record, "fields", {}), default=str).decode()


class Line(logging.Handler):
    """Hands records to the thread that writes them, or drops them where too many wait; never blocks."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        super().__init__()
        self.most = most
        self.waiting: Waiting = SimpleQueue()  # a fraction of what `Queue` costs, but without a bound of its own
        self.lost = 0
        """Records since the last one that found room."""

    def emit(self, record: logging.LogRecord) -> None:
        """What is written is what was true when it was said."""
        if self.waiting.qsize() >= self.most:
            self.lost += 1
            return
        if self.lost:
            told = f"{self.lost} lines before this one are lost: nobody reads the log fast enough"
            self.waiting.put(logging.LogRecord(LOGGER, logging.WARNING, __file__, 0, told, None, None))
            self.lost = 0
        record.msg, record.args = record.getMessage(), None
        self.waiting.put(record)


@contextmanager
def logging_to_stderr(settings: ServerSettings) -> Generator[None]:
    """All that is logged inside the block is written until the block is left."""
    writer = logging.StreamHandler(sys.stderr)
    writer.setFormatter(JsonFormatter() if settings.log_format == "json" else logging.Formatter(TEXT))
    line = Line()
    root, thread = logging.getLogger(), threading.Thread(target=_write, args=(line.waiting, writer), daemon=True)
    root.setLevel(settings.log_level.upper())
    root.addHandler(line)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    thread.start()
    try:
        yield
    finally:
        root.removeHandler(line)
        line.waiting.put(None)
        thread.join(LAST_WORDS)


def _write(waiting: Waiting, writer: logging.Handler) -> None:
    while record := waiting.get():
        if record.name.startswith(QUOTING):
            record.msg = masked(record.msg)
        writer.handle(record)
