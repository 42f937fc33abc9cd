"""Work that nobody waits for is tried again, later each time, and not where that would help nobody."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from pipeline.engines import Message, Piece, Prompt
from pipeline.errors import EngineError, LimitedError, RefusedError
from pipeline.llm.patient import TRIES, Patient
from tests.virtual_clock import run

PROMPT = Prompt([Message("user", "Sum up.")])


@dataclass
class Failing:
    """Fails in these ways, one request after the other, then answers."""

    failures: list[EngineError]
    words_first: bool = False
    asked_at: list[float] = field(default_factory=list[float])

    async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
        self.asked_at.append(asyncio.get_running_loop().time())
        if self.words_first:
            yield "It "
        if self.failures:
            raise self.failures.pop(0)
        yield "Done."


async def answer(llm: Failing, jitter: float = 0.5) -> list[Piece]:
    pieces = list[Piece]()
    async with aclosing(Patient(llm, lambda: jitter).reply(PROMPT)) as stream:
        async for piece in stream:
            pieces.append(piece)
    return pieces


def test_each_wait_is_twice_the_one_before() -> None:
    llm = Failing([EngineError("down")] * 3)
    assert run(answer(llm)) == ["Done."]
    assert llm.asked_at == pytest.approx([0.0, 0.5, 1.5, 3.5])


def test_waits_differ_so_that_those_who_failed_together_do_not_come_back_together() -> None:
    soon, late = Failing([EngineError("down")]), Failing([EngineError("down")])
    run(answer(soon, jitter=0.0))
    run(answer(late, jitter=1.0))
    assert (soon.asked_at[1], late.asked_at[1]) == pytest.approx((0.25, 0.75))


def test_a_server_that_names_a_time_is_not_asked_before_it() -> None:
    llm = Failing([LimitedError("too many", retry_after=7.0)])
    run(answer(llm))
    assert llm.asked_at[1] >= 7.0


def test_it_gives_up_after_a_few_tries() -> None:
    llm = Failing([EngineError("down")] * 9)
    with pytest.raises(EngineError, match="down"):
        run(answer(llm))
    assert len(llm.asked_at) == TRIES


@pytest.mark.parametrize("words_first", [True, False])
def test_what_was_refused_or_has_begun_is_not_asked_again(words_first: bool) -> None:
    failure = EngineError("broke off") if words_first else RefusedError("no")
    llm = Failing([failure], words_first)
    with pytest.raises(EngineError):
        run(answer(llm))
    assert len(llm.asked_at) == 1
