"""Latencies add up, count from the label, and are summed up without flattery."""

import pytest

from client.latency import Measured, inside, overall, percentiles, quantile, report, table

MARKS = {
    "speech_end": 0.0,
    "paused": 100.0,
    "asr_final": 180.0,
    "endpoint": 220.0,
    "model_chosen": 181.0,
    "llm_request": 183.0,
    "llm_first_token": 300.0,
    "first_clause": 340.0,
    "tts_request": 344.0,
    "first_audio": 400.0,
    "sent": 410.0,
}


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [([5], 0.5, 5), ([1, 2], 0.5, 1), ([3, 1, 2], 0.5, 2), (range(1, 101), 0.95, 95), (range(1, 21), 0.99, 20)],
)
def test_a_quantile_is_one_of_the_values(values: list[float], share: float, value: float) -> None:
    assert quantile(list(values), share) == value


def test_percentiles_are_named() -> None:
    assert percentiles([float(n) for n in range(1, 101)]) == {"p50": 50, "p95": 95, "p99": 99}


def test_the_stages_are_differences_of_marks() -> None:
    found = inside(MARKS, None)
    assert found["asr_ms"] == 80
    assert found["llm_ms"] == 117
    assert found["endpoint_ms"] == 220
    assert found["floor_ms"] == 0
    assert found["own_ms"] == 1 + 2 + 4 + 10
    assert "first_token_ms" not in found


def test_sound_that_waits_for_the_floor_is_not_our_own_slowness() -> None:
    found = inside({**MARKS, "endpoint": 600.0, "sent": 601.0}, None)
    assert (found["floor_ms"], found["send_ms"]) == (200, 1)


def test_the_servers_marks_are_moved_to_the_labelled_end() -> None:
    assert inside(MARKS, -30.0)["first_token_ms"] == 270


def test_what_a_turn_did_not_reach_is_left_out() -> None:
    found = inside({"speech_end": 0.0, "paused": 90.0}, 5.0)
    assert found == {"pause_ms": 90, "end_error_ms": 5}


def measured(first_audio: float, *, early: bool = False, answered: bool = True, turns: int = 1) -> Measured:
    return Measured("a", {"first_audio_ms": first_audio}, early=early, answered=answered, turns=turns)


def test_early_and_missing_answers_are_counted_and_not_averaged() -> None:
    runs = [measured(500), measured(-100, early=True), measured(9, answered=False), measured(600, turns=2)]
    result = report(runs)
    assert result["overall"] == {"first_audio_ms": {"p50": 500, "p95": 600, "p99": 600}}
    counts = (result["turns"], result["early_replies"], result["unanswered"], result["split_turns"])
    assert counts == (4, 1, 1, 1)
    assert len(result["clips"][0]["runs"]) == 4


def test_nothing_measured_makes_an_empty_table() -> None:
    assert overall([]) == {}
    assert len(table({}).splitlines()) == 1
