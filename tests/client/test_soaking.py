"""A leak is told from chance."""

import random

import pytest

from client.soaking import Sample, trends


def samples(minutes: int, mb_an_hour: float = 0.0, files_an_hour: float = 0.0, warming: float = 0.0) -> list[Sample]:
    chance = random.Random(7)
    found: list[Sample] = []
    for number in range(minutes * 6):
        at = number * 10.0
        warm = warming * min(1.0, at / (minutes * 20))
        rss = 400 + warm + mb_an_hour * at / 3600 + chance.gauss(0, 2)
        found.append(Sample(at, rss, round(200 + files_an_hour * at / 3600 + chance.gauss(0, 3)), 9, 500))
    return found


def test_what_only_wavers_is_no_leak() -> None:
    assert not any(trend.grows for trend in trends(samples(30)).values())


def test_what_caches_take_at_first_is_no_leak() -> None:
    assert not trends(samples(30, warming=80))["rss_mb"].grows


def test_memory_that_grows_is_a_leak() -> None:
    found = trends(samples(30, mb_an_hour=120))["rss_mb"]
    assert found.grows
    assert found.per_hour == pytest.approx(120, rel=0.1)


def test_files_that_stay_open_are_a_leak() -> None:
    found = trends(samples(30, files_an_hour=120))
    assert (found["files"].grows, found["rss_mb"].grows) == (True, False)


def test_a_server_that_does_not_tell_its_tasks_is_judged_by_the_rest() -> None:
    silent = [Sample(one.seconds, one.rss_mb, one.files, one.threads, None) for one in samples(5)]
    assert set(trends(silent)) == {"rss_mb", "files", "threads"}


def test_a_moment_is_no_trend() -> None:
    assert trends([]) == {}
    assert trends(samples(5)[:2]) == {}
