"""Runs a choice over real models: the first to speak answers, the others are closed at once, and all of it is counted.

A model that speaks has a while to come to the end of a clause; if it only dribbles, the next one is asked beside it.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from pipeline.context.tokens import estimate
from pipeline.engines import CallPiece, Finish, Llm, Piece, Prompt, Usage
from pipeline.errors import EngineError
from pipeline.llm.account import Account, Bill
from pipeline.llm.catalog import Model
from pipeline.llm.fleet import Asked, Ending, Fleet
from pipeline.llm.race import Race
from pipeline.llm.router import Attempt, Choice, Need

CLAUSE_WITHIN = 1.2
"""Seconds from the first word to the end of the first clause; at ten tokens a second, a clause is there by then."""

SLACK = 1e-6
"""Seconds by which a timer may be early."""

State = Literal["waiting", "speaking", "ready", "over"]


def at_once() -> Callable[[str], bool]:
    """For those who take any word for a clause."""
    return lambda piece: True


@dataclass(eq=False, slots=True)
class _Request:
    asked: Asked
    pieces: AsyncGenerator[Piece]
    bill: Bill
    held: list[Piece] = field(default_factory=list[Piece])
    """What it has said so far, until it is the one to answer."""
    state: State = "waiting"
    spoke: float = 0.0
    """The loop's time of its first word or call."""
    task: asyncio.Task[None] | None = None

    @property
    def tokens(self) -> int:
        """What it has taken so far."""
        return self.bill.used.prompt + self.bill.used.completion


