"""Keeps a budget's books behind it: writes down what is spent, and tells somebody when it runs low. No turn waits."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pipeline.llm.budget import Budget, Warned
from server.ledger import Ledger
from server.webhook import News

GATHER = 1.0
"""Seconds of spending that are written at once; what is lost when the process is killed."""

_log = logging.getLogger(__name__)


class Herald(Protocol):
    """Whoever passes news on, at once and without failing."""

    def tell(self, news: News) -> None:
        """It will be passed on."""
        ...


@dataclass(slots=True)
class Bookkeeper:
    """One budget's."""

    budget: Budget
    ledger: Ledger | None = None
    """None to remember nothing after a restart."""
    herald: Herald | None = None
    clock: Callable[[], float] = time.time

    async def open(self) -> None:
        """Learn what was spent before."""
        if self.ledger:
            self.budget.known(await self.ledger.read(self.clock()))

    async def run(self) -> None:
        """Learn what was spent before, then write once a second until cancelled; what is left then, `aclose` writes."""
        await self.open()
        while True:
            await asyncio.sleep(GATHER)
            await self.write()

    async def write(self) -> None:
        """Write down what has come on top since the last time, and warn of what has run low."""
        rows = self.budget.unsaved()
        if rows and self.ledger:
            known = await self.ledger.add(rows)
            if known is None:
                self.budget.unwritten(rows)
            else:
                self.budget.known(known)
        for warned in self.budget.warnings:
            self._warn(warned)
        self.budget.warnings.clear()

    async def aclose(self) -> None:
        """Write the rest, and close the ledger."""
        await self.write()
        if self.ledger:
            await self.ledger.aclose()

    def _warn(self, warned: Warned) -> None:
        news = news_of(warned)
        _log.warning("%s", news.text)
        if (
            self.herald is not None and warned.key.kind != "session"
        ):  # there may be thousands, and the one who talks is told
            self.herald.tell(news)


def news_of(warned: Warned) -> News:
    """A warning, for people and for programs."""
    key = warned.key
    who = f" (user {key.whose})" if key.kind == "user_day" else f" ({key.whose})" if key.kind == "session" else ""
    amount = f"{_dollars(warned.spent)} of {_dollars(warned.limit)}"
    state = "is used up" if warned.share >= 1 else f"is used to {warned.share:.0%}"
    return News(
        f"{key}{who} {state}: {amount}" + (f" in {key.period}" if key.period else ""),
        {
            "event": "budget",
            "budget": key.kind,
            "whose": key.whose,
            "period": key.period,
            "share": warned.share,
            "spent_usd": round(warned.spent, 6),
            "limit_usd": warned.limit,
        },
    )


def _dollars(amount: float) -> str:
    return f"${amount:.2f}" if amount >= 1 or not amount else f"${amount:.4f}"
