"""News get through to whoever can be reached, however late, in the form they read; and hold nobody up."""

import asyncio
import base64
import hashlib
import hmac
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from server.webhook import ATTEMPTS, LONGEST_RETRY_AFTER, LONGEST_WAIT, WAITING, Form, News, Webhook
from tests.stand_ins.asgi import serving

NEWS = News("the day's budget is used to 80%", {"event": "budget", "share": 0.8})
OK = PlainTextResponse("ok")


@dataclass
class Receiver:
    """Answers one after the other, the last one again and again; remembers what came, and when."""

    answers: Sequence[Response | float]
    """A number is seconds to keep silent for."""
    bodies: list[Any] = field(default_factory=list[Any])
    queries: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    at: list[float] = field(default_factory=list[float])
    got: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the last of them."""

    async def answer(self, request: Request) -> Response:
        self.at.append(asyncio.get_running_loop().time())
        self.bodies.append(await request.json())
        self.queries.append(dict(request.query_params))
        answer: Response | float = self.answers[min(len(self.at), len(self.answers)) - 1]
        if len(self.at) >= len(self.answers):
            self.got.set()
        if isinstance(answer, Response):
            return answer
        await asyncio.sleep(answer)
        return OK


@asynccontextmanager
async def receiving(
    *answers: Response | float, form: Form = "json", secret: str = "", **hook: Any
) -> AsyncGenerator[tuple[Receiver, Webhook]]:
    receiver = Receiver(answers)
    async with serving(Starlette(routes=[Route("/hook", receiver.answer, methods=["POST"])])) as url:
        webhook = Webhook(f"{url}/hook?access_token=hush", form, secret, first_wait=0.01, patience=0.5, **hook)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(webhook.run())
            yield receiver, webhook
            running.cancel()


async def told(receiver: Receiver, webhook: Webhook) -> None:
    webhook.tell(NEWS)
    async with asyncio.timeout(10):
        await receiver.got.wait()


@pytest.mark.parametrize(
    ("form", "answer", "body"),
    [
        ("json", OK, {"text": NEWS.text, "event": "budget", "share": 0.8}),
        ("slack", OK, {"text": NEWS.text}),
        ("dingtalk", JSONResponse({"errcode": 0}), {"msgtype": "text", "text": {"content": NEWS.text}}),
    ],
)
def test_each_receiver_gets_what_it_reads(form: Form, answer: Response, body: object) -> None:
    async def scene() -> None:
        async with receiving(answer, form=form) as (receiver, webhook):
            await told(receiver, webhook)
            assert receiver.bodies == [body]
            assert receiver.queries == [{"access_token": "hush"}]

    asyncio.run(scene())


def test_dingtalk_gets_a_signature_where_it_wants_one() -> None:
    async def scene() -> None:
        signed = receiving(
            JSONResponse({"errcode": 0}), form="dingtalk", secret="SECabc", clock=lambda: 1_700_000_000.5
        )
        async with signed as (receiver, webhook):
            await told(receiver, webhook)
            digest = hmac.new(b"SECabc", b"1700000000500\nSECabc", hashlib.sha256).digest()
            sign = base64.b64encode(digest).decode()
            assert receiver.queries == [{"access_token": "hush", "timestamp": "1700000000500", "sign": sign}]

    asyncio.run(scene())


@pytest.mark.parametrize(
    "fault", [PlainTextResponse("", 500), PlainTextResponse("", 503), PlainTextResponse("", 429), 2.0]
)
def test_what_does_not_get_through_is_sent_again(fault: Response | float) -> None:
    async def scene() -> None:
        async with receiving(fault, fault, OK) as (receiver, webhook):
            await told(receiver, webhook)
            assert receiver.bodies == [receiver.bodies[0]] * 3

    asyncio.run(scene())


def test_dingtalk_that_is_busy_is_asked_again() -> None:
    async def scene() -> None:
        busy, done = JSONResponse({"errcode": 130101, "errmsg": "too fast"}), JSONResponse({"errcode": 0})
        async with receiving(busy, done, form="dingtalk") as (receiver, webhook):
            await told(receiver, webhook)
            assert len(receiver.bodies) == 2

    asyncio.run(scene())


def test_who_wants_to_be_left_alone_is_left_alone() -> None:
    async def scene() -> None:
        busy = PlainTextResponse("", 429, {"retry-after": "0.4"})
        async with receiving(busy, OK) as (receiver, webhook):
            await told(receiver, webhook)
            assert receiver.at[1] - receiver.at[0] >= 0.4

    asyncio.run(scene())


def test_a_receiver_that_comes_up_later_gets_the_news() -> None:
    async def scene() -> None:
        receiver = Receiver([OK])
        with socket.create_server(("127.0.0.1", 0)) as place:
            port = place.getsockname()[1]
        webhook = Webhook(f"http://127.0.0.1:{port}/", first_wait=0.01, patience=0.5)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(webhook.run())
            webhook.tell(NEWS)
            await asyncio.sleep(0.05)  # refused by then, at least once
            async with at_port(port, receiver), asyncio.timeout(10):
                await receiver.got.wait()
            running.cancel()

    asyncio.run(scene())


@asynccontextmanager
async def at_port(port: int, receiver: Receiver) -> AsyncGenerator[None]:
    """A receiver that speaks just enough HTTP."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        receiver.got.set()

    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield


@pytest.mark.parametrize(
    ("form", "answer", "why"),
    [
        ("json", PlainTextResponse("", 404), "it answers 404"),
        ("slack", PlainTextResponse("no_team", 403), "it answers 403"),
        (
            "dingtalk",
            JSONResponse({"errcode": 310000, "errmsg": "sign not match"}),
            "it answers 310000: sign not match",
        ),
        ("dingtalk", PlainTextResponse("<html>"), "it does not answer as DingTalk does: '<html>'"),
    ],
)
def test_what_will_never_get_through_is_said_once_without_the_secret(
    form: Form, answer: Response, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with receiving(answer, form=form) as (receiver, webhook):
            await told(receiver, webhook)
            await webhook.finish()
            assert len(receiver.bodies) == 1

    asyncio.run(scene())
    assert caplog.messages == [f"127.0.0.1 was not told that {NEWS.text}: {why}"]
    assert "hush" not in caplog.text


def test_in_the_end_it_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with receiving(PlainTextResponse("", 500), chance=Random(1)) as (receiver, webhook):
            webhook.first_wait = 0.0
            webhook.tell(NEWS)
            await webhook.finish()
            assert len(receiver.bodies) == ATTEMPTS

    asyncio.run(scene())
    assert caplog.messages == [f"127.0.0.1 was not told that {NEWS.text}: it answers 500"]


def test_waits_get_longer_up_to_a_limit_and_are_never_the_same() -> None:
    webhook = Webhook("http://127.0.0.1/", chance=Random(3))
    waits = [webhook.wait(attempt, None) for attempt in range(1, 12)]
    for attempt, wait in enumerate(waits):
        usual = min(LONGEST_WAIT, 2.0**attempt)
        assert usual * 0.5 <= wait <= usual * 1.5
    assert len(set(waits)) == len(waits)
    assert webhook.wait(1, 30.0) == 30.0
    assert webhook.wait(1, 1e9) == LONGEST_RETRY_AFTER


def test_telling_never_waits_and_drops_the_oldest(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        webhook = Webhook("http://127.0.0.1:9/")
        for number in range(WAITING + 2):
            webhook.tell(News(f"news {number}", {}))

    asyncio.run(scene())
    assert caplog.messages == [f"nobody at 127.0.0.1 was told that news {number}" for number in (0, 1)]
