"""The ASGI application: its routes, and the engines that live as long as it does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from models import brain
from pipeline.errors import EngineError, ProtocolError
from pipeline.hearing import silero
from pipeline.ids import new_id
from pipeline.llm.warmth import keep_warm
from pipeline.roster import Engines
from server.auth import Door, OnlyWithKey, Refusal
from server.house import House
from server.invitation import invitation_routes
from server.lan import Lan
from server.observing.routes import observing_routes
from server.page import page
from server.realtime.call import converse
from server.realtime.connection import accept
from server.realtime.wire import error
from server.rest import rest

BRAIN = "/brain"
"""Where the embedded LLM is mounted; its OpenAI endpoint is below, at /brain/v1."""


def app(house: House, lan: Lan | None = None) -> Starlette:
    """The application around these engines, which it starts and closes; `lan` is where other devices come in."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        with suppress(EngineError):  # said when the first session finds it missing
            await asyncio.to_thread(silero.load)
        async with asyncio.TaskGroup() as tasks:
            works = [_staff(house.engines), _warm(house), *(chore.run() for chore in house.chores)]
            if house.observer:
                works.append(house.observer.lag.watch())
            beside = [tasks.create_task(work) for work in works]
            try:
                yield
            finally:
                for task in beside:
                    task.cancel()
        if house.observer:
            await house.observer.aclose()
        for chore in house.chores:
            await chore.aclose()
        await house.engines.aclose()
        await house.store.aclose()
        await house.door.secrets.aclose()

    inner = Mount(BRAIN, OnlyWithKey(brain.app(brain.Settings(tunable=False)), house.own_key))
    return Starlette(
        routes=[inner, *invitation_routes(lan, house.door), *_routes(house, house.door)], lifespan=lifespan
    )


def app_outside(house: House, lan: Lan) -> Starlette:
    """The same house for the other devices of this network: everybody shows a key."""
    return Starlette(routes=_routes(house, lan.door(house.door)))


def _routes(house: House, door: Door) -> list[BaseRoute]:
    """What is there for all whom this door lets in."""

    async def realtime(socket: WebSocket) -> None:
        if house.closing:
            await socket.send_denial_response(PlainTextResponse("the server is about to stop\n", 503))
            return
        guest = await door.admit(socket.headers, socket.scope["subprotocols"])
        if isinstance(guest, Refusal):
            await _turn_away(socket, guest)
        else:
            await converse(socket, guest, house)

    async def ready(_request: Request) -> PlainTextResponse:
        status = house.health()["status"]
        return PlainTextResponse(f"{status}\n", {"ready": 200, "closing": 404}.get(str(status), 503))

    async def health(_request: Request) -> JSONResponse:
        report = house.health()
        return JSONResponse(report, 200 if report["status"] == "ready" else 503)

    return [
        WebSocketRoute("/v1/realtime", realtime),
        Mount("/v1", rest(house.engines.llm_stage, house.roles_for, door)),
        *observing_routes(house, door, everybody=house.metrics_for_all),
        Route("/healthz", health),
        Route("/readyz", ready),
        Route("/{path:path}", page),
    ]


async def _turn_away(socket: WebSocket, refused: Refusal) -> None:
    """Say why over the websocket, in an event and in the close frame: a web page sees no status of a handshake."""
    event = error(ProtocolError(refused.message, code=refused.code), None) | {"event_id": new_id("event")}
    with suppress(WebSocketDisconnect, OSError):  # it may have left already
        await accept(socket)
        await socket.send_text(orjson.dumps(event).decode())
        await socket.close(refused.close_code, refused.reason)


async def _staff(engines: Engines) -> None:
    """Start the engines, and keep trying those that were absent."""
    await engines.start()
    await engines.improve()


async def _warm(house: House) -> None:
    """Keep those models warm that may be asked next."""
    await house.engines.reported()
    await keep_warm(house.engines.mind, lambda: bool(house.sessions))
