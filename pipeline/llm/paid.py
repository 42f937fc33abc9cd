"""A model for work beside the turns, which all of them pay for together; not asked when there is no money for it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from pipeline.context.tokens import estimate, of_prompt
from pipeline.engines import CallPiece, Finish, LlmEngine, Piece, Prompt, Usage
from pipeline.errors import EngineError, RefusedError
from pipeline.llm.catalog import Model
from pipeline.llm.economy import Economy

EXPECTED = 150
"""Tokens of an answer whose length nobody has said."""


@dataclass(frozen=True, slots=True)
class Paid:
    """See `LlmEngine`; starting and closing it is left to whoever made it."""

    engine: LlmEngine
    row: Model
    economy: Economy

    @property
    def name(self) -> str:
        """See `Engine`."""
        return self.engine.name

    async def start(self) -> None:
        """See `Engine`."""

    async def aclose(self) -> None:
        """See `Engine`."""

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """See `Llm`. Raises `RefusedError` where it costs more than is left of the day's or the month's budget.

        Given up before its first word, its prompt is paid; failed before it, nothing is.
        """
        used = Usage(of_prompt(prompt.messages, prompt.tools), 0)
        budget, now = self.economy.budget, self.economy.clock
        held = budget.reserve(None, self.row.price(used.prompt, prompt.max_tokens or EXPECTED), now())
        if held is None:
            raise RefusedError(f"{self.name} is too dear for what is left of the budget")
        if self.row.reasons:
            prompt = replace(prompt, max_tokens=None)  # its thoughts would use them up
        began, told = False, None
        try:
            async with aclosing(self.engine.reply(prompt)) as pieces:
                async for piece in pieces:
                    began = True
                    match piece:
                        case Finish(usage=told):
                            pass
                        case CallPiece(arguments=words) | words:
                            used = Usage(used.prompt, used.completion + estimate(words))
                    yield piece
        except EngineError:
            if not began:
                used = Usage(0, 0)
            raise
        finally:
            used = told or used
            budget.settle(held, self.row.price(used.prompt, used.completion), now())
