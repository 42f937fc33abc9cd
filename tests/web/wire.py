"""A network between the browser and the server that a test can cut."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """A TCP proxy on a port of its own."""

    def __init__(self, server: str) -> None:
        where = urlsplit(server)
        self._server = (where.hostname or "", where.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._whole = True
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept).start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._whole = False
        self._break()

    def mend(self) -> None:
        """Let new connections in."""
        self._whole = True

    def close(self) -> None:
        """Break every connection, for good."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._break()

    def _break(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def _accept(self) -> None:
        with suppress(OSError):  # no longer listening
            while True:
                client, _ = self._listening.accept()
                if not self._whole:
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                self._ends += (client, server)
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=_carry, args=(source, sink)).start()


@contextmanager
def wire_to(server: str) -> Generator[Wire]:
    """A wire to the server at this address."""
    wire = Wire(server)
    try:
        yield wire
    finally:
        wire.close()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    """Until either end is gone; then neither is of use."""
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()
