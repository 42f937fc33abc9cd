"""What was heard of an answer: arithmetic over what was sent and when."""

from random import Random

import pytest

from pipeline.playout import Playout
from pipeline.tts.pace import LETTERS_PER_SECOND


def spoken(*clauses: tuple[str, float], now: float = 0.0, complete: bool = True) -> Playout:
    """These clauses, all sent at once."""
    playout = Playout()
    for text, seconds in clauses:
        number = playout.begin(text)
        if seconds:
            playout.add(number, seconds, now)
        if complete:
            playout.complete(number)
    return playout


@pytest.mark.parametrize(
    ("now", "seconds"), [(10.0, 0.0), (10.5, 0.5), (11.0, 1.0), (12.5, 2.5), (13.0, 3.0), (99.0, 3.0)]
)
def test_sound_sent_ahead_is_heard_at_the_pace_of_speech(now: float, seconds: float) -> None:
    playout = spoken(("one two", 1.0), (" three four", 2.0), now=10.0)
    assert playout.heard_seconds(now) == pytest.approx(seconds)
    assert (playout.starts(0), playout.starts(1), playout.starts(2)) == (10.0, 11.0, None)


def test_a_gap_in_the_sound_is_no_sound_heard() -> None:
    playout = Playout()
    playout.add(playout.begin("one"), 1.0, 0.0)
    assert [playout.heard_seconds(now) for now in (0.5, 1.0, 4.0)] == [0.5, 1.0, 1.0]
    playout.add(playout.begin(" two"), 1.0, 5.0)
    assert [playout.heard_seconds(now) for now in (5.0, 5.5, 7.0)] == [1.0, 1.5, 2.0]
    assert playout.starts(1) == 5.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, ""),
        (0.29, ""),
        (0.31, "One"),
        (0.69, "One"),
        (0.71, "One two"),
        (1.38, "One two"),
        (1.4, "One two three."),
        (1.89, "One two three."),
        (1.91, "One two three. Four"),
        (2.48, "One two three. Four"),
        (2.495, "One two three. Four five."),
        (9.0, "One two three. Four five."),
    ],
)
def test_a_cut_falls_between_words(seconds: float, text: str) -> None:
    tenth_of_a_second_per_character = spoken(("One two three.", 1.4), (" Four five.", 1.1))
    assert tenth_of_a_second_per_character.heard(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, ""), (0.5, "现在是"), (0.98, "现在是下午三"), (1.0, "现在是下午三点")]
)
def test_chinese_is_cut_between_characters(seconds: float, text: str) -> None:
    assert spoken(("现在是下午三点", 1.0)).heard(seconds) == text


def test_a_clause_still_being_made_is_as_long_as_its_text_lets_expect() -> None:
    text = "one two three four five six seven"
    playout = spoken((text, 1.0), complete=False)
    assert playout.clauses[0].length() == pytest.approx(len(text) / LETTERS_PER_SECOND)
    assert playout.heard(1.0) == "one two three"
    playout.complete(0)
    assert playout.heard(1.0) == text


def test_a_slow_voice_lets_expect_more_sound() -> None:
    playout = Playout()
    playout.add(playout.begin("one two three four five six seven", speed=0.5), 2.0, 0.0)
    assert playout.heard(2.0) == "one two three"


def test_of_a_clause_whose_sound_broke_off_only_the_first_part_was_said() -> None:
    playout = spoken(("one two three four five six seven", 1.0), complete=False)
    assert playout.heard(playout.sent) == "one two three"


def test_chinese_takes_longer_to_say_than_as_many_letters() -> None:
    playout = spoken(("现在是下午三点，天气很好，我们去公园走走吧", 2.2), complete=False)
    assert playout.heard(1.0) == "现在是下"
    assert playout.heard(2.2) == "现在是下午三点，天气"


def test_a_clause_nobody_has_begun_to_speak_was_not_heard() -> None:
    playout = spoken(("one", 1.0))
    playout.begin(" two")
    assert playout.heard(playout.heard_seconds(99.0)) == "one"


def test_what_was_heard_is_always_a_prefix_and_only_grows() -> None:
    chance = Random(7)
    for _ in range(200):
        texts = ["".join(chance.choices("ab c,. 现在", k=chance.randint(1, 12))) for _ in range(chance.randint(1, 5))]
        playout = spoken(*((text, chance.choice([0.0, 0.3, 1.0])) for text in texts), complete=chance.random() < 0.5)
        heard = [playout.heard(tenths / 10) for tenths in range(60)]
        assert all("".join(texts).startswith(text) for text in heard)
        assert [len(text) for text in heard] == sorted(len(text) for text in heard)
