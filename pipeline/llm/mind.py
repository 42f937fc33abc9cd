"""Who thinks: for each question the models to ask, by what it needs and what is left of its time."""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from pipeline.context.tokens import estimate, of_prompt
from pipeline.engines import CallPiece, Finish, Llm, LlmEngine, Piece
from pipeline.errors import EngineError
from pipeline.lineup import Resting
from pipeline.llm.account import Account
from pipeline.llm.asking import Asking, need_of, shaped
from pipeline.llm.budget import Reservation
from pipeline.llm.cache import AnswerCache, Key
from pipeline.llm.catalog import Model
from pipeline.llm.difficulty import Classifier, Nature, built_in
from pipeline.llm.economy import Economy
from pipeline.llm.fleet import Fleet
from pipeline.llm.hedge import Hedged
from pipeline.llm.models import FallbackLlm
from pipeline.llm.paid import Paid
from pipeline.llm.patient import Patient
from pipeline.llm.restraint import Step
from pipeline.llm.rollout import Rollout
from pipeline.llm.router import Choice, Need, fits
from pipeline.llm.speculation import Speculation
from pipeline.llm.unasked import Known, Refusal

NOTHING = Choice((), 0.0, hedged=False, reason="")

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Mind:
    """All models of a server. One for all sessions."""

    ready: Callable[[], Sequence[LlmEngine]]
    """Those that are started, best first. One that has a row in the catalogue is called as its row is."""
    fleet: Fleet = field(default_factory=lambda: Fleet(()))
    """Those with a row. They are chosen among; the others answer, in their order, when no row can."""
    classify: Classifier = field(default_factory=built_in)
    speculation: Speculation = field(default_factory=Speculation)
    measure: Callable[[str], int] = estimate
    """Tokens of a text, as the models count."""
    economy: Economy = field(default_factory=Economy)
    rollout: Rollout = field(default_factory=Rollout)
    cache: AnswerCache = field(default_factory=AnswerCache)
    resting: Resting = field(default_factory=Resting)
    """What is held against those without a row."""
    asked_at: dict[str, float] = field(default_factory=dict[str, float])
    """The loop's time at which each of those answered last."""

    def answer(self, asking: Asking, account: Account) -> "Answering | Known | Refusal":
        """Choose who answers; `account` is told why now, and of the rest while `reply` runs."""
        now = asyncio.get_running_loop().time()
        prompt = asking.prompt
        tokens = of_prompt(prompt.messages, prompt.tools)
        nature = self.classify(asking.question, tokens)
        account.kind = nature.kind
        key = self.cache.key(prompt, nature.kind, asking.policy)
        if key and (known := self.cache.find(key, now)):
            account.why = "it was asked before"
            return Known(known, account)
        engines, rows, others = self._line()
        working = [row for row in rows if self.fleet.open(row, now)]
        if others and not working:
            rows = ()  # none of them has worked lately, and somebody else is there
        need, restraint = need_of(asking, nature, tokens), asking.restraint
        need = restraint.need(need, [row for row in working or rows if fits(row, need)])
        choice = NOTHING
        if rows:
            choice = self.fleet.choose(need, now, rows, hedges=restraint.hedges)
        account.why = "; ".join(filter(None, [choice.reason, restraint.why, asking.because]))
        account.time_left = asking.time_left if rows else None
        held = None if self._too_dear(asking, need, choice, rows) else self._reserve(asking, need, choice)
        if held is None:
            return Refusal(asking.last_word, account)
        return Answering(self, asking, account, need, choice, nature, engines, others, held, key)

    def _too_dear(self, asking: Asking, need: Need, choice: Choice, rows: Sequence[Model]) -> bool:
        """Whether it is for money that nobody is left to ask. What those without a row cost, nobody knows."""
        if choice.attempts:
            return False
        richer, now = replace(need, most=math.inf), asyncio.get_running_loop().time()
        return asking.restraint.step == Step.STOP or bool(rows and self.fleet.choose(richer, now, rows).attempts)

    def _reserve(self, asking: Asking, need: Need, choice: Choice) -> Reservation | None:
        likely = choice.attempts[: 2 if choice.hedged else 1]
        price = sum(attempt.model.price(need.prompt_tokens, need.answer_tokens) for attempt in likely)
        return self.economy.budget.reserve(asking.payer, price, self.economy.clock())

    def _line(self) -> tuple[Mapping[str, LlmEngine], Sequence[Model], Sequence[LlmEngine]]:
        """Those that are started, by their names; the rows of those that have one; the others, best first."""
        engines = {engine.name: engine for engine in self.ready()}
        rows = [row for row in self.fleet.catalog if row.name in engines]
        return engines, rows, [one for one in engines.values() if one.name not in self.fleet.standing]

    def others(self) -> Sequence[LlmEngine]:
        """Those without a row, best first."""
        return self._line()[2]

    def cheapest(self) -> Llm:
        """Whoever costs least, for work that nobody waits for; last those that reason, for thoughts cost as well."""
        engines, rows, others = self._line()
        rows = sorted(rows, key=lambda row: (row.reasons, row.price(1000, 100)))
        line: list[LlmEngine] = [*(Paid(engines[row.name], row, self.economy) for row in rows), *others]
        return Patient(FallbackLlm(lambda: line, resting=self.resting))