@dataclass(eq=False, slots=True)
class Hedged:
    """One turn's answer, from whoever has it first."""

    fleet: Fleet
    llm_of: Callable[[Model], Llm]
    choice: Choice
    need: Need
    clause: Callable[[], Callable[[str], bool]] = at_once
    """Makes for each reply what takes its pieces, and says whether a clause can be spoken by now. Until one can, what
    is said is held back."""
    clause_within: float = CLAUSE_WITHIN
    account: Account = field(default_factory=Account)
    _begun: float = field(default=0.0, init=False)
    _race: Race = field(default_factory=lambda: Race(()), init=False)
    _requests: list[_Request] = field(default_factory=list[_Request], init=False)

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """See `Llm`. Raises `EngineError` when nobody answers, and when the one that does breaks off."""
        self._begun = _now()
        self._race = Race(attempt.at for attempt in self.choice.attempts)
        if not self.choice.attempts:
            raise EngineError(self.choice.reason)
        winner: _Request | None = None
        ending: Ending = "left"
        try:
            winner = await self._win(prompt)
            await self._hang_up(but=winner)
            if not winner:
                raise EngineError(f"no model is left: {'; '.join(self.account.failures)}")
            for piece in winner.held:
                yield piece
            async for piece in winner.pieces:
                self._note(winner, piece)
                yield piece
            ending = "whole"
        except EngineError:
            ending = "broken"
            raise
        finally:
            if winner:
                self.fleet.allowance.earn(winner.tokens)
                self._end(winner, ending)
            for request in self._requests:
                self._end(request, "left")
            await self._hang_up()

    def _note(self, request: _Request, piece: Piece) -> None:
        match piece:
            case str():
                request.bill.grow(estimate(piece))
            case CallPiece():
                request.bill.grow(estimate(piece.arguments))
            case Finish():
                self.fleet.learn(request.asked.model, piece.limits, _now())
                request.bill.correct(piece.usage)

    async def _win(self, prompt: Prompt) -> _Request | None:
        """The race, until one has a clause or nobody is left. When this returns, nobody else is at work any more."""
        news = asyncio.Queue[_Request](3 * len(self.choice.attempts))  # each speaks, is ready or fails
        async with asyncio.TaskGroup() as tasks:
            while not self._race.lost:
                while self._race.due() <= _now() - self._begun + SLACK:
                    request = self._ask(self.choice.attempts[self._race.begin()], prompt)
                    request.task = tasks.create_task(self._listen(request, news))
                request = await self._next(news)
                if request and self._take(request):
                    self._crown(request)
                    return request
        return None

    async def _next(self, news: "asyncio.Queue[_Request]") -> _Request | None:
        """Whom there is something new of; None once another request is due."""
        due = self._race.due()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(None if math.isinf(due) else self._begun + due):
                return await news.get()
        return None

    def _ask(self, attempt: Attempt, prompt: Prompt) -> _Request:
        time_left = self.need.time_left - (_now() - self._begun)
        asked = self.fleet.ask(attempt.model, self.need, time_left, _now())
        self.account.asked.append(attempt.model.name)
        bill = Bill(self.account, attempt.model, Usage(self.need.prompt_tokens, 0))
        request = _Request(asked, self.llm_of(attempt.model).reply(prompt), bill)
        self._requests.append(request)
        return request

    async def _listen(self, request: _Request, news: "asyncio.Queue[_Request]") -> None:
        """One request, until it can be spoken or has failed. The generator goes on in another task, if it wins."""
        begins = self.clause()
        try:
            async for piece in request.pieces:
                request.held.append(piece)
                self._note(request, piece)
                if request.state == "waiting" and _answers(piece):
                    request.state, request.spoke = "speaking", _now()
                    self.fleet.answered(request.asked, _now())
                    news.put_nowait(request)
                if request.state == "speaking" and (not isinstance(piece, str) or begins(piece)):
                    break
            if request.state == "waiting":
                raise EngineError(f"{request.asked.model.name} ended without a word")
            request.state = "ready"
        except EngineError as error:
            self._blame(request, error)
        news.put_nowait(request)

    def _blame(self, request: _Request, error: EngineError) -> None:
        self._race.end()
        self.account.failures.append(str(error))
        if request.state == "waiting":
            request.bill.cancel()
            self.fleet.blame(request.asked, error, _now())
            request.state = "over"
        self._end(request, "broken")

    def _take(self, request: _Request) -> bool:
        """Whether it is the one to answer."""
        if request.state == "speaking":
            self._leave_to(request)
        return request.state == "ready"

    def _leave_to(self, speaker: _Request) -> None:
        """Somebody speaks: those who do not are closed. The next is asked only if no clause comes of it."""
        for request in self._requests:
            if request.state == "waiting":
                self._close(request, speaker)
                self._race.end()
        self._race.put_off(_now() - self._begun + self.clause_within)

    def _crown(self, winner: _Request) -> None:
        self.account.model = winner.asked.model.name
        self.account.first_token = winner.spoke - self._begun
        first = self._requests[0]
        if winner is not first:
            waited = _now() - first.asked.at
            usual = min(first.asked.latencies.expected(waited, _now()), first.asked.model.timeout)
            self.account.saved = max(0.0, usual - waited)
        for request in self._requests:
            if request is not winner and request.state != "over":
                self._close(request, winner)

    def _close(self, request: _Request, winner: _Request) -> None:
        """Another is faster: its tokens are wasted."""
        if request.state == "waiting":
            self.fleet.outpaced(request.asked, winner.asked, _now())
            request.state = "over"
        self._end(request, "left")
        self.account.wasted += request.tokens
        self.fleet.allowance.spend(request.tokens)
        if request.task:
            request.task.cancel()

    def _end(self, request: _Request, ending: Ending) -> None:
        """It is over, unless it is already: the turn is, for one. That one has not begun to answer is nobody's loss."""
        match request.state:
            case "waiting":
                self.fleet.closed(request.asked, _now())
            case "speaking" | "ready":
                self.fleet.settle(request.asked, request.tokens, _now(), ending)
            case "over":
                return
        request.state = "over"

    async def _hang_up(self, but: _Request | None = None) -> None:
        """Let go of the connections."""
        for request in self._requests:
            if request is not but:
                await request.pieces.aclose()


def _answers(piece: Piece) -> bool:
    """Whether that is an answer, when it comes first: an end with a reason is, for another model may have the same."""
    return not isinstance(piece, Finish) or piece.reason != "stop"


def _now() -> float:
    return asyncio.get_running_loop().time()
