"""How far the assistant holds back, step by step, when money or the machine runs short; and what each step means."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from pipeline.context.window import Shape
from pipeline.llm.catalog import Model
from pipeline.llm.router import Need

SHORT = 60
"""Tokens of a short answer: two or three spoken sentences."""

BRIEFLY = "Answer in one short sentence."
"""What models are told then."""

LITTLE_HISTORY = 0.4
"""Of a prompt's usual budget."""

CHEAPEST = 2.0
"""How many times the cheapest model's price an answer may cost: one of about that price may take over."""


class Step(IntEnum):
    """Each includes those before it."""

    FULL = 0
    CHEAPER = 1
    """Whichever model is cheap, or quick."""
    SHORTER = 2
    """Short answers."""
    LESS_HISTORY = 3
    """Small prompts."""
    STOP = 4
    """Nothing that costs anything."""


_SAID = {
    Step.FULL: "",
    Step.CHEAPER: "a cheaper model",
    Step.SHORTER: "a cheaper model, a short answer",
    Step.LESS_HISTORY: "a cheaper model, a short answer, little history",
    Step.STOP: "nothing that costs anything",
}


@dataclass(frozen=True, slots=True)
class Restraint:
    """What one turn has to do without."""

    step: Step = Step.FULL
    cause: str = ""
    """What runs short, as people say it: "the day's budget is used to 83 %"."""
    left: float = math.inf
    """Dollars that may be spent."""
    hedges: bool = True
    """Whether a second request may be sent before the first has failed."""

    @property
    def why(self) -> str:
        """One line for people; "" where nothing is held back."""
        return f"{self.cause}: {_SAID[self.step]}" if self.step else ""

    def need(self, need: Need, models: Iterable[Model]) -> Need:
        """What may be asked of a model; `models` are those that would answer if they were asked."""
        if self.step == Step.FULL:
            return replace(need, most=min(need.most, self.left)) if math.isfinite(self.left) else need
        if self.step == Step.STOP:
            return replace(need, most=0.0, difficulty=0.0)
        prices = [one.price(need.prompt_tokens, need.answer_tokens) for one in models]
        cap = CHEAPEST * min(prices, default=0.0)
        return replace(need, most=min(need.most, self.left, cap), difficulty=0.0)

    def max_tokens(self, wanted: int | None) -> int | None:
        """Of the answer."""
        if self.step < Step.SHORTER:
            return wanted
        return SHORT if wanted is None else min(wanted, SHORT)

    def advice(self, usual: str) -> str:
        """For the model: how long the answer should be."""
        return usual if self.step < Step.SHORTER else BRIEFLY

    def shape(self, usual: Shape) -> Shape:
        """Of the prompt."""
        if self.step < Step.LESS_HISTORY:
            return usual
        return replace(usual, budget=round(usual.budget * LITTLE_HISTORY))


def stricter(one: Restraint, other: Restraint) -> Restraint:
    """Both at once: the further step and its cause, the less money."""
    further = max(one, other, key=lambda restraint: restraint.step)
    return replace(further, left=min(one.left, other.left), hedges=one.hedges and other.hedges)


STOPPED = {
    "en": "I'm sorry, my budget is used up for now, so I can't answer that. Please try again later.",
    "zh": "抱歉，我的预算暂时用完了，没法回答这个问题，请稍后再试。",
}
"""What is said, without a model, when nothing may be spent on an answer."""
