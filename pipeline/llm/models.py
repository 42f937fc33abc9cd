"""A model that answers as long as any works: when one fails before its first word, the next is asked."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from pipeline.engines import Llm, Prompt
from pipeline.errors import EngineError
from pipeline.lineup import Resting

_log = logging.getLogger(__name__)


def _unheeded(_name: str) -> None:
    pass


@dataclass
class FallbackLlm:
    """Several models as one. One that failed rests, so that not every turn waits for it in vain.

    Starting and closing the models is left to whoever made them.
    """

    ready: Callable[[], Sequence[Llm]]
    """The models that are started, best first; asked anew for each answer."""
    on_use: Callable[[str], None] = _unheeded
    """Told the name of the model that answers, with its first word."""
    resting: Resting = field(default_factory=Resting)

    @property
    def name(self) -> str:
        """All that might answer, best first."""
        return ", else ".join(model.name for model in self.ready()) or "no model"

    async def start(self) -> None:
        """The models are started already."""

    async def aclose(self) -> None:
        """The models are closed elsewhere."""

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str]:
        """See `Llm`. A model without a word to say has failed, since silence is no answer.

        One that breaks off in mid-answer is not replaced: nobody could go on in its words.
        """
        now = asyncio.get_running_loop().time
        failures: list[str] = []
        for model in sorted(self.ready(), key=lambda model: self.resting.resting(model.name, now())):
            answered = False
            try:
                async with aclosing(model.reply(prompt)) as pieces:
                    async for piece in pieces:
                        if not answered:
                            answered = True
                            self.on_use(model.name)
                        yield piece
                if not answered:
                    raise EngineError(f"{model.name} ended without a word")
                self.resting.worked(model.name)
                return
            except EngineError as error:
                seconds = self.resting.failed(model.name, now())
                _log.warning("%s; %s rests for %.0f s", error, model.name, seconds)
                if answered:
                    raise
                failures.append(str(error))
        raise EngineError(f"no model is left: {'; '.join(failures) or 'none is ready'}")
