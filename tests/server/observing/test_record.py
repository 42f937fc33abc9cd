"""What a record says of a turn."""

import itertools

import pytest

from pipeline.clock import MARKS as ALL_MARKS
from server.observing.record import STAGES, blamed, parts_of
from tests.server.observing.turns import MARKS, late, record


def test_the_stages_add_up_to_the_first_sound() -> None:
    parts = parts_of(MARKS)
    assert sum(part.took for part in parts) == pytest.approx(MARKS["sent"])
    for one, following in itertools.pairwise(parts):
        assert following.begin == pytest.approx(one.begin + one.took)


def test_work_done_while_the_user_may_go_on_is_not_counted_twice() -> None:
    took = {part.name: part.took for part in parts_of({**MARKS, "endpoint": 700.0, "sent": 700.5})}
    assert took["floor"] == pytest.approx(700.0 - MARKS["first_audio"])
    assert {part.name: part.took for part in parts_of(MARKS)}["floor"] == 0.0  # the sound was ready later


def test_every_mark_ends_a_stage() -> None:
    assert {*STAGES.values(), "speech_end"} == set(ALL_MARKS)


def test_a_stage_that_did_not_take_place_is_left_out() -> None:
    typed = {"speech_end": 0.0, "model_chosen": 1.0, "llm_request": 2.0, "llm_first_token": 50.0}
    assert [part.name for part in parts_of(typed)] == ["choose", "ask", "llm"]  # pyright: ignore[reportArgumentType]  the marks are literals


@pytest.mark.parametrize(("ms", "in_time"), [(400.0, True), (600.0, True), (600.1, False)])
def test_a_first_token_is_in_time_until_the_deadline(ms: float, in_time: bool) -> None:
    assert record(marks_ms=late(ms)).in_time is in_time


def test_a_question_taken_back_before_the_deadline_owes_no_token() -> None:
    asked = {"speech_end": 0.0, "paused": 80.0, "asr_final": 200.0, "llm_request": 201.0}
    assert record(marks_ms=asked, outcome="cancelled", seconds=0.5).in_time is None
    assert record(marks_ms=asked, outcome="cancelled", seconds=0.7).in_time is False
    assert record(marks_ms={"speech_end": 0.0}, seconds=3.0).in_time is None  # "scrap that": no model was asked


def test_a_failure_is_late_whatever_it_was() -> None:
    assert record(marks_ms={"speech_end": 0.0}, outcome="failed", fault="asr").in_time is False


def test_the_longest_wait_before_the_first_token_is_to_blame() -> None:
    assert blamed(late(900.0)) == "llm"
    assert blamed({**late(900.0), "paused": 80.0, "asr_final": 700.0, "model_chosen": 701.0}) == "asr"
    assert blamed({"speech_end": 0.0}) is None


def test_the_head_start_is_what_was_done_before_the_user_was_known_to_be_done() -> None:
    assert record().head_start == pytest.approx((460 - 80) / 1000)
    assert record(marks_ms={**MARKS, "endpoint": 900.0}).head_start == pytest.approx((530 - 80) / 1000)
    assert record(marks_ms={"speech_end": 0.0, "llm_first_token": 50.0}).head_start == 0.0
