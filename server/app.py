"""The ASGI application: its routes, and the engines that live as long as it does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from models import brain
from pipeline.errors import EngineError
from pipeline.hearing import silero
from pipeline.manner import Manner
from pipeline.roster import Engines
from pipeline.session import Session
from server.auth import OnlyFromHere, refusal
from server.realtime.connection import accept, converse

BRAIN = "/brain"
"""Where the embedded LLM is mounted; its OpenAI endpoint is below, at /brain/v1."""


@dataclass(slots=True)
class House:
    """What all connections share."""

    url: str
    """Where it can be reached from this machine."""
    engines: Engines
    manner: Manner
    keys: frozenset[str] = frozenset()
    """Those that let a client in; none when everybody may."""
    sessions: set[Session] = field(default_factory=set[Session])
    """Those that are open."""
    closing: bool = False
    """No new sessions are let in."""

    async def finish(self) -> None:
        """Until nobody is being answered any more."""
        for session in list(self.sessions):
            await session.finish()

    def health(self) -> dict[str, object]:
        """Which engines there are and how they fare."""
        stages = {
            stage.job.lower(): {
                "in_use": next((engine.name for engine in stage.ready()), None),
                "engines": [
                    {"name": one.engine.name, "state": one.state, **({"why": one.why} if one.why else {})}
                    for one in stage.candidates
                ],
            }
            for stage in self.engines.stages
        }
        ready = not self.closing and all(stage.ready() for stage in self.engines.stages)
        trying = any(one.state == "starting" for stage in self.engines.stages for one in stage.candidates)
        status = "closing" if self.closing else "ready" if ready else "starting" if trying else "failing"
        return {"status": status, "sessions": len(self.sessions), **stages}


def app(house: House) -> Starlette:
    """The application around these engines, which it starts and closes."""

    async def realtime(socket: WebSocket) -> None:
        if house.closing:
            await socket.send_denial_response(PlainTextResponse("the server is about to stop\n", 503))
            return
        refused = refusal(socket.headers, socket.scope["subprotocols"], house.keys)
        if refused:
            await accept(socket)
            await socket.close(refused.code, refused.why)
            return
        await converse(socket, house.engines, house.manner, house.sessions)

    async def health(_request: Request) -> JSONResponse:
        report = house.health()
        return JSONResponse(report, 200 if report["status"] == "ready" else 503)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        with suppress(EngineError):  # said when the first session finds it missing
            await asyncio.to_thread(silero.load)
        async with asyncio.TaskGroup() as tasks:
            staffing = tasks.create_task(_staff(house.engines))
            try:
                yield
            finally:
                staffing.cancel()
        await house.engines.aclose()

    routes = [
        WebSocketRoute("/v1/realtime", realtime),
        Route("/healthz", health),
        Mount(BRAIN, OnlyFromHere(brain.app(brain.Settings(tunable=False)))),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _staff(engines: Engines) -> None:
    """Start the engines, and keep trying those that were absent."""
    await engines.start()
    await engines.improve()
