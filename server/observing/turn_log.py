"""One line of the log for each turn, with all that a machine could want to know of it, and no words but on request."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from server.observing.masking import masked
from server.observing.record import TurnRecord, blamed
from server.realtime.checks import Json

_log = logging.getLogger("antiphon.turn")


@dataclass(frozen=True, slots=True)
class TurnLog:
    """Writes them to the logger `antiphon.turn`; where that is told as JSON, each field is one of the line's."""

    words: bool = False
    """Whether what was said is told too, without what is personal in it."""

    def write(self, record: TurnRecord) -> None:
        """One turn."""
        if _log.isEnabledFor(logging.INFO):
            _log.info("%s", summary(record), extra={"fields": fields(record, words=self.words)})


def summary(record: TurnRecord) -> str:
    """One line for people."""
    ended, token = record.ended, record.first_token
    sent = ended.marks_ms.get("sent")
    told = [
        f"{ended.turn} {ended.outcome}" + (f" ({masked(ended.reason)})" if ended.reason else ""),
        "no first token" if token is None else f"first token {token * 1000:.0f} ms",
        *([] if sent is None else [f"first sound {sent:.0f} ms"]),
        *([f"late: {blamed(ended.marks_ms)}"] if record.in_time is False else []),
        *(f"{stage} {name}" for stage, name in ended.engines.items()),
        f"trace {record.place.trace}",
    ]
    return ", ".join(told)


def fields(record: TurnRecord, *, words: bool = False) -> Json:
    """The same for machines. Documented in docs/metrics.md."""
    ended, account = record.ended, record.ended.account
    left = account.time_left
    told: Json = {
        "trace_id": record.place.trace,
        "span_id": record.place.span,
        "parent_id": record.place.parent or None,
        "session": record.session,
        "turn": ended.turn,
        "asked_at": datetime.fromtimestamp(record.at, UTC).isoformat(timespec="milliseconds"),
        "seconds": round(record.seconds, 3),
        "outcome": ended.outcome,
        "reason": masked(ended.reason),
        "fault": ended.fault,
        "interruption": record.interruption,
        "marks_ms": dict(ended.marks_ms),
        "in_time": record.in_time,
        "blamed": blamed(ended.marks_ms) if record.in_time is False else None,
        "engines": dict(ended.engines),
        "model": record.model,
        "why": masked(account.why),
        "kind": account.kind,
        "time_left_ms": None if left is None else round(left * 1000, 1),
        "wait_ms": round(account.first_token * 1000, 1),
        "asked": list(account.asked),
        "failures": [masked(one) for one in account.failures],
        "prompt_tokens": ended.usage.prompt,
        "cached_tokens": ended.usage.cached,
        "completion_tokens": ended.usage.completion,
        "wasted_tokens": account.wasted,
        "saved_ms": round(account.saved * 1000, 1),
        "cost_usd": round(account.cost, 6),
        "head_start_ms": round(record.head_start * 1000, 1),
        "listened_seconds": round(ended.listened, 3),
        "spoken_seconds": round(record.spoken, 3),
    }
    return told | {"question": masked(record.question), "answer": masked(ended.heard)} if words else told
