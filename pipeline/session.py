"""One conversation: listens without pause, opens turns, cancels them. At most one turn may be heard at a time."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.clock import TurnClock
from pipeline.context.conversation import Conversation, Entry
from pipeline.engines import Vad
from pipeline.events import Committed, Emit, Heard, Partial, SpeechBegan, SpeechEnded
from pipeline.floor import Floor
from pipeline.hearing.ear import Ear, SampleClock
from pipeline.hearing.endpoint import Began, Ended, Endpointing, Hushed, Paused, Resumed, Sign
from pipeline.hearing.finished import Judge, RuleJudge
from pipeline.hearing.utterance import Utterance
from pipeline.hearing.vad import CascadedVad
from pipeline.manner import Manner
from pipeline.roster import Engines
from pipeline.turn import Turn, take_turn

SLICE = HEARING_RATE // 10
"""Samples heard at a time before others get their chance: a client may send minutes at once."""

TURN_DETECTED, CLIENT_CANCELLED, HUNG_UP, FELL_OUT = "turn_detected", "client_cancelled", "hung_up", "internal error"
"""Why a turn ends early, in the words of the wire where it has some."""

_log = logging.getLogger(__name__)


def new_id(kind: str) -> str:
    """A fresh id as OpenAI writes them: `item_...`, `resp_...`."""
    return f"{kind}_{uuid4().hex[:24]}"


@dataclass(eq=False, slots=True)
class Session:
    """A microphone stream, a conversation, and the turn under way. Open it with `open_session`."""

    engines: Engines
    manner: Manner
    emit: Emit
    tasks: asyncio.TaskGroup
    talk: Conversation = field(default_factory=Conversation)
    judge: Judge = field(default_factory=RuleJudge)
    new_vad: Callable[[], Vad] = CascadedVad
    turn: Turn | None = None
    """The turn that is heard, or may be heard soon."""
    clock: SampleClock = field(default_factory=SampleClock)
    _heard: int = 0
    """Samples that came through `hear`."""
    _task: asyncio.Task[None] | None = None
    _ear: Ear | None = None
    _utterance: Utterance | None = None
    """What the user is saying; None while they are silent."""

    async def hear(self, pcm: Pcm) -> None:
        """The next sound from the microphone, 16 kHz, any length.

        Whoever holds sound back before it comes here tells `clock` at once when it arrived.
        """
        unknown = (self._heard + len(pcm)) / HEARING_RATE - self.clock.position
        if unknown > 1 / HEARING_RATE:
            self.clock.arrived(unknown, asyncio.get_running_loop().time())
        for start in range(0, len(pcm), SLICE):
            piece = pcm[start : start + SLICE]
            if self.manner.endpointing:
                self._listen(piece, self.manner.endpointing)
            else:
                self._utterance = self._utterance or self._new_utterance()
                self._utterance.feed(piece)
            self._heard += len(piece)
            if start + SLICE < len(pcm):
                await asyncio.sleep(0)

    def behave(self, manner: Manner) -> None:
        """From now on; a turn under way ends as it began."""
        if bool(manner.endpointing) != bool(self.manner.endpointing):
            self.clear()
        elif self._ear and manner.endpointing:
            self._ear.endpointer.how = manner.endpointing
        self.manner = manner

    def commit(self) -> float:
        """The user says that this was all (push-to-talk). Returns the seconds there were; nothing happens at 0."""
        utterance, self._utterance = self._utterance, None
        if not utterance:
            return 0.0
        self._ear = None
        utterance.ended = self.clock.position
        self._commit(utterance)
        turn = self._new_turn(utterance, speech_end=self.clock.when(self.clock.position), answers=False)
        turn.floor.give()
        self._start(turn)
        return utterance.seconds

    def clear(self) -> None:
        """Forget what is being said."""
        if self._utterance:
            self._utterance.close()
            self._utterance = None
        self._ear = None
        if self.turn and not self.turn.floor.given:
            self.stop(CLIENT_CANCELLED)

    def buffered(self) -> float:
        """Seconds of sound that were heard and not yet committed."""
        return self._utterance.seconds if self._utterance else 0.0

    def respond(self, manner: Manner | None = None) -> Turn:
        """Answer the conversation as it stands, in this session's manner or another."""
        turn = self._new_turn(None, speech_end=asyncio.get_running_loop().time(), answers=True)
        turn.manner = manner or self.manner
        turn.floor.give()
        self._start(turn)
        return turn

    def answering(self) -> bool:
        """Whether an answer is under way that may be heard and is not complete."""
        turn = self.turn
        return bool(
            turn and turn.answers and turn.floor.given and not turn.ended and self._task and not self._task.done()
        )

    def stop(self, reason: str) -> None:
        """End the turn under way, wherever it has got to. One that is only being played is cut to what was heard."""
        if self._task and not self._task.done():
            self._task.cancel(reason)
        elif self.turn:
            self.turn.floor.cut()
        self.turn = None

    async def finish(self) -> None:
        """Until the answer under way is complete."""
        if self._task and self.answering():
            await asyncio.wait({self._task})

    def _listen(self, pcm: Pcm, how: Endpointing) -> None:
        self._ear = self._ear or Ear(self.new_vad(), how, self._heard / HEARING_RATE)
        for chunk, signs in self._ear.hear(pcm):
            if self._utterance and not any(isinstance(sign, Began) for sign in signs):
                self._utterance.feed(chunk)
            for sign in signs:
                self._heed(sign, chunk)

    def _heed(self, sign: Sign, chunk: Pcm) -> None:
        match sign, self._utterance:
            case Began(at), _:
                self._began(at, chunk)
            case Hushed(), Utterance() as utterance:
                utterance.prepare()
            case Paused(at), Utterance() as utterance:
                self._paused(at, utterance)
            case Resumed(), _ if self.turn and not self.turn.floor.given:
                self.stop(TURN_DETECTED)
            case Ended(at), Utterance() as utterance:
                self._ended(at, utterance)
            case _:
                pass

    def _began(self, at: float, sound: Pcm) -> None:
        """Somebody speaks: what we were saying falls silent. A question cut off before it was understood goes on."""
        cut_off = self._misheard()
        if cut_off:
            self.emit(Heard(cut_off.resume(new_id("item")), "", cut_off.language, 0.0))
        self._utterance = cut_off or self._new_utterance()
        self._utterance.feed(sound)
        self.emit(SpeechBegan(self._utterance.id, max(0.0, at - self.manner.prefix)))
        if self.manner.interruptible:
            self.stop(TURN_DETECTED)

    def _misheard(self) -> Utterance | None:
        """What the turn under way is still listening to, though it was taken to be over."""
        turn, running = self.turn, self._task and not self._task.done()
        if turn and running and self.manner.interruptible and "asr_final" not in turn.clock.marks:
            return turn.utterance
        return None

    def _paused(self, at: float, utterance: Utterance) -> None:
        """Begin an answer that will be heard only if the user is really done."""
        if self.answering():
            return  # not interruptible: the answer under way goes on, and what was said joins the conversation
        turn = self._new_turn(utterance, self.clock.when(at), answers=self.manner.answers)
        turn.clock.mark("paused")
        self._start(turn)

    def _ended(self, at: float, utterance: Utterance) -> None:
        self._utterance = None
        utterance.ended = at
        self.emit(SpeechEnded(utterance.id, at, self.clock.position))
        self._commit(utterance)
        turn = self.turn
        if turn is None or turn.utterance is not utterance:  # an answer was under way that may not be interrupted
            turn = self._new_turn(utterance, self.clock.when(at), answers=False)
            self.tasks.create_task(self._run(turn, None))
        turn.clock.mark("endpoint")
        turn.floor.give()

    def _commit(self, utterance: Utterance) -> None:
        after = self.talk.add(Entry(utterance.id, "user"))
        self.emit(Committed(utterance.id, after))

    def _new_utterance(self) -> Utterance:
        utterance = Utterance(new_id("item"), self.manner.language, self.judge, self._understood)
        return utterance.listen(self.engines.asr())

    def _understood(self, utterance: Utterance, text: str) -> None:
        if utterance is self._utterance:
            if self._ear:
                self._ear.endpointer.finished = utterance.finished
            self.emit(Partial(utterance.id, text))

    def _new_turn(self, utterance: Utterance | None, speech_end: float, answers: bool) -> Turn:
        clock = TurnClock(asyncio.get_running_loop().time)
        clock.mark("speech_end", speech_end)
        floor = Floor(self.talk, clock, self.emit)
        return Turn(new_id("resp"), new_id("item"), self.manner, floor, clock, utterance, answers)

    def _start(self, turn: Turn) -> None:
        """Make this the turn under way, once the one before it has unwound."""
        before = self._task
        self.turn = turn
        self._task = self.tasks.create_task(self._run(turn, before), name=turn.id)

    async def _run(self, turn: Turn, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait({before})
        try:
            await take_turn(turn, self.engines, self.talk)
        except Exception:  # noqa: BLE001  one broken turn must not end the conversation; this is the only such place
            _log.exception("turn %s fell out of its course", turn.id)
            turn.end("failed", FELL_OUT)
        finally:
            if turn.utterance and turn.utterance.ended is not None:
                turn.utterance.close()


@asynccontextmanager
async def open_session(engines: Engines, manner: Manner, emit: Emit) -> AsyncGenerator[Session]:
    """A session that lasts as long as the block: leaving it stops whatever is under way."""
    async with asyncio.TaskGroup() as tasks:
        session = Session(engines, manner, emit, tasks)
        try:
            yield session
        finally:
            session.clear()
            session.stop(HUNG_UP)
