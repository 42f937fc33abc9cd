"""A relay between clients and a server that passes every byte on as it is, and keeps a copy of what was said."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

import numpy as np
import orjson

from tests.server.linter import Linter

Event: TypeAlias = dict[str, Any]
Speaker: TypeAlias = Literal["client", "server"]

TEXT, CONTINUED = 1, 0
"""Opcodes of RFC 6455, section 5.2."""


@dataclass(frozen=True, slots=True)
class Said:
    """One event."""

    at: float
    """Seconds, on the relay's clock."""
    by: Speaker
    event: Event
    size: int
    """Bytes it had."""

    def __str__(self) -> str:
        told = {key: _short(value) for key, value in self.event.items() if key not in {"type", "event_id"}}
        return f"{self.at:8.3f} {'->' if self.by == 'client' else '  <-'} {self.event['type']} {told or ''}"


@dataclass(slots=True)
class Call:
    """One connection."""

    model: str
    """The name it asked for."""
    said: list[Said] = field(default_factory=list[Said])

    def events(self, kind: str) -> list[Event]:
        """Those of this type, in order."""
        return [said.event for said in self.said if said.event["type"] == kind]

    def check(self) -> None:
        """Hold what the server said against the rules."""
        linter = Linter()
        for said in self.said:
            if said.by == "server":
                linter.take(said.event, said.size)
        linter.finish()

    def __str__(self) -> str:
        runs = [list(run) for _, run in groupby(self.said, lambda said: (said.by, said.event["type"]))]
        return "\n".join(f"{run[0]}{f' ... and {len(run) - 1} more' if len(run) > 1 else ''}" for run in runs)


@dataclass(slots=True)
class Wiretap:
    """All connections, in the order they were made."""

    port: int
    """Where clients connect, on 127.0.0.1."""
    calls: list[Call]


@asynccontextmanager
async def tapped(server_port: int) -> AsyncGenerator[Wiretap]:
    """A relay to that port of 127.0.0.1."""
    calls: list[Call] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", server_port)
        with closing(writer), closing(far_writer):
            try:
                asked = await reader.readuntil(b"\r\n\r\n")
                call = Call(_model(asked))
                calls.append(call)
                far_writer.write(asked)
                writer.write(await far_reader.readuntil(b"\r\n\r\n"))
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_pass_on(reader, far_writer, call, "client"))
                    tasks.create_task(_pass_on(far_reader, writer, call, "server"))
            except* (ConnectionError, asyncio.IncompleteReadError):
                pass  # one of them hung up

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        yield Wiretap(server.sockets[0].getsockname()[1], calls)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter, call: Call, by: Speaker) -> None:
    """Every frame as it is, until the connection breaks off."""
    message = b""
    while True:
        head = await source.readexactly(2)
        length = head[1] & 127
        extension = await source.readexactly({126: 2, 127: 8}.get(length, 0))
        length = int.from_bytes(extension) if extension else length
        mask = await source.readexactly(4 if head[1] & 128 else 0)
        payload = await source.readexactly(length)
        sink.write(head + extension + mask + payload)
        await sink.drain()
        if head[0] & 15 not in {TEXT, CONTINUED}:
            continue
        message += _unmasked(payload, mask) if mask else payload
        if head[0] & 128:
            call.said.append(Said(time.monotonic(), by, orjson.loads(message), len(message)))
            message = b""


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    pad = np.resize(np.frombuffer(mask, np.uint8), len(payload))
    return (np.frombuffer(payload, np.uint8) ^ pad).tobytes()


def _model(request: bytes) -> str:
    """The model in the first line of an HTTP request."""
    return parse_qs(urlsplit(request.split()[1].decode()).query)["model"][0]


def _short(value: object) -> object:
    """Sound takes a hundred lines and says nothing."""
    match value:
        case str():
            return value if len(value) < 100 else f"{value[:20]}... ({len(value)} characters)"
        case dict():
            fields: Event = value  # pyright: ignore[reportUnknownVariableType]  JSON
            return {key: _short(one) for key, one in fields.items() if one is not None}
        case list():
            items: list[object] = value  # pyright: ignore[reportUnknownVariableType]  JSON
            return [_short(one) for one in items]
        case _:
            return value
