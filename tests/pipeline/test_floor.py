"""The gate between a turn and the world; and what must hold at it, whatever caller and engines are up to."""

import asyncio
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from pipeline.clock import TurnClock
from pipeline.context.conversation import REMEMBERED, Conversation, Entry
from pipeline.events import (
    Committed,
    Event,
    Heard,
    HearingFailed,
    ReplyBegan,
    ReplyEnded,
    Said,
    SayingBegan,
    SpeechBegan,
    SpeechEnded,
    Spoken,
)
from pipeline.floor import Floor
from pipeline.manner import Manner
from pipeline.turns import CLIENT_CANCELLED
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeAsr, FakeLlm, FakeTts, Step, broken, converse
from tests.virtual_clock import run

TENTH = np.ones(2400, np.int16)


def floor(events: list[Event], talk: Conversation | None = None) -> Floor:
    clock = TurnClock(asyncio.get_running_loop().time)
    return Floor(talk or Conversation(), clock, events.append)


def lines(talk: Conversation) -> list[tuple[str, str]]:
    return [(entry.id, entry.text) for entry in talk.entries if isinstance(entry, Entry)]


def test_what_is_said_before_the_floor_is_held_back_and_delivered_in_order() -> None:
    async def scene() -> None:
        events, talk = list[Event](), Conversation([Entry("q", "user")])
        gate = floor(events, talk)
        made = [Heard("q", "Hi!", "en", 1.0), SayingBegan("t", "a"), Said("t", "Hello"), Said("t", " you.")]
        for event in made:
            gate.say(event)
        assert (events, lines(talk), gate.given) == ([], [("q", "")], False)
        gate.give()
        assert events == [made[0], SayingBegan("t", "a", after="q"), *made[2:]]
        assert lines(talk) == [("q", "Hi!"), ("a", "Hello you.")]
        gate.say(Said("t", " Bye."))
        assert events[-1] == Said("t", " Bye.")

    run(scene())


def test_words_of_a_question_the_user_has_deleted_since_are_told_and_not_kept() -> None:
    async def scene() -> None:
        events, talk = list[Event](), Conversation()
        gate = floor(events, talk)
        gate.give()
        gate.say(Heard("gone", "Hi!", "en", 1.0))
        assert (len(events), talk.entries) == (1, [])

    run(scene())


def test_an_answer_finds_a_place_though_what_it_answers_was_deleted_too_long_ago_to_know_where_it_was() -> None:
    async def scene() -> None:
        events, talk = list[Event](), Conversation([Entry(f"{number}", "user") for number in range(REMEMBERED + 2)])
        gate = floor(events, talk)
        gate.after = "0"
        gate.give()
        for number in range(REMEMBERED + 1):
            talk.remove(f"{number}")
        gate.say(SayingBegan("t", "a"))
        last = f"{REMEMBERED + 1}"
        assert events == [SayingBegan("t", "a", after=last)]
        assert [entry.id for entry in talk.entries] == [last, "a"]

    run(scene())


def test_there_is_room_for_two_clauses_before_the_floor_and_for_two_ahead_after_it() -> None:
    async def scene() -> list[float]:
        now, gate = asyncio.get_running_loop().time, floor([])
        times = list[float]()
        asyncio.get_running_loop().call_later(1.0, gate.give)
        for clause in range(5):
            assert gate.playout.begin("words ") == clause
            await gate.room_for(clause)
            times.append(now())
            for _ in range(30):
                gate.say(Spoken("t", clause, TENTH))
            gate.playout.complete(clause)
        return times

    assert run(scene()) == pytest.approx([0.0, 0.0, 1.0, 4.0, 7.0])


def test_a_clause_without_sound_holds_nobody_up() -> None:
    async def scene() -> float:
        gate = floor([])
        gate.give()
        for clause in range(4):
            gate.playout.begin("...")
            await gate.room_for(clause)
        return asyncio.get_running_loop().time()

    assert run(scene()) == 0.0


def test_what_a_client_has_truncated_is_not_cut_again() -> None:
    async def scene() -> None:
        talk = Conversation()
        gate = floor([], talk)
        gate.give()
        gate.say(SayingBegan("t", "a"))
        gate.playout.begin("one two three")
        gate.say(Said("t", "one two three"))
        gate.say(Spoken("t", 0, TENTH))
        gate.playout.complete(0)
        await asyncio.sleep(0.07)
        assert gate.reply
        talk.truncate(gate.reply, 0.04)
        assert lines(talk) == [("a", "one")]
        gate.cut()
        assert lines(talk) == [("a", "one")]

    run(scene())


DEEDS: dict[str, Step] = {
    "stop": lambda session: session.stop(CLIENT_CANCELLED),
    "clear": lambda session: session.clear(),
    "listen only": lambda session: session.behave(replace(session.manner, answers=False)),
    "answer": lambda session: session.behave(replace(session.manner, answers=True)),
    "write": lambda session: session.behave(replace(session.manner, aloud=False)),
    "speak": lambda session: session.behave(replace(session.manner, aloud=True)),
    "push to talk": lambda session: session.behave(replace(session.manner, endpointing=None)),
    "open mike": lambda session: session.behave(replace(session.manner, endpointing=Manner().endpointing)),
}
UNRULY: dict[str, Step] = {
    "commit": lambda session: session.commit(),
    "respond": lambda session: session.answering() or session.respond(),
    "commit and respond": lambda session: session.answering() or (session.commit(), session.respond()),
}
REPLY = "Well, one two three four. Five six seven eight nine ten? Eleven, twelve and thirteen! " * 2


