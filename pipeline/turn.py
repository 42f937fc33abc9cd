"""THE turn: hear -> choose -> think -> speak, one coroutine from the user's pause to the last sample of the answer."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial

from pipeline.calling import Calling
from pipeline.context.conversation import Entry
from pipeline.context.edits import Edit, edit_of
from pipeline.engines import CallPiece, Finish, Message, Piece, Prompt, Tts, Usage
from pipeline.errors import EngineError
from pipeline.events import (
    Forgotten,
    Heard,
    HearingFailed,
    Outcome,
    Said,
    SayingBegan,
    Spoken,
)
from pipeline.exchange import Turn
from pipeline.llm.asking import Asking
from pipeline.llm.hedge import at_once
from pipeline.llm.mind import Mind
from pipeline.llm.restraint import STOPPED, Restraint
from pipeline.manner import language_of
from pipeline.roster import Engines
from pipeline.tts.clauses import Clauses, first_clause
from pipeline.tts.speakable import speakable

CLAUSES_WAITING = 32
"""Clauses of text that may wait for a voice, about two minutes of speech; then the model is read no further."""

_log = logging.getLogger(__name__)


async def take_turn(turn: Turn, engines: Engines) -> None:
    """Run one exchange. Cancel this task and the turn is over, wherever it had got to."""
    question = await _hear(turn, engines)
    turn.heard.set()
    if not turn.answers or (turn.utterance and not question and not turn.failure):
        await turn.floor.wait()
        return
    turn.begin()
    words = _tell(turn, _speech(turn, engines, question))
    if turn.manner.aloud:
        clauses = asyncio.Queue[str | None](CLAUSES_WAITING)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_think(turn, words, clauses))
            tasks.create_task(_speak(turn, engines, clauses))
    else:
        async with aclosing(words):
            async for _ in words:
                pass
    await turn.floor.wait()
    if turn.failure:
        turn.floor.keep_spoken()
    turn.end(*_outcome(turn))


def _outcome(turn: Turn) -> tuple[Outcome, str]:
    """How an answer that was not cancelled has ended, and why."""
    if turn.failure:
        return "failed", turn.failure
    reason = turn.finish.reason if turn.finish else "stop"
    return ("completed", "") if reason == "stop" else ("incomplete", CUT_SHORT[reason])


async def _hear(turn: Turn, engines: Engines) -> str:
    """The words of the utterance. ASR has been running while the user spoke; this waits for the last of them."""
    utterance = turn.utterance
    if not utterance:
        return ""
    try:
        transcript = await utterance.settle()
    except EngineError as error:
        turn.failure, turn.fault = str(error), "asr"
        _log.error("nothing could be understood: %s", error)
        turn.floor.say(HearingFailed(utterance.id, str(error)))
        return ""
    turn.clock.mark("asr_final")
    turn.used["asr"] = transcript.by
    engines.mind.economy.use(turn.manner.payer, transcript.by, transcript.billed)
    turn.floor.say(Heard(utterance.id, transcript.text, transcript.language, utterance.seconds))
    return transcript.text


def _speech(turn: Turn, engines: Engines, question: str) -> AsyncGenerator[Piece]:
    """What there is to say."""
    if turn.line:
        return _recite(turn.line)
    edit = _edit(turn, question)
    return _obey(turn, edit) if edit else _answer(turn, engines, question)


async def _recite(line: str) -> AsyncGenerator[Piece]:
    yield line
    yield Finish(usage=Usage(0, 0))


def _edit(turn: Turn, question: str) -> Edit | None:
    """What the user wants taken back, if that is what they said, and that they said so."""
    if not turn.manner.edits:
        return None
    last = turn.context.entries[-1] if turn.context.entries else None
    if turn.utterance:
        asked = turn.utterance.id
    elif turn.memory and isinstance(last, Entry) and last.role == "user" and last.spoken:
        asked, question = last.id, last.text
    else:
        return None
    before = [item for item in turn.context.entries if item.id != asked]
    edit = edit_of(question, before, functions=bool(turn.manner.tools))
    return edit and replace(edit, gone=(*edit.gone, asked))


async def _obey(turn: Turn, edit: Edit) -> AsyncGenerator[Piece]:
    """Forget what is to be forgotten, and that it was asked for; no model needs to know."""
    turn.floor.say(Forgotten(list(edit.gone)))
    yield edit.spoken


async def _prompt(turn: Turn, question: str, restraint: Restraint) -> Prompt:
    """What the model is asked. Before the turn has the floor, the question is not yet part of the conversation."""
    manner, asked = turn.manner, "" if turn.floor.given else question
    if turn.memory:
        turn.memory.shape = restraint.shape(manner.shape)
        turn.prompt = await turn.memory.prompt(turn.context.entries, manner.instructions, asked, manner.tools)
    else:
        known = turn.context.messages(manner.instructions)
        turn.prompt = [*known, Message("user", asked)] if asked else known
    return Prompt(
        turn.prompt,
        manner.max_tokens,
        manner.temperature,
        manner.tools,
        manner.tool_choice,
        manner.parallel_calls,
        manner.extra,
    )


async def _answer(turn: Turn, engines: Engines, question: str) -> AsyncGenerator[Piece]:
    """The model's words and calls; an apology where there are none to be had."""
    mind = engines.mind
    if not turn.floor.given and not mind.speculation.affordable and not turn.failure:
        await turn.floor.wait()
    restraint = mind.economy.restraint(turn.manner.payer)
    prompt = await _prompt(turn, question, restraint)
    if not turn.failure:
        try:
            answering = mind.answer(_asking(turn, prompt, question, mind, restraint), turn.account)
            turn.clock.mark("model_chosen")
            turn.clock.mark("llm_request")
            async with aclosing(answering.reply()) as pieces:
                async for piece in pieces:
                    if not isinstance(piece, Finish):
                        turn.clock.mark("llm_first_token", turn.clock.marks["llm_request"] + turn.account.first_token)
                    yield piece
            return
        except EngineError as error:
            turn.failure, turn.fault = str(error), "llm"
            _log.error("no answer: %s", error)
    yield (" " if turn.written else "") + _in_their_language(APOLOGIES, turn, question or _asked(prompt))


