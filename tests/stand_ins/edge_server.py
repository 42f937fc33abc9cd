"""Microsoft Edge's speech service as edge-tts knows it, on localhost: its websocket protocol, and its faults."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from http import HTTPStatus
from typing import Any, Literal

import av
import numpy as np
import orjson
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from pipeline.audio import SPEAKING_RATE, Pcm

Fault = Literal["", "refuse", "silence", "empty", "stall", "drop", "close", "babble"]
"""What goes wrong: the upgrade is refused with 403; nothing is ever said; a turn without sound; half the sound, then
a dead line that answers no close frame; half, then the connection is lost; half, then a polite close; no protocol."""

RATE_BPS = 48_000
BOUNDARY = (
    '{{"Metadata":[{{"Type":"WordBoundary","Data":{{"Offset":{offset},"Duration":{duration},'
    '"text":{{"Text":{text},"Length":{length},"BoundaryType":"WordBoundary"}}}}}}]}}'
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    text: str
    voice: str
    rate: str


@dataclass
class EdgeServer:
    """Speaks `sound` whatever it is asked to say; its words last equally long."""

    sound: Pcm
    fault: Fault = ""
    frame: int = 720
    """Bytes of MP3 in a message; the service sends 120 ms."""
    pace: float = 0.0
    """Seconds between two messages with sound."""
    words: bool = True
    """Whether their times are told."""
    words_last: float | None = None
    """Seconds from the first word to the end of the last; None for all of the sound."""
    asked: list[Asked] = field(default_factory=list[Asked])
    url: str = ""
    _connected: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._idle.set()

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Listens on a free port while the block runs; `url` is then what edge-tts calls WSS_URL."""
        async with serve(
            self._converse, "127.0.0.1", 0, process_request=self._admit, compression=None, close_timeout=0.1
        ) as server:
            port = server.sockets[0].getsockname()[1]
            self.url = f"ws://127.0.0.1:{port}/edge/v1?TrustedClientToken=none"
            yield

    async def left_alone(self) -> None:
        """Returns when no client is connected any more."""
        await self._idle.wait()

    def _admit(self, line: ServerConnection, request: Request) -> Response | None:
        if self.fault == "refuse":
            return line.respond(HTTPStatus.FORBIDDEN, "no\n")
        return None

    async def _converse(self, line: ServerConnection) -> None:
        self._connected += 1
        self._idle.clear()
        try:
            with suppress(ConnectionClosed):  # clients may leave at any time
                await line.recv()
                self.asked.append(_asked(str(await line.recv())))
                await self._answer(line, self.asked[-1].text)
                await line.wait_closed()
        finally:
            self._connected -= 1
            if not self._connected:
                self._idle.set()

    async def _answer(self, line: ServerConnection, text: str) -> None:
        if self.fault == "silence":
            return
        if self.fault == "babble":
            await line.send("Path:unheard-of\r\n\r\n")
            return
        await line.send("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}")
        await line.send("X-RequestId:1\r\nPath:response\r\n\r\n{}")
        if self.fault != "empty":
            await self._speak(line, text)
        if self.fault in ("stall", "drop", "close"):
            await self._break_off(line)
            return
        await line.send(_binary(b"X-RequestId:1\r\nPath:audio\r\n", b""))
        await line.send("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}")

    async def _speak(self, line: ServerConnection, text: str) -> None:
        mp3 = mp3_from_pcm(self.sound)
        if self.words:
            for boundary in _boundaries(text, self.words_last or len(self.sound) / SPEAKING_RATE):
                await line.send(f"X-RequestId:1\r\nPath:audio.metadata\r\n\r\n{boundary}")
        if self.fault:
            mp3 = mp3[: len(mp3) // 2]
        for start in range(0, len(mp3), self.frame):
            header = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
            await line.send(_binary(header, mp3[start : start + self.frame]))
            await asyncio.sleep(self.pace)

    async def _break_off(self, line: ServerConnection) -> None:
        match self.fault:
            case "stall":
                line.transport.set_protocol(_Deaf(line))
            case "drop":
                line.transport.abort()
            case _:
                await line.close()


class _Deaf(asyncio.Protocol):
    """A dead line: not even a close frame is answered."""

    def __init__(self, line: ServerConnection) -> None:
        self._line = line

    def connection_lost(self, exc: Exception | None) -> None:
        self._line.connection_lost(exc)


def mp3_from_pcm(pcm: Pcm, rate: int = SPEAKING_RATE) -> bytes:
    """Mono MP3 at 48 kbit/s, as the service sends it."""
    codec: Any = av.AudioCodecContext.create("libmp3lame", "w")  # its stubs leave Packet's parameter open
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = rate, "mono", "s16p", RATE_BPS
    codec.open()
    size = codec.frame_size
    mp3 = b""
    for start in range(0, len(pcm), size):
        piece = np.zeros(size, np.int16)
        piece[: len(pcm[start : start + size])] = pcm[start : start + size]
        frame = av.AudioFrame.from_ndarray(piece[np.newaxis], format="s16p", layout="mono")
        frame.sample_rate, frame.pts = rate, start
        mp3 += b"".join(bytes(packet) for packet in codec.encode(frame))
    return mp3 + b"".join(bytes(packet) for packet in codec.encode(None))


def _binary(header: bytes, mp3: bytes) -> bytes:
    return len(header).to_bytes(2, "big") + header + mp3


def _boundaries(text: str, seconds: float) -> list[str]:
    words = re.findall(r"\w+", text)
    each = round(seconds * 10_000_000 / max(len(words), 1))
    return [
        BOUNDARY.format(offset=at * each, duration=each, text=orjson.dumps(word).decode(), length=len(word))
        for at, word in enumerate(words)
    ]


def _asked(ssml: str) -> Asked:
    voice = re.search(r"<voice name='([^']*)'", ssml)
    rate = re.search(r"rate='([^']*)'", ssml)
    text = re.search(r"<prosody[^>]*>(.*)</prosody>", ssml, re.DOTALL)
    assert voice
    assert rate
    assert text
    return Asked(unescape(text[1]), voice[1], rate[1])
