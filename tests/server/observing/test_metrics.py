"""What Prometheus is told: counted from made-up turns, read as Prometheus reads it."""

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.engines import Usage
from pipeline.events import AnswerDropped, HearingFailed
from pipeline.llm.account import Account
from server.observing.metrics import MOST_NAMES, OTHER, Metrics, Names
from tests.server.observing.turns import MARKS, hedged, late, record

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(metrics: Metrics) -> Samples:
    """Everything, by name and labels."""
    told = generate_latest(metrics.registry).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
    }


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1.2.3")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics).get((f"antiphon_{name}", tuple(sorted(labels.items()))))


def test_a_turn_is_counted_by_model_version_and_outcome(metrics: Metrics) -> None:
    metrics.take(record())
    metrics.take(record(outcome="cancelled", reason="turn_detected"))
    labels = {"model": "small", "version": "1.2.3"}
    assert value(metrics, "turns_total", **labels, outcome="completed") == 1
    assert value(metrics, "turns_total", **labels, outcome="cancelled") == 1
    assert value(metrics, "turns_ended_early_total", reason="turn_detected") == 1
    assert value(metrics, "engine_turns_total", stage="asr", engine="whisper") == 2


def test_the_deadline_is_an_edge_of_the_buckets_and_the_objective_is_counted(metrics: Metrics) -> None:
    for ms in (400.0, 600.0, 601.0, 2100.0):
        metrics.take(record(marks_ms=late(ms)))
    labels = {"model": "small", "version": "1.2.3"}
    buckets = {"outcome": "completed", **labels}
    assert value(metrics, "first_token_seconds_bucket", le="0.6", **buckets) == 2
    assert value(metrics, "first_token_seconds_bucket", le="2.0", **buckets) == 3
    assert value(metrics, "first_tokens_due_total", **labels) == 4
    assert value(metrics, "first_tokens_in_time_total", **labels) == 2


def test_the_stages_of_a_turn_add_up(metrics: Metrics) -> None:
    metrics.take(record())
    summed = [took for (name, _), took in samples(metrics).items() if name == "antiphon_turn_stage_seconds_sum"]
    assert sum(summed) == pytest.approx(MARKS["sent"] / 1000)
    assert value(metrics, "turn_mark_seconds_sum", mark="endpoint") == pytest.approx(0.46)


def test_tokens_and_money_are_counted_by_who_took_them(metrics: Metrics) -> None:
    metrics.take(record(account=hedged()))
    for kind, tokens in {"prompt": 100, "cached": 20, "completion": 30}.items():
        assert value(metrics, "tokens_total", model="large", kind=kind) == tokens
    assert value(metrics, "cost_dollars_total", model="large") == pytest.approx(0.002)


def test_hedges_are_counted_by_who_answered(metrics: Metrics) -> None:
    metrics.take(record(account=hedged()))
    metrics.take(record(account=Account(model="small", asked=["small", "large"], wasted=50)))
    metrics.take(record(account=Account(model="small", asked=["small"])))
    assert value(metrics, "hedged_turns_total", answered_by="other") == 1
    assert value(metrics, "hedged_turns_total", answered_by="first") == 1
    assert value(metrics, "hedge_saved_seconds_total") == pytest.approx(0.3)
    assert value(metrics, "wasted_tokens_total", cause="hedge") == 200
    assert value(metrics, "model_requests_total", model="small") == 3
    assert value(metrics, "model_failures_total") == 1


def test_a_hedge_of_which_nobody_heard_a_word_was_not_won(metrics: Metrics) -> None:
    metrics.take(record(outcome="cancelled", account=Account(asked=["small", "large"])))
    assert value(metrics, "hedged_turns_total", answered_by="other") == 0
    assert value(metrics, "model_requests_total", model="large") == 1


def test_speculation_is_counted_with_its_price_and_its_gain(metrics: Metrics) -> None:
    metrics.take(record())
    metrics.take(AnswerDropped("resp_0", {}, Usage(100, 7)))
    metrics.take(AnswerDropped("resp_0", {}, Usage(100, 7), Account(asked=["small"], tokens=300, cost=0.001)))
    assert value(metrics, "speculations_total", outcome="kept") == 1
    assert value(metrics, "speculations_total", outcome="dropped") == 2
    assert value(metrics, "wasted_tokens_total", cause="speculation") == 407
    assert value(metrics, "cost_dollars_total", model="small") == 0.001
    assert value(metrics, "model_requests_total", model="small") == 2
    assert value(metrics, "speculation_saved_seconds_total") == pytest.approx(0.38)


def test_failures_are_counted_by_stage(metrics: Metrics) -> None:
    metrics.take(record(outcome="failed", reason="whatever a provider says", fault="llm"))
    metrics.take(HearingFailed("item_1", "no ASR is left"))
    assert value(metrics, "turn_faults_total", stage="llm") == 1
    assert value(metrics, "unheard_questions_total") == 1
    assert not any("whatever" in str(key) for key in samples(metrics))


def test_interruptions_sessions_and_lag_are_counted(metrics: Metrics) -> None:
    metrics.take("barge_in")
    metrics.take("split_turn")
    metrics.session()
    metrics.lag(0.03)
    assert value(metrics, "interruptions_total", kind="barge_in") == 1
    assert value(metrics, "interruptions_total", kind="split_turn") == 1
    assert value(metrics, "sessions_total") == 1
    assert value(metrics, "event_loop_lag_seconds_bucket", le="0.02") == 0
    assert value(metrics, "event_loop_lag_seconds_bucket", le="0.05") == 1


def test_however_many_models_there_are_the_series_are_few(metrics: Metrics) -> None:
    for number in range(1000):
        metrics.take(record(engines={"llm": f"model {number}"}))
    names = {labels for name, labels in samples(metrics) if name == "antiphon_turns_total"}
    assert len(names) == MOST_NAMES + 1
    assert value(metrics, "turns_total", model=OTHER, version="1.2.3", outcome="completed") == 1000 - MOST_NAMES


def test_what_has_yet_to_happen_is_shown_as_nothing(metrics: Metrics) -> None:
    for kind in ("barge_in", "early_reply", "split_turn"):
        assert value(metrics, "interruptions_total", kind=kind) == 0
    assert value(metrics, "turn_faults_total", stage="llm") == 0
    assert value(metrics, "turn_faults_total", stage="") is None


def test_a_model_that_was_the_only_choice_was_asked_too(metrics: Metrics) -> None:
    metrics.take(record())
    assert value(metrics, "model_requests_total", model="small") == 1


def test_what_needs_no_model_asks_none(metrics: Metrics) -> None:
    metrics.take(record(engines={}, marks_ms={"speech_end": 0.0, "sent": 80.0}))
    assert not any("model_requests" in str(key) for key in samples(metrics))


def test_no_name_is_a_name_too() -> None:
    assert Names().of("") == "none"


def test_servers_of_one_process_count_apart(metrics: Metrics) -> None:
    metrics.session()
    assert value(Metrics("1.2.3"), "sessions_total") == 0
