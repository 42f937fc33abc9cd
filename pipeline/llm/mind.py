"""Who thinks: for each question the models to ask, by what it needs and what is left of its time."""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

from pipeline.context.tokens import estimate, of_prompt
from pipeline.engines import Llm, LlmEngine, Message, Piece, Prompt
from pipeline.errors import EngineError
from pipeline.lineup import Resting
from pipeline.llm.account import Account
from pipeline.llm.catalog import Model, Tier
from pipeline.llm.difficulty import Classifier, Nature, built_in
from pipeline.llm.fleet import Fleet
from pipeline.llm.hedge import Hedged, at_once
from pipeline.llm.models import FallbackLlm
from pipeline.llm.patient import Patient
from pipeline.llm.router import Choice, Need
from pipeline.llm.speculation import Speculation

Policy: TypeAlias = Literal["auto", "fast", "best"]
"""What matters to a caller: the best answer that is in time, the first one, or the best one even if it is late."""

POLICIES: tuple[Policy, ...] = get_args(Policy)

BEST_WITHIN = 3.0
"""Seconds that who wants the best answer would wait for its first word."""

HARDEST = 1.0
"""As who wants the best answer would call every question."""

SPOKEN_OF_MOST = 0.5
"""The share of the tokens an answer may have that it is expected to take."""

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
    resting: Resting = field(default_factory=Resting)
    """What is held against those without a row."""
    asked_at: dict[str, float] = field(default_factory=dict[str, float])
    """The loop's time at which each of those answered last."""

    def answer(self, asking: Asking, account: Account) -> "Answering":
        """Choose who answers; `account` is told why now, and of the rest while `reply` runs."""
        now = asyncio.get_running_loop().time()
        prompt = asking.prompt
        tokens = of_prompt(prompt.messages, prompt.tools)
        nature = self.classify(asking.question, tokens)
        need = need_of(asking, nature, tokens)
        engines = {engine.name: engine for engine in self.ready()}
        rows, others = [row for row in self.fleet.catalog if row.name in engines], self.others()
        if others and not any(self.fleet.open(row, now) for row in rows):
            rows = []  # none of them has worked lately, and somebody else is there
        choice = self.fleet.choose(need, now, rows) if rows else Choice((), 0.0, hedged=False, reason="")
        account.kind, account.why = nature.kind, choice.reason
        account.time_left = asking.time_left if rows else None
        return Answering(self, asking, account, need, choice, nature, engines, others)

    def others(self) -> Sequence[LlmEngine]:
        """Those without a row, best first."""
        return [engine for engine in self.ready() if engine.name not in self.fleet.standing]

    def cheapest(self) -> Llm:
        """Whoever costs least, for work that nobody waits for."""
        engines = {engine.name: engine for engine in self.ready()}
        rows = sorted((row for row in self.fleet.catalog if row.name in engines), key=lambda row: row.price(1000, 100))
        line = [engines[row.name] for row in rows]
        line += [engine for engine in engines.values() if engine not in line]
        return Patient(FallbackLlm(lambda: line, resting=self.resting))


def need_of(asking: Asking, nature: Nature, tokens: int) -> Need:
    """What a question needs, as its caller sees it."""
    most = min(asking.prompt.max_tokens or nature.max_tokens, nature.max_tokens)
    left, difficulty = asking.time_left, nature.difficulty
    match asking.policy:
        case "fast":
            difficulty = 0.0  # as any model could answer it
        case "best":
            left, difficulty = max(left, BEST_WITHIN), HARDEST
        case "auto":
            pass
    answer = round(most * SPOKEN_OF_MOST)
    return Need(tokens, answer, left, difficulty, bool(asking.prompt.tools), asking.tier, asking.most)


def shaped(asking: Asking, nature: Nature, *, capped: bool) -> Prompt:
    """The prompt as this kind of question wants it, but for what the caller has settled.

    The advice on its length comes right before the question, so that the beginning of the prompt stays as it was.
    """
    prompt = asking.prompt
    if prompt.temperature is None:
        prompt = replace(prompt, temperature=nature.temperature)
    if capped and prompt.max_tokens is None and not prompt.tools:  # a call that is cut short is none
        prompt = replace(prompt, max_tokens=nature.max_tokens)
    asked = [at for at, line in enumerate(prompt.messages) if isinstance(line, Message) and line.role == "user"]
    if asking.aloud and nature.advice and asked:
        before, after = prompt.messages[: asked[-1]], prompt.messages[asked[-1] :]
        prompt = replace(prompt, messages=[*before, Message("system", nature.advice), *after])
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

    async def reply(self) -> AsyncGenerator[Piece]:
        """See `Llm`. Raises `EngineError` when nobody answers, or who does breaks off."""
        try:
            async with aclosing(self._reply()) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
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

    def _settle(self) -> None:
        paid = self.account.cost > 0
        if not self.asking.wanted():
            self.mind.speculation.drop(self.account.tokens or self.need.prompt_tokens, paid=paid)
        elif paid:
            self.mind.speculation.keep(self.account.tokens)


def _now() -> float:
    return asyncio.get_running_loop().time()
