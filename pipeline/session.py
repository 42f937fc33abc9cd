"""One conversation: listens without pause, opens turns, cancels them. At most one turn may be heard at a time."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
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
from pipeline.hearing.vad import best_vad
from pipeline.manner import Manner
from pipeline.playout import Playout
from pipeline.roster import Engines
from pipeline.turn import Turn, take_turn

SLICE = HEARING_RATE // 10
"""Samples heard at a time before others get their chance: a client may send minutes at once."""

TURN_DETECTED, CLIENT_CANCELLED, HUNG_UP = "turn_detected", "client_cancelled", "hung_up"
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
    new_vad: Callable[[], Vad] = best_vad
    clock: SampleClock = field(default_factory=SampleClock)
    _heard: int = 0
    """Samples that came through `hear`."""
    _turns: list[Turn] = field(default_factory=list[Turn])
    """Those that answer: at most one is under way, and before it some that are complete and still being played."""
    _running: set[Turn] = field(default_factory=set[Turn])
    """All whose task is not done, also those that only listen."""
    _ear: Ear | None = None
    _utterance: Utterance | None = None
    """What the user is saying; None while they are silent."""
    _language: str = ""
    """What the user spoke last, as far as that was certain; it is likely to be spoken again."""

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
            self._ear.decide(manner.endpointing)
        self.manner = manner

    def commit(self) -> float:
        """The user says that this was all (push-to-talk). Returns the seconds there were; nothing happens at 0."""
        utterance, self._utterance = self._utterance, None
        if not utterance:
            return 0.0
        self._ear = None
        self._drop_speculation()
        utterance.ended = self.clock.position
        self._commit(utterance)
        self._hear_out(utterance, self.clock.when(utterance.ended))
        return utterance.seconds

    def clear(self) -> None:
        """Forget what is being said."""
        self._drop_speculation()
        if self._utterance:
            self._utterance.close()
        self._utterance = self._ear = None

    def buffered(self) -> float:
        """Seconds of sound that were heard and not yet committed."""
        return self._utterance.seconds if self._utterance else 0.0

    def respond(self, manner: Manner | None = None, turn_id: str = "") -> None:
        """Answer the conversation as it stands, in this session's manner or another; not while `answering`."""
        self._drop_speculation()
        turn = self._new_turn(None, asyncio.get_running_loop().time(), manner or self.manner)
        turn.id = turn_id or turn.id
        turn.floor.give()
        turn.begin()
        self._start(turn)

    def answering(self) -> Turn | None:
        """The answer under way that may be heard and is not complete."""
        return next((turn for turn in self._turns if turn.answers and turn.floor.given and turn.running()), None)

    def stop(self, reason: str) -> None:
        """No more of any answer: one under way ends, one that is only being played is cut to what was heard."""
        turns, self._turns = self._turns, []
        for turn in turns:
            turn.stop(reason)
            if turn.listening() and turn.utterance and turn.utterance.ended is not None:
                self._hear_out(turn.utterance, turn.clock.marks["speech_end"])

    async def finish(self) -> None:
        """Until the answer under way is complete."""
        turn = self.answering()
        if turn and turn.task:
            await asyncio.wait({turn.task})

    def close(self) -> None:
        """The listener is gone: end everything."""
        self.clear()
        for turn in [*self._turns, *self._running]:
            turn.stop(HUNG_UP)
            if turn.utterance and turn.listening():
                turn.utterance.close()

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
            case Resumed(), _:
                self._drop_speculation()
            case Ended(at), Utterance() as utterance:
                self._ended(at, utterance)
            case _:
                pass

    def _began(self, at: float, sound: Pcm) -> None:
        """Somebody speaks: what we were saying falls silent. A question cut off before it was understood goes on."""
        cut_off = self._cut_off() if self.manner.interruptible else None
        if cut_off:
            self.emit(Heard(cut_off.resume(new_id("item")), "", cut_off.language, 0.0))
        self._utterance = cut_off or self._new_utterance()
        self._utterance.feed(sound)
        self.emit(SpeechBegan(self._utterance.id, max(0.0, at - self.manner.prefix)))
        if self.manner.interruptible:
            self.stop(TURN_DETECTED)

    def _cut_off(self) -> Utterance | None:
        """What a turn is still listening to, though it was taken to be over."""
        return next((turn.utterance for turn in self._turns if turn.running() and turn.listening()), None)

    def _paused(self, at: float, utterance: Utterance) -> None:
        """Begin an answer that will be heard only if the user is really done."""
        if self.answering():
            return  # not interruptible: the answer under way goes on, and what was said joins the conversation
        turn = self._new_turn(utterance, self.clock.when(at), self.manner)
        turn.clock.mark("paused")
        self._start(turn)

    def _ended(self, at: float, utterance: Utterance) -> None:
        self._utterance = None
        utterance.ended = at
        self.emit(SpeechEnded(utterance.id, at, self.clock.position))
        self._commit(utterance)
        turn = next((turn for turn in self._turns if turn.utterance is utterance), None)
        if self.answering() or (turn is None and not self.manner.answers):
            self._hear_out(utterance, self.clock.when(at))  # the answer under way may not be interrupted
            return
        if turn is None:  # there was no speculation, since another answer was under way until just now
            turn = self._new_turn(utterance, self.clock.when(at), self.manner)
            self._start(turn)
        turn.clock.mark("endpoint")
        turn.floor.give()

    def _hear_out(self, utterance: Utterance, speech_end: float) -> None:
        """Find out what was said, beside whatever else goes on, and answer nothing."""
        turn = self._new_turn(utterance, speech_end, replace(self.manner, answers=False))
        turn.clock.mark("endpoint")
        turn.floor.give()
        self._run(turn, set())

    def _drop_speculation(self) -> None:
        """The user is not done after all; what was begun is not wanted, and nobody knows of it."""
        for turn in self._turns:
            if not turn.floor.given:
                turn.stop(TURN_DETECTED)
        self._turns = [turn for turn in self._turns if turn.floor.given]

    def _commit(self, utterance: Utterance) -> None:
        after = self.talk.add(Entry(utterance.id, "user"))
        self.emit(Committed(utterance.id, after))

    def _new_utterance(self) -> Utterance:
        utterance = Utterance(new_id("item"), self.manner.language, self.judge, self._understood)
        return utterance.listen(self.engines.asr(), likely=self._language)

    def _understood(self, utterance: Utterance, text: str) -> None:
        if utterance is self._utterance:
            if self._ear:
                self._ear.endpointer.finished = utterance.finished
            self.emit(Partial(utterance.id, text))

    def _new_turn(self, utterance: Utterance | None, speech_end: float, manner: Manner) -> Turn:
        now = asyncio.get_running_loop().time
        self._turns = [turn for turn in self._turns if turn.running() or turn.floor.playout.until > now()]
        clock = TurnClock(now)
        clock.mark("speech_end", speech_end)
        playing = max((turn.floor.playout.until for turn in self._turns), default=0.0)
        floor = Floor(self.talk, clock, self.emit, manner.aloud, Playout(until=playing))
        return Turn(new_id("resp"), new_id("item"), manner, floor, clock, utterance)

    def _start(self, turn: Turn) -> None:
        """Make this the turn under way, once those before it have unwound and all that was said is known."""
        self._turns.append(turn)
        self._run(turn, {other.task for other in self._running if other.task})

    def _run(self, turn: Turn, before: set[asyncio.Task[None]]) -> None:
        self._running.add(turn)
        turn.task = self.tasks.create_task(self._take(turn, before), name=turn.id)
        turn.task.add_done_callback(lambda _: self._running.discard(turn))

    async def _take(self, turn: Turn, before: set[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        try:
            await take_turn(turn, self.engines, self.talk)
        except Exception:  # noqa: BLE001  one broken turn must not end the conversation; this is the only such place
            _log.exception("turn %s fell out of its course", turn.id)
            await turn.give_up("internal error")
        finally:
            if turn.utterance:
                self._language = turn.utterance.language or self._language
                self._close_unless_wanted(turn)

    def _close_unless_wanted(self, turn: Turn) -> None:
        """An utterance is done with when its words are known, and no other turn has taken it over."""
        utterance = turn.utterance
        wanted = any(other.utterance is utterance for other in self._running if other is not turn)
        if utterance and utterance.ended is not None and not turn.listening() and not wanted:
            utterance.close()


@asynccontextmanager
async def open_session(engines: Engines, manner: Manner, emit: Emit) -> AsyncGenerator[Session]:
    """A session that lasts as long as the block: leaving it stops whatever is under way."""
    async with asyncio.TaskGroup() as tasks:
        session = Session(engines, manner, emit, tasks)
        try:
            yield session
        finally:
            session.close()
