"""One session's turns: from its events to records, without a clock of its own."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pipeline.audio import SPEAKING_RATE
from pipeline.events import (
    AnswerDropped,
    Event,
    Heard,
    HearingFailed,
    ReplyBegan,
    ReplyEnded,
    SpeechBegan,
    SpeechEnded,
    Spoken,
)
from server.observing.record import Interruption, TurnRecord
from server.observing.trace_context import TraceContext, new_trace

REACTION = 0.4
"""Seconds from our first sound to speech that answers it: 200 ms for a person, and as much until it is noticed."""

State: TypeAlias = Literal["listening", "hearing", "thinking", "speaking"]

Note: TypeAlias = TurnRecord | AnswerDropped | HearingFailed | Interruption
"""What there is to tell of a session."""


@dataclass(slots=True)
class _Answer:
    """One that has begun. Times are seconds of the loop's clock."""

    turn: str
    asked: float
    """When the question had been asked, as far as that is known."""
    question: str
    apart: bool
    place: TraceContext
    first_sound: float | None = None
    until: float = 0.0
    """When its sound will have been played."""
    seconds: float = 0.0
    ended: bool = False
    interruption: Interruption | None = None


@dataclass(slots=True)
class Book:
    """Takes every event of one session."""

    session: str
    caller: TraceContext | None = None
    """Whose trace the turns belong to; None for traces of their own."""
    turns: int = 0
    """Those that are over."""
    _answers: dict[str, _Answer] = field(default_factory=dict[str, _Answer])
    """Those under way, and the last one that is being played."""
    _heard: str = ""
    _hearing: bool = False
    _endpoint: float | None = None
    """When it was decided that the user was done, if nothing has come of it yet."""
    _understanding: bool = False
    """Whether what the user said is being made into words."""

    def take(self, event: Event, now: float, wall: float) -> Note | None:
        """The next event, at the loop's time `now` and the Unix time `wall`: what there is to tell of it."""
        match event:
            case Spoken(turn, _, pcm) if answer := self._answers.get(turn):
                answer.first_sound = now if answer.first_sound is None else answer.first_sound
                seconds = len(pcm) / SPEAKING_RATE
                answer.seconds += seconds
                answer.until = max(answer.until, now) + seconds
            case SpeechBegan():
                self._hearing = True
                return self._interrupted(now)
            case SpeechEnded():
                self._hearing, self._endpoint, self._understanding = False, now, True
            case Heard(text=""):
                self._heard, self._endpoint, self._understanding = "", None, False
            case Heard(text=text):
                self._heard, self._understanding = text, False
            case ReplyBegan(turn, _, apart):
                self._begin(turn, now, apart=apart)
            case ReplyEnded():
                return self._end(event, now, wall)
            case HearingFailed():
                self._endpoint, self._understanding = None, False
                return event
            case AnswerDropped():
                return event
            case _:
                pass
        return None

    def state(self, now: float) -> State:
        """What goes on."""
        if self._hearing:
            return "hearing"
        answers = [answer for answer in self._answers.values() if not answer.apart]
        if any(answer.until > now for answer in answers):
            return "speaking"
        return "thinking" if self._understanding or any(not one.ended for one in answers) else "listening"

    def _begin(self, turn: str, now: float, *, apart: bool) -> None:
        self._answers = {name: one for name, one in self._answers.items() if not one.ended or one.until > now}
        asked = now if self._endpoint is None or apart else self._endpoint
        place = self.caller.child() if self.caller else new_trace()
        self._answers[turn] = _Answer(turn, asked, "" if apart else self._heard, apart, place)
        if not apart:
            self._heard, self._endpoint, self._understanding = "", None, False

    def _end(self, event: ReplyEnded, now: float, wall: float) -> TurnRecord | None:
        answer = self._answers.get(event.turn)
        if not answer:
            return None
        answer.ended = True
        self.turns += 1
        if event.outcome == "cancelled":
            answer.until = now
        asked = answer.asked - event.marks_ms.get("endpoint", 0.0) / 1000
        seconds = max(0.0, now - asked)
        cut = answer.interruption if event.outcome == "cancelled" else None
        return TurnRecord(
            self.session, answer.place, event, wall - seconds, seconds, answer.seconds, answer.question, cut
        )

    def _interrupted(self, now: float) -> Interruption | None:
        """Somebody speaks: what that means for the answer under way, or being played."""
        latest = next((one for one in reversed(self._answers.values()) if not one.apart), None)
        if not latest or (latest.ended and latest.until <= now):
            return None
        if latest.first_sound is None:
            latest.interruption = "split_turn"
        elif latest.until <= now and not latest.ended:
            latest.interruption = "barge_in"  # it pauses between two clauses
        else:
            latest.interruption = "early_reply" if now - latest.first_sound < REACTION else "barge_in"
        latest.until = min(latest.until, now)
        return latest.interruption
