"""The bars of a turn lie where its stages were, and the line where the goal is."""

import pytest

from client.waterfall import Bar, waterfall

MARKS = {
    "speech_end": 0.0,
    "paused": 100.0,
    "asr_final": 200.0,
    "llm_request": 200.0,
    "llm_first_token": 500.0,
    "tts_request": 500.0,
    "first_audio": 600.0,
    "sent": 700.0,
}


def test_each_stage_is_a_bar_from_its_beginning_to_its_end() -> None:
    drawn = waterfall(MARKS, 50)
    assert drawn.goal == 30
    assert list(drawn.bars) == [
        Bar("quiet", 0, 5, 100),
        Bar("words", 5, 10, 200),
        Bar("model", 10, 25, 500),
        Bar("voice", 25, 30, 600),
        Bar("floor", 30, 35, 700),
    ]


def test_a_slow_turn_is_fitted_in_and_the_goal_moves() -> None:
    drawn = waterfall({**MARKS, "sent": 3000.0}, 50)
    assert drawn.goal == 10
    assert drawn.bars[-1] == Bar("floor", 10, 50, 3000)


@pytest.mark.parametrize("marks", [{}, {"speech_end": 0.0}, {"sent": 400.0}])
def test_marks_that_are_not_there_are_not_drawn(marks: dict[str, float]) -> None:
    assert waterfall(marks, 50).bars == []


def test_what_took_no_time_can_be_seen_and_what_began_early_begins_at_the_edge() -> None:
    bars = waterfall({"speech_end": -100.0, "paused": -50.0, "asr_final": -50.0}, 50).bars
    assert [(bar.start, bar.end) for bar in bars] == [(0, 1), (0, 1)]
