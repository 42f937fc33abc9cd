"""`antiphon bench context`: what a hundred turns cost when old ones are folded, and what is forgotten.

The same conversation is had three times: with all of it in every prompt, with the latest turns only, and as the server
does it. The embedded brain stands in for a model that takes time to read each token of its prompt and serves one
request at a time, so that a summary which is still being written would hold up the next answer. On a virtual clock.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias, get_args

import orjson

from models.faults import KnobError, Knobs
from models.wits.reply import compose
from models.wits.request import parse
from pipeline.context.conversation import Conversation, Entry
from pipeline.context.folder import Folder
from pipeline.context.memory import Memory
from pipeline.context.tokens import of_prompt
from pipeline.context.window import Shape
from pipeline.engines import Calls, Finish, Message, Piece, Prompt, PromptLine, Result, Usage
from pipeline.errors import ConfigError
from pipeline.llm.request import chat_request
from pipeline.manner import INSTRUCTIONS
from server.bench_results import write_json
from server.bench_talk import PLANTED, talk
from server.virtual_time import run_at_once

Policy: TypeAlias = Literal["full", "window", "antiphon"]
POLICIES: Sequence[Policy] = get_args(Policy)

THINKING = (0.3, 6.0)
"""Seconds from the end of an answer to the next question, evenly spread: some come before a summary is done."""

WRITING = 60.0
"""Tokens a second that the stand-in writes."""

LATE = 0.001
"""Seconds by which a first token comes later than the prompt accounts for, from which on something was in its way."""

LAST = 10
"""Turns at the end whose median first token is reported."""


@dataclass(eq=False)
class StandIn:
    """The embedded brain as a model with a first-token delay for each token of the prompt, one request at a time."""

    knobs: Knobs
    chance: Random
    slot: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    prompt_tokens: int = 0
    """Of the last request."""

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        """See `Llm`."""
        request = parse(orjson.dumps(chat_request("brain", prompt, "max_tokens", usage=True)))
        async with self.slot:
            self.prompt_tokens = request.prompt_tokens
            await asyncio.sleep(self.delay(request.prompt_tokens))
            reply = compose(request, (), datetime(2026, 5, 1, 9, tzinfo=UTC))
            for token in reply.tokens:
                yield token
                await asyncio.sleep(1 / self.knobs.tokens_per_second)
        yield Finish(usage=Usage(reply.prompt_tokens, len(reply.tokens)))

    def delay(self, tokens: int) -> float:
        """Seconds to the first token of a prompt, when nothing is in its way."""
        return self.knobs.first_token_delay(tokens, self.chance)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as it was measured."""

    prompt_tokens: int
    first_token_ms: float
    delayed: bool
    """Its first token came later than its prompt accounts for."""
    cached_tokens: int
    """Of the prompt, those at its beginning that the last prompt had, too."""
    facts: int
    """Of the planted instructions and facts that were said by then, those in the prompt."""
    planted: int
    """How many were said by then."""
    split: bool
    """A call was told without its result, or the other way round."""


