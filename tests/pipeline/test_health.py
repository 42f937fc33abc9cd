"""When a model is left alone, and when it is tried again."""

from pipeline.llm.health import FAILURES, FIRST_REST, LONGEST_REST, Breaker


def failing(breaker: Breaker, now: float, times: int = FAILURES) -> Breaker:
    for _ in range(times):
        breaker.begin(now)
        breaker.failed(now)
    return breaker


def test_single_failures_are_forgiven() -> None:
    breaker = failing(Breaker(), 0.0, FAILURES - 1)
    breaker.begin(0.0)
    breaker.worked()
    failing(breaker, 0.0, FAILURES - 1)
    assert breaker.allows(0.0)


def test_failures_in_a_row_leave_it_alone_for_a_while() -> None:
    breaker = failing(Breaker(), 0.0)
    assert (breaker.state(0.0), breaker.allows(FIRST_REST - 0.1)) == ("open", False)


def test_after_that_one_request_tries_it() -> None:
    breaker = failing(Breaker(), 0.0)
    assert (breaker.state(FIRST_REST), breaker.allows(FIRST_REST)) == ("half_open", True)
    breaker.begin(FIRST_REST)
    assert not breaker.allows(FIRST_REST)
    breaker.worked()
    assert breaker.state(FIRST_REST) == "closed"


def test_a_trial_that_was_closed_makes_room_for_another() -> None:
    breaker = failing(Breaker(), 0.0)
    breaker.begin(FIRST_REST)
    breaker.dropped()
    assert breaker.allows(FIRST_REST)


def test_each_failed_trial_doubles_the_rest() -> None:
    breaker, now, rests = failing(Breaker(), 0.0), FIRST_REST, list[float]()
    for _ in range(6):
        breaker.begin(now)
        breaker.failed(now)
        before = now
        while not breaker.allows(now):
            now += 1.0
        rests.append(now - before)
    assert rests == [10.0, 20.0, 40.0, 80.0, LONGEST_REST, LONGEST_REST]


def test_requests_that_were_under_way_do_not_lengthen_the_rest() -> None:
    breaker = failing(Breaker(), 0.0, FAILURES + 5)
    assert breaker.allows(FIRST_REST)
