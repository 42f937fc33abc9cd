"""One connection of a client: takes its events one by one, sends it ours, and knows how it ended."""

import asyncio
import itertools
import logging
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import orjson
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from pipeline.errors import ProtocolError
from server.realtime.checks import Json
from server.realtime.inbound import Inbound
from server.realtime.lines import Line, Visit
from server.realtime.outbox import Outbox
from server.realtime.wire import error
from server.websocket import taking_at_once

GOODBYE = 1.0
"""Seconds a client that does not read has to take note that it is dropped."""

IN_A_ROW = 8
"""Events of one client that are taken before others get their chance, where they are there already: giving it takes as
long as taking one. An event that takes long makes pauses of its own."""

Ending: TypeAlias = Literal["left", "lost", "stuck", "elsewhere", "expired"]

CLOSING: dict[Ending, tuple[int, str]] = {
    "stuck": (1008, "you do not read what you are sent"),
    "elsewhere": (4001, "the conversation goes on over another connection"),
    "expired": (1001, "session_expired"),
}
"""How the connection is closed where the client has not done so."""

_log = logging.getLogger(__name__)


async def accept(socket: WebSocket) -> None:
    """Complete the handshake: of all subprotocols, only `realtime` may be chosen, and only where it is offered."""
    await socket.accept("realtime" if "realtime" in socket.scope["subprotocols"] else None)


async def serve(visit: Visit, line: Line, inbound: Inbound, outbox: Outbox, seconds: float | None) -> Ending:
    """Carry a conversation over this connection until it ends; the session has so many seconds left, or any number."""
    socket, intake = visit.socket, _Intake(visit, inbound, outbox)
    async with asyncio.TaskGroup() as tasks:
        endings: list[asyncio.Task[Ending]] = [
            tasks.create_task(intake.receive()),
            tasks.create_task(_deliver(socket, outbox)),
            tasks.create_task(_until_stuck(outbox)),
            tasks.create_task(_until_elsewhere(line)),
            tasks.create_task(_until_expired(outbox, seconds)),
        ]
        done, pending = await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        async with visit.taking:
            for task in pending:
                task.cancel()
    ending = next(task for task in endings if task in done).result()
    if ending == "stuck":
        _log.warning("a client stopped reading; %d KiB were waiting for it", outbox.waiting() // 1024)
    if ending in CLOSING:
        await _close(socket, outbox if ending == "expired" else None, *CLOSING[ending])
    return ending


@dataclass(slots=True)
class _Intake:
    """Takes the client's events one by one; what is wrong with one is said, and the next is taken."""

    visit: Visit
    inbound: Inbound
    outbox: Outbox

    async def receive(self) -> Ending:
        """Until there are no more."""
        visit = self.visit
        with taking_at_once(visit.socket, self._take_at_once):
            for number in itertools.count(1):
                frame = await visit.socket.receive()
                if frame["type"] == "websocket.disconnect":
                    return "left" if _on_purpose(frame) else "lost"
                visit.heard = True
                event: Json | None = None
                try:
                    event = _parse(frame.get("text"))
                    async with visit.taking:
                        await self.inbound.take(event)
                except Exception as problem:  # noqa: BLE001  a bug of ours must not end the conversation
                    self._complain(problem, event)
                if number % IN_A_ROW == 0:
                    await asyncio.sleep(0)  # a full queue is emptied without waiting, and others have clients too
        raise AssertionError("unreachable")

    def _take_at_once(self, text: str) -> bool:
        """Sound that has just arrived, while no other event is under way."""
        if self.visit.taking.locked():
            return False
        event: Json | None = None
        try:
            event = _parse(text)
            taken = self.inbound.take_at_once(event)
        except Exception as problem:  # noqa: BLE001  as above
            self._complain(problem, event)
            taken = True
        self.visit.heard = self.visit.heard or taken
        return taken

    def _complain(self, problem: Exception, event: Json | None) -> None:
        """The client is told, and goes on."""
        if not isinstance(problem, ProtocolError):
            _log.error("a client event could not be carried out", exc_info=problem)
            problem = ProtocolError("something went wrong on the server's side", code="server_error")
        self.outbox.put(error(problem, event.get("event_id") if event else None))


def _on_purpose(frame: Message) -> bool:
    """Whether a client has left for good: it said so with 1000, or with no code at all.

    For no code the server under us reports 1005, as it does for a connection that broke, but then without a reason.
    """
    return frame.get("code") == 1000 or (frame.get("code") == 1005 and "reason" in frame)


async def _deliver(socket: WebSocket, outbox: Outbox) -> Ending:
    async def send(text: str) -> None:
        await socket.send({"type": "websocket.send", "text": text})

    with suppress(WebSocketDisconnect, OSError):
        await outbox.deliver(send)
    return "lost"


async def _until_stuck(outbox: Outbox) -> Ending:
    await outbox.overfull.wait()
    return "stuck"


async def _until_elsewhere(line: Line) -> Ending:
    await line.claimed()
    return "elsewhere"


async def _until_expired(outbox: Outbox, seconds: float | None) -> Ending:
    await asyncio.sleep(math.inf if seconds is None else max(0.0, seconds))
    outbox.put(error(ProtocolError("Your session hit its maximum duration.", code="session_expired"), None))
    return "expired"


def _parse(text: str | None) -> Json:
    if text is None:
        raise ProtocolError("events are sent as text, not as binary frames", code="invalid_value")
    try:
        event = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        raise ProtocolError(f"this is no JSON: {problem}", code="invalid_json") from None
    if not isinstance(event, dict):
        raise ProtocolError("an event is a JSON object", code="invalid_json")
    return cast("Json", event)


async def _close(socket: WebSocket, outbox: Outbox | None, code: int, reason: str) -> None:
    """Say what is left to say, if that is wanted, and goodbye, to whoever may not be listening."""
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(TimeoutError, WebSocketDisconnect, OSError):
            async with asyncio.timeout(GOODBYE):
                for text in outbox.rest() if outbox else ():
                    await socket.send({"type": "websocket.send", "text": text})
                await socket.close(code, reason)
