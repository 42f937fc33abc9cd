"""What a crowd's notes come to, and when they say nothing of the server."""

from dataclasses import replace

import pytest

from client.bench_versus import judged
from client.capacity import Step, Used, bottleneck, gives_in, heading, report, row, step_of, summary
from client.crowd import Asked, Notes
from client.vitals import Vitals


def step(sessions: int, *tokens: float, cpu: float = 0.01, rss_mb: float = 100.0) -> Step:
    asked = [Asked(0, "a", 1.0, token, token + 100) for token in tokens]
    notes = Notes(asked, late_ms=[0.1, 0.2], pong_ms=[1.0, 3.0])
    return step_of(sessions, notes, Used(10.0, cpu * 10, 1.0, Vitals(99.0, rss_mb, 20, 5)))


def test_a_step_tells_latencies_and_costs() -> None:
    one = step(4, 300.0, 310.0, 320.0, cpu=0.2)
    assert one.first_token_ms == {"p50": 310.0, "p95": 320.0, "p99": 320.0}
    assert one.first_audio_ms["p50"] == 410.0
    assert (one.turns, one.cpu_share, one.others_share, one.rss_mb) == (3, 0.2, 0.1, 100.0)
    assert one.loop_lag_ms["p99"] == 3.0
    assert one.samples[0]["first_token_ms"] == 300.0


def test_unanswered_and_early_questions_are_counted_and_not_timed() -> None:
    asked = [
        Asked(0, "a", 1.0, problem="unanswered"),
        Asked(1, "a", 2.0, -50.0, -10.0, "early"),
        Asked(2, "a", 3.0, 9, 9),
    ]
    found = step_of(3, Notes(asked, problems=["broken", "broken"]), Used(1.0, 0.1, 0.1, Vitals(1, 1, 1, 1)))
    assert (found.turns, found.unanswered, found.early, found.errors) == (3, 1, 1, ["broken"])
    assert found.first_token_ms["p95"] == 9


@pytest.mark.parametrize(("tokens", "too_much"), [((399.0,), False), ((401.0,), True), ((), True)])
def test_a_server_gives_in_at_twice_a_lone_callers_p95(tokens: tuple[float, ...], too_much: bool) -> None:
    assert gives_in(step(50, *tokens), step(1, 200.0)) is too_much


def test_a_server_gives_in_at_the_deadline() -> None:
    assert gives_in(step(50, 601.0), step(1, 400.0))


def unanswered(one: Step, count: int, turns: int) -> Step:
    return replace(one, unanswered=count, turns=turns)


@pytest.mark.parametrize(("count", "too_much"), [(6, False), (7, True), (540, True)])
def test_a_server_gives_in_when_it_leaves_questions_unanswered(count: int, too_much: bool) -> None:
    assert gives_in(unanswered(step(200, 400.0), count, 600), step(1, 390.0)) is too_much


def test_a_server_gives_in_when_it_errs() -> None:
    assert gives_in(replace(step(200, 400.0), errors=["the connection was lost"]), step(1, 390.0))


def test_steps_that_gave_in_count_nowhere() -> None:
    found = report([step(1, 400.0), step(25, 410.0), unanswered(step(50, 410.0), 10, 60)])
    assert (found["capacity"], found["capacity_alike"]) == (25, 25)


def test_a_server_that_gives_in_to_a_lone_caller_bears_none() -> None:
    found = report([unanswered(step(1, 400.0), 1, 3)])
    assert (found["capacity"], found["capacity_alike"]) == (0, 0)


def test_the_report_names_the_last_step_in_time_and_what_a_session_adds() -> None:
    steps = [step(1, 400.0, cpu=0.02, rss_mb=200), step(11, 450.0, cpu=0.12, rss_mb=215), step(21, 550.0, cpu=0.21)]
    found = report([*steps, step(31, 900.0)])
    assert (found["capacity"], found["capacity_alike"]) == (21, 11)
    assert found["per_session"]["cpu_share"] == pytest.approx(0.01)
    assert report(steps[:2])["per_session"] == {"cpu_share": 0.01091, "added_cpu_share": 0.01, "added_mb": 1.5}
    assert "1.50 MB added" in summary(report(steps[:2]))
    assert len(heading()) == len(row(steps[0]))


def test_a_lone_step_adds_nothing() -> None:
    assert report([step(1, 400.0)])["per_session"]["added_mb"] is None


def test_callers_that_are_late_themselves_measure_nothing() -> None:
    good = step(10, 400.0)
    assert bottleneck(good, 1) == ""
    assert "late by 30 ms" in bottleneck(replace(good, callers_lag_ms={"p99": 30.0}), 1)
    assert "took 0.97 of their 1" in bottleneck(replace(good, others_share=0.97), 1)
    assert bottleneck(replace(good, others_share=0.97), 3) == ""


def test_two_configurations_are_compared_round_by_round() -> None:
    found, text = judged({"serve": [10.0, 20.0, 10.0], "versus": [10.2, 20.2, 10.1]}, 40)
    assert found["ratio"] == 1.01
    assert "+1.0%" in text
    assert "n = 3" in text
