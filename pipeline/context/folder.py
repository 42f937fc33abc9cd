"""Folds old turns while nobody waits: between two answers, on a cheap model, given up as soon as a turn begins."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from pipeline.context.conversation import Conversation
from pipeline.context.folding import Fold, Refused, judge, prompt_of
from pipeline.context.memory import Memory
from pipeline.engines import Finish, Llm
from pipeline.errors import EngineError

PATIENCE = 20.0
"""Seconds a summary may take."""

MOST_WRITTEN = 4_000
"""Characters of one, for models that do not heed the limit they were given."""

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Folder:
    """One conversation's. All its methods return at once."""

    talk: Conversation
    memory: Memory
    model: Callable[[], Llm]
    """Who summarises; asked anew for each summary."""
    tasks: asyncio.TaskGroup
    folds: int = 0
    """Summaries that were taken over."""
    refused: int = 0
    """Summaries that were not: they would not do."""
    closed: bool = False
    _task: asyncio.Task[None] | None = None

    def rest(self) -> None:
        """No answer is being made: fold what there is to fold."""
        if self._task is None and not self.closed and (fold := self.memory.due(self.talk.entries)):
            self._task = self.tasks.create_task(self._fold(fold), name="fold")

    def stop(self) -> None:
        """A turn begins: what is being folded stays as it was."""
        task, self._task = self._task, None
        if task:
            task.cancel()

    def close(self) -> None:
        """The conversation is over: nothing is folded any more, though turns may still unwind and come to rest."""
        self.closed = True
        self.stop()
        self.memory.close()

    async def _fold(self, fold: Fold) -> None:
        me = asyncio.current_task()
        try:
            async with asyncio.timeout(PATIENCE):
                summary = await self._ask(fold)
        except (EngineError, TimeoutError) as error:
            _log.info("old turns could not be summarised: %s", str(error) or f"it took over {PATIENCE:g} s")
            summary = None
        except Exception:  # noqa: BLE001  a summary is a convenience: whatever breaks in it, the conversation goes on
            _log.exception("the summary of old turns fell out of its course")
            summary = None
        if self._task is me:
            self._task = None
            self._take(fold, summary)

    async def _ask(self, fold: Fold) -> str | Refused:
        """Raises `EngineError`."""
        written = ""
        async with aclosing(self.model().reply(prompt_of(fold))) as pieces:
            async for piece in pieces:
                match piece:
                    case str() if len(written) < MOST_WRITTEN:
                        written += piece
                    case Finish(reason="stop"):
                        pass
                    case _:
                        return Refused("it was not finished")
        return judge(written, fold)

    def _take(self, fold: Fold, summary: str | Refused | None) -> None:
        match summary:
            case str() if self.memory.fold(fold, summary, self.talk.entries):
                self.folds += 1
                self.rest()
            case str():
                _log.info("old turns have changed while they were summarised")
            case Refused(why):
                self.refused += 1
                self.memory.refuse(fold)
                _log.debug("old turns were not summarised: %s", why)  # in which may be what the user has said
            case None:
                self.memory.postpone(fold)
