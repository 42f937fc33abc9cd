"""Who is asked when."""

import math

from pipeline.llm.race import Race


def test_the_schedule_is_kept_while_somebody_is_waited_for() -> None:
    race = Race([0.0, 0.3, 1.5])
    assert race.due() == 0.0
    race.begin()
    assert race.due() == 0.3
    race.begin()
    assert race.due() == 1.5


def test_the_next_leaves_at_once_when_nobody_is_running() -> None:
    race = Race([0.0, 0.3, 1.5])
    race.begin()
    race.end()
    assert race.due() == 0.0


def test_a_failure_beside_one_that_runs_hastens_nothing() -> None:
    race = Race([0.0, 0.3, 1.5])
    race.begin()
    race.begin()
    race.end()
    assert race.due() == 1.5


def test_the_last_one_has_nobody_behind() -> None:
    race = Race([0.0])
    assert race.begin() == 0
    assert (race.due(), race.lost) == (math.inf, False)
    race.end()
    assert (race.due(), race.lost) == (math.inf, True)


def test_a_first_word_puts_the_others_off_and_keeps_their_distance() -> None:
    race = Race([0.0, 0.3, 1.5])
    race.begin()
    race.put_off(1.0)
    assert race.due() == 1.0
    race.begin()
    assert race.due() == 2.2
