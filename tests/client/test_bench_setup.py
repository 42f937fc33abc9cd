"""Progress is a bar where somebody watches, and a line for each piece of news where nobody does."""

import io
import sys

import pytest

from client.bench_setup import progress


class Terminal(io.StringIO):
    """Says that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2) as tell:
        tell("a.wav: 300 ms")
        tell("b.wav: 310 ms")
    assert capsys.readouterr().err == "a.wav: 300 ms\nb.wav: 310 ms\n"


@pytest.mark.parametrize("last", ["b.wav: 310 ms", "b.wav: no [model] at [/v1]"])
def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress(2) as tell:
        tell("a.wav: 300 ms")
        tell(last)
    shown = terminal.getvalue()
    assert "100%" in shown
    assert last in shown
