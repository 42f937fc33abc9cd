"""The stages of a turn add up, count from the label, and are held against what is seen from outside."""

import pytest

from client.stages import CHAIN, disagreement, inside, unexplained

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


@pytest.mark.parametrize("endpoint", [220.0, 395.0, 600.0])
def test_the_stages_lead_to_the_first_sound_without_a_gap(endpoint: float) -> None:
    marks = {**MARKS, "endpoint": endpoint, "sent": max(endpoint, 400.0) + 10}
    found = inside(marks, -30.0)
    assert sum(found[stage] for stage in CHAIN if stage in found) == pytest.approx(marks["sent"] - 30)
    assert unexplained({**found, "first_audio_ms": marks["sent"] - 30 + 4}) == pytest.approx(4)


def test_nothing_is_explained_where_a_stage_is_missing() -> None:
    found = inside({name: ms for name, ms in MARKS.items() if name != "tts_request"}, 0.0)
    assert unexplained({**found, "first_audio_ms": 410.0}) is None


def test_what_was_held_for_the_floor_is_expected_when_it_opens() -> None:
    seen = {"endpoint": 193.0, "transcript": 195.0, "first text": 273.0, "first sound": 383.0}
    assert disagreement(seen, MARKS, -30.0) == {"endpoint": 3, "transcript": 5, "first text": 3, "first sound": 3}


def test_what_was_not_seen_disagrees_with_nothing() -> None:
    assert disagreement({"endpoint": 200.0}, {"speech_end": 0.0}, 0.0) == {}
