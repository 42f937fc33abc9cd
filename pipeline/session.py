"""One conversation: listens without pause, and opens and ends turns as the user speaks and falls silent."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.context.conversation import Conversation, Entry
from pipeline.context.counting import Tally
from pipeline.context.memory import Memory
from pipeline.engines import Vad
from pipeline.events import Committed, Emit, FellSilent, Heard, Partial, SpeechBegan, SpeechEnded
from pipeline.exchange import Turn
from pipeline.hearing.ear import Ear, SampleClock
from pipeline.hearing.endpoint import UNKNOWN, Began, Ended, Endpointing, Hushed, Paused, Resumed, Sign
from pipeline.hearing.finished import Judge, RuleJudge
from pipeline.hearing.utterance import Utterance
from pipeline.hearing.vad import best_vad
from pipeline.ids import new_id
from pipeline.manner import Manner
from pipeline.roster import Engines
from pipeline.turns import TURN_DETECTED, Turns

SLICE = HEARING_RATE // 10
"""Samples heard at a time before others get their chance: a client may send minutes at once."""

MOST_REMINDERS = 3
"""Times a silent user is asked whether they are still there; a page left open must not talk, at a cost, all night."""

REMINDER = "The user has been silent for {seconds:.0f} seconds. In one short sentence, invite them to go on."
"""What a model is told then."""


@dataclass(eq=False, slots=True)
class Session:
    """A microphone stream, a conversation, and the turns under way. Open it with `open_session`."""

    engines: Engines
    manner: Manner
    emit: Emit
    tasks: asyncio.TaskGroup
    talk: Conversation = field(default_factory=Conversation)
    judge: Judge = field(default_factory=RuleJudge)
    new_vad: Callable[[], Vad] = best_vad
    clock: SampleClock = field(default_factory=SampleClock)
    turns: Turns = field(init=False)
    _heard: int = 0
    """Samples that came through `hear`."""
    _ear: Ear | None = None
    _utterance: Utterance | None = None
    """What the user is saying; None while they are silent."""
    _reminder: asyncio.TimerHandle | None = None
    _reminders: int = 0
    """How often the user was asked in vain."""

    def __post_init__(self) -> None:
        memory = Memory(self.manner.shape, Tally(self.engines.mind.measure))
        self.turns = Turns(self.engines, self.emit, self.tasks, self.talk, self._rest, memory)

    async def hear(self, pcm: Pcm) -> None:
        """The next sound from the microphone, 16 kHz, any length.

        Whoever holds sound back before it comes here tells `clock` at once when it arrived.
        """
        unknown = (self._heard + len(pcm)) / HEARING_RATE - self.clock.position
        if unknown > 1 / HEARING_RATE:
            self.clock.arrived(unknown, asyncio.get_running_loop().time())
        for start in range(0, len(pcm), SLICE):
            self.hear_piece(pcm[start : start + SLICE])
            if start + SLICE < len(pcm):
                await asyncio.sleep(0)

    def hear_piece(self, piece: Pcm) -> None:
        """The same, of no more than about `SLICE` samples, whose arrival `clock` knows of."""
        if self.manner.endpointing:
            self._listen(piece, self.manner.endpointing)
        else:
            self._utterance = self._utterance or self._new_utterance()
            self._utterance.feed(piece)
        self._heard += len(piece)

    def behave(self, manner: Manner) -> None:
        """From now on; a turn under way ends as it began, and what is being said goes on until it is committed."""
        self.reconsider()
        if manner.endpointing and not self.manner.endpointing:
            self.clear()
        elif self._ear and manner.endpointing:
            self._ear.decide(manner.endpointing)
        elif self._ear:
            if self._utterance:
                self._utterance.feed(self._ear.rest())
                now = self.clock.position  # nobody listens any more for the end that belongs to the beginning
                self.emit(SpeechEnded(self._utterance.id, now, now))
            self._ear = None
        self.manner = manner
        self._rest()

    def reconsider(self) -> None:
        """What an answer depends on is another now: one that nobody knows of yet is begun anew when it is due."""
        self.turns.drop_speculation()

    def commit(self) -> float:
        """The user says that this was all (push-to-talk). Returns the seconds there were; nothing happens at 0."""
        utterance, self._utterance = self._utterance, None
        if not utterance:
            return 0.0
        self._ear = None
        self._attend()
        self.turns.drop_speculation()
        utterance.ended = self.clock.position
        self._commit(utterance)
        self.turns.transcribe(utterance, self.clock.when(utterance.ended), self.manner)
        return utterance.seconds

    def clear(self) -> None:
        """Forget what is being said."""
        self.turns.drop_speculation()
        if self._utterance:
            self._utterance.close()
        self._utterance = self._ear = None

    def buffered(self) -> float:
        """Seconds of sound that were heard and not yet committed."""
        return self._utterance.seconds if self._utterance else 0.0

    def understand(self, entry: Entry, sound: Pcm) -> None:
        """Find out what an entry of the conversation says that came as 16 kHz sound; answers wait for it."""
        utterance = Utterance(entry.id, self.manner.language, self.judge, self._understood)
        utterance.listen(self.engines.asr(), likely=self.turns.language).feed(sound)
        utterance.ended = self.clock.position
        self.talk.keep(entry, sound)
        self.turns.transcribe(utterance, asyncio.get_running_loop().time(), self.manner)

    def respond(self, manner: Manner | None = None, turn_id: str = "", context: Conversation | None = None) -> None:
        """Answer the conversation as it stands, in this session's manner or another, or answer `context` instead.

        Not while `answering`.
        """
        self.turns.drop_speculation()
        self.turns.respond(manner or self.manner, turn_id, context)

    def greet(self, text: str) -> None:
        """Say this of our own accord. Not while `answering`."""
        self.turns.recite(text, self.manner)

    def answering(self) -> Turn | None:
        """The answer under way that may be heard and is not complete."""
        return self.turns.answering()

    def stop(self, reason: str) -> None:
        """No more of any answer: one under way ends, one that is only being played is cut to what was heard."""
        self.turns.stop(reason, self.manner)

    def leave(self) -> None:
        """The listener cannot be reached: for them nothing goes on until they `come_back`."""
        self.turns.present.leave()
        self._attend()

    def come_back(self) -> None:
        """The listener can be reached again."""
        self.turns.come_back()
        self._rest()

    def owes(self) -> bool:
        """Whether somebody has asked something aloud and is waiting for the first word of an answer."""
        turn = self.answering()
        return turn is not None and turn.utterance is not None and turn.floor.reply is None

    async def finish(self) -> None:
        """Until the answer under way is complete."""
        await self.turns.finish()

    def close(self) -> None:
        """The listener is gone: end everything."""
        self.leave()
        self.clear()
        self.turns.close()

    def _listen(self, pcm: Pcm, how: Endpointing) -> None:
        self._ear = self._ear or Ear(self.new_vad(), how, self._heard / HEARING_RATE)
        for chunk, signs in self._ear.hear(pcm):
            if self._utterance and not (signs and isinstance(signs[0], Began)):
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
                self.turns.drop_speculation()
            case Ended(at), Utterance() as utterance:
                self._ended(at, utterance)
            case _:
                pass

    def _began(self, at: float, sound: Pcm) -> None:
        """Somebody speaks: what we were saying falls silent. A question cut off before it was understood goes on."""
        self._attend()
        self._reminders = 0
        cut_off = self.turns.cut_off() if self.manner.interruptible else None
        if cut_off:
            self.emit(Heard(cut_off.resume(new_id("item")), "", cut_off.language, 0.0))
        self._utterance = cut_off or self._new_utterance()
        self._utterance.feed(sound)
        self.emit(SpeechBegan(self._utterance.id, max(0.0, at - self.manner.prefix)))
        if self.manner.interruptible:
            self.stop(TURN_DETECTED)

    def _paused(self, at: float, utterance: Utterance) -> None:
        """Begin an answer that will be heard only if the user is really done."""
        if self.answering():
            return  # not interruptible: the answer under way goes on, and what was said joins the conversation
        self._judged(utterance, UNKNOWN)
        turn = self.turns.answer(utterance, self.clock.when(at), self.manner)
        turn.clock.mark("paused")

    def _ended(self, at: float, utterance: Utterance) -> None:
        self._utterance = None
        utterance.ended = at
        self.emit(SpeechEnded(utterance.id, at, self.clock.position))
        self._commit(utterance)
        turn = self.turns.speculative(utterance)
        if self.answering() or (turn is None and not self.manner.answers):
            self.turns.transcribe(utterance, self.clock.when(at), self.manner)  # the answer under way goes on
            return
        if turn is None:  # there was no speculation, since another answer was under way until just now
            turn = self.turns.answer(utterance, self.clock.when(at), self.manner)
        turn.clock.mark("endpoint")
        turn.floor.give()

    def _commit(self, utterance: Utterance) -> None:
        entry = Entry(utterance.id, "user", spoken=True)
        after = self.talk.add(entry)
        sound = utterance.sound()
        if sound is not None:
            self.talk.keep(entry, sound)
        self.emit(Committed(utterance.id, after))

    def _new_utterance(self) -> Utterance:
        utterance = Utterance(new_id("item"), self.manner.language, self.judge, self._understood)
        return utterance.listen(self.engines.asr(), likely=self.turns.language)

    def _understood(self, utterance: Utterance, text: str) -> None:
        if utterance is self._utterance:
            self._judged(utterance, utterance.finished)
            self.emit(Partial(utterance.id, text))

    def _judged(self, utterance: Utterance, finished: float) -> None:
        """How finished the words sound decides how long a pause may be."""
        utterance.finished = finished
        if self._ear:
            self._ear.endpointer.finished = finished

    def _attend(self) -> None:
        """Something happens: nobody needs to be reminded."""
        if self._reminder:
            self._reminder.cancel()
            self._reminder = None

    def _rest(self, _turn: Turn | None = None) -> None:
        """Nothing happens: from the end of what is being played, the user has so long before they are reminded."""
        self._attend()
        busy = self._utterance or self.answering() or not self.turns.present.here
        played = self.turns.played()
        if self.manner.idle is None or busy or not played or self._reminders >= MOST_REMINDERS:
            return  # not `played`: the first word is the user's
        if self.talk.waits():
            return  # so do they, for a function
        loop = asyncio.get_running_loop()
        since = max(loop.time(), played)
        self._reminder = loop.call_at(since + self.manner.idle, self._remind, self.manner.idle)

    def _remind(self, seconds: float) -> None:
        self._reminder = None
        if self._utterance or self.answering():
            return
        self._reminders += 1
        entry = Entry(new_id("item"), "user", spoken=True)
        until = self.clock.position
        self.emit(FellSilent(entry.id, max(0.0, until - seconds), until))
        self.emit(Committed(entry.id, self.talk.add(entry)))
        told = f"{self.manner.instructions}\n\n{REMINDER.format(seconds=seconds)}"
        self.respond(replace(self.manner, instructions=told))


@asynccontextmanager
async def open_session(
    engines: Engines, manner: Manner, emit: Emit, talk: Conversation | None = None
) -> AsyncGenerator[Session]:
    """A session that lasts as long as the block: leaving it stops whatever is under way."""
    async with asyncio.TaskGroup() as tasks:
        session = Session(engines, manner, emit, tasks, talk or Conversation())
        try:
            yield session
        finally:
            session.close()
