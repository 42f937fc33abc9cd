"""What a server may spend and has strength for, as each turn asks for it and adds to it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipeline.llm.budget import Budget, Payer
from pipeline.llm.load import Load
from pipeline.llm.restraint import Restraint, stricter


@dataclass(slots=True)
class Economy:
    """One for all sessions."""

    budget: Budget = field(default_factory=Budget)
    load: Load = field(default_factory=Load)
    prices: Mapping[str, float] = field(default_factory=dict[str, float])
    """What engines that hear or speak cost, by their names: dollars a second, or a character."""
    clock: Callable[[], float] = time.time

    def restraint(self, payer: Payer) -> Restraint:
        """How far a turn on this account has to hold back now."""
        busy = self.load.restraint(asyncio.get_running_loop().time())
        return stricter(self.budget.restraint(payer, self.clock()), busy)

    def use(self, payer: Payer | None, engine: str, amount: float) -> None:
        """An engine has heard so many seconds, or spoken so many characters; for nobody in particular, all pay."""
        if price := self.prices.get(engine):
            self.budget.spend(payer, price * amount, self.clock())
