"""Who thinks: for each question the models to ask, by what it needs and what is left of its time."""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import get_args

from pipeline.context.tokens import estimate, of_prompt
from pipeline.engines import CallPiece, Finish, Llm, LlmEngine, Message, Piece, Prompt
from pipeline.errors import EngineError
from pipeline.lineup import Resting
from pipeline.llm.account import Account
from pipeline.llm.budget import Payer, Reservation
from pipeline.llm.cache import AnswerCache, Key
from pipeline.llm.catalog import Model, Tier
from pipeline.llm.difficulty import Classifier, Nature, built_in
from pipeline.llm.economy import Economy
from pipeline.llm.fleet import Fleet
from pipeline.llm.hedge import Hedged, at_once
from pipeline.llm.models import FallbackLlm
from pipeline.llm.paid import Paid
from pipeline.llm.patient import Patient
from pipeline.llm.restraint import Restraint, Step
from pipeline.llm.rollout import Policy, Rollout
from pipeline.llm.router import Choice, Need
from pipeline.llm.speculation import Speculation
from pipeline.llm.unasked import Known, Refusal

POLICIES: tuple[Policy, ...] = get_args(Policy)

BEST_WITHIN = 3.0
"""Seconds that who wants the best answer would wait for its first word."""

HARDEST = 1.0
"""As who wants the best answer would call every question."""

SPOKEN_OF_MOST = 0.5
"""The share of the tokens an answer may have that it is expected to take."""

NOBODY, FREELY = Payer("", ""), Restraint()

NOTHING = Choice((), 0.0, hedged=False, reason="")

_log = logging.getLogger(__name__)


def surely() -> bool:
    """For those who will want the answer whatever happens."""
    return True


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be answered, and under which circumstances."""

    prompt: Prompt
    question: str
    """The user's last words, by which it is judged."""
    time_left: float = math.inf
    """Seconds until the first token is late; may be negative."""
    policy: Policy = "auto"
    tier: Tier = "normal"
    most: float = math.inf
    """Dollars the answer may cost."""
    model: str = ""
    """The one that is to answer if it can."""
    because: str = ""
    """What else led to all this, for people."""
    payer: Payer = NOBODY
    restraint: Restraint = FREELY
    """What the turn has to do without."""
    last_word: str = ""
    """What is said where nothing may be spent."""
    aloud: bool = True
    """Whether it will be heard, and should be as long as one likes to listen to."""
    wanted: Callable[[], bool] = surely
    """Whether it is certain by now that somebody is waiting for it."""
    clause: Callable[[str], bool] = at_once
    """Whether a text holds a clause that can be spoken."""


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
        engines = {engine.name: engine for engine in self.ready()}
        rows, others = [row for row in self.fleet.catalog if row.name in engines], self.others()
        working = [row for row in rows if self.fleet.open(row, now)]
        if others and not working:
            rows = []  # none of them has worked lately, and somebody else is there
        need, restraint = need_of(asking, nature, tokens), asking.restraint
        need = restraint.need(need, working or rows)
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

    def others(self) -> Sequence[LlmEngine]:
        """Those without a row, best first."""
        return [engine for engine in self.ready() if engine.name not in self.fleet.standing]

    def cheapest(self) -> Llm:
        """Whoever costs least, for work that nobody waits for."""
        engines = {engine.name: engine for engine in self.ready()}
        rows = sorted((row for row in self.fleet.catalog if row.name in engines), key=lambda row: row.price(1000, 100))
        line: list[LlmEngine] = [Paid(engines[row.name], row, self.economy) for row in rows]
        line += self.others()
        return Patient(FallbackLlm(lambda: line, resting=self.resting))


def need_of(asking: Asking, nature: Nature, tokens: int) -> Need:
    """What a question needs, as its caller sees it."""
    most = min(asking.prompt.max_tokens or nature.max_tokens, nature.max_tokens)
    most = asking.restraint.max_tokens(most) or most
    left, difficulty = asking.time_left, nature.difficulty
    match asking.policy:
        case "fast":
            difficulty = 0.0  # as any model could answer it
        case "best":
            left, difficulty = max(left, BEST_WITHIN), HARDEST
        case "auto":
            pass
    answer = round(most * SPOKEN_OF_MOST)
    tools = bool(asking.prompt.tools)
    return Need(tokens, answer, left, difficulty, tools, asking.tier, asking.most, asking.model)


def shaped(asking: Asking, nature: Nature, *, capped: bool) -> Prompt:
    """The prompt as this kind of question wants it, but for what the caller has settled.

    The advice on its length comes right before the question, so that the beginning of the prompt stays as it was.
    """
    prompt, restraint = asking.prompt, asking.restraint
    if prompt.temperature is None:
        prompt = replace(prompt, temperature=nature.temperature)
    if capped and not prompt.tools:  # a call that is cut short is none
        prompt = replace(prompt, max_tokens=restraint.max_tokens(prompt.max_tokens or nature.max_tokens))
    asked = [at for at, line in enumerate(prompt.messages) if isinstance(line, Message) and line.role == "user"]
    advice = restraint.advice(nature.advice if asking.aloud else "")
    if advice and asked:
        before, after = prompt.messages[: asked[-1]], prompt.messages[asked[-1] :]
        prompt = replace(prompt, messages=[*before, Message("system", advice), *after])
    return prompt


@dataclass(eq=False, slots=True)
class Answering:
    """An answer by those that were chosen; if none of them has a word, by those outside the catalogue."""

    mind: Mind
    asking: Asking
    account: Account
    need: Need
    choice: Choice
    nature: Nature
    engines: "dict[str, LlmEngine]"
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
            self._settle()

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

    def _settle(self) -> None:
        paid = self.account.cost > 0
        self.mind.economy.budget.settle(self.held, self.account.cost, self.mind.economy.clock())
        if not self.asking.wanted():
            self.mind.speculation.drop(self.account.tokens or self.need.prompt_tokens, paid=paid)
        elif paid:
            self.mind.speculation.keep(self.account.tokens)


def _now() -> float:
    return asyncio.get_running_loop().time()
