"""The embedded LLM: small, scripted and honest, behind an OpenAI-compatible endpoint.

It answers when no real model is there, and stands in for one, slow or broken on demand, in tests and benchmarks.
"""

import argparse
import asyncio
import math
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from random import Random
from typing import Final

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.loops.auto import auto_loop_factory

from models.faults import FAULTS, Fault, KnobError, Knobs
from models.wits.reply import Frames, compose, without_sentence_ends
from models.wits.request import ChatRequest, RequestError, parse

MODEL: Final = "antiphon-brain"

MAX_BODY = 2 * 1024 * 1024
"""Bytes of a request; parsing that many takes a few milliseconds."""

LONG_PROMPT = 1_500
"""Tokens of a request from which thinking may take over 2 ms, and gets a thread."""

_JSON: Final = (b"content-type", b"application/json")
_SSE: Final = (b"content-type", b"text/event-stream; charset=utf-8")


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Settings:
    """How the brain runs when a request does not say otherwise."""

    knobs: Knobs = field(default_factory=Knobs)
    now: Callable[[], datetime] = _now
    """The wall clock, with its time zone, that answers "what time is it"."""
    tunable: bool = True
    """Whether a request may turn the knobs, as a stand-in's may."""


@dataclass(slots=True)
class Stats:
    """What happened since the start; served at `/v1/brain/stats`."""

    requests: int = 0
    active: int = 0
    cancelled: int = 0
    """Requests whose client left before the end."""
    faults: int = 0
    tokens: int = 0
    """Sent, not merely thought of."""


