"""uvicorn's websocket, with a shorter way for what comes fifty times a second from everybody: a whole frame of text.

And with an end for clients that send what uvicorn has no answer to, or read none of its answers.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Final

import h11
from starlette.websockets import WebSocket
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import apply_mask  # pyright: ignore[reportPrivateImportUsage]  in C, where that is built
from websockets.http11 import Request
from websockets.protocol import OPEN

TEXT: Final = 0x81
"""The first byte of a frame of text that is a message by itself."""

ENTIRE: Final = 0x80
"""The bit of the first byte that says that a message ends with this frame."""

MASKED: Final = 0x80
"""The bit of the second byte that all frames of clients have."""

LONGEST = 64 * 1024
"""Bytes of a frame that may go the short way: a second of sound."""

AHEAD = 16
"""Messages that may wait for us before we stop reading. uvicorn stops at each, and starts again, which costs as much as
all the rest."""

AT_ONCE = 4
"""Messages that came together of which each may be taken at once; the others wait, so that others have their turn."""

EXTENSION: Final = "antiphon.at_once"
"""Where the application finds us, among the ASGI extensions of its connection."""


@contextmanager
def taking_at_once(socket: WebSocket, take: Callable[[str], bool]) -> Generator[None]:
    """As long as the block lasts, `take` is asked first about each message of plain text before which no other waits.

    It is called in the moment the message arrives, which saves the half of the way that leads through the event loop,
    and tells whether it has taken it; if not, the message comes by `receive`, as do all where nobody knows of us.
    """
    extensions: Mapping[str, Mapping[str, object]] = socket.scope.get("extensions") or {}
    under = extensions.get(EXTENSION, {}).get("websocket")
    if not isinstance(under, Websocket):
        yield
        return
    under.take = take
    try:
        yield
    finally:
        under.take = None


class Http(H11Protocol):
    """What a connection begins with."""

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """A handshake goes on without its cookies, of which the next in line takes no more than 8 KiB.

        None is ours, but on `localhost` browsers send everybody's to every port.
        """
        self.headers = [(name, value) for name, value in self.headers if name != b"cookie"]
        super().handle_websocket_upgrade(event)


class Websocket(WebSocketsSansIOProtocol):
    """Cuts what arrives into frames: it takes those of plain text by itself, and gives the others to the library whole.

    Whoever sends a message that is long, or in parts, goes the library's way from then on.
    """

    take: Callable[[str], bool] | None = None
    """See `taking_at_once`."""
    _rest = b""
    """The beginning of a frame."""
    _ordinary = False
    """Whether everything goes the library's way."""
    _pongs = b""
    """What answers the last pings, while the client does not read."""

    def data_received(self, data: bytes) -> None:
        """Bytes of the connection, cut anywhere."""
        if self._ordinary or not self.handshake_complete:
            self._ordinary |= self.handshake_initiated  # it may hold the beginning of a frame that came too early
            super().data_received(data)
            if self.conn.handshake_exc and not self.handshake_initiated:
                self.transport.write(b"".join(self.conn.data_to_send()))  # what is wrong with it
                self.transport.close()
            return
        arrived, at, left = self._rest + data, 0, AT_ONCE
        while (end := _end_of_frame(arrived, at)) <= len(arrived):
            if not self._take(arrived, at, end, at_once=left > 0):
                super().data_received(arrived[at:end])
            at, left = end, left - 1
            if self._ordinary:
                break
        self._rest = arrived[at:]
        if self._ordinary or end - at > LONGEST:
            self._ordinary, rest, self._rest = True, self._rest, b""
            super().data_received(rest)

    def shutdown(self) -> None:
        """The server stops. A client may be hanging up just now, and uvicorn would fail on its second goodbye."""
        if self.handshake_complete and not self.close_sent and self.conn.state is not OPEN:
            self.transport.close()
        else:
            super().shutdown()

    def handle_ping(self) -> None:
        """Answered if the client reads, or once it does, and then the last for all (RFC 6455, 5.5.3)."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self._pongs = b"".join(self.conn.data_to_send()) or self._pongs

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        if self._pongs and not self.close_sent and not self.transport.is_closing():
            pongs, self._pongs = self._pongs, b""
            self.transport.write(pongs)

    def handle_connect(self, event: Request) -> None:
        """A client's handshake, which starts the application, but for what it is refused over."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"] = {**(self.scope.get("extensions") or {}), EXTENSION: {"websocket": self}}

    def _take(self, arrived: bytes, at: int, end: int, *, at_once: bool) -> bool:
        """One frame, if it is of the plain kind."""
        first, second = arrived[at], arrived[at + 1]
        if first != TEXT or not second & MASKED or self.conn.state is not OPEN or self.close_sent:
            self._ordinary = not first & ENTIRE
            return False
        sound = at + (8 if second & 0x7F == 126 else 6)
        try:
            text = apply_mask(arrived[sound:end], arrived[sound - 4 : sound]).decode()
        except UnicodeDecodeError:
            return False
        if at_once and self.take and self.queue.empty() and self.take(text):
            return True
        self.queue.put_nowait({"type": "websocket.receive", "text": text})
        if not self.read_paused and self.queue.qsize() >= AHEAD:
            self.read_paused = True
            self.transport.pause_reading()
        return True


def _end_of_frame(arrived: bytes, at: int) -> int:
    """Where the frame that begins at `at` ends; beyond all that has arrived while that is not known.

    A frame of more than 64 KiB counts as one that is longer than `LONGEST`, however long it is.
    """
    if len(arrived) < at + 2:
        return at + 2
    masked, length = 4 * (arrived[at + 1] >> 7), arrived[at + 1] & 0x7F
    if length < 126:
        return at + 2 + masked + length
    if length == 127:
        return len(arrived) + LONGEST + 1
    if len(arrived) < at + 4:
        return at + 4
    return at + 4 + masked + int.from_bytes(arrived[at + 2 : at + 4], "big")
