"""Requests and tokens per minute."""

import pytest

from pipeline.engines import RateLimit
from pipeline.llm.rates import REFUSED_FOR, Bucket, Rates


def rates(requests: float = 0, tokens: float = 0) -> Rates:
    return Rates(Bucket(requests), Bucket(tokens))


def test_no_limit_lets_everything_through() -> None:
    free = rates()
    for _ in range(1000):
        free.take(10_000, 0.0)
    assert free.allow(10**9, 0.0)


def test_a_minutes_requests_may_leave_at_once_and_then_one_by_one() -> None:
    limited = rates(requests=60)
    for _ in range(60):
        assert limited.allow(1, 0.0)
        limited.take(1, 0.0)
    assert not limited.allow(1, 0.5)
    assert limited.allow(1, 1.0)


def test_tokens_that_were_not_used_come_back() -> None:
    limited = rates(tokens=1000)
    limited.take(900, 0.0)
    assert not limited.allow(200, 0.0)
    limited.settle(900, 100, 0.0)
    assert limited.allow(900, 0.0)
    assert not limited.allow(901, 0.0)


def test_a_request_larger_than_a_minutes_worth_waits_for_a_full_bucket() -> None:
    limited = rates(tokens=1000)
    assert limited.allow(5000, 0.0)
    limited.take(5000, 0.0)
    assert not limited.allow(5000, 299.0)
    assert limited.allow(5000, 300.0)


def test_the_server_is_believed_about_itself() -> None:
    limited = rates(requests=1000)
    limited.learn([RateLimit("requests", 60, 0, 30.0), RateLimit("tokens", 6000, 3000, 30.0)], 0.0)
    assert not limited.allow(100, 0.4)
    assert limited.allow(100, 0.5)  # sixty in thirty seconds
    assert not limited.allow(4000, 1.0)
    assert limited.allow(4000, 10.0)


@pytest.mark.parametrize(("retry_after", "until"), [(None, REFUSED_FOR), (7.0, 7.0), (0.0, 0.0)])
def test_a_refusal_is_honoured_as_long_as_the_server_wants(retry_after: float | None, until: float) -> None:
    limited = rates()
    limited.refused(0.0, retry_after)
    assert limited.allow(1, until)
    assert not until or not limited.allow(1, until - 0.01)


def test_a_shorter_refusal_does_not_shorten_a_longer_one() -> None:
    limited = rates()
    limited.refused(0.0, 10.0)
    limited.refused(1.0, 1.0)
    assert not limited.allow(1, 9.0)
