"""Who answers this turn: the best model for the question among those that can still answer in time, and who stands by.

Pure: all that is known of the models comes in, a choice and its reason come out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.llm.again import AT_FIRST
from pipeline.llm.catalog import Model, Tier
from pipeline.llm.latency import Latencies

QUALITY = 0.33
"""What a good answer is worth, where being in time is worth 1: a model that answers well 30 % more often may be late
10 % more often. A bar instead (its p90 fits) would take 91 % for as good as 99 %, and 89 % for as bad as 10 %.
"""

SAME = 0.02
"""Merit below which a difference is none, and the cheaper model is taken."""

MOMENTS = 8
"""At which a second request may start, spread evenly over the time left."""

SOONEST = 0.2
"""Seconds; a turn with less left, or none, is answered as though it had this much: as fast as can be."""

PATIENCE, PATIENCE_PER_TOKEN = 2.0, 0.001
"""How many times its own p95 a request is waited for before another one is sent, late as it is: twice, and once more
for each 1,000 tokens of the prompt; for of those that are so late half would have come, and one of the two is wasted.
"""

GUARDED = 3
"""Models that are weighed with a second request beside them; the others could gain less by it."""

LAST = 4
"""Requests of one turn, at most."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a turn asks of a model."""

    prompt_tokens: int
    answer_tokens: int
    """Expected."""
    time_left: float
    """Seconds until the first token is late; may be negative."""
    difficulty: float
    """0..1."""
    tools: bool = False
    tier: Tier = "normal"
    most: float = float("inf")
    """Dollars it may cost."""
    wanted: str = ""
    """The model that is to answer if it can, whoever would be better."""

    @property
    def tokens(self) -> int:
        """Of prompt and answer."""
        return self.prompt_tokens + self.answer_tokens


@dataclass(slots=True, eq=False)
class Candidate:
    """A model as it stands now."""

    model: Model
    latencies: Latencies
    """Of prompts of this size."""
    healthy: bool = True
    within_rates: bool = True
    again: float = AT_FIRST
    """What a second request to it counts, beside one to another that is as fast: both may be delayed by the same."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a turn."""

    model: Model
    at: float
    """Seconds after the first at which it leaves, unless all before it have failed earlier."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is asked, in this order, and why."""

    attempts: Sequence[Attempt]
    """The chosen one, its runner-up, and who is left if both fail; nobody when no model fits."""
    chance: float
    """That the first token is in time, 0..1."""
    hedged: bool
    """Whether the runner-up starts while there is time left, and not only when the chosen one has failed."""
    reason: str
    """One line for people."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What a hedge may cost; see `Allowance`."""

    price: float
    """The chance of being in time that each wasted token must buy."""
    tokens: float
    """The most that a hedge may waste."""


@dataclass(slots=True, eq=False)  # not frozen: that would take a third of the time a choice may take
class _Prospect:
    candidate: Candidate
    chance: float
    """That it alone is in time."""
    good: float
    """The chance that its answer is good."""
    merit: float
    """When it is asked alone."""

    @property
    def model(self) -> Model:
        return self.candidate.model


@dataclass(slots=True, eq=False)
class _Plan:
    """A model, and perhaps a second one."""

    first: _Prospect
    chance: float
    """That one of them is in time."""
    merit: float
    second: _Prospect | None = None
    at: float = 0.0
    """Seconds after which the second is asked."""


def choose(need: Need, candidates: Iterable[Candidate], purse: Purse, now: float) -> Choice:
    """The plan with the most merit: its chance to be in time, that of a good answer, less what its hedge wastes.

    Where much time is left, all are in time and the best for the question wins; where little is left, the fastest does.
    Easy questions are answered well by all, and go to the cheapest.
    """
    every = list(candidates)
    fitting = [one for one in every if fits(one.model, need)]
    if not fitting:
        why = "; ".join(f"{one.model.name} {_objection(one.model, need)}" for one in every)
        return Choice((), 0.0, hedged=False, reason=f"no model fits: {why or 'there is none'}")
    prospects = [_prospect(one, need, now) for one in _open(fitting)]
    plans = _plans(prospects, need, purse, now)
    if need.wanted:
        plans = [plan for plan in plans if plan.first.model.name == need.wanted] or plans
    best = max(plan.merit for plan in plans)
    as_good = [plan for plan in plans if plan.merit >= best - SAME]
    plan = min(as_good, key=lambda plan: (_price(plan.first.model, need), -plan.merit))
    return _choice(plan, prospects, need)


def good(model: Model, difficulty: float) -> float:
    """The chance that a model answers a question of this difficulty well.

    Catalogue figures are means over all questions; models fail in proportion to how hard one is, and the mean of
    difficulty is taken for a third.
    """
    return max(0.0, 1 - (1 - model.quality) * 3 * difficulty)


def fits(model: Model, need: Need) -> bool:
    """Whether a model will do for a turn."""
    return not _objection(model, need)


