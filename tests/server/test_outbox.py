"""What waits for a client is bounded, and only one that does not read, or far too slowly, is dropped over it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import orjson
import pytest
from websockets.asyncio.client import connect

from server.realtime.outbox import MOST_BYTES, STANDSTILL, WAITING_BYTES, Outbox
from tests.server.caller import address, play
from tests.server.houses import at_home
from tests.virtual_clock import run

MIB = 2**20


@asynccontextmanager
async def read(outbox: Outbox, seconds: float) -> AsyncGenerator[None]:
    """A client that takes so long over each event."""

    async def send(_text: str) -> None:
        await asyncio.sleep(seconds)

    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(outbox.deliver(send))
        await asyncio.sleep(0)
        yield
        reading.cancel()


def tell(outbox: Outbox, size: int) -> None:
    """Put an event of about so many bytes in line."""
    outbox.put({"type": "conversation.item.added", "text": "x" * size})


def test_a_client_that_reads_is_kept_however_much_comes_at_once() -> None:
    async def scenario() -> None:
        outbox = Outbox()
        async with read(outbox, STANDSTILL - 1.0):
            for _ in range(3):
                tell(outbox, 3 * MIB)
            for _ in range(30):
                await asyncio.sleep(1.0)
                tell(outbox, 100)
                assert not outbox.overfull.is_set()

    run(scenario())


def test_one_that_does_not_read_is_stuck_once_too_much_waits() -> None:
    async def scenario() -> None:
        outbox, put = Outbox(), 0
        async with read(outbox, 3600.0):
            while not outbox.overfull.is_set():
                assert put < WAITING_BYTES + (STANDSTILL + 2) * 100_000
                await asyncio.sleep(1.0)
                tell(outbox, 100_000)
                put += 100_000
        assert put > WAITING_BYTES

    run(scenario())


def test_one_that_reads_slower_than_it_asks_is_stuck_at_the_last() -> None:
    async def scenario() -> None:
        outbox = Outbox()
        async with read(outbox, 1.0):
            while not outbox.overfull.is_set():
                assert outbox.waiting() <= MOST_BYTES
                await asyncio.sleep(0.5)
                tell(outbox, MIB)
        assert outbox.waiting() < MOST_BYTES + 2 * MIB

    run(scenario())


def test_what_came_while_nobody_was_there_is_not_held_against_one_who_returns() -> None:
    async def scenario() -> None:
        outbox = Outbox()
        for _ in range(2):
            tell(outbox, 3 * MIB)
            await asyncio.sleep(STANDSTILL * 2)
        tell(outbox, 100)
        async with read(outbox, 1.0):
            tell(outbox, 100)
            assert not outbox.overfull.is_set()

    run(scenario())


@pytest.mark.real
def test_a_long_item_is_told_twice_to_whoever_made_it() -> None:
    async def scenario() -> None:
        content = [{"type": "input_text", "text": "x" * 2_200_000}]
        item = {"type": "message", "role": "user", "content": content}
        async with at_home() as house, connect(address(house.url), max_size=None, proxy=None) as socket:
            await socket.send(orjson.dumps({"type": "conversation.item.create", "item": item}), text=True)
            told = [orjson.loads(await socket.recv())["type"] for _ in range(3)]
            assert told == ["session.created", "conversation.item.added", "conversation.item.done"]

    play(scenario())
