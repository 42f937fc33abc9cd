"""The embedded LLM over real HTTP, with the real OpenAI SDK."""

import argparse
import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
import openai
import pytest
import uvicorn
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from starlette.applications import Starlette
from starlette.routing import Mount

from models.brain import Settings, Stats, add_arguments, app, run
from models.faults import Knobs

NOW = datetime(2026, 11, 21, 15, 7, tzinfo=UTC)
HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
TEN = "one two three four. five six seven, eight nine ten!"
WEATHER: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@dataclass(frozen=True)
class Served:
    """A running brain and clients for it."""

    url: str
    ai: openai.AsyncOpenAI
    http: httpx2.AsyncClient

    async def stats(self) -> Stats:
        return Stats(**(await self.http.get(f"{self.url}/brain/stats")).json())

    async def settled(self) -> Stats:
        """The counters once no request is under way."""
        async with asyncio.timeout(10):
            while (stats := await self.stats()).active:  # noqa: ASYNC110 - the counters are behind HTTP
                await asyncio.sleep(0.001)
        return stats

    async def text(self, said: str = "hello", **brain: object) -> str:
        """The streamed reply to one thing said."""
        stream = await self.ai.chat.completions.create(
            model="m", messages=[{"role": "user", "content": said}], stream=True, extra_body={"brain": brain}
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


@asynccontextmanager
async def served(knobs: Knobs | None = None) -> AsyncGenerator[Served]:
    """The brain on a free port, mounted under a prefix as our server does it."""
    mounted = Starlette(routes=[Mount("/brain", app(Settings(knobs or Knobs(), lambda: NOW)))])
    config = uvicorn.Config(mounted, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/brain/v1"
        ai = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listening]))
            async with ai, httpx2.AsyncClient() as http:
                yield Served(url, ai, http)
            server.should_exit = True


def trial(test: Callable[[Served], Awaitable[None]], knobs: Knobs | None = None) -> None:
    """Run `test` against a fresh brain."""

    async def with_brain() -> None:
        async with asyncio.timeout(20), served(knobs) as brain:
            await test(brain)

    asyncio.run(with_brain())


def test_it_answers_whole_and_streamed_alike() -> None:
    async def check(brain: Served) -> None:
        whole = await brain.ai.chat.completions.create(model="m", messages=HELLO)
        assert whole.choices[0].message.content == "Hello! What can I do for you?"
        assert whole.choices[0].finish_reason == "stop"
        assert whole.model == "m"
        assert whole.usage is not None
        assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
        assert await brain.text() == "Hello! What can I do for you?"

    trial(check)


def test_a_stream_comes_in_words_and_ends_with_a_reason_and_the_usage() -> None:
    async def check(brain: Served) -> None:
        stream = await brain.ai.chat.completions.create(
            model="m", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        assert chunks[0].choices[0].delta.role == "assistant"
        words = [chunk.choices[0].delta.content for chunk in chunks[1:-2]]
        assert words[:3] == ["Hello", "!", " What"]
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].choices == []
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == len(words)

    trial(check)


def test_limits_and_stops_are_kept() -> None:
    async def check(brain: Served) -> None:
        create = brain.ai.chat.completions.create
        short = await create(model="m", messages=HELLO, max_completion_tokens=2)
        assert (short.choices[0].message.content, short.choices[0].finish_reason) == ("Hello!", "length")
        stopped = await create(model="m", messages=HELLO, stop=["can", "zzz"])
        assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == ("Hello! What ", "stop")
        shaped = await create(model="m", messages=HELLO, response_format={"type": "json_object"})
        assert shaped.choices[0].message.content == '{"reply":"Hello! What can I do for you?"}'

    trial(check)


def test_a_tool_is_called_and_its_result_spoken() -> None:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "what's the weather in Paris"}]

    async def check(brain: Served) -> None:
        create = brain.ai.chat.completions.create
        whole = await create(model="m", messages=messages, tools=[WEATHER])
        assert whole.choices[0].finish_reason == "tool_calls"
        call = (whole.choices[0].message.tool_calls or [])[0]
        assert call.type == "function"
        assert (call.function.name, call.function.arguments) == ("get_weather", '{"city":"Paris"}')
        name, arguments = "", ""
        async for chunk in await create(model="m", messages=messages, tools=[WEATHER], stream=True):
            for part in chunk.choices[0].delta.tool_calls or []:
                assert part.function is not None
                name += part.function.name or ""
                arguments += part.function.arguments or ""
        assert (name, arguments) == ("get_weather", '{"city":"Paris"}')
        answered = await create(
            model="m",
            tools=[WEATHER],
            messages=[
                *messages,
                {
                    "role": "assistant",
                    "tool_calls": [
                        {"id": call.id, "type": "function", "function": {"name": name, "arguments": arguments}}
                    ],
                },
                {"role": "tool", "tool_call_id": call.id, "content": '{"temperature": 21}'},
            ],
        )
        assert answered.choices[0].message.content == "For Paris, the temperature is 21."

    trial(check)


