"""One exchange under way: what is known of it, and how it begins, ends and is stopped. What it does is in `turn.py`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.clock import TurnClock
from pipeline.context.conversation import Conversation
from pipeline.context.memory import Memory
from pipeline.context.tokens import estimate, of_prompt
from pipeline.engines import Finish, PromptLine, Usage
from pipeline.events import Fault, HearingFailed, Outcome, ReplyBegan, ReplyEnded
from pipeline.floor import Floor
from pipeline.hearing.utterance import Utterance
from pipeline.llm.account import Account
from pipeline.manner import Manner


@dataclass(eq=False, slots=True)
class Turn:
    """One exchange under way."""

    id: str
    entry: str
    """The id the answer's words will have in the conversation."""
    manner: Manner
    context: Conversation
    """What is answered; the answer itself joins the floor's conversation, which need not be the same."""
    floor: Floor
    clock: TurnClock
    utterance: Utterance | None = None
    """What is to be heard first; None when the conversation is to be answered as it stands."""
    memory: Memory | None = None
    """What the context's prompt is made with; None for a context that is told as it is."""
    apart: bool = False
    """Whether it answers beside the conversation, in which there may be another answer at the same time."""
    likely: str = ""
    """What the user spoke last, where it hears nothing itself."""
    line: str = ""
    """What it says, where that is settled and no model is asked."""
    task: asyncio.Task[None] | None = None
    """The one that runs `take_turn`."""
    failure: str = ""
    """What went wrong, where the user was told so."""
    fault: Fault = ""
    """And in which stage."""
    begun: bool = False
    ended: bool = False
    """What the listener knows of the answer, or will once the turn has the floor."""
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the words it is to hear are in the conversation, or never will be."""
    used: dict[str, str] = field(default_factory=dict[str, str])
    """Which engine did what: `asr`, `tts`."""
    prompt: Sequence[PromptLine] = ()
    """What the model was asked, once it was."""
    written: str = ""
    """All that the model has written so far."""
    finish: Finish | None = None
    """What its server said at the end."""
    account: Account = field(default_factory=Account)
    """What the models were asked, and what that came to."""

    @property
    def answers(self) -> bool:
        """False for a turn that only listens."""
        return self.manner.answers or self.utterance is None

    @property
    def language(self) -> str:
        """What the user speaks, as far as that is known."""
        return self.manner.language or (self.utterance.language if self.utterance else self.likely)

    def engines(self) -> dict[str, str]:
        """Which engine did what: `asr`, `llm`, `tts`."""
        return {**self.used, "llm": self.account.model} if self.account.model else dict(self.used)

    def running(self) -> bool:
        """Whether more of it may come."""
        return not self.ended and self.task is not None and not self.task.done()

    def listening(self) -> bool:
        """Whether the words it is to hear are not known yet."""
        return self.utterance is not None and not self.failure and "asr_final" not in self.clock.marks

    def usage(self) -> Usage:
        """What the model was asked and has said, estimated where its server does not tell."""
        told = self.finish.usage if self.finish else None
        return told or Usage(of_prompt(self.prompt, self.manner.tools), estimate(self.written))

    def begin(self) -> None:
        """Announce the answer."""
        if not self.begun:
            self.begun = True
            self.floor.say(ReplyBegan(self.id, self.manner.aloud, self.apart))

    def end(self, outcome: Outcome, reason: str) -> None:
        """Close the answer, if anybody knows of it and it is not closed yet."""
        if not self.floor.announced or self.ended:
            return
        self.ended = True
        finish = self.finish or Finish()
        if self.memory and finish.usage:
            self.memory.learn(self.prompt, self.manner.tools, finish.usage.prompt)
        ended = ReplyEnded(
            self.id,
            outcome,
            reason,
            self.floor.reply.text if self.floor.reply else "",
            self.clock.marks_ms(),
            self.engines(),
            self.utterance.ended if self.utterance else None,
            self.usage(),
            self.utterance.seconds if self.utterance else 0.0,
            finish.limits,
            self.account,
            fault=self.fault,
        )
        self.floor.say(ended)

    def stop(self, reason: str) -> None:
        """End it at once, wherever it has got to: from here on nothing of it is heard."""
        self.floor.cut()
        self.end("cancelled", reason)
        self.floor.withdraw()
        if self.task:
            self.task.cancel()

    async def give_up(self, reason: str) -> None:
        """The turn is broken: say so, once it has the floor."""
        if self.listening() and self.utterance:
            self.floor.say(HearingFailed(self.utterance.id, reason))
        self.failure, self.fault = reason, "bug"
        await self.floor.wait()
        self.floor.keep_spoken()
        self.end("failed", reason)
