"""The log of the server: as text, as JSON, and when nobody reads it."""

import io
import logging
import sys
import threading
from collections.abc import Generator

import orjson
import pytest

from server.logs import Line, logging_to_stderr
from server.settings import ServerSettings

_log = logging.getLogger("antiphon.test")


@pytest.fixture(autouse=True)
def level() -> Generator[None]:
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


def test_people_read_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to_stderr(ServerSettings()):
        _log.info("%d clients", 3)
        _log.debug("nobody cares")
    assert capsys.readouterr().err.endswith("INFO antiphon.test: 3 clients\n")


def test_machines_read_objects_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to_stderr(ServerSettings(log_format="json")):
        _log.info("%d clients", 3, extra={"fields": {"clients": 3}})
        try:
            raise ValueError("two\nlines")
        except ValueError:
            _log.exception("a bug")
    first, second = (orjson.loads(line) for line in capsys.readouterr().err.splitlines())
    assert {**first, "time": ""} == {
        "time": "",
        "level": "info",
        "logger": "antiphon.test",
        "message": "3 clients",
        "clients": 3,
    }
    assert first["time"].endswith("+00:00")
    assert second["message"] == "a bug"
    assert second["exception"].endswith("ValueError: two\nlines")


def test_what_is_written_is_what_was_true_when_it_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["one"]
    with logging_to_stderr(ServerSettings()):
        _log.info("%s", names)
        names.append("two")
    assert "['one']" in capsys.readouterr().err


def test_what_other_servers_say_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to_stderr(ServerSettings()):
        logging.getLogger("pipeline.test").warning("%s answers 422: input: jane@example.org", "tts-1")
        _log.warning("say hello to jane@example.org")
    told = capsys.readouterr().err
    assert "tts-1 answers 422: input: [email]\n" in told
    assert "hello to jane@example.org" in told


class Stuck(io.StringIO):
    """A pipe whose other end does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.flowing = threading.Event()

    def write(self, text: str, /) -> int:
        self.flowing.wait()
        return super().write(text)


def test_a_reader_that_is_stuck_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Stuck()
    monkeypatch.setattr(sys, "stderr", pipe)
    with logging_to_stderr(ServerSettings()):
        for number in range(100):
            _log.info("line %d", number)  # in no time: the thread waits, not we
        pipe.flowing.set()
    assert [line.split()[-1] for line in pipe.getvalue().splitlines()] == [str(number) for number in range(100)]


def test_lines_for_which_there_is_no_room_are_lost_and_counted() -> None:
    line = Line(2)
    for number in range(5):
        line.emit(logging.LogRecord("x", logging.INFO, "", 0, "line %d", (number,), None))
    kept = [line.waiting.get_nowait(), line.waiting.get_nowait()]
    line.emit(logging.LogRecord("x", logging.INFO, "", 0, "the last", (), None))
    kept += [line.waiting.get_nowait(), line.waiting.get_nowait()]
    assert [record.getMessage() for record in kept if record] == [
        "line 0",
        "line 1",
        "3 lines before this one are lost: nobody reads the log fast enough",
        "the last",
    ]
