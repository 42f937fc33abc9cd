"""What the dashboard shows, as JSON: the last turns with their stages, models, money, sessions. No words of anybody."""

import asyncio
import math
import time
from collections.abc import Iterable, Sequence

from pipeline.clock import FIRST_TOKEN_TARGET
from server.house import House
from server.observing.observer import Observer
from server.observing.record import TurnRecord, blamed, parts_of
from server.observing.standing import Standing
from server.realtime.checks import Json

SHOWN = 30
"""Turns, and sessions, that are told one by one."""


def report(house: House) -> Json:
    """How things are just now. On the event loop; some 0.5 ms."""
    assert house.observer
    observer, standing, health = house.observer, house.standing(), house.health()
    turns = list(observer.recent)
    return {
        "at": time.time(),
        "status": health["status"],
        "version": observer.metrics.version,
        "deadline_ms": FIRST_TOKEN_TARGET * 1000,
        "totals": _totals(turns),
        "turns": [_turn(one) for one in reversed(turns[-SHOWN:])],
        "sessions": {"by_state": standing.sessions, "open": _sessions(observer, house.lines.waiting())},
        "models": _models(turns, standing),
        "engines": [
            {"stage": one.stage, "name": one.name, "ready": one.ready, "in_use": one.in_use, "failures": one.failures}
            for one in standing.engines
        ],
        "budgets": [{"name": one.name, "spent": one.spent, "limit": one.limit} for one in standing.budgets],
        "lag_ms": _summary([late * 1000 for late in observer.lag.latest]),
    }


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed, between its neighbours. At least one value."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _summary(values: Sequence[float]) -> Json | None:
    if not values:
        return None
    shares = {f"p{share}": round(quantile(values, share / 100), 1) for share in (50, 95, 99)}
    return {"n": len(values), **shares, "most": round(max(values), 1)}


def _totals(turns: Sequence[TurnRecord]) -> Json:
    due = [one for one in turns if one.in_time is not None]
    return {
        "turns": len(turns),
        "due": len(due),
        "in_time": sum(one.in_time is True for one in due),
        "first_token_ms": _summary(_first_tokens(turns)),
        "first_sound_ms": _summary([at for one in turns if (at := one.ended.marks_ms.get("sent")) is not None]),
        "failed": sum(one.ended.outcome == "failed" for one in turns),
        "interrupted": sum(one.interruption is not None for one in turns),
        "hedged": sum(len(one.ended.account.asked) > 1 for one in turns),
        "tokens": sum(one.ended.usage.prompt + one.ended.usage.completion for one in turns),
        "wasted_tokens": sum(one.ended.account.wasted for one in turns),
        "cost_usd": round(sum(one.ended.account.cost for one in turns), 6),
    }


def _first_tokens(turns: Iterable[TurnRecord]) -> list[float]:
    return [one.first_token * 1000 for one in turns if one.first_token is not None]


def _turn(record: TurnRecord) -> Json:
    ended, account = record.ended, record.ended.account
    token = record.first_token
    return {
        "id": ended.turn,
        "session": record.session,
        "trace": record.place.trace,
        "at": record.at,
        "seconds": round(record.seconds, 3),
        "outcome": ended.outcome,
        "fault": ended.fault,
        "interruption": record.interruption,
        "in_time": record.in_time,
        "blamed": blamed(ended.marks_ms),
        "first_token_ms": None if token is None else round(token * 1000, 1),
        "first_sound_ms": ended.marks_ms.get("sent"),
        "parts": [{"name": part.name, "from": part.begin, "ms": part.took} for part in parts_of(ended.marks_ms)],
        "model": record.model,
        "why": account.why,
        "asked": account.asked,
        "engines": ended.engines,
        "tokens": ended.usage.prompt + ended.usage.completion,
        "cost_usd": round(account.cost, 6),
    }


def _sessions(observer: Observer, waiting: frozenset[str]) -> list[Json]:
    now = asyncio.get_running_loop().time()
    newest = sorted(observer.sessions.values(), key=lambda one: -one.began)[:SHOWN]
    return [
        {
            "id": one.book.session,
            "state": observer.state(one, waiting),
            "seconds": round(now - one.began),
            "turns": one.book.turns,
        }
        for one in newest
    ]


def _models(turns: Sequence[TurnRecord], standing: Standing) -> list[Json]:
    """Those of the catalogue, and all that have answered lately."""
    known = {one.name: one for one in standing.models}
    names = dict.fromkeys([*known, *(one.model for one in reversed(turns) if one.model)])
    told = list[Json]()
    for name in names:
        answered = [one for one in turns if one.model == name]
        expected = known.get(name)
        told.append(
            {
                "name": name,
                "breaker": expected.state if expected else None,
                "expected_ms": {"p50": _finite(expected.usual), "p95": _finite(expected.long)} if expected else None,
                "seen_ms": _summary([wait for one in answered if (wait := _wait(one)) is not None]),
                "turns": len(answered),
                "cost_usd": round(sum(one.ended.account.cost for one in answered), 6),
            }
        )
    return told


def _wait(record: TurnRecord) -> float | None:
    """Milliseconds from the request to the first token, which is what is expected of a model."""
    marks = record.ended.marks_ms
    if "llm_request" not in marks or "llm_first_token" not in marks:
        return None
    return marks["llm_first_token"] - marks["llm_request"]


def _finite(seconds: float) -> float | None:
    return round(seconds * 1000, 1) if math.isfinite(seconds) else None
