"""When to duck under a voice that may be interrupting, and when to come back: faster than the server can know."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

ONSET = 2
"""Pieces of 20 ms that are voiced in a row before the reply is ducked: 40 ms. A click of the keyboard is shorter."""

OVER = 15
"""Pieces without a voice after which it was a cough: 0.3 s. A stop consonant is shorter."""

UNDECIDED = 50
"""Pieces, 1 s, after which a server that has noticed no speech will not: then it is noise, and not asked about again
before there was quiet."""

Move: TypeAlias = Literal["duck", "restore"]


@dataclass(slots=True)
class Ducking:
    """One conversation's. `hear` every piece; `settle` when the server has decided, or nothing is playing any more."""

    _voiced: int = 0
    _quiet: int = 0
    _ducked: int = 0
    """For how many pieces; 0 is not ducked."""
    _noise: bool = False

    def hear(self, *, voiced: bool, playing: bool) -> Move | None:
        """What to do with the reply now that the next piece is heard."""
        self._voiced = self._voiced + 1 if voiced else 0
        self._quiet = 0 if voiced else self._quiet + 1
        if self._quiet >= OVER:
            self._noise = False
        if self._ducked:
            return self._go_on()
        if playing and not self._noise and self._voiced >= ONSET:
            self._ducked = 1
            return "duck"
        return None

    def settle(self) -> None:
        """The server has heard the user: what was ducked is silent."""
        self._ducked = 0

    def _go_on(self) -> Move | None:
        self._ducked += 1
        if self._quiet < OVER and self._ducked <= UNDECIDED:
            return None
        self._noise = self._quiet < OVER
        self._ducked = 0
        return "restore"
