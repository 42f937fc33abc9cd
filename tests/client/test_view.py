"""Lines for people who pipe, JSON for scripts."""

from collections.abc import Sequence

import orjson
import pytest

from client.news import Level, Microphone, News, Notice, Ready, State, Turn, Typing, Words
from client.view import JsonLines, PlainLines


@pytest.mark.parametrize(
    ("news", "lines"),
    [
        (
            Ready("ws://h", "Mic", "Box", "headphones: interrupt whenever you like"),
            ["(microphone: Mic; speakers: Box; headphones: interrupt whenever you like)"],
        ),
        (Words("you", "hello", final=True), ["You: hello"]),
        (Words("you", "hel", final=False), []),
        (Words("you", "", final=True), []),
        (Words("antiphon", "Good day.", final=True), ["Antiphon: Good day."]),
        (Words("antiphon", "Good", final=True, interrupted=True), ["Antiphon: Good —"]),
        (Notice("the sound card is gone"), ["(the sound card is gone)"]),
        (State("hearing"), []),
        (Level(-20), []),
        (Turn(200, 600), []),
    ],
)
def test_a_line_is_what_is_worth_one(news: News, lines: Sequence[str]) -> None:
    written: list[str] = []
    PlainLines(written.append).show(news)
    assert written == lines


def test_a_script_gets_an_object_for_each_event_but_levels_and_keys() -> None:
    written: list[str] = []
    moments = iter([10.0, 10.5, 11.25, 12.0])
    view = JsonLines(written.append, lambda: next(moments))
    view.show(Level(-20))
    view.show(Typing("hel"))
    view.show(State("hearing"))
    view.show(Turn(210.0, None, {"sent": 500.0}, {"model": "quick"}))
    view.show(Microphone(open=False))
    assert [orjson.loads(line) for line in written] == [
        {"event": "state", "at": 0.5, "doing": "hearing"},
        {
            "event": "turn",
            "at": 1.25,
            "first_token_ms": 210.0,
            "ear_to_ear_ms": None,
            "marks_ms": {"sent": 500.0},
            "choice": {"model": "quick"},
        },
        {"event": "microphone", "at": 2.0, "open": False},
    ]