def _objection(model: Model, need: Need) -> str:
    """Why a model will not do for a turn; "" if it will."""
    if need.tokens > model.window:
        return f"holds {model.window} of {need.tokens} tokens"
    if need.tools and not model.tools:
        return "calls no functions"
    if model.tier == "vip" and need.tier != "vip":
        return "is for vips"
    if _price(model, need) > need.most:
        return "is too dear"
    return ""


def _price(model: Model, need: Need) -> float:
    return model.price(need.prompt_tokens, need.answer_tokens)


def _open(fitting: Sequence[Candidate]) -> Sequence[Candidate]:
    """Those that may be asked; when there are none, trying one that has failed is better than silence."""
    allowed = [one for one in fitting if one.within_rates]
    return [one for one in allowed if one.healthy] or allowed or fitting


def _prospect(one: Candidate, need: Need, now: float) -> _Prospect:
    chance = one.latencies.chance(_horizon(need), now)
    answers_well = good(one.model, need.difficulty)
    return _Prospect(one, chance, answers_well, chance + QUALITY * answers_well)


def _horizon(need: Need) -> float:
    return max(need.time_left, SOONEST)


def _plans(prospects: Sequence[_Prospect], need: Need, purse: Purse, now: float) -> Sequence[_Plan]:
    """Each model alone; and guarded, those that could gain most by it."""
    plans = [_Plan(one, one.chance, one.merit) for one in prospects]
    if need.time_left <= 0 or need.prompt_tokens > purse.tokens:
        return plans
    fastest = sorted(prospects, key=lambda one: -one.chance)[:2]
    could_be = sorted(prospects, key=lambda one: -one.merit - (1 - one.chance) * fastest[0].chance)[:GUARDED]
    courses = {one.model.name: _course(one, need, now) for one in (*fastest, *could_be)}
    for first in could_be:
        for second in fastest:
            if _price(first.model, need) + _price(second.model, need) <= need.most:
                pair = _Pair(first, second, courses[first.model.name], courses[second.model.name])
                plans.append(_guarded(pair, need, purse.price, now))
    return plans


def _course(one: _Prospect, need: Need, now: float) -> Sequence[float]:
    """The chances that it has come by each of the moments, and by the end; or, read backwards, if it starts then."""
    chance, moment = one.candidate.latencies.chance, _horizon(need) / MOMENTS
    return [0.0, *(chance(moment * number, now) for number in range(1, MOMENTS)), one.chance]


@dataclass(slots=True, eq=False)
class _Pair:
    """Two requests, perhaps to the same model, and how each would come along."""

    first: _Prospect
    second: _Prospect
    first_course: Sequence[float]
    second_course: Sequence[float]


def _guarded(pair: _Pair, need: Need, price: float, now: float) -> _Plan:
    """With the second request at the moment of most merit.

    It helps only when the first does not make it, costs only when the first has not come before, and some time after it
    has left, it is the second who answers.
    """
    first, second = pair.first, pair.second
    missed = (1 - first.chance) * (first.candidate.again if second is first else 1.0)
    usual, better = second.candidate.latencies.usual, QUALITY * (first.good - second.good)
    best = _Plan(first, first.chance, first.merit)
    for number in range(MOMENTS):
        chance = first.chance + missed * pair.second_course[MOMENTS - number]
        merit = chance + QUALITY * first.good - price * need.prompt_tokens * (1 - pair.first_course[number])
        if merit > best.merit:
            at = _horizon(need) * number / MOMENTS
            if better > 0:
                merit -= better * (1 - first.candidate.latencies.chance(at + usual, now))
            if merit > best.merit:
                best = _Plan(first, chance, merit, second, at)
    return best


def _choice(plan: _Plan, prospects: Sequence[_Prospect], need: Need) -> Choice:
    """The plan, and who is left when it comes to nothing: the fastest first, and again if need be."""
    others = sorted(prospects, key=lambda one: -one.chance)
    line = [plan.first, plan.second] if plan.second else [plan.first]
    line = [*line, *(one for one in others if one not in line), *others][:LAST]
    patience = PATIENCE + PATIENCE_PER_TOKEN * need.prompt_tokens
    attempts, at = [Attempt(plan.first.model, 0.0)], 0.0
    for number, (before, one) in enumerate(pairwise(line)):
        if number == 0 and plan.second:
            at = plan.at
        else:
            at += min(patience * before.candidate.latencies.long, before.model.timeout)
        attempts.append(Attempt(one.model, at))
    return Choice(tuple(attempts), plan.chance, plan.second is not None, _reason(plan, need))


def _reason(plan: _Plan, need: Need) -> str:
    left = f"{max(0.0, need.time_left) * 1000:.0f} ms"
    guard = f", {plan.second.model.name} from {plan.at * 1000:.0f} ms on" if plan.second else ""
    return f"{plan.first.model.name}: {plan.chance:.0%} within {left}{guard}; difficulty {need.difficulty:.1f}"
