"""Answers with calls and counts, from the embedded brain and from servers scripted to be as odd as real ones."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from models.brain import Settings, app
from models.faults import Knobs
from pipeline.engines import (
    CallPiece,
    Calls,
    Finish,
    Message,
    Piece,
    Prompt,
    PromptLine,
    RateLimit,
    Result,
    ToolCall,
    Usage,
)
from pipeline.errors import EngineError, LimitedError, RefusedError
from pipeline.llm.client import AFTERWORD, ChatCompletions
from tests.stand_ins.asgi import serving
from tests.stand_ins.chat_server import DONE, ChatServer, Step, call, chunk, started, usage

pytestmark = pytest.mark.real

HELLO = Prompt([Message("user", "Hi!")])
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "get_weather", "description": "Look up the current weather of a city", "parameters": CITY}
TIMER = {
    "name": "set_timer",
    "description": "Start a timer",
    "parameters": {"type": "object", "properties": {"seconds": {"type": "integer"}}, "required": ["seconds"]},
}


def asking(said: str, *further: PromptLine, **rest: Any) -> Prompt:
    return Prompt([Message("user", said), *further], tools=[WEATHER, TIMER], **rest)


async def answer(llm: ChatCompletions, prompt: Prompt) -> list[Piece]:
    return [piece async for piece in llm.reply(prompt)]


def calls(pieces: Sequence[Piece]) -> list[tuple[str, object]]:
    """The names and arguments of the calls in an answer."""
    parts = [piece for piece in pieces if isinstance(piece, CallPiece)]
    made = [piece for piece in parts if piece.name]
    assert [piece.number for piece in made] == list(range(len(made)))
    return [
        (call.name, json.loads("".join(piece.arguments for piece in parts if piece.number == call.number)))
        for call in made
    ]


def words(pieces: Sequence[Piece]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


@asynccontextmanager
async def brain(**knobs: Any) -> AsyncGenerator[ChatCompletions]:
    async with serving(app(Settings(Knobs(**knobs)))) as url, started(url) as llm:
        yield llm


def test_the_brain_calls_a_function_and_says_what_came_of_it() -> None:
    async def scene() -> None:
        async with brain() as llm:
            said = "what's the weather in Paris?"
            *pieces, end = await answer(llm, asking(said))
            assert calls(pieces) == [("get_weather", {"city": "Paris"})]
            assert isinstance(end, Finish)
            assert end.reason == "stop"
            assert end.usage
            first = pieces[0]
            assert isinstance(first, CallPiece)
            called = Calls([ToolCall(first.id, "get_weather", '{"city": "Paris"}')])
            told = Result(first.id, '{"sky": "rainy"}')
            assert "rainy" in words(await answer(llm, asking(said, called, told)))

    asyncio.run(scene())


BOTH = "what's the weather in Paris, and set a timer for five minutes"


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ({}, ["get_weather", "set_timer"]),
        ({"parallel_calls": True}, ["get_weather", "set_timer"]),
        ({"parallel_calls": False}, ["set_timer"]),
        ({"tool_choice": "none"}, []),
        ({"tool_choice": "required"}, ["set_timer"]),
        ({"tool_choice": "set_timer"}, ["set_timer"]),
    ],
)
def test_the_brain_calls_what_it_may_and_must(rest: dict[str, Any], expected: list[str]) -> None:
    async def scene() -> None:
        async with brain() as llm:
            pieces = await answer(llm, asking(BOTH, **rest))
            assert [name for name, _ in calls(pieces)] == expected
            assert bool(words(pieces)) == (not expected)

    asyncio.run(scene())


def test_part_of_a_call_is_a_sign_of_life() -> None:
    async def scene() -> None:
        slow = app(Settings(Knobs(tokens_per_second=20.0)))
        async with serving(slow) as url, started(url, first_token=0.5, next_token=0.2) as llm:
            assert calls(await answer(llm, asking("what's the weather in Paris?")))

    asyncio.run(scene())


YES = chunk(content="Yes.")

LLAMA_CPP = [
    chunk(role="assistant", content=None),
    chunk(reasoning_content="Let me look."),
    call("get_weather", "{", index=0, id="a", type="function"),
    call(None, '"city":', index=0),
    call(None, '"Paris"}', index=0),
    chunk("tool_calls"),
    usage(50, 20) | {"timings": {"prompt_ms": 30.1}},
    DONE,
]
OLLAMA = [
    chunk(
        role="assistant",
        content="",
        tool_calls=[{"id": "a", "index": 0, "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}}],
    ),
    chunk("tool_calls", role="assistant", content=""),
    usage(50, 20),
    DONE,
]
VLLM = [
    chunk(role="assistant", content="") | {"usage": {"prompt_tokens": 50, "completion_tokens": 0}},
    call("get_weather", "", index=0, id="a", type="function"),
    call(None, '{"city": ', index=0),
    call(None, '"Paris"}', index=0),
    chunk("tool_calls", content=""),
    usage(50, 20, prompt_tokens_details=None),
    DONE,
]
OPENAI = [
    chunk(role="assistant", content=None, refusal=None) | {"usage": None},
    call("get_weather", "", index=0, id="a", type="function"),
    call(None, '{"city":"Paris"}', index=0),
    chunk("tool_calls") | {"usage": None},
    usage(50, 20, prompt_tokens_details={"cached_tokens": 0, "audio_tokens": 0}),
    DONE,
]


@pytest.mark.parametrize("steps", [LLAMA_CPP, OLLAMA, VLLM, OPENAI])
def test_a_call_is_the_same_from_every_server(steps: Sequence[Step]) -> None:
    async def scene() -> None:
        async with ChatServer(steps).up() as llm:
            *pieces, end = await answer(llm, asking("what's the weather in Paris?"))
            assert calls(pieces) == [("get_weather", {"city": "Paris"})]
            assert words(pieces) == ""
            assert end == Finish("stop", Usage(50, 20))

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        (
            [YES, chunk("stop"), usage(9, 2, prompt_tokens_details={"cached_tokens": 8}), DONE],
            Finish("stop", Usage(9, 2, 8)),
        ),
        (
            [YES, chunk("length") | {"usage": {"prompt_tokens": 9, "completion_tokens": 2}}],
            Finish("length", Usage(9, 2)),
        ),
        ([YES, chunk("content_filter"), DONE], Finish("content_filter")),
        ([YES, DONE], Finish()),
        ([YES], Finish()),
    ],
)
def test_an_answer_ends_once(steps: Sequence[Step], end: Finish) -> None:
    async def scene() -> None:
        async with ChatServer(steps).up() as llm:
            assert await answer(llm, HELLO) == ["Yes.", end]

    asyncio.run(scene())


def test_rate_limits_come_with_the_end() -> None:
    headers = {"limit": "60", "remaining": "59", "reset": "1s"}
    server = ChatServer(
        [YES, chunk("stop"), DONE], {f"X-RateLimit-{name}-Requests": value for name, value in headers.items()}
    )

    async def scene() -> None:
        async with server.up() as llm:
            assert await answer(llm, HELLO) == ["Yes.", Finish(limits=(RateLimit("requests", 60, 59, 1.0),))]

    asyncio.run(scene())


@pytest.mark.parametrize(("late", "end"), [(AFTERWORD / 3, Finish("stop", Usage(9, 2))), (5.0, Finish())])
@pytest.mark.parametrize("next_token", [AFTERWORD / 6, 8.0])
def test_a_late_afterword_is_waited_for_only_briefly(late: float, end: Finish, next_token: float) -> None:
    async def scene() -> None:
        now = asyncio.get_running_loop().time
        async with ChatServer([YES, chunk("stop"), late, usage(9, 2), DONE]).up(next_token=next_token) as llm:
            pieces = llm.reply(HELLO)
            assert await anext(pieces) == "Yes."
            heard = now()
            assert await anext(pieces) == end
            assert min(late, AFTERWORD) - 0.05 < now() - heard < min(late, AFTERWORD) + 0.5
            assert await anext(pieces, None) is None

    asyncio.run(scene())


def test_empty_chunks_after_the_end_hold_nobody_up() -> None:
    async def scene() -> None:
        async with (
            ChatServer([YES, chunk("stop"), *[chunk(), 0.05] * 100]).up() as llm,
            asyncio.timeout(AFTERWORD + 1.0),
        ):
            assert await answer(llm, HELLO) == ["Yes.", Finish()]

    asyncio.run(scene())


def test_words_after_the_end_are_words_too() -> None:
    async def scene() -> None:
        async with ChatServer(
            [chunk("stop", content="Yes, "), 0.05, chunk("stop", content="indeed."), DONE]
        ).up() as llm:
            assert await answer(llm, HELLO) == ["Yes, ", "indeed.", Finish()]

    asyncio.run(scene())


def test_thinking_aloud_is_no_word() -> None:
    async def scene() -> None:
        async with ChatServer([*[chunk(reasoning_content="Hm."), 0.05] * 40, YES, DONE]).up(first_token=0.3) as llm:
            with pytest.raises(EngineError, match=r"no word of an answer within 0\.3 s"):
                await answer(llm, HELLO)

    asyncio.run(scene())


@pytest.mark.parametrize(
    "steps",
    [
        [YES, chunk("error")],
        [YES, {"error": {"message": "out of memory"}}],
        [YES, 'data: {"choices": [{"delta": {"content": "No'],
        [call(None, "{}", index=0)],
    ],
)
def test_a_stream_that_breaks_is_an_error(steps: Sequence[Step]) -> None:
    async def scene() -> None:
        async with ChatServer(steps).up() as llm:
            with pytest.raises(EngineError, match="broke off: "):
                await answer(llm, HELLO)

    asyncio.run(scene())


UNKNOWN = {"error": {"message": "Unrecognized request argument supplied: stream_options", "code": None}}
FORBIDDEN = {
    "detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]
}


@pytest.mark.parametrize(("status", "refusal"), [(400, UNKNOWN), (422, FORBIDDEN)])
def test_who_does_not_count_is_not_asked_to_again(status: int, refusal: dict[str, Any]) -> None:
    server = ChatServer([YES, chunk("stop"), DONE], refusal=JSONResponse(refusal, status))

    async def scene() -> None:
        async with server.up() as llm:
            assert await asyncio.gather(answer(llm, HELLO), answer(llm, HELLO)) == [["Yes.", Finish()]] * 2
            assert await answer(llm, HELLO) == ["Yes.", Finish()]

    asyncio.run(scene())
    assert [asked.get("stream_options") for asked in server.asked].count({"include_usage": True}) == 2
    assert "stream_options" not in server.asked[-1]
    assert len(server.asked) == 5


def test_who_refuses_for_another_reason_is_still_asked_to_count() -> None:
    asked = list[bool]()

    async def refuse(request: Request) -> Response:
        body = await request.json()
        asked.append("stream_options" in body)
        return JSONResponse({"detail": [{"msg": "messages are too long", "input": body}]}, 422)

    async def scene() -> None:
        router = Router([Route("/v1/chat/completions", refuse, methods=["POST"])])
        async with serving(router) as url, started(url) as llm:
            for _ in range(2):
                with pytest.raises(RefusedError, match="answers 422"):
                    await answer(llm, HELLO)

    asyncio.run(scene())
    assert asked == [True, False, True, False]


@pytest.mark.parametrize("status", [429, 500])
def test_who_is_in_trouble_is_not_asked_twice(status: int) -> None:
    server = ChatServer([YES, DONE], refusal=JSONResponse({"error": {"message": "stream_options"}}, status))

    async def scene() -> None:
        async with server.up() as llm:
            with pytest.raises(EngineError, match=f"answers {status}"):
                await answer(llm, HELLO)

    asyncio.run(scene())
    assert len(server.asked) == 1


NO_WARMTH = {"error": {"message": "Unsupported value: 'temperature' does not support 0 with this model.", "code": None}}


def test_who_wants_no_temperature_is_asked_without_one_from_then_on() -> None:
    server = ChatServer([YES, DONE], refusal=JSONResponse(NO_WARMTH, 400), refuses="temperature")

    async def scene() -> None:
        async with server.up() as llm:
            for _ in range(2):
                assert (await answer(llm, Prompt(HELLO.messages, temperature=0.0)))[0] == "Yes."

    asyncio.run(scene())
    assert ["temperature" in asked for asked in server.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),  # is over
        ({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}, 3600.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "99999999"}, 3600.0),
        ({}, None),
    ],
)
def test_who_was_asked_too_often_says_for_how_long_to_leave_it_alone(
    headers: dict[str, str], seconds: float | None
) -> None:
    server = ChatServer([YES, DONE], refusal=JSONResponse({"error": {"message": "slow down"}}, 429, headers))

    async def scene() -> None:
        async with server.up() as llm:
            with pytest.raises(LimitedError) as raised:
                await answer(llm, HELLO)
            assert raised.value.retry_after == seconds

    asyncio.run(scene())