def test_its_model_is_listed() -> None:
    async def check(brain: Served) -> None:
        assert [model.id async for model in brain.ai.models.list()] == ["antiphon-brain"]
        assert (await brain.ai.models.retrieve("antiphon-brain")).owned_by == "antiphon"

    trial(check)


def test_scripted_replies_take_turns() -> None:
    async def check(brain: Served) -> None:
        said: list[ChatCompletionMessageParam] = []
        heard: list[str | None] = []
        for _ in range(3):
            said.append({"role": "user", "content": "go"})
            reply = await brain.ai.chat.completions.create(model="m", messages=said)
            heard.append(reply.choices[0].message.content)
            said.append({"role": "assistant", "content": heard[-1]})
        assert heard == ["ping", "pong", "ping"]
        assert await brain.text(replies="other") == "other"

    trial(check, Knobs(replies=("ping", "pong")))


def test_tokens_keep_to_the_schedule() -> None:
    async def check(brain: Served) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        stream = await brain.ai.chat.completions.create(
            model="m",
            messages=HELLO,
            stream=True,
            extra_body={"brain": {"replies": " a" * 40, "first_token_ms": 100, "tokens_per_second": 200}},
        )
        times = [loop.time() - start async for chunk in stream if chunk.choices[0].delta.content]
        assert len(times) == 40
        assert times[0] >= 0.1
        assert times[-1] >= 0.1 + 39 / 200

    trial(check)


def test_a_client_that_leaves_ends_its_reply_at_once() -> None:
    async def check(brain: Served) -> None:
        stream = await brain.ai.chat.completions.create(
            model="m",
            messages=HELLO,
            stream=True,
            extra_body={"brain": {"replies": " a" * 500, "tokens_per_second": 50}},
        )
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
        stats = await brain.settled()
        assert (stats.requests, stats.cancelled) == (1, 1)
        assert stats.tokens < 50

    trial(check)


def test_a_client_that_leaves_before_the_first_token_is_noticed() -> None:
    async def check(brain: Served) -> None:
        for fault in (None, "silence"):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await brain.text(fault=fault, first_token_ms=60_000)
        assert (await brain.settled()).cancelled == 2

    trial(check)


@pytest.mark.parametrize("stream", [True, False])
def test_a_rate_limit_says_when_to_come_back(stream: bool) -> None:
    async def check(brain: Served) -> None:
        with pytest.raises(openai.RateLimitError) as refused:
            await brain.ai.chat.completions.create(model="m", messages=HELLO, stream=stream)
        headers = refused.value.response.headers
        assert headers["retry-after"] == "2"
        assert headers["x-ratelimit-remaining-requests"] == "0"
        assert refused.value.code == "rate_limit_exceeded"

    trial(check, Knobs(fault="rate_limit", fault_seconds=1.5))


def test_a_server_error_is_one() -> None:
    async def check(brain: Served) -> None:
        with pytest.raises(openai.InternalServerError):
            await brain.text()

    trial(check, Knobs(fault="server_error"))


def test_silence_lasts() -> None:
    async def check(brain: Served) -> None:
        with pytest.raises(openai.APITimeoutError):
            await brain.ai.with_options(timeout=0.2).chat.completions.create(model="m", messages=HELLO)

    trial(check, Knobs(fault="silence"))


def test_keep_alives_carry_no_content() -> None:
    async def check(brain: Served) -> None:
        lines: list[str] = []
        body = {"messages": HELLO, "stream": True, "brain": {"fault": "keep_alive", "fault_seconds": 0.002}}
        async with brain.http.stream("POST", f"{brain.url}/chat/completions", json=body) as response:
            reading = response.aiter_lines()
            lines += [await anext(reading) for _ in range(30)]
        assert ": keep-alive" in lines
        assert any('"role":"assistant"' in line for line in lines)
        assert not any('"content":"H' in line or "[DONE]" in line for line in lines)
        assert (await brain.settled()).cancelled == 1

    trial(check)