def app(settings: Settings | None = None) -> Starlette:
    """The brain as an ASGI app: `/v1/chat/completions`, `/v1/models`, `/v1/brain/stats`; mountable under a prefix."""
    brain = Brain(settings or Settings())

    async def models(request: Request) -> Response:
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "antiphon"}
        return _json(model if request.path_params else {"object": "list", "data": [model]})

    async def stats(_: Request) -> Response:
        return _json(asdict(brain.stats))

    return Starlette(
        routes=[
            Route("/v1/chat/completions", brain, methods=["POST"], name="chat completions"),
            Route("/v1/models", models),
            Route("/v1/models/{model}", models),
            Route("/v1/brain/stats", stats),
        ],
        exception_handlers={RequestError: _refuse, HTTPException: _refuse},
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, and how it will be treated."""

    request: ChatRequest
    number: int
    """Of the request, since the server's start."""
    knobs: Knobs
    fault: Fault | None
    first: float
    """The loop's time at which the first token is due."""

    @property
    def whole(self) -> bool:
        """Whether all of the reply will be sent, however late."""
        return self.fault in {None, "dribble"}

    def due(self, token: int) -> float:
        """The loop's time at which a token, counted from 0, is due."""
        slow = max(token + 1 - self.knobs.fault_after, 0) if self.fault == "dribble" else 0
        rate = self.knobs.tokens_per_second
        return self.first + slow * self.knobs.fault_seconds + ((token - slow) / rate if rate and token > slow else 0.0)


@dataclass(slots=True)
class Brain:
    """The chat completions endpoint, an ASGI app."""

    settings: Settings
    stats: Stats = field(default_factory=Stats)
    _chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = Random(self.settings.knobs.seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a client that leaves ends it at once."""
        arrived = asyncio.get_running_loop().time()
        body = await _body(receive)
        if body is None:
            return
        self.stats.requests += 1
        number = self.stats.requests
        request = parse(body)
        knobs = self._knobs(request)
        chance = self._chance if request.knobs.get("seed") is None else Random(knobs.seed)
        fault = knobs.fault_of(number, chance)
        self.stats.faults += fault is not None
        if fault in {"rate_limit", "server_error"}:
            await _failure(fault, knobs)(scope, receive, send)
            return
        visit = Visit(request, number, knobs, fault, arrived + knobs.first_token_delay(request.prompt_tokens, chance))
        self.stats.active += 1
        try:
            self.stats.cancelled += not await _while_connected(receive, self._answer(visit, send))
        finally:
            self.stats.active -= 1

    def _knobs(self, request: ChatRequest) -> Knobs:
        try:
            return self.settings.knobs.changed(request.knobs if self.settings.tunable else {})
        except KnobError as error:
            raise RequestError(f"{error}.", param=f"brain.{error.name}", code="invalid_value") from None

    async def _answer(self, visit: Visit, send: Send) -> None:
        if visit.fault == "silence" or (visit.fault in {"keep_alive", "stall"} and not visit.request.stream):
            await _for_ever()
        frames = await self._think(visit)
        await _until(visit.first)
        if visit.request.stream:
            await self._stream(visit, frames, send)
        else:
            await self._whole(visit, frames, send)

    async def _think(self, visit: Visit) -> Frames:
        now, scripted = self.settings.now(), visit.knobs.replies
        if visit.request.prompt_tokens > LONG_PROMPT:
            reply = await asyncio.to_thread(compose, visit.request, scripted, now)
        else:
            reply = compose(visit.request, scripted, now)
        if visit.fault == "dribble":
            reply = without_sentence_ends(reply, visit.knobs.fault_after)
        return Frames(visit.request, reply, visit.number, int(now.timestamp()))

    async def _stream(self, visit: Visit, frames: Frames, send: Send) -> None:
        """Server-sent events, each token when it is due."""
        await send({"type": "http.response.start", "status": 200, "headers": [_SSE, (b"cache-control", b"no-cache")]})
        if visit.fault == "keep_alive":
            await _keep_alive(frames, visit.knobs.fault_seconds, send)
        events = frames.tokens()
        await self._pace(visit, frames.opening(), events if visit.whole else events[: visit.knobs.fault_after], send)
        if visit.fault == "stall":
            await _for_ever()
        if visit.fault == "cut":
            return  # a server closes the connection whose response was not completed
        closing = frames.broken() if visit.fault == "malformed" else frames.closing()
        await send({"type": "http.response.body", "body": closing})

    async def _pace(self, visit: Visit, opening: bytes, events: list[bytes], send: Send) -> None:
        if visit.knobs.tokens_per_second == 0 and visit.fault != "dribble":
            self.stats.tokens += len(events)
            await _part(send, opening + b"".join(events))
            return
        for at, event in enumerate(events):
            await _until(visit.due(at))
            await _part(send, event if at else opening + event)
            self.stats.tokens += 1

    async def _whole(self, visit: Visit, frames: Frames, send: Send) -> None:
        """One JSON object, when the last token is due."""
        tokens = len(frames.reply.tokens)
        await _until(visit.due(max(tokens - 1, 0)))
        body = frames.whole()
        sent = body if visit.whole else body[: len(body) // 2]
        length = len(body if visit.fault == "cut" else sent)
        headers = [_JSON, (b"content-length", str(length).encode())]
        self.stats.tokens += tokens
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": sent, "more_body": visit.fault == "cut"})


async def serve(host: str, port: int, settings: Settings | None = None) -> None:
    """Serve the brain until cancelled or interrupted; says its base URL on standard output, with the port chosen for 0.

    Raises `OSError` when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        shown = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"The embedded LLM listens at http://{shown}:{listening.getsockname()[1]}/v1\n")
        sys.stdout.flush()
        config = uvicorn.Config(app(settings), log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        await uvicorn.Server(config).serve(sockets=[listening])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `antiphon brain`: where to listen, and every knob."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="port; 0 takes a free one (%(default)s)")
    knobs = parser.add_argument_group('as a stand-in for another model (each also per request, under "brain")')
    knobs.add_argument("--first-token-ms", type=float, help="delay of the first token; its median, with the next")
    knobs.add_argument(
        "--first-token-p99-ms", type=float, help="makes first tokens log-normal, with this 99th percentile"
    )
    knobs.add_argument("--prompt-token-ms", type=float, help="further delay for each token of the prompt")
    knobs.add_argument("--tokens-per-second", type=float, help="rate of the following tokens; 0 is at once")
    knobs.add_argument("--reply", dest="replies", action="append", help="say this; several are taken in turn")
    knobs.add_argument("--fault", choices=FAULTS, help="what goes wrong")
    knobs.add_argument("--fault-probability", type=float, help="0..1, of the requests that are due")
    knobs.add_argument("--fault-every", type=int, help="only each n-th request is due")
    knobs.add_argument("--fault-after", type=int, help="tokens before the stream goes wrong")
    knobs.add_argument("--fault-seconds", type=float, help="between signs of life; the retry-after of rate_limit")
    knobs.add_argument("--seed", type=int, help="makes delays and faults repeatable")


def run(args: argparse.Namespace) -> int:
    """Serve as the command line says; the exit status."""
    given: dict[str, object] = vars(args)
    turned = {knob.name: given[knob.name] for knob in fields(Knobs) if given.get(knob.name) is not None}
    try:
        settings = Settings(Knobs().changed(turned))
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(serve(args.host, args.port, settings))
    except KeyboardInterrupt:
        return 0
    except (KnobError, OSError) as error:
        sys.stderr.write(f"antiphon brain: {error}\n")
        return 2
    return 0


async def _body(receive: Receive) -> bytes | None:
    """The request's body; None when the client left before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise RequestError(f"The body is over {MAX_BODY} bytes.", code="request_too_large", status=413)
        if not message.get("more_body", False):
            return bytes(body)


async def _while_connected(receive: Receive, work: Coroutine[None, None, None]) -> bool:
    """Run `work`; cancel it when the client leaves. True when it came to its end."""
    async with asyncio.TaskGroup() as tasks:
        job = tasks.create_task(work)
        watch = tasks.create_task(_cancel_when_gone(receive, job))
        await asyncio.wait({job})
        watch.cancel()
    return not job.cancelled()


async def _cancel_when_gone(receive: Receive, job: asyncio.Task[None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    job.cancel()


async def _keep_alive(frames: Frames, seconds: float, send: Send) -> None:
    while True:
        for sign in frames.signs_of_life():
            await _part(send, sign)
            await asyncio.sleep(max(seconds, 0.001))


async def _part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _until(when: float) -> None:
    """Sleep to a point of the loop's time; to a schedule, so that late wake-ups do not add up."""
    delay = when - asyncio.get_running_loop().time()
    if delay > 0:
        await asyncio.sleep(delay)


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


def _failure(fault: Fault, knobs: Knobs) -> Response:
    if fault == "server_error":
        return _error(500, "The server had an error while answering; try again.", "server_error")
    seconds = f"{knobs.fault_seconds:g}"
    headers = {
        "retry-after": str(math.ceil(knobs.fault_seconds)),
        "retry-after-ms": f"{knobs.fault_seconds * 1000:.0f}",
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-limit-tokens": "60000",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-requests": f"{seconds}s",
        "x-ratelimit-reset-tokens": f"{seconds}s",
    }
    message = f"Rate limit reached; try again in {seconds} seconds."
    return _error(429, message, "requests", code="rate_limit_exceeded", headers=headers)


async def _refuse(_: Request, error: Exception) -> Response:
    """Anything that is wrong with a request, in OpenAI's shape."""
    if isinstance(error, RequestError):
        return _error(error.status, str(error), "invalid_request_error", code=error.code, param=error.param)
    if isinstance(error, HTTPException):  # a wrong path or method
        return _error(error.status_code, error.detail, "invalid_request_error", headers=error.headers)
    raise error


def _error(
    status: int,
    message: str,
    kind: str,
    *,
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    shape = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return _json(shape, status, headers)


def _json(shape: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(shape), status, headers, "application/json")
