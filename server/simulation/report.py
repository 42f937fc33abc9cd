"""What a policy made of a day, in figures and as a table."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypedDict

from server.simulation.day import Outcome
from server.simulation.traffic import TARGET


class FirstToken(TypedDict):
    p50: float
    p99: float
    p999: float


class Figures(TypedDict):
    """One policy in one world."""

    within_deadline: float
    """The share of turns with a first token in time."""
    first_token_ms: FirstToken
    """From the end of speech, of the turns that were answered."""
    quality: float
    """The share of questions that is answered well; a lost turn is not."""
    cost_usd: float
    extra_spend: float
    """The share of all tokens that was thrown away."""
    lost: int
    """Turns without an answer."""


Policies: TypeAlias = Mapping[str, Figures]


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """A day's sum."""
    answered = [one for one in outcomes if one.model]
    waits = sorted(TARGET - one.turn.time_left + one.wait for one in answered)
    useful = sum(one.turn.prompt_tokens + one.turn.answer_tokens for one in answered)
    wasted = sum(one.wasted for one in outcomes)
    hardness = sum(one.turn.difficulty for one in outcomes) / len(outcomes) or 1.0
    return Figures(
        within_deadline=round(sum(one.wait <= one.turn.time_left for one in answered) / len(outcomes), 5),
        first_token_ms=FirstToken(p50=_at(waits, 0.5), p99=_at(waits, 0.99), p999=_at(waits, 0.999)),
        quality=round(sum(_quality(one, hardness) for one in answered) / len(outcomes), 4),
        cost_usd=round(sum(one.dollars for one in outcomes), 4),
        extra_spend=round(wasted / max(1, useful + wasted), 5),
        lost=len(outcomes) - len(answered),
    )


def _quality(one: Outcome, hardness: float) -> float:
    """The chance that this model answers this question well.

    Models fail in proportion to how hard a question is, so that over the whole day each is as good as its row says.
    """
    return max(0.0, 1 - (1 - one.model.quality) * one.turn.difficulty / hardness) if one.model else 0.0


def _at(waits: Sequence[float], share: float) -> float:
    return round(waits[min(len(waits) - 1, math.ceil(share * len(waits)) - 1)] * 1000, 1) if waits else math.nan


def table(worlds: Mapping[str, Policies]) -> str:
    """In Markdown."""
    lines = [
        "| world | policy | in time | first token p50 / p99 / p99.9, ms | quality | $ | wasted | lost |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for world, policies in worlds.items():
        for name, one in policies.items():
            first = one["first_token_ms"]
            lines.append(
                f"| {world} | {name} | {one['within_deadline']:.2%} "
                f"| {first['p50']:.0f} / {first['p99']:.0f} / {first['p999']:.0f} "
                f"| {one['quality']:.3f} | {one['cost_usd']:.2f} | {one['extra_spend']:.2%} | {one['lost']} |"
            )
    return "\n".join(lines)