def _in_their_language(words: Mapping[str, str], turn: Turn, said: str) -> str:
    """One of these, for whoever has just said that."""
    return words.get(language_of(said, turn.language), words["en"])


def _asking(turn: Turn, prompt: Prompt, question: str, mind: Mind, restraint: Restraint) -> Asking:
    """The question as those see it who choose a model."""
    manner, aloud = turn.manner, turn.manner.aloud
    share = mind.rollout.of(manner.user or manner.session, datetime.now().astimezone())
    question = question or _asked(prompt)
    return Asking(
        prompt,
        question,
        turn.clock.time_left(),
        share.policy or "auto" if manner.policy == "auto" else manner.policy,
        "vip" if share.tier == "vip" else manner.tier,
        model=share.model,
        because=share.why,
        payer=manner.payer,
        restraint=restraint,
        last_word=_in_their_language(STOPPED, turn, question),
        aloud=aloud,
        clause=first_clause if aloud else at_once,
    )


def _asked(prompt: Prompt) -> str:
    """What was said last, when it is not known what the user has said."""
    return next((line.text for line in reversed(prompt.messages) if isinstance(line, Message)), "")


async def _tell(turn: Turn, pieces: AsyncGenerator[Piece]) -> AsyncGenerator[str]:
    """Let the listener know of all that the model says, and pass on the words."""
    calling = Calling(turn.id, turn.floor.say)
    async with aclosing(pieces):
        async for piece in pieces:
            match piece:
                case str():
                    if not turn.written:
                        turn.floor.say(SayingBegan(turn.id, turn.entry))
                    turn.written += piece
                    turn.floor.say(Said(turn.id, piece))
                    yield piece
                case CallPiece():
                    calling.take(piece)
                case Finish():
                    turn.finish = piece
    if turn.fault != "llm" and (not turn.finish or turn.finish.reason == "stop"):
        calling.finish()  # though it may find no voice; one that the model has broken off, or had to, is never made


async def _think(turn: Turn, words: AsyncGenerator[str], clauses: "asyncio.Queue[str | None]") -> None:
    """Cut the stream of words into clauses that can be spoken."""
    splitter = Clauses()
    async with aclosing(words):
        async for piece in words:
            for clause in splitter.add(piece):
                turn.clock.mark("first_clause")
                await clauses.put(clause)
    for clause in splitter.finish():
        turn.clock.mark("first_clause")
        await clauses.put(clause)
    await clauses.put(None)


async def _speak(turn: Turn, engines: Engines, clauses: "asyncio.Queue[str | None]") -> None:
    """Say clause after clause, at most two ahead of the one that is playing. Without a voice the rest is only text."""
    voices = engines.tts(lambda name: turn.used.update(tts=name), partial(engines.mind.economy.use, turn.manner.payer))
    while (clause := await clauses.get()) is not None:
        number = turn.floor.playout.begin(clause, turn.manner.speed)
        await turn.floor.room_for(number)
        try:
            await _say(turn, voices, number, clause)
        except EngineError as error:
            if not turn.failure:
                turn.failure, turn.fault = str(error), "tts"
            _log.error("the answer could not be spoken: %s", error)
            break
        turn.floor.playout.complete(number)
    while clause is not None:
        clause = await clauses.get()


async def _say(turn: Turn, voices: Tts, number: int, clause: str) -> None:
    """One clause. Raises `EngineError`."""
    voice = turn.manner.voice_for(clause, turn.language or language_of(turn.written, ""))
    text = speakable(clause, voice.language)
    turn.clock.mark("tts_request")
    async with aclosing(voices.speak(text, voice)) as sound:
        async for pcm in sound:
            turn.clock.mark("first_audio")
            turn.floor.say(Spoken(turn.id, number, pcm))


CUT_SHORT = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""Why an answer is incomplete, in the words of the wire."""

APOLOGIES = {
    "en": "Sorry, something went wrong on my side. Please try again.",
    "zh": "抱歉，我这边出了点问题，请再试一次。",
}