@dataclass(eq=False, slots=True)
class Answering:
    """An answer by those that were chosen; if none of them has a word, by those outside the catalogue."""

    mind: Mind
    asking: Asking
    account: Account
    need: Need
    choice: Choice
    nature: Nature
    engines: Mapping[str, LlmEngine]
    others: Sequence[LlmEngine]
    held: Reservation
    """What it is expected to cost."""
    key: Key | None
    """What the answer is kept under, if it may be given to others."""

    async def reply(self) -> AsyncGenerator[Piece]:
        """See `Llm`. Raises `EngineError` when nobody answers, or who does breaks off."""
        said: list[Piece] = []
        self.mind.economy.load.began(_now())
        try:
            async with aclosing(self._reply()) as pieces:
                async for piece in pieces:
                    said.append(piece)
                    yield piece
            self._learn(said)
        finally:
            self.mind.economy.load.ended()
            self.mind.economy.budget.settle(self.held, self.account.cost, self.mind.economy.clock())

    async def _reply(self) -> AsyncGenerator[Piece]:
        answered = False
        if self.choice.attempts:
            try:
                async with aclosing(self._chosen()) as pieces:
                    async for piece in pieces:
                        answered = True
                        yield piece
                return
            except EngineError as error:
                if answered or not self.others:
                    raise
                _log.warning("%s; %s takes over", error, self.others[0].name)
        begun = _now()

        def used(name: str) -> None:
            self.account.model, self.account.first_token = name, _now() - begun
            self.account.asked.append(name)
            self.mind.asked_at[name] = _now()

        fallback = FallbackLlm(lambda: self.others, used, self.mind.resting)
        async with aclosing(fallback.reply(shaped(self.asking, self.nature, capped=False))) as pieces:
            async for piece in pieces:
                yield piece

    def _chosen(self) -> AsyncGenerator[Piece]:
        def llm_of(row: Model) -> Llm:
            return self.engines[row.name]

        capped = not any(attempt.model.reasons for attempt in self.choice.attempts)
        hedged = Hedged(self.mind.fleet, llm_of, self.choice, self.need, self.asking.clause, account=self.account)
        return hedged.reply(shaped(self.asking, self.nature, capped=capped))

    def _learn(self, said: Sequence[Piece]) -> None:
        """Keep an answer that others may be given, if it is whole."""
        whole = all(piece.reason == "stop" for piece in said if isinstance(piece, Finish))
        if self.key and whole and not any(isinstance(piece, CallPiece) for piece in said):
            self.mind.cache.learn(self.key, "".join(piece for piece in said if isinstance(piece, str)), _now())


def _now() -> float:
    return asyncio.get_running_loop().time()
