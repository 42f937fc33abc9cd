"""What may be spent: purses per session, per user and day, per day and per month; filled by the limits, emptied by use.

Pure: the clock is passed in, and what is written down for later is handed out as it changes.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pipeline.llm.restraint import Restraint, Step

STEPS: Sequence[tuple[float, Step]] = (
    (1.0, Step.STOP),
    (0.95, Step.LESS_HISTORY),
    (0.9, Step.SHORTER),
    (0.8, Step.CHEAPER),
)
"""From which used share of a purse on what is held back."""

WARNINGS = (0.8, 1.0)
"""Used shares of a purse at which somebody is told, once in its period."""

HELD = 300.0
"""Seconds after which a reservation is released that nobody has settled: no answer takes so long."""

KEPT = 2 * 86_400.0
"""Seconds a session's purse is kept that nobody spends from."""

DUST = 1e-9
"""Dollars that are nothing: sums of many small floats are not exact."""

Kind = Literal["session", "user_day", "day", "month"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Dollars that may be spent; 0 for nothing at all, None for as much as is needed. Days and months are UTC's."""

    session: float | None = None
    user_day: float | None = None
    """By each user, in a day."""
    day: float | None = None
    """By all together."""
    month: float | None = None

    def of(self, kind: Kind) -> float:
        """Infinite where there is no limit."""
        limit: float | None = getattr(self, kind)
        return math.inf if limit is None else limit


@dataclass(frozen=True, slots=True)
class Payer:
    """On whose account something is spent."""

    session: str
    user: str
    """"" for nobody in particular: all of those share a purse."""


@dataclass(frozen=True, slots=True)
class Key:
    """Which purse."""

    kind: Kind
    whose: str
    """The session's or the user's id; "" for everybody's."""
    period: str
    """`2026-11-25` or `2026-11`; "" for a session's."""

    def __str__(self) -> str:
        match self.kind:
            case "session":
                return "this session's budget"
            case "user_day":
                return "this user's budget for the day"
            case "day" | "month":
                return f"the {self.kind}'s budget"


@dataclass(slots=True)
class Purse:
    """What was taken out of one."""

    spent: float = 0.0
    """Dollars, as far as anybody knows; others may spend from the same."""
    unsaved: float = 0.0
    """Of these, those that are not written down yet."""
    reserved: float = 0.0
    warned: float = 0.0
    """The used share that somebody was told of last."""
    used_at: float = 0.0
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """A purse as it is written down."""

    key: Key
    spent: float
    """Dollars; on the way to the ledger only what has come on top."""
    warned: float
    at: float


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for an answer; `settle` it, or it is released after a while."""

    number: int
    keys: Sequence[Key]
    dollars: float
    at: float


@dataclass(frozen=True, slots=True)
class Warned:
    """A purse has run so low that somebody should know."""

    key: Key
    share: float
    """0.8 or 1.0."""
    spent: float
    limit: float


@dataclass(slots=True)
class Budget:
    """One for all sessions. `now` is Unix seconds."""

    limits: Limits = Limits()
    purses: dict[Key, Purse] = field(default_factory=dict[Key, Purse])
    warnings: list[Warned] = field(default_factory=list[Warned])
    """Those that nobody has passed on yet."""
    _held: dict[int, Reservation] = field(default_factory=dict[int, Reservation])
    """In the order they were made."""
    _count: int = 0
    _day: str = ""

    def change(self, limits: Limits) -> None:
        """Other limits, from now on; a raised one is warned of again when it runs low."""
        self.limits = limits
        for key, purse in self.purses.items():
            purse.warned = min(purse.warned, _reached(purse.spent, limits.of(key.kind)))

    def restraint(self, payer: Payer, now: float) -> Restraint:
        """How far an answer on this account has to hold back, and because of which purse."""
        self._release(now)
        tightest, step, left = "", Step.FULL, math.inf
        for key, limit in self._limited(payer, now):
            purse = self._purse(key)
            taken = purse.spent + purse.reserved
            left = min(left, max(0.0, limit - taken))
            if (further := _step(taken, limit)) > step:
                step, tightest = further, f"{key} is used {_percent(taken, limit)}"
        return Restraint(step, tightest, left)

    def reserve(self, payer: Payer | None, dollars: float, now: float) -> Reservation | None:
        """Set aside what an answer may cost; None where one of the purses has not that much left.

        What is for nobody in particular, all pay together: the day and the month.
        """
        self._release(now)
        if dollars > DUST and any(dollars > self._left(key, limit) + DUST for key, limit in self._limited(payer, now)):
            return None
        self._count += 1
        held = Reservation(self._count, tuple(_keys(payer, now)), dollars, now)
        for key in held.keys:
            self._purse(key).reserved += dollars
        self._held[held.number] = held
        return held

    def settle(self, held: Reservation, dollars: float, now: float) -> None:
        """It has cost so much. Comes late, it is still paid."""
        self._unhold(held)
        for key in held.keys:  # the purses of when it was reserved, though the day may have ended since
            self._spend(key, dollars, now)

    def spend(self, payer: Payer | None, dollars: float, now: float) -> None:
        """Something was used that nobody reserved: sound that was heard or spoken."""
        for key in _keys(payer, now):
            self._spend(key, dollars, now)

    def unsaved(self) -> list[Row]:
        """What has come on top since the last time, to be written down; where that fails, see `unwritten`."""
        touched = [(key, purse) for key, purse in self.purses.items() if purse.unsaved]
        rows = [Row(key, purse.unsaved, purse.warned, purse.used_at) for key, purse in touched]
        for row in rows:
            self.purses[row.key].unsaved = 0.0
        return rows

    def unwritten(self, rows: Sequence[Row]) -> None:
        """These could not be written down: they are handed out again."""
        for row in rows:
            self._purse(row.key).unsaved += row.spent

    def known(self, rows: Sequence[Row]) -> None:
        """What the ledger says of these purses, others' spending included."""
        for row in rows:
            purse = self._purse(row.key)
            purse.spent = max(purse.spent, row.spent + purse.unsaved)  # a ledger that was lost takes nothing back
            purse.warned, purse.used_at = max(purse.warned, row.warned), max(purse.used_at, row.at)

    def _spend(self, key: Key, dollars: float, now: float) -> None:
        if dollars <= 0:
            return
        purse = self._purse(key)
        purse.spent += dollars
        purse.unsaved += dollars
        purse.used_at = now
        limit = self.limits.of(key.kind)
        if (reached := _reached(purse.spent, limit)) > purse.warned:
            purse.warned = reached
            self.warnings.append(Warned(key, reached, purse.spent, limit))

    def _left(self, key: Key, limit: float) -> float:
        purse = self._purse(key)
        return limit - purse.spent - purse.reserved

    def _limited(self, payer: Payer | None, now: float) -> Iterator[tuple[Key, float]]:
        """The purses that can run out."""
        for key in _keys(payer, now):
            if math.isfinite(limit := self.limits.of(key.kind)):
                yield key, limit

    def _purse(self, key: Key) -> Purse:
        if (purse := self.purses.get(key)) is None:
            purse = self.purses[key] = Purse()
        return purse

    def _release(self, now: float) -> None:
        """Let go of what was forgotten: reservations, and the purses of days gone by."""
        while self._held and now - (oldest := next(iter(self._held.values()))).at > HELD:
            self._unhold(oldest)
        if (today := day_of(now)) != self._day:
            self._day = today
            for key, purse in list(self.purses.items()):
                over = now - purse.used_at > KEPT if key.kind == "session" else key.period not in (today, today[:7])
                if over and not purse.unsaved and not purse.reserved:
                    del self.purses[key]

    def _unhold(self, held: Reservation) -> None:
        if self._held.pop(held.number, None):
            for key in held.keys:
                purse = self._purse(key)
                purse.reserved = max(0.0, purse.reserved - held.dollars)


def day_of(now: float) -> str:
    """`2026-11-25`, in UTC."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _keys(payer: Payer | None, now: float) -> Iterator[Key]:
    """All the purses that something is paid from."""
    day = day_of(now)
    if payer:
        yield Key("session", payer.session, "")
        yield Key("user_day", payer.user, day)
    yield Key("day", "", day)
    yield Key("month", "", day[:7])


def _step(taken: float, limit: float) -> Step:
    share = _share(taken, limit)
    return next((step for least, step in STEPS if share >= least), Step.FULL)


def _share(taken: float, limit: float) -> float:
    """The used share of a purse: all of it where there was nothing in it."""
    return (taken + DUST) / limit if limit > 0 else 1.0


def _reached(spent: float, limit: float) -> float:
    """The highest of the warnings that is due."""
    return max((share for share in WARNINGS if _share(spent, limit) >= share), default=0.0)


def _percent(taken: float, limit: float) -> str:
    return f"to {min(1.0, _share(taken, limit)):.0%}" if limit > 0 else "up, for it is 0"
