"""One websocket of a Realtime client, from its handshake to its end."""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import NoReturn, cast

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from pipeline.errors import ProtocolError
from pipeline.manner import Manner
from pipeline.roster import Engines
from pipeline.session import Session, new_id, open_session
from server.realtime.config import Json, new_session
from server.realtime.inbound import Inbound
from server.realtime.outbound import Outbound
from server.realtime.wire import error

OUTBOX_BYTES = 4 * 1024 * 1024
"""What may wait for a client that reads slowly, about a minute of speech; one that lets it grow further is dropped."""

GOODBYE = 1.0
"""Seconds a client that does not read has to take note that it is dropped."""

POLICY = 1008
"""Close code: the client broke a rule."""

_log = logging.getLogger(__name__)


class _Stuck(Exception):  # noqa: N818  nobody sees it: it ends this connection
    """The client does not read."""


@dataclass(slots=True)
class Outbox:
    """Events on their way to the client; putting one in never blocks."""

    socket: WebSocket
    _waiting: deque[str] = field(default_factory=deque[str])
    _bytes: int = 0
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _overfull: asyncio.Event = field(default_factory=asyncio.Event)
    _number: "count[int]" = field(default_factory=lambda: count(1))

    def put(self, event: Json) -> None:
        """In line behind all others. Every event has an id of its own, or stock clients drop it."""
        event["event_id"] = f"event_{next(self._number)}"
        text = orjson.dumps(event).decode()
        self._waiting.append(text)
        self._bytes += len(text)
        self._filled.set()
        if self._bytes > OUTBOX_BYTES:
            self._overfull.set()

    async def watch(self) -> NoReturn:
        """Raises `_Stuck` once the line has grown too long; the delivery itself waits for the client meanwhile."""
        await self._overfull.wait()
        raise _Stuck

    async def deliver(self) -> None:
        """Send what is in line, for ever."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._waiting:
                text = self._waiting.popleft()
                self._bytes -= len(text)
                await self.socket.send({"type": "websocket.send", "text": text})


async def accept(socket: WebSocket) -> None:
    """Complete the handshake: of all subprotocols, only `realtime` may be chosen, and only where it is offered."""
    await socket.accept("realtime" if "realtime" in socket.scope["subprotocols"] else None)


async def converse(socket: WebSocket, engines: Engines, manner: Manner, sessions: set[Session]) -> None:
    """Serve one client until it leaves; its session is in `sessions` meanwhile."""
    await accept(socket)
    outbox = Outbox(socket)
    session = new_session(manner, socket.query_params.get("model") or "antiphon")
    session |= {"id": new_id("sess"), "conversation": new_id("conv")}
    out = Outbound(outbox.put, session)
    outbox.put({"type": "session.created", "session": session})
    try:
        async with asyncio.TaskGroup() as tasks:
            watching = [tasks.create_task(outbox.deliver()), tasks.create_task(outbox.watch())]
            async with open_session(engines, manner, out.emit) as talk:
                sessions.add(talk)
                try:
                    await _receive(socket, Inbound(talk, out, manner), outbox)
                finally:
                    sessions.discard(talk)
            for task in watching:
                task.cancel()
    except* _Stuck:
        _log.warning("a client stopped reading; %d KiB were waiting for it", OUTBOX_BYTES // 1024)
        await _close(socket, POLICY, "you do not read what you are sent")
    except* (WebSocketDisconnect, OSError):
        pass


async def _receive(socket: WebSocket, inbound: Inbound, outbox: Outbox) -> None:
    """Take the client's events one by one; what is wrong with one is said, and the next is taken."""
    while True:
        frame = await socket.receive()
        if frame["type"] == "websocket.disconnect":
            return
        event: object = None
        try:
            event = _parse(frame.get("text"))
            await inbound.take(event)
        except ProtocolError as problem:
            outbox.put(error(problem, event.get("event_id") if isinstance(event, dict) else None))


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


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    """Say goodbye to whoever may not be listening."""
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(GOODBYE):
                await socket.close(code, reason)
