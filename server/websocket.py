"""uvicorn's websocket, with a shorter way for what comes fifty times a second from everybody: a whole frame of text."""

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import apply_mask  # pyright: ignore[reportPrivateImportUsage]  in C, where that is built
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


class Websocket(WebSocketsSansIOProtocol):
    """Cuts what arrives into frames: it takes those of plain text by itself, and gives the others to the library whole.

    Whoever sends a message that is long, or in parts, goes the library's way from then on.
    """

    _rest = b""
    """The beginning of a frame."""
    _ordinary = False
    """Whether everything goes the library's way."""

    def data_received(self, data: bytes) -> None:
        """Bytes of the connection, cut anywhere."""
        if self._ordinary or not self.handshake_complete:
            self._ordinary |= self.handshake_initiated  # it may hold the beginning of a frame that came too early
            super().data_received(data)
            return
        arrived, at = self._rest + data, 0
        while (end := _end_of_frame(arrived, at)) <= len(arrived):
            if not self._take(arrived, at, end):
                super().data_received(arrived[at:end])
            at = end
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

    def _take(self, arrived: bytes, at: int, end: int) -> bool:
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
