"""The endpointer's decisions, chunk by chunk; a digit is a chunk of 32 ms and its speech probability in tenths."""

from dataclasses import replace

import pytest

from pipeline.hearing.endpoint import (
    UNKNOWN,
    Began,
    Ended,
    Endpointer,
    Endpointing,
    Hushed,
    Patience,
    Paused,
    Resumed,
    Sign,
)

CHUNK = 0.032


def listen(chunks: str, how: Endpointing = Endpointing(), finished: float = UNKNOWN) -> list[tuple[int, Sign]]:
    """What was told, after how many chunks; `finished` is what the words sound like at each pause."""
    endpointer = Endpointer(how)
    told = list[tuple[int, Sign]]()
    for number, tenths in enumerate(chunks, 1):
        for sign in endpointer.hear(int(tenths) / 10, CHUNK):
            told.append((number, sign))
            if isinstance(sign, Paused):
                endpointer.finished = finished
    return told


def kinds(told: list[tuple[int, Sign]]) -> list[tuple[int, type[Sign]]]:
    return [(number, type(sign)) for number, sign in told]


@pytest.mark.parametrize(
    ("finished", "wait"),
    [(1.0, 0.25), (0.75, 0.4), (0.5, 0.55), (0.25, 0.925), (0.0, 1.3)],
)
def test_patience_is_a_line_through_three_points(finished: float, wait: float) -> None:
    assert Patience().wait(finished) == pytest.approx(wait)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ("0000", []),
        ("990", []),
        ("999", [(3, Began)]),
        ("909009", [(6, Began)]),
        ("9900099", []),
        ("99000999", [(8, Began)]),
        ("4444", []),
        ("55544443", [(3, Began), (8, Hushed)]),
        ("99909", [(3, Began), (4, Hushed)]),
        ("9990", [(3, Began), (4, Hushed)]),
        ("99900", [(3, Began), (4, Hushed), (5, Paused)]),
        ("999009", [(3, Began), (4, Hushed), (5, Paused), (6, Resumed)]),
        ("99900900", [(3, Began), (4, Hushed), (5, Paused), (6, Resumed), (7, Hushed), (8, Paused)]),
        ("999" + 17 * "0", [(3, Began), (4, Hushed), (5, Paused)]),
        ("999" + 18 * "0", [(3, Began), (4, Hushed), (5, Paused), (21, Ended)]),
    ],
)
def test_what_is_told_and_when(chunks: str, expected: list[tuple[int, type[Sign]]]) -> None:
    assert kinds(listen(chunks)) == expected


@pytest.mark.parametrize(("finished", "chunks"), [(1.0, 8), (0.75, 13), (0.5, 18), (0.0, 41)])
def test_the_words_decide_how_long_quiet_is_a_pause(finished: float, chunks: int) -> None:
    told = listen("999" + "0" * 60, finished=finished)
    assert kinds(told)[-1] == (3 + chunks, Ended)


def test_moments_are_those_of_the_voice_not_of_the_decision() -> None:
    told = [sign for _, sign in listen("00" + "9" * 5 + "0" * 20)]
    assert [type(sign) for sign in told] == [Began, Hushed, Paused, Ended]
    moments = [sign.at for sign in told if isinstance(sign, Began | Paused | Ended)]
    assert moments == pytest.approx([2 * CHUNK, 7 * CHUNK, 7 * CHUNK])


def test_whatever_the_time_a_beginning_may_hold_two_quiet_chunks_and_no_three() -> None:
    for before in range(500):
        assert kinds(listen("0" * before + "99009")) == [(before + 5, Began)]
        assert kinds(listen("0" * before + "990009")) == []


def test_words_are_judged_anew_after_each_pause() -> None:
    endpointer = Endpointer()
    for probability in (1.0, 1.0, 1.0, 0.0, 0.0):
        endpointer.hear(probability, CHUNK)
    endpointer.finished = 1.0
    assert endpointer.hear(1.0, CHUNK) == [Resumed()]
    assert endpointer.finished == UNKNOWN


def test_patience_may_run_out_in_the_middle_of_a_pause() -> None:
    endpointer = Endpointer()
    for probability in (1.0, 1.0, 1.0, *[0.0] * 10):
        assert not any(isinstance(sign, Ended) for sign in endpointer.hear(probability, CHUNK))
    endpointer.finished = 1.0
    assert [type(sign) for sign in endpointer.hear(0.0, CHUNK)] == [Ended]


def test_one_turn_ends_and_the_next_begins() -> None:
    once = "999" + "0" * 20
    assert kinds(listen(once * 2)) == [
        *(kinds(listen(once))),
        *((23 + number, kind) for number, kind in kinds(listen(once))),
    ]


def test_who_never_stops_is_stopped() -> None:
    told = listen("9" * 100, Endpointing(longest=1.0))
    assert [(number, type(sign)) for number, sign in told] == [
        *((3, Began), (32, Paused), (32, Ended)),
        *((35, Began), (64, Paused), (64, Ended)),
        *((67, Began), (96, Paused), (96, Ended)),
        *((99, Began),),
    ]


@pytest.mark.parametrize("threshold", [0.1, 0.2, 0.5, 0.8, 1.0])
def test_at_any_threshold_silence_ends_a_turn(threshold: float) -> None:
    told = kinds(listen("9999" * 2 + "0" * 30, replace(Endpointing(), threshold=min(threshold, 0.9))))
    assert [kind for _, kind in told] == [Began, Hushed, Paused, Ended]
