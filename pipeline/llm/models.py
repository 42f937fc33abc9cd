"""A model that answers as long as any works: when one fails before its first word, the next is asked."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import zip_longest

from pipeline.engines import Finish, LlmEngine, Piece, Prompt
from pipeline.errors import EngineError, LimitedError
from pipeline.lineup import Resting, unheeded


@dataclass
class FallbackLlm:
    """Several models as one. One that failed rests, so that not every turn waits for it in vain.

    Starting and closing the models is left to whoever made them.
    """

    ready: Callable[[], Sequence[LlmEngine]]
    """The models that are started, best first; asked anew for each answer."""
    on_use: Callable[[str], None] = unheeded
    """Told the name of the model that answers, with its first word or call."""
    resting: Resting = field(default_factory=Resting)

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """See `Llm`. A model with neither word nor call has failed, since silence is no answer, unless it says why.

        One that breaks off in mid-answer is not replaced: nobody could go on in its words.
        """
        now = asyncio.get_running_loop().time
        failures: list[EngineError] = []
        line = self.resting.line(self.ready(), now())
        for model, successor in zip_longest(line, line[1:]):
            answered = False
            try:
                async with aclosing(model.reply(prompt)) as pieces:
                    async for piece in pieces:
                        if not answered and _answers(piece):
                            answered = True
                            self.on_use(model.name)
                        if answered:
                            yield piece
                if not answered:
                    raise EngineError(f"{model.name} ended without a word")
                self.resting.worked(model.name)
                return
            except EngineError as error:
                self.resting.blame(model, error, now(), None if answered else successor)
                if answered:
                    raise
                failures.append(error)
        raise _all_of(failures)


def _all_of(failures: Sequence[EngineError]) -> EngineError:
    """Why nobody has answered: where all were asked too often, after how many seconds the first may be asked again."""
    why = f"no model is left: {'; '.join(map(str, failures)) or 'none is ready'}"
    limited = [error.retry_after for error in failures if isinstance(error, LimitedError)]
    if not limited or len(limited) < len(failures):
        return EngineError(why)
    return LimitedError(why, min((seconds for seconds in limited if seconds is not None), default=None))


def _answers(piece: Piece) -> bool:
    """Whether that is an answer, when it comes first: an end with a reason is, for another model may have the same."""
    return not isinstance(piece, Finish) or piece.reason != "stop"