def steps(chance: Random, deeds: list[Step]) -> Iterator[Step]:
    """A caller who talks, pauses, falls into our words and pushes buttons at any time."""
    for _ in range(chance.randint(3, 12)):
        yield LOUD, chance.choice([0.02, 0.1, 0.3, 1.0, 2.0])
        yield QUIET, chance.choice([0.06, 0.1, 0.2, 0.4, 0.8, 1.6, 5.0])
        if chance.random() < 0.4:
            yield chance.choice(deeds)


def call_of(chance: Random, *, unruly: bool) -> Call:
    """Engines that are quick, slow, broken, never heard of again; and, if unruly, with bugs of their own."""

    def fails(what: str) -> Exception | None:
        if unruly and chance.random() < 0.1:
            return ZeroDivisionError(what)
        return broken(what) if chance.random() < 0.15 else None

    asr = FakeAsr(["Who are you?", "I would like to", "", "No."], chance.choice([0.0, 0.1, 0.7, 3.0]))
    first_token = chance.choice([0.0, 0.2, 1.0, math.inf])
    llm = FakeLlm([REPLY], first_token, chance.choice([20.0, 1e4]), fails("mind"), chance.randint(0, 30))
    tts = FakeTts(chance.choice([0.0, 0.1, 0.8, math.inf]), chance.choice([0.0, 0.1, 0.95]))
    tts.failure, tts.fails_at = fails("voice"), chance.choice([0.0, 0.3, 1.2])
    asr.failure = fails("ear") if unruly else None
    return Call(asr, llm, tts, Manner(interruptible=chance.random() < 0.8 or not (unruly or asr.delay <= 0.1)))


def broken_promises(call: Call) -> list[str]:
    """What must never happen, and did."""
    return [*_about_answers(call), *_about_questions(call), *_about_the_end(call)]


def _about_answers(call: Call) -> Iterator[str]:
    """One at a time, each with one beginning and one end, and heard no more of than was said."""
    answering = ""
    for _, event in call.events:
        match event:
            case ReplyBegan(turn):
                if answering:
                    yield f"{turn} began before {answering} ended"
                answering = turn
            case Said(turn) | Spoken(turn) | ReplyEnded(turn) if turn != answering:
                yield f"{type(event).__name__} of {turn} after its end"
            case ReplyEnded(turn, outcome, _, heard):
                answering = ""
                said = call.said(turn)
                if not said.startswith(heard) or (outcome == "completed" and heard != said):
                    yield f"{heard!r} was heard of {said!r}, {outcome}"
            case _:
                pass
    if answering:
        yield f"{answering} never ended"


def _about_questions(call: Call) -> Iterator[str]:
    """Each has one beginning and one end, is committed, and only then understood."""
    seen = Counter[tuple[str, str]]()
    for _, event in call.events:
        match event:
            case Heard(utterance) | HearingFailed(utterance):
                seen["understood", utterance] += 1
                if not seen["Committed", utterance]:
                    yield f"the words of {utterance} came before it was committed"
            case SpeechBegan(utterance) | SpeechEnded(utterance) | Committed(utterance):
                seen[type(event).__name__, utterance] += 1
            case _:
                pass
    yield from (f"{utterance} {what} {times} times" for (what, utterance), times in seen.items() if times > 1)


def _about_the_end(call: Call) -> Iterator[str]:
    """Nothing is left running, and nothing is remembered that was not said."""
    if call.alive or call.leaving:
        yield f"{call.alive} tasks are alive; hanging up took {call.leaving} s"
    if not all(listening.closed for listening in call.asr.heard):
        yield "an utterance was not closed"
    answers = {event.entry: event.turn for event in call.all(SayingBegan)}
    for entry in call.talk.entries:
        if isinstance(entry, Entry) and entry.id in answers and not call.said(answers[entry.id]).startswith(entry.text):
            yield f"the conversation has {entry.text!r}, which was not said"


def live_through(seed: int, *, unruly: bool) -> list[str]:
    chance = Random(seed)
    call = call_of(chance, unruly=unruly)
    deeds = [*DEEDS.values(), *UNRULY.values()] if unruly else list(DEEDS.values())

    async def scene() -> None:
        async with asyncio.timeout(1000):
            await converse(*steps(chance, deeds), call=call)

    try:
        run(scene())
    except TimeoutError:
        return ["hanging up took for ever"]
    return broken_promises(call)


def test_whatever_callers_and_engines_do_promises_are_kept() -> None:
    broken_by = {seed: promises for seed in range(100) if (promises := live_through(seed, unruly=False))}
    assert broken_by == {}


def test_whatever_clients_ask_for_promises_are_kept() -> None:
    broken_by = {seed: promises for seed in range(100) if (promises := live_through(seed, unruly=True))}
    assert broken_by == {}
