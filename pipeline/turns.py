"""The turns of a session: at most one answers the conversation at a time; others only listen, or answer apart."""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.clock import TurnClock
from pipeline.context.conversation import Conversation
from pipeline.context.folder import Folder
from pipeline.context.memory import Memory
from pipeline.engines import Usage
from pipeline.events import AnswerDropped, Emit
from pipeline.exchange import Turn
from pipeline.floor import Floor
from pipeline.hearing.utterance import Utterance
from pipeline.ids import new_id
from pipeline.manner import Manner
from pipeline.playout import Playout
from pipeline.presence import Presence
from pipeline.roster import Engines
from pipeline.turn import take_turn

TURN_DETECTED, CLIENT_CANCELLED, HUNG_UP = "turn_detected", "client_cancelled", "hung_up"
"""Why a turn ends early, in the words of the wire where it has some."""

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Turns:
    """Starts them and stops them."""

    engines: Engines
    emit: Emit
    tasks: asyncio.TaskGroup
    talk: Conversation
    on_done: Callable[[Turn], None]
    """Told when a turn is over."""
    memory: Memory = field(default_factory=Memory)
    """What becomes of old turns."""
    folder: Folder = field(init=False)
    language: str = ""
    """What the user spoke last, as far as that was certain; it is likely to be spoken again."""
    present: Presence = field(default_factory=Presence)
    _heard_until: float = 0.0
    """The loop's time when the sound of those that are no longer in line was over."""
    _line: list[Turn] = field(default_factory=list[Turn])
    """Those that answer: at most one is under way, and before it some that are complete and still being played."""
    _running: set[Turn] = field(default_factory=set[Turn])
    """All whose task is not done, but for those apart."""
    _apart: set[Turn] = field(default_factory=set[Turn])
    """Those that answer beside the conversation."""

    def __post_init__(self) -> None:
        self.folder = Folder(self.talk, self.memory, self.engines.mind.cheapest, self.tasks)

    def answering(self) -> Turn | None:
        """The answer under way that may be heard and is not complete."""
        return next((turn for turn in self._line if turn.answers and turn.floor.given and turn.running()), None)

    def pending(self) -> int:
        """How many turns are under way in the conversation, most of which only listen."""
        return len(self._running)

    def apart(self) -> list[Turn]:
        """The answers under way that are none of the conversation's."""
        return [turn for turn in self._apart if turn.running()]

    def speculative(self, utterance: Utterance) -> Turn | None:
        """The turn that was begun on an utterance before it was over."""
        return next((turn for turn in self._line if turn.utterance is utterance), None)

    def cut_off(self) -> Utterance | None:
        """What a turn is still listening to, though it was taken to be over."""
        return next((turn.utterance for turn in self._line if turn.running() and turn.listening()), None)

    def played(self) -> float:
        """The loop's time when the last sound that was sent will have been played; 0 while there was none."""
        return max((turn.floor.playout.until for turn in self._line), default=self._heard_until)

    def answer(self, utterance: Utterance, spoken: float, manner: Manner) -> Turn:
        """Begin an answer to what was said up to the loop's time `spoken`. It may not be heard yet."""
        turn = self._new(manner, utterance, spoken)
        turn.floor.after = utterance.id
        self._start(turn)
        return turn

    def respond(self, manner: Manner, turn_id: str, context: Conversation | None = None) -> None:
        """Answer the conversation as it stands, or another instead; to be heard at once."""
        turn = self._new(manner)
        turn.floor.after = self.talk.last()
        turn.id, turn.context = turn_id or turn.id, context or Conversation(list(self.talk.entries))
        turn.memory = None if context else self.memory
        self._give(turn)
        self._start(turn)

    def recite(self, text: str, manner: Manner) -> None:
        """Say this, to be heard at once; no model is asked."""
        turn = self._new(manner)
        turn.floor.after, turn.line = self.talk.last(), text
        self._give(turn)
        self._start(turn)

    def respond_apart(self, manner: Manner, turn_id: str, context: Conversation) -> None:
        """Answer `context` beside whatever else goes on, once all that was said is known; it joins that context, and no
        other."""
        turn = self._new(manner)
        turn.id, turn.context, turn.memory, turn.apart = turn_id or turn.id, context, None, True
        turn.floor.talk, turn.floor.playout = context, Playout()
        self._give(turn)
        asked = [other for other in self._running if other.floor.given and other.listening()]
        self._run(turn, {self.tasks.create_task(other.heard.wait()) for other in asked}, self._apart)

    def transcribe(self, utterance: Utterance, spoken: float, manner: Manner) -> None:
        """Find out what was said, beside whatever else goes on, and answer nothing."""
        turn = self._new(replace(manner, answers=False), utterance, spoken)
        turn.clock.mark("endpoint")
        turn.floor.give()
        self._run(turn, set(), self._running)

    def drop_speculation(self) -> None:
        """The user is not done after all; what was begun is not wanted, and nobody knows of it."""
        for turn in self._line:
            if not turn.floor.given:
                turn.stop(TURN_DETECTED)
                if turn.answers:  # else none was begun
                    self.emit(_dropped(turn))
        self._line = [turn for turn in self._line if turn.floor.given]

    def stop(self, reason: str, manner: Manner) -> None:
        """No more of any answer: one under way ends, one that is only being played is cut to what was heard."""
        self._heard_until = min(self.played(), self.present.now())
        turns, self._line = self._line, []
        for turn in turns:
            turn.stop(reason)
            if turn.listening() and turn.utterance and turn.utterance.ended is not None:
                self.transcribe(turn.utterance, turn.clock.marks["speech_end"], manner)

    def come_back(self) -> None:
        """The listener can be reached again, and has heard nothing meanwhile."""
        since, seconds = self.present.come_back()
        for turn in [*self._line, *self._apart]:
            turn.floor.playout.delay(since, seconds)

    async def finish(self) -> None:
        """Until the answer under way is complete."""
        turn = self.answering()
        if turn and turn.task:
            await asyncio.wait({turn.task})

    def close(self) -> None:
        """The listener is gone: end everything."""
        self.folder.close()
        for turn in [*self._line, *self._running, *self._apart]:
            turn.stop(HUNG_UP)
            if turn.utterance and turn.listening():
                turn.utterance.close()

    def _new(self, manner: Manner, utterance: Utterance | None = None, spoken: float | None = None) -> Turn:
        self._heard_until = self.played()
        self._line = [turn for turn in self._line if turn.running() or turn.floor.playout.until > self.present.now()]
        clock = TurnClock(asyncio.get_running_loop().time)
        clock.mark("speech_end", spoken)
        floor = Floor(self.talk, clock, self.emit, manner.aloud, Playout(until=self.played()), self.present)
        return Turn(new_id("resp"), new_id("item"), manner, self.talk, floor, clock, utterance, self.memory)

    def _give(self, turn: Turn) -> None:
        turn.floor.give()
        turn.begin()

    def _start(self, turn: Turn) -> None:
        """Make this the turn under way, once those before it have unwound and all that was said is known."""
        self._line.append(turn)
        self._run(turn, {other.task for other in self._running if other.task}, self._running)

    def _run(self, turn: Turn, before: Collection[asyncio.Task[Any]], among: set[Turn]) -> None:
        self.folder.stop()
        among.add(turn)
        turn.task = self.tasks.create_task(self._take(turn, before), name=turn.id)

        def over(_: asyncio.Task[None]) -> None:
            turn.heard.set()
            among.discard(turn)
            if not self._running:
                self.memory.outlive(self.talk.outgrow())
            if not self._running and not self._apart:
                self.folder.rest()
            self.on_done(turn)

        turn.task.add_done_callback(over)

    async def _take(self, turn: Turn, before: Collection[asyncio.Task[Any]]) -> None:
        if before:
            await asyncio.wait(before)
        turn.likely = self.language
        try:
            await take_turn(turn, self.engines)
        except Exception:  # noqa: BLE001  one broken turn must not end the conversation; this is the only such place
            _log.exception("turn %s fell out of its course", turn.id)
            await turn.give_up("internal error")
        finally:
            self.engines.mind.speculation.settle(turn.account, wanted=turn.floor.given)
            if turn.utterance:
                self.language = turn.utterance.language or self.language
                self._close_unless_wanted(turn)

    def _close_unless_wanted(self, turn: Turn) -> None:
        """An utterance is done with when its words are known, and no other turn has taken it over."""
        utterance = turn.utterance
        wanted = any(other.utterance is utterance for other in self._running if other is not turn)
        if utterance and utterance.ended is not None and not turn.listening() and not wanted:
            utterance.close()


def _dropped(turn: Turn) -> AnswerDropped:
    marks = turn.clock.marks_ms()
    usage = turn.usage() if "llm_request" in marks else Usage(0, 0)
    return AnswerDropped(turn.id, marks, usage, turn.account)
