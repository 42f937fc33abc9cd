"""Answers for which no model is asked: one that is known, and the last word when nothing may be spent."""

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from pipeline.engines import Finish, Piece
from pipeline.llm.account import Account

CACHE = "cache"
"""Who has answered, where the answer was known."""

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Known:
    """An answer that somebody else has got before."""

    text: str
    account: Account

    async def reply(self) -> AsyncGenerator[Piece]:
        """See `Llm`."""
        self.account.model = CACHE
        yield self.text
        yield Finish()


@dataclass(eq=False, slots=True)
class Refusal:
    """Nobody who may be asked could answer."""

    text: str
    account: Account

    async def reply(self) -> AsyncGenerator[Piece]:
        """See `Llm`."""
        _log.warning("a question was not answered: %s", self.account.why)
        yield self.text
        yield Finish()
