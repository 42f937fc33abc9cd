"""What a server does beside serving: its books, its journal, its news, and an eye on its own pulse."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from pipeline.llm.client import ChatCompletions
from pipeline.llm.load import Load
from pipeline.roster import Engines
from server.bookkeeper import Bookkeeper
from server.journal import JOURNAL, Journal
from server.ledger import LEDGER, Ledger
from server.observing.lag import Lag
from server.settings import Settings, state_folder
from server.webhook import Form, Webhook

_log = logging.getLogger(__name__)


class Chore(Protocol):
    """Something that goes on as long as the server does."""

    async def run(self) -> None:
        """Until cancelled. Nothing that can be foreseen makes it fail."""
        ...

    async def aclose(self) -> None:
        """Finish what is left, and let go of everything; after `run`."""
        ...


@dataclass(slots=True)
class Pulse:
    """Feels how late everything in this process is, and lets load pass while nobody speaks."""

    load: Load

    async def run(self) -> None:
        """See `Chore`."""
        await Lag(self._felt).watch()

    async def aclose(self) -> None:
        """See `Chore`."""

    def _felt(self, late: float) -> None:
        self.load.late(late)
        if self.load.step:  # where nobody holds back, only a turn begins to: a pause that none has felt is no load
            self.load.move(asyncio.get_running_loop().time())


def chores_of(settings: Settings, environment: Mapping[str, str], engines: Engines) -> list[Chore]:
    """Those that these settings ask for; no file is touched before it is needed."""
    folder, budget = state_folder(settings.server, environment), settings.budget
    webhook = None
    if budget.webhook:
        webhook = Webhook(
            budget.webhook, cast("Form", budget.webhook_form), budget.webhook_secret
        )  # one of its choices
    ledger = Ledger(folder / LEDGER) if folder else None
    economy = engines.mind.economy
    chores: list[Chore] = [Pulse(economy.load), Bookkeeper(economy.budget, ledger, webhook)]
    if webhook:
        chores.append(webhook)
    if folder and settings.llm.journal:
        journal = Journal(folder / JOURNAL)
        witness(engines, journal)
        chores.append(journal)
    _warn_of_what_is_not_counted(settings, engines)
    return chores


def witness(engines: Engines, journal: Journal) -> None:
    """Let the journal know of every request that fails."""
    for one in engines.llm_stage.candidates:
        if isinstance(one.engine, ChatCompletions):
            one.engine.on_failure = journal.note


def journal_of(chores: Sequence[Chore]) -> Journal | None:
    """The journal among them, if one is kept."""
    return next((chore for chore in chores if isinstance(chore, Journal)), None)


def _warn_of_what_is_not_counted(settings: Settings, engines: Engines) -> None:
    budget = settings.budget
    limited = any(limit is not None for limit in (budget.session, budget.user_day, budget.day, budget.month))
    for one in engines.llm_stage.candidates if limited else ():
        if isinstance(one.engine, ChatCompletions) and not one.engine.label:  # rows have names, and the others no price
            _log.warning("budgets do not see what %s costs: give it a row in llm.catalog", one.engine.name)
