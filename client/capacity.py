"""What a server gives to how many callers, and what they cost it: the arithmetic behind `bench capacity`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from client.crowd import Notes
from client.latency import percentiles
from client.vitals import Vitals

DEADLINE_MS = 600.0
"""The first token is late after this."""

ALIKE, DOUBLED = 1.25, 2.0
"""A server whose p95 is so many times a lone caller's is as good as idle; or has had enough."""

UNANSWERED = 0.01
"""Of all questions, those that may stay without an answer before a server has had enough, however quick the others."""

OWN_LAG_MS = 15.0
"""If our own pieces leave later than this (p99), the delays are our own."""

OWN_SHARE = 0.95
"""Of the processors that callers and engines have, what they may take before they are the bottleneck themselves."""


@dataclass(frozen=True, slots=True)
class Step:
    """What so many callers were given, and what that took."""

    sessions: int
    seconds: float
    """How long this was measured."""
    first_token_ms: Mapping[str, float]
    first_audio_ms: Mapping[str, float]
    turns: int
    unanswered: int
    early: int
    """Answers that began before the question was over."""
    errors: Sequence[str]
    cpu_share: float
    """Of one processor, that the server took."""
    rss_mb: float
    files: int
    threads: int
    loop_lag_ms: Mapping[str, float]
    """What a ping waits for: the server's event loop, and two trips through the kernel."""
    callers_lag_ms: Mapping[str, float]
    others_share: float
    """Of one processor, that callers and engines took."""
    samples: Sequence[Mapping[str, Any]]
    """Every question."""

    @property
    def p95(self) -> float:
        """Of the first token, ms."""
        return self.first_token_ms.get("p95", float("inf"))


@dataclass(frozen=True, slots=True)
class Used:
    """What a while of talking has taken."""

    seconds: float
    server: float
    """Seconds of processor time."""
    others: float
    """The same of callers and engines."""
    vitals: Vitals
    """The server's at the end."""


def step_of(sessions: int, notes: Notes, used: Used) -> Step:
    """All that is known of so many callers."""
    good = [one for one in notes.asked if not one.problem]
    return Step(
        sessions,
        round(used.seconds, 1),
        _percentiles([one.first_token_ms for one in good if one.first_token_ms is not None]),
        _percentiles([one.first_audio_ms for one in good if one.first_audio_ms is not None]),
        turns=len(notes.asked),
        unanswered=sum(one.problem not in ("", "early") for one in notes.asked),
        early=sum(one.problem == "early" for one in notes.asked),
        errors=sorted(set(notes.problems)),
        cpu_share=round(used.server / used.seconds, 4),
        rss_mb=round(used.vitals.rss_mb, 1),
        files=used.vitals.files,
        threads=used.vitals.threads,
        loop_lag_ms=_percentiles(notes.pong_ms),
        callers_lag_ms=_percentiles(notes.late_ms),
        others_share=round(used.others / used.seconds, 4),
        samples=[asdict(one) for one in notes.asked],
    )


def bottleneck(step: Step, processors: int) -> str:
    """Why this step says nothing of the server; empty when it does. `processors`: those of callers and engines."""
    late, of = step.callers_lag_ms.get("p99", 0.0), step.sessions
    if late > OWN_LAG_MS:
        return f"at {of} sessions the callers themselves were late by {late:.0f} ms (p99)"
    if step.others_share > OWN_SHARE * processors:
        return f"at {of} sessions callers and engines took {step.others_share:.2f} of their {processors} processors"
    return ""


def gives_in(step: Step, lone: Step) -> bool:
    """Whether that is too much: twice as slow as for a lone caller, too late, or not answered, or with errors."""
    slow = step.p95 > min(DEADLINE_MS, DOUBLED * lone.p95)
    return slow or step.unanswered > UNANSWERED * step.turns or bool(step.errors)


def report(steps: Sequence[Step]) -> dict[str, Any]:
    """All of it, ready for JSON. Per session: what each one beyond those of the first step has added."""
    lone = steps[0]
    borne = [one for one in steps if not gives_in(one, lone)]
    best = max(borne, key=_size, default=lone)
    return {
        "capacity": max(map(_size, borne), default=0),
        "capacity_alike": max((one.sessions for one in borne if one.p95 <= ALIKE * lone.p95), default=0),
        "per_session": {
            "cpu_share": round(best.cpu_share / best.sessions, 5),
            "added_cpu_share": _added(best.cpu_share, lone.cpu_share, best, lone),
            "added_mb": _added(best.rss_mb, lone.rss_mb, best, lone),
        },
        "steps": [asdict(one) for one in steps],
    }


def heading() -> str:
    """Of the columns of `row`."""
    first = f"{'sessions':>8}{'turns':>7}{'token p50':>11}{'p95':>6}{'sound p50':>11}{'p95':>6}"
    return f"{first}{'cpu':>8}{'each':>8}{'MB':>8}{'loop p99':>10}{'unanswered':>12}{'errors':>8}"


def row(step: Step) -> str:
    """One step, for people."""
    token, sound = step.first_token_ms, step.first_audio_ms
    times = "".join(
        f"{one.get('p50', 0):{width}.0f}{one.get('p95', 0):6.0f}" for one, width in ((token, 11), (sound, 11))
    )
    cost = f"{step.cpu_share:8.1%}{step.cpu_share / step.sessions:8.2%}{step.rss_mb:8.0f}"
    lag = step.loop_lag_ms.get("p99", 0.0)
    return f"{step.sessions:8}{step.turns:7}{times}{cost}{lag:10.1f}{step.unanswered:12}{len(step.errors):8}"


def summary(result: Mapping[str, Any]) -> str:
    """The figures people ask for, in two lines."""
    each, capacity = result["per_session"], result["capacity"]
    added = f", {each['added_mb']:.2f} MB added" if each["added_mb"] is not None else ""
    return (
        f"{capacity} sessions in time, {result['capacity_alike']} of them as if each were alone\n"
        f"a session: {each['cpu_share']:.2%} of a processor{added}"
    )


def _added(now: float, lone: float, best: Step, first: Step) -> float | None:
    more = best.sessions - first.sessions
    return round((now - lone) / more, 5) if more else None


def _size(step: Step) -> int:
    return step.sessions


def _percentiles(values: Sequence[float]) -> Mapping[str, float]:
    return percentiles(values) if values else {}
