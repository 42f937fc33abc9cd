"""A patience is judged by the pauses it takes for the end, and by how long it takes to see the end."""

import numpy as np
import pytest

from pipeline.hearing.ear import CHUNK_SECONDS
from pipeline.hearing.endpoint import Patience
from server.recordings import Pause, Recording
from server.turn_taking import Fared, Track, fare, fixed, scaled, share

ASR = 0.12
"""Seconds to the words."""


def spoken(*parts: float, said: str = "i would like to", transcript: str = "I would like to have tea.") -> Track:
    """Seconds of speech and quiet in turn, beginning with speech; the last is quiet. Its first quiet is labelled."""
    edges = np.cumsum([0.0, *parts])
    chances = [
        float(voiced) for part, voiced in zip(parts, [1, 0] * 9, strict=False) for _ in range(round(part / 0.032))
    ]
    end = float(edges[-2])
    pauses = [Pause(float(edges[1]), float(edges[2]), said)] if len(parts) > 2 else []
    return Track(Recording("a", np.zeros(0, np.int16), 0.0, end, transcript, pauses), chances)


def test_the_delay_is_the_patience_for_the_words_that_were_said() -> None:
    fared = fare(spoken(1.6, 4.0), Patience(0.2, 0.6, 1.2), ASR)
    assert fared.delay is not None
    assert 0.2 < fared.delay < 0.6
    assert (fared.cut, fared.astray) == ([], 0)


def test_a_fixed_silence_is_waited_out_whatever_was_said() -> None:
    fared = fare(spoken(1.6, 4.0), fixed(0.8), ASR)
    assert fared.delay == pytest.approx(0.8, abs=CHUNK_SECONDS)


def test_impatience_cuts_a_pause() -> None:
    assert fare(spoken(1.6, 0.64, 1.6, 4.0), fixed(0.5), ASR).cut == [True]
    assert fare(spoken(1.6, 0.64, 1.6, 4.0), fixed(0.8), ASR).cut == [False]


def test_unfinished_words_are_waited_for() -> None:
    pausing = (1.6, 0.64, 1.6, 4.0)
    assert fare(spoken(*pausing), scaled(1.0), ASR).cut == [False]
    assert fare(spoken(*pausing, said="what time is it"), scaled(1.0), ASR).cut == [True]


def test_words_that_come_late_help_nobody() -> None:
    said_early = fare(spoken(1.6, 0.64, 1.6, 4.0), Patience(0.3, 0.3, 2.0), 0.1)
    said_late = fare(spoken(1.6, 0.64, 1.6, 4.0), Patience(0.3, 0.3, 2.0), 0.5)
    assert (said_early.cut, said_late.cut) == ([False], [True])


def test_a_voice_that_is_lost_where_no_pause_is_goes_astray() -> None:
    track = spoken(1.6, 0.64, 1.6, 4.0)
    unlabelled = Track(Recording("a", np.zeros(0, np.int16), 0.0, track.recording.speech_end, "x"), track.chances)
    assert fare(unlabelled, fixed(0.5), ASR).astray == 1


def test_a_turn_may_never_end() -> None:
    assert fare(spoken(1.6, 0.64, 1.6, 0.5), fixed(1.0), ASR) == Fared("a", [False], 0, None)


def test_a_share_of_none_is_not_certain() -> None:
    assert share(0, 20)["value"] == 0
    assert share(0, 20)["high"] == pytest.approx(0.161, abs=0.001)
    assert share(10, 20) == {"value": 0.5, "low": 0.2993, "high": 0.7007}
    assert share(0, 0)["high"] == 1.0