@dataclass(frozen=True, slots=True)
class Course:
    """The conversation as one policy had it."""

    policy: Policy
    turns: Sequence[Turn]
    folds: int
    """Summaries that were taken over."""
    refused: int
    """Summaries that were not."""

    def figures(self) -> dict[str, float]:
        """What is reported of it."""
        tokens = [turn.prompt_tokens for turn in self.turns]
        firsts = sorted(turn.first_token_ms for turn in self.turns[-LAST:])
        return {
            "prompt_tokens_last": tokens[-1],
            "prompt_tokens_most": max(tokens),
            "prompt_tokens_mean": round(sum(tokens) / len(tokens), 1),
            "first_token_ms_last": self.turns[-1].first_token_ms,
            f"first_token_ms_p50_of_last_{LAST}": firsts[len(firsts) // 2],
            "cached_share": round(sum(turn.cached_tokens for turn in self.turns) / sum(tokens), 3),
            "facts": self.turns[-1].facts,
            "facts_missed": sum(turn.planted - turn.facts for turn in self.turns),
            "turns_delayed": sum(turn.delayed for turn in self.turns),
            "calls_split": sum(turn.split for turn in self.turns),
            "folds": self.folds,
            "folds_refused": self.refused,
        }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark understands."""
    parser.add_argument("--budget", type=int, default=Shape().budget, help="tokens of a prompt (default: %(default)d)")
    parser.add_argument("--seed", type=int, default=1, help="of the user's pauses (default: %(default)d)")
    parser.add_argument(
        "--first-token-ms", type=float, default=150.0, help="the stand-in's delay (default: %(default)g)"
    )
    parser.add_argument(
        "--prompt-token-ms",
        type=float,
        default=0.5,
        help="its delay for each token of the prompt (default: %(default)g)",
    )
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `ConfigError` when a file or an option is wrong."""
    if args.budget < 1:
        raise ConfigError(f"--budget {args.budget}: must be at least 1")
    delays = {"first_token_ms": args.first_token_ms, "prompt_token_ms": args.prompt_token_ms}
    try:
        knobs = Knobs(tokens_per_second=WRITING).changed(delays)
    except KnobError as error:
        raise ConfigError(f"--{error.name.replace('_', '-')}: {error}") from None
    courses = measure(knobs, Shape(budget=args.budget), args.seed)
    result = report(courses, args.budget)
    if args.json:
        write_json(args.json, result)
    sys.stdout.write(f"{table(courses)}\n")
    return 0


def measure(knobs: Knobs, shape: Shape, seed: int) -> list[Course]:
    """Have the conversation under each policy."""
    return [run_at_once(converse(policy, knobs, shape, seed)) for policy in POLICIES]


def report(courses: Sequence[Course], budget: int) -> dict[str, object]:
    """What was measured, for machines."""
    policies = {course.policy: course.figures() for course in courses}
    full, ours = policies["full"], policies["antiphon"]
    ratios = {name: round(ours[name] / full[name], 3) for name in ("prompt_tokens_last", "first_token_ms_last")}
    turns = {course.policy: [asdict(turn) for turn in course.turns] for course in courses}
    return {"budget": budget, "planted": len(PLANTED), "policies": policies, "ratios": ratios, "turns": turns}


def table(courses: Sequence[Course]) -> str:
    """What was measured, for people: Markdown."""
    columns = [course.figures() for course in courses]
    rows = [["", *(course.policy for course in courses)], ["---", *("---:" for _ in courses)]]
    rows += [[name.replace("_", " "), *(f"{column[name]:g}" for column in columns)] for name in columns[0]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


async def converse(policy: Policy, knobs: Knobs, shape: Shape, seed: int, *, heedless: bool = False) -> Course:
    """The hundred turns. `heedless` does not give a summary up when a turn begins, to show that this is seen."""
    chance = Random(seed)
    model, conversation = StandIn(knobs, chance), Conversation()
    async with asyncio.TaskGroup() as tasks:
        memory = Memory(shape if policy == "antiphon" else replace(shape, every=10**6, full=1.0, notes=0, recalled=0))
        folder = Folder(conversation, memory, lambda: model, tasks)
        turns: list[Turn] = []
        before: Sequence[PromptLine] = ()
        for number, items in enumerate(talk()):
            conversation.add(items[0])
            if not heedless:
                folder.stop()
            lines = await _prompt(policy, memory, conversation)
            turns.append(await _take(lines, before, model, number))
            before = lines
            for item in items[1:]:
                conversation.add(item)
            memory.learn(lines, (), model.prompt_tokens)
            if policy == "antiphon":
                folder.rest()
            await asyncio.sleep(chance.uniform(*THINKING))
        folder.close()
    return Course(policy, turns, folder.folds, folder.refused)


async def _prompt(policy: Policy, memory: Memory, conversation: Conversation) -> Sequence[PromptLine]:
    if policy == "full":
        return conversation.messages(INSTRUCTIONS)
    return await memory.prompt(conversation.entries, INSTRUCTIONS)


async def _take(lines: Sequence[PromptLine], before: Sequence[PromptLine], model: StandIn, number: int) -> Turn:
    now = asyncio.get_running_loop().time
    asked = now()
    async with aclosing(model.reply(Prompt(lines))) as pieces:
        await anext(pieces)
        took = now() - asked
        async for _ in pieces:
            pass
    own = model.delay(model.prompt_tokens)
    text = "\n".join(map(_text, lines))
    said = [needles for needles, at in zip(PLANTED, _planted_at(), strict=True) if at <= number]
    return Turn(
        model.prompt_tokens,
        round(took * 1000, 1),
        took > own + LATE,
        round(model.prompt_tokens * _shared(lines, before)),
        sum(all(needle in text for needle in needles) for needles in said),
        len(said),
        _split(lines),
    )


@cache
def _planted_at() -> Sequence[int]:
    """The turn in which each of the planted is said."""
    asked = [turn[0].text if isinstance(turn[0], Entry) else "" for turn in talk()]
    first = [[next(at for at, text in enumerate(asked) if one in text) for one in needles] for needles in PLANTED]
    return [max(turns) for turns in first]


def _shared(lines: Sequence[PromptLine], before: Sequence[PromptLine]) -> float:
    """Share of a prompt that it begins with like the one before."""
    same = 0
    while same < min(len(lines), len(before)) and lines[same] == before[same]:
        same += 1
    return of_prompt(lines[:same]) / of_prompt(lines) if same else 0.0


def _split(lines: Sequence[PromptLine]) -> bool:
    called = [call.id for line in lines if isinstance(line, Calls) for call in line.calls]
    return called != [line.call_id for line in lines if isinstance(line, Result)]


def _text(line: PromptLine) -> str:
    return line.text if isinstance(line, Message) else ""
