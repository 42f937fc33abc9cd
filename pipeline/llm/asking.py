"""A question to the models: under which circumstances it is asked, and what that means for who may answer, and how."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.engines import Message, Prompt
from pipeline.llm.budget import Payer
from pipeline.llm.catalog import Tier
from pipeline.llm.difficulty import Nature
from pipeline.llm.hedge import at_once
from pipeline.llm.restraint import Restraint
from pipeline.llm.rollout import Policy
from pipeline.llm.router import Need

BEST_WITHIN = 3.0
"""Seconds that who wants the best answer would wait for its first word."""

HARDEST = 1.0
"""As who wants the best answer would call every question."""

SPOKEN_OF_MOST = 0.5
"""The share of the tokens an answer may have that it is expected to take."""

NOBODY, FREELY = Payer("", ""), Restraint()


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
    clause: Callable[[], Callable[[str], bool]] = at_once
    """Makes for each reply what takes its pieces, and says whether a clause can be spoken by now."""


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
