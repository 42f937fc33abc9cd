"""An utterance between its sound and its words."""

import asyncio
import weakref

import numpy as np
import pytest

from pipeline.engines import Transcript
from pipeline.errors import EngineError
from pipeline.hearing.endpoint import UNKNOWN
from pipeline.hearing.finished import RuleJudge
from pipeline.hearing.utterance import Utterance
from tests.pipeline.fakes import LOUD, FakeAsr, FakeListening, Words, broken
from tests.virtual_clock import run

SECOND = np.full(16_000, LOUD, np.int16)


class German:
    """A judge who wants to know the language."""

    def __init__(self) -> None:
        self.asked = list[tuple[str, str]]()

    def finished(self, text: str, language: str) -> float:
        self.asked.append((text, language))
        return 0.9


class Polyglot(FakeAsr):
    """Finds out that it is German."""

    def listen(self, language: str, on_partial: object, likely: str = "") -> "_GermanListening":
        return _GermanListening(self, "Wer da?", lambda text: None)


class _GermanListening(FakeListening):
    async def settle(self) -> Transcript:
        return Transcript("Wer da?", "de")


def unheeded(utterance: Utterance, text: str) -> None: ...


def listening(words: Words, told: list[tuple[str, str, float]], failure: EngineError | None = None) -> Utterance:
    def on_words(utterance: Utterance, text: str) -> None:
        told.append((utterance.id, text, utterance.finished))

    return Utterance("first", "en", RuleJudge(), on_words).listen(FakeAsr([words], 0.1, failure))


def test_words_on_their_way_are_told_and_settled_ones_are_judged_before() -> None:
    told = list[tuple[str, str, float]]()
    utterance = listening({1.0: "Stop the music.", 2.0: "Stop the music. I would like to"}, told)
    utterance.feed(SECOND)
    utterance.feed(SECOND)
    run(utterance.settle())
    words = ["Stop the music.", "Stop the music. I would like to", "Stop the music. I would like to"]
    assert told == [("first", text, judged) for text, judged in zip(words, [UNKNOWN, UNKNOWN, 0.05], strict=True)]
    assert utterance.seconds == 2.0


def test_settled_words_are_told_too() -> None:
    told = list[tuple[str, str, float]]()
    utterance = listening("Stop.", told)
    assert run(utterance.settle()).text == "Stop."
    assert [(name, text) for name, text, _ in told] == [("first", "Stop.")]


def test_a_language_once_found_out_is_judged_by() -> None:
    judge = German()
    utterance = Utterance("first", "", judge, unheeded).listen(Polyglot())
    run(utterance.settle())
    assert (judge.asked, utterance.language) == ([("Wer da?", "de")], "de")


def test_a_failure_is_the_callers_concern() -> None:
    with pytest.raises(EngineError, match="ear broke"):
        run(listening("Stop.", [], broken("ear")).settle())


def test_an_utterance_that_goes_on_keeps_its_sound_under_a_new_id() -> None:
    told = list[tuple[str, str, float]]()
    utterance = listening({1.0: "One", 2.0: "One two"}, told)
    utterance.feed(SECOND)
    utterance.ended = 1.0
    assert utterance.resume("second") == "first"
    utterance.feed(SECOND)
    assert (utterance.id, utterance.ended, utterance.seconds) == ("second", None, 2.0)
    assert [(name, text) for name, text, _ in told] == [("first", "One"), ("second", "One two")]


def test_settling_may_be_cancelled_and_tried_again() -> None:
    async def scene() -> str:
        utterance = listening("Stop.", [])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await utterance.settle()
        return (await utterance.settle()).text

    assert run(scene()) == "Stop."


def test_nobody_keeps_the_sound_of_an_utterance_that_is_done_with() -> None:
    utterance = listening("Stop.", [])
    sound = SECOND.copy()
    kept = weakref.ref(sound)
    utterance.feed(sound)
    del sound
    run(utterance.settle())
    assert kept() is not None
    utterance.close()
    assert kept() is None