@pytest.mark.parametrize(("after", "heard"), [(0, ""), (2, "one two")])
def test_a_stall_comes_after_some_tokens(after: int, heard: str) -> None:
    async def check(brain: Served) -> None:
        stream = await brain.ai.with_options(timeout=0.2).chat.completions.create(
            model="m", messages=HELLO, stream=True, extra_body={"brain": {"fault": "stall", "fault_after": after}}
        )
        said: list[str] = []

        async def listen() -> None:
            async for chunk in stream:
                said.append(chunk.choices[0].delta.content or "")  # noqa: PERF401 - kept when it raises

        with pytest.raises((openai.APITimeoutError, httpx2.ReadTimeout)):
            await listen()
        assert "".join(said) == heard

    trial(check, Knobs(replies=(TEN,)))


def test_a_dribble_is_slow_and_ends_no_sentence() -> None:
    async def check(brain: Served) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        said = await brain.text(fault="dribble", fault_after=2, fault_seconds=0.02)
        assert said == "one two three four five six seven, eight nine ten"
        assert loop.time() - start >= 0.02 * 9

    trial(check, Knobs(replies=(TEN,)))


@pytest.mark.parametrize("stream", [True, False])
def test_a_cut_breaks_the_connection(stream: bool) -> None:
    async def check(brain: Served) -> None:
        reply = brain.text() if stream else brain.ai.chat.completions.create(model="m", messages=HELLO)
        with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
            await reply

    trial(check, Knobs(fault="cut"))


def test_malformed_json_follows_good_tokens() -> None:
    async def check(brain: Served) -> None:
        with pytest.raises(json.JSONDecodeError):
            await brain.text()
        raw = await brain.http.post(f"{brain.url}/chat/completions", json={"messages": HELLO})
        with pytest.raises(json.JSONDecodeError):
            raw.json()

    trial(check, Knobs(fault="malformed"))


def test_every_third_request_fails() -> None:
    async def check(brain: Served) -> None:
        outcomes: list[bool] = []
        for _ in range(6):
            try:
                outcomes.append(bool(await brain.text()))
            except openai.InternalServerError:
                outcomes.append(False)
        assert outcomes == [True, True, False, True, True, False]
        assert (await brain.stats()).faults == 2

    trial(check, Knobs(fault="server_error", fault_every=3))


def test_bad_requests_are_refused_in_openais_shape() -> None:
    async def check(brain: Served) -> None:
        for body, param in ((b"{", None), (b"{}", "messages")):
            refused = await brain.http.post(f"{brain.url}/chat/completions", content=body)
            assert refused.status_code == 400
            error = refused.json()["error"]
            assert (error["type"], error["param"]) == ("invalid_request_error", param)
            assert error["message"]
            assert error["code"]
        with pytest.raises(openai.BadRequestError, match=r"no fault 'fire'; choose one of"):
            await brain.text(fault="fire")

    trial(check)


def test_wrong_paths_methods_and_sizes_are_refused_in_openais_shape() -> None:
    async def check(brain: Served) -> None:
        assert (await brain.http.get(f"{brain.url}/chat/completions")).status_code == 405
        missing = await brain.http.get(f"{brain.url}/nothing")
        assert (missing.status_code, missing.json()["error"]["type"]) == (404, "invalid_request_error")
        huge = await brain.http.post(f"{brain.url}/chat/completions", content=b"x" * 3_000_000)
        assert (huge.status_code, huge.json()["error"]["code"]) == (413, "request_too_large")

    trial(check)


def test_the_command_says_where_it_listens_and_stops_on_interrupt() -> None:
    code = (
        "import argparse, sys; from models import brain; "
        "parser = argparse.ArgumentParser(); brain.add_arguments(parser); "
        "sys.exit(brain.run(parser.parse_args()))"
    )
    command = [sys.executable, "-c", code, "--port", "0", "--reply", "as told", "--tokens-per-second", "1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().split()[-1]
        with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as ai:
            reply = ai.chat.completions.create(model="m", messages=HELLO)
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
    assert reply.choices[0].message.content == "as told"


@pytest.mark.parametrize("wrong", [["--fault-every", "0"], ["--host", "256.0.0.1"]])
def test_a_wrong_option_ends_the_command_with_a_line(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["--port", "0", *wrong])) == 2
    assert capsys.readouterr().err.startswith("antiphon brain: ")
