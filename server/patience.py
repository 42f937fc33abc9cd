"""Clients that keep us waiting, who neither end their requests nor read what they are sent, are hung up on."""

import asyncio
from collections.abc import Collection
from typing import NoReturn, TypeAlias

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PATIENCE = 10.0
"""Seconds a client has to do its part. Whoever waits between two requests is hung up on by uvicorn, after five."""

PAUSE = 2.0
"""Seconds between two looks at all connections."""

AT_ONCE = 100
"""Connections that are looked at before others have the loop: 0.1 ms, or 1 ms where all of them are hung up on."""

Connection: TypeAlias = H11Protocol | WebSocketsSansIOProtocol


async def hang_up_on_the_slow(connections: Collection[object]) -> NoReturn:
    """Look at uvicorn's connections, which come and go, for ever.

    Closing one is not enough: what its client does not read would be waited for.
    """
    loop, waits = asyncio.get_running_loop(), dict[Connection, tuple[object, float]]()
    while True:
        await asyncio.sleep(PAUSE)
        before, waits = waits, {}
        for number, connection in enumerate([one for one in connections if isinstance(one, Connection)], 1):
            if (part := awaited(connection)) is not None:
                known, since = before.get(connection, (None, 0.0))
                waits[connection] = part, since if part == known else loop.time()
                if loop.time() - waits[connection][1] >= PATIENCE:
                    connection.transport.abort()
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)


def awaited(connection: Connection) -> object:
    """What will be another as soon as the client does its part; None while it is not its turn.

    Whether there is still somebody at an open websocket is found out by its pings.
    """
    unread = connection.transport.get_write_buffer_size()
    if connection.transport.is_closing():
        return unread
    if not isinstance(connection, H11Protocol):
        return None
    state = connection.conn.their_state
    return unread or ((state, connection.cycle) if state in (h11.IDLE, h11.SEND_BODY) else None)
