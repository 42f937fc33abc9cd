"""The real OpenAI SDK against the embedded brain over real HTTP, with every fault the brain can have."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from models.brain import MODEL, Settings, app
from models.faults import Fault, Knobs
from pipeline.engines import Finish, Message, Prompt, Usage
from pipeline.errors import EngineError, RefusedError
from pipeline.llm.client import ChatCompletions
from tests.stand_ins.asgi import serving

pytestmark = pytest.mark.real

WORDS = "One two three four five. Six seven eight nine ten."


@dataclass
class House:
    """A running brain, who called it, and an engine that talks to it."""

    url: str
    llm: ChatCompletions
    callers: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    """The address and port of every connection there was."""

    async def cancelled(self) -> int:
        """How many requests were closed before their end, once none is under way."""
        async with httpx2.AsyncClient() as http, asyncio.timeout(10):
            while (stats := (await http.get(f"{self.url}/v1/brain/stats")).json())["active"]:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        return stats["cancelled"]


@asynccontextmanager
async def house(knobs: Knobs, **engine: float) -> AsyncGenerator[House]:
    callers = set[tuple[str, int]]()
    brain = app(Settings(knobs))

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        callers.add(tuple(scope["client"]))
        await brain(scope, receive, send)

    async with serving(door) as url:
        llm = ChatCompletions(f"{url}/v1", "", **engine)  # pyright: ignore[reportArgumentType] - seconds by name
        await llm.start()
        try:
            yield House(url, llm, callers)
        finally:
            await llm.aclose()


def prompt(**brain: object) -> Prompt:
    return Prompt([Message("user", "Hi!")], extra={"brain": brain} if brain else {})


async def collect(llm: ChatCompletions, asked: Prompt, into: list[str]) -> None:
    async for piece in llm.reply(asked):
        if isinstance(piece, str):
            into.append(piece)  # noqa: PERF401  a comprehension would lose what came before a failure


async def text(llm: ChatCompletions, asked: Prompt) -> str:
    pieces = list[str]()
    await collect(llm, asked, pieces)
    return "".join(pieces)


def test_an_answer_comes_piece_by_piece() -> None:
    async def scene() -> None:
        async with house(Knobs(replies=(WORDS,), first_token_ms=20.0, tokens_per_second=500.0)) as there:
            *words, end = [piece async for piece in there.llm.reply(prompt())]
            assert "".join(map(str, words)) == WORDS
            assert len(words) > 5
            assert "" not in words
            assert end == Finish("stop", Usage(8, len(words)))

    asyncio.run(scene())


def test_without_a_name_the_first_model_on_offer_is_taken() -> None:
    async def scene() -> None:
        async with house(Knobs()) as there:
            assert there.llm.model == MODEL
            assert there.llm.name == f"{MODEL} at {there.url}/v1"

    asyncio.run(scene())


def test_what_the_prompt_limits_reaches_the_server() -> None:
    async def scene() -> None:
        async with house(Knobs(replies=(WORDS,))) as there:
            short = Prompt([Message("system", "Be brief."), Message("user", "Hi!")], max_tokens=3, temperature=0.0)
            *words, end = [piece async for piece in there.llm.reply(short)]
            assert len(words) == 3
            assert isinstance(end, Finish)
            assert end.reason == "length"

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("fault", "words", "reason"),
    [
        ("rate_limit", "", "answers 429: .*Rate limit reached"),
        ("server_error", "", "answers 500: .*had an error"),
        ("silence", "", "no word of an answer within 0.5 s"),
        ("keep_alive", "", "no word of an answer within 0.5 s"),
        ("stall", "One two three", "no further word within 0.3 s"),
        ("dribble", "One two three", "no further word within 0.3 s"),
        ("cut", "One two three", "broke off: "),
        ("malformed", "One two three", "broke off: "),
    ],
)
def test_every_fault_is_an_error_in_time_behind_the_words_there_were(fault: Fault, words: str, reason: str) -> None:
    async def scene() -> None:
        knobs = Knobs(replies=(WORDS,), fault=fault, fault_seconds=0.4 if fault == "dribble" else 0.02)
        async with house(knobs, first_token=0.5, next_token=0.3) as there:
            came = list[str]()
            with pytest.raises(EngineError, match=reason) as failed:
                await collect(there.llm, prompt(), came)
            assert "".join(came).strip() == words
            assert there.url in str(failed.value), "who it was"
            assert await there.cancelled() == (fault in {"silence", "keep_alive", "stall", "dribble"})

    asyncio.run(scene())


def test_after_a_fault_the_next_answer_comes() -> None:
    async def scene() -> None:
        async with house(Knobs(replies=(WORDS,)), first_token=0.5, next_token=0.3) as there:
            for fault in ("rate_limit", "silence", "cut", "malformed"):
                with pytest.raises(EngineError):
                    await text(there.llm, prompt(fault=fault))
                assert await text(there.llm, prompt()) == WORDS

    asyncio.run(scene())


def test_slow_words_are_waited_for_from_one_to_the_next() -> None:
    async def scene() -> None:
        async with house(Knobs(replies=(WORDS,), tokens_per_second=20.0), first_token=0.5, next_token=0.5) as there:
            assert await text(there.llm, prompt()) == WORDS

    asyncio.run(scene())


@pytest.mark.parametrize("pieces", [1, 3])
def test_who_has_heard_enough_ends_the_request_at_the_server(pieces: int) -> None:
    async def scene() -> None:
        async with house(Knobs(replies=(" ".join([WORDS] * 50),), tokens_per_second=50.0)) as there:
            async with aclosing(there.llm.reply(prompt())) as reply:
                for _ in range(pieces):
                    await anext(reply)
            assert await there.cancelled() == 1

    asyncio.run(scene())


@pytest.mark.parametrize("fault", ["silence", "stall"])
def test_a_cancelled_turn_ends_the_request_at_the_server(fault: Fault) -> None:
    async def scene() -> None:
        async with house(Knobs(replies=(WORDS,), fault=fault)) as there:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await text(there.llm, prompt())
            assert await there.cancelled() == 1

    asyncio.run(scene())


def test_one_connection_serves_one_request_after_the_other() -> None:
    async def scene() -> None:
        async with house(Knobs(replies=(WORDS,), tokens_per_second=1000.0)) as there:
            for _ in range(3):
                assert await text(there.llm, prompt()) == WORDS
            assert len(there.callers) == 1, "the one of `start`"

    asyncio.run(scene())


def test_several_turns_are_answered_side_by_side() -> None:
    async def scene() -> None:
        turns = 120  # more than the libraries' usual limit
        async with house(Knobs(replies=(WORDS,), first_token_ms=3000.0)) as there:
            assert await asyncio.gather(*(text(there.llm, prompt()) for _ in range(turns))) == [WORDS] * turns
            assert len(there.callers) == turns, "a connection each, since nobody waited for another's"

    asyncio.run(scene())


def test_where_nothing_listens_the_start_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    with pytest.raises(EngineError, match="cannot be reached"):
        asyncio.run(ChatCompletions(f"http://127.0.0.1:{port}/v1", "m").start())


def test_where_nobody_answers_the_start_gives_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/v1"
        with pytest.raises(EngineError, match=r"did not answer within 0\.2 s"):
            asyncio.run(ChatCompletions(url, "m", probe=0.2).start())


@pytest.mark.parametrize(
    ("status", "answer", "model"),
    [
        (200, '{"data": [{"id": "first"}, {"id": "second"}]}', "first"),
        (200, '{"data": [{"id": "first", "more": 1}, 7]}', "first"),
        (200, '{"data": []}', ""),
        (200, '{"object": "list", "data": null}', ""),
        (200, '{"data": ["a"]}', ""),
        (200, '{"data": [{"name": "x"}]}', ""),
        (200, '{"data": [{"id": 5}]}', ""),
        (200, "[]", ""),
        (404, '{"detail": "Not Found"}', ""),
        (405, "", ""),
    ],
)
def test_the_model_is_the_one_named_or_else_the_first_that_is_listed(status: int, answer: str, model: str) -> None:
    async def models(_: Request) -> Response:
        return Response(answer, status, media_type="application/json")

    async def scene() -> None:
        async with serving(Starlette(routes=[Route("/v1/models", models)])) as url:
            named, open_to_any = ChatCompletions(f"{url}/v1", "mine"), ChatCompletions(f"{url}/v1", "")
            await named.start()
            assert named.model == "mine"
            await named.aclose()
            if model:
                await open_to_any.start()
                assert open_to_any.model == model
                await open_to_any.aclose()
            else:
                with pytest.raises(EngineError, match=r"name one with llm\.model"):
                    await open_to_any.start()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("status", "complaint"), [(200, "is no API: .*'<html>hello"), (401, "answers 401"), (503, "answers 503")]
)
def test_a_server_that_is_none_of_ours_is_found_out_at_the_start(status: int, complaint: str) -> None:
    async def models(_: Request) -> Response:
        return Response("<html>hello</html>", status, media_type="text/html")

    async def scene() -> None:
        async with serving(Starlette(routes=[Route("/v1/models", models)])) as url:
            with pytest.raises(EngineError, match=complaint):
                await ChatCompletions(f"{url}/v1", "mine").start()

    asyncio.run(scene())


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_request_that_is_refused_is_not_the_engine_s_fault(status: int) -> None:
    async def refuse(_: Request) -> Response:
        return JSONResponse({"error": {"message": "too long"}}, status)

    async def scene() -> None:
        async with serving(Starlette(routes=[Route("/v1/chat/completions", refuse, methods=["POST"])])) as url:
            llm = ChatCompletions(f"{url}/v1", "mine")
            await llm.start()
            with pytest.raises(RefusedError, match=f"answers {status}: .*too long"):
                await text(llm, prompt())
            await llm.aclose()

    asyncio.run(scene())


@pytest.mark.parametrize("line", ["null", "[]", '"x"', '{"choices": [{}]}', '{"choices": "no"}', '{"choices": [7]}'])
def test_an_odd_line_of_the_stream_is_an_engine_error(line: str) -> None:
    async def chat(_: Request) -> Response:
        return Response(f"data: {line}\n\n", media_type="text/event-stream")

    async def scene() -> None:
        async with serving(Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])) as url:
            llm = ChatCompletions(f"{url}/v1", "mine")
            await llm.start()
            with pytest.raises(EngineError, match="broke off"):
                await text(llm, prompt())
            await llm.aclose()

    asyncio.run(scene())


@pytest.mark.parametrize(("openai", "limit"), [(True, "max_completion_tokens"), (False, "max_tokens")])
def test_openai_is_told_the_limit_by_its_new_name(openai: bool, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []

    async def chat(request: Request) -> Response:
        asked.append(await request.json())
        return Response("data: [DONE]\n\n", media_type="text/event-stream")

    async def scene() -> None:
        async with serving(Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])) as url:
            monkeypatch.setattr("pipeline.llm.client.is_openai", {f"{url}/v1": openai}.__getitem__)
            llm = ChatCompletions(f"{url}/v1", "mine")
            await llm.start()
            await text(llm, Prompt([Message("user", "Hi!")], max_tokens=7))
            await llm.aclose()

    asyncio.run(scene())
    assert {name: value for name, value in asked[0].items() if name.startswith("max")} == {limit: 7}


def test_who_is_not_started_or_closed_says_so() -> None:
    llm = ChatCompletions("http://127.0.0.1:9/v1", "m", label="mine")
    asyncio.run(llm.aclose())
    with pytest.raises(EngineError, match="mine is not started"):
        asyncio.run(text(llm, prompt()))


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(ChatCompletions("http://127.0.0.1:9/v1", "m", "secret"))


def test_a_password_in_the_address_is_not_in_the_name() -> None:
    assert ChatCompletions("http://me:secret@127.0.0.1:9/v1", "m").name == "m at http://127.0.0.1:9/v1"
