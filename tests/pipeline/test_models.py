"""Several models as one, on the virtual clock."""

import asyncio
from contextlib import aclosing

import pytest

from pipeline.engines import CallPiece, Finish, Message, Piece, Prompt
from pipeline.errors import EngineError, RefusedError
from pipeline.lineup import FIRST_REST
from pipeline.llm.models import FallbackLlm
from tests.pipeline.fakes import FakeLlm, broken
from tests.virtual_clock import run

PROMPT = Prompt([Message("user", "Hi!")])


async def answer(model: FallbackLlm) -> list[Piece]:
    return [piece async for piece in model.reply(PROMPT)]


async def text(model: FallbackLlm) -> str:
    return "".join([piece for piece in await answer(model) if isinstance(piece, str)])


def test_the_best_model_answers() -> None:
    used, models = list[str](), [FakeLlm(["Yes."], name="a"), FakeLlm(["No."], name="b")]
    assert run(text(FallbackLlm(lambda: models, used.append))) == "Yes."
    assert (used, len(models[1].prompts)) == (["a"], 0)


@pytest.mark.parametrize("failing", [{"failure": broken("mind")}, {"replies": [""]}, {"replies": [[Finish()]]}])
def test_a_model_without_a_word_is_replaced_and_rests(failing: dict[str, object]) -> None:
    bad, good = FakeLlm(name="bad"), FakeLlm(["Yes."], name="good")
    for name, value in failing.items():
        setattr(bad, name, value)

    async def scene() -> None:
        used = list[str]()
        model = FallbackLlm(lambda: [bad, good], used.append)
        assert [await text(model) for _ in range(3)] == ["Yes."] * 3
        assert (len(bad.prompts), used) == (1, ["good"] * 3)
        await asyncio.sleep(FIRST_REST)
        await text(model)
        assert len(bad.prompts) == 2

    run(scene())


@pytest.mark.parametrize(
    "reply",
    [
        ["Yes.", Finish()],
        [CallPiece(0, "a", "time"), CallPiece(0, arguments="{}"), Finish()],
        [Finish("content_filter")],
        [Finish("length")],
    ],
)
def test_a_word_a_call_or_the_reason_for_none_is_an_answer(reply: list[Piece]) -> None:
    used, models = list[str](), [FakeLlm([reply], name="a"), FakeLlm(name="b")]
    model = FallbackLlm(lambda: models, used.append)
    assert run(answer(model)) == reply
    assert (used, len(models[1].prompts)) == (["a"], 0)
    assert not model.resting.resting("a", 0.0)


def test_the_end_of_an_answer_that_was_none_is_not_told() -> None:
    models = [FakeLlm([[Finish()]], name="a"), FakeLlm([["Yes.", Finish("length")]], name="b")]
    assert run(answer(FallbackLlm(lambda: models))) == ["Yes.", Finish("length")]


def test_a_model_that_breaks_off_in_a_call_is_not_replaced() -> None:
    pieces = [CallPiece(0, "a", "time"), CallPiece(0, arguments="{}")]
    bad, good = FakeLlm([pieces], failure=broken("mind"), fails_at=1, name="bad"), FakeLlm(name="good")
    with pytest.raises(EngineError, match="the mind broke"):
        run(answer(FallbackLlm(lambda: [bad, good])))
    assert good.prompts == []


def test_a_model_that_refuses_one_request_is_asked_the_next() -> None:
    strict, good = FakeLlm(failure=RefusedError("too long"), name="strict"), FakeLlm(["Yes."], name="good")

    async def scene() -> None:
        model = FallbackLlm(lambda: [strict, good])
        assert [await text(model) for _ in range(3)] == ["Yes."] * 3
        assert len(strict.prompts) == 3

    run(scene())


def test_a_model_that_breaks_off_is_not_replaced() -> None:
    bad, good = FakeLlm(failure=broken("mind"), fails_at=1, name="bad"), FakeLlm(name="good")
    with pytest.raises(EngineError, match="the mind broke"):
        run(text(FallbackLlm(lambda: [bad, good])))
    assert good.prompts == []


def test_when_all_fail_every_reason_is_told() -> None:
    models = [FakeLlm(failure=EngineError(f"{name} is out"), name=name) for name in ("a", "b")]
    with pytest.raises(EngineError, match="no model is left: a is out; b is out"):
        run(text(FallbackLlm(lambda: models)))
    with pytest.raises(EngineError, match="none is ready"):
        run(text(FallbackLlm(list[FakeLlm])))


def test_who_has_heard_enough_closes_the_request_and_nobody_is_blamed() -> None:
    model = FakeLlm(["One two three."])

    async def scene() -> None:
        both = FallbackLlm(lambda: [model, FakeLlm(name="other")])
        async with aclosing(both.reply(PROMPT)) as pieces:
            assert await anext(pieces) == "One"
        assert model.left == 1
        assert not both.resting.resting("mind", 0.0)

    run(scene())
