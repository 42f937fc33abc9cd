"""A voice ducks the reply within 40 ms; what turns out to be nothing lets it come back."""

import pytest

from client.bargein import ONSET, OVER, UNDECIDED, Ducking, Move


def moves(heard: str, *, playing: bool = True) -> list[tuple[int, Move]]:
    """`v` is a voiced piece; the moves, and at which piece."""
    ducking = Ducking()
    told: list[tuple[int, Move | None]] = [
        (number, ducking.hear(voiced=piece == "v", playing=playing)) for number, piece in enumerate(heard, 1)
    ]
    return [(number, move) for number, move in told if move]


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("." * 100, []),
        ("..v." * 20, []),
        ("..vvvv", [(2 + ONSET, "duck")]),
        ("vv" + "." * OVER, [(2, "duck"), (2 + OVER, "restore")]),
        ("vv" + ("." * (OVER - 1) + "v") * 2, [(2, "duck")]),
        ("v" * (UNDECIDED + 20), [(2, "duck"), (2 + UNDECIDED, "restore")]),
        ("v" * (UNDECIDED + 20) + "." * OVER + "vv", [(2, "duck"), (52, "restore"), (87, "duck")]),
    ],
    ids=["quiet", "clicks", "voice", "cough", "hesitant", "noise", "noise, then a voice"],
)
def test_it_ducks_and_comes_back(heard: str, expected: list[tuple[int, Move]]) -> None:
    assert moves(heard) == expected


def test_nothing_is_ducked_where_nothing_plays() -> None:
    assert moves("v" * 20, playing=False) == []


def test_once_the_server_has_decided_there_is_nothing_to_restore() -> None:
    ducking = Ducking()
    assert [ducking.hear(voiced=True, playing=True) for _ in range(2)] == [None, "duck"]
    ducking.settle()
    assert {ducking.hear(voiced=False, playing=False) for _ in range(100)} == {None}
