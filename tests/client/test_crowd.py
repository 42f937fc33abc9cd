"""What a crowd of callers notes is what the server did."""

import asyncio

import pytest

from client.clips import Clip
from client.crowd import PING, Crowd, Notes, crowd_at
from tests.client.scripted import TONE, Caller, Script, listen_forever, server


def felt(script: Script, seconds: float) -> Notes:
    """What a crowd of nobody feels of this server."""

    async def feeling() -> Notes:
        async with server(script) as url:
            crowd = Crowd(url, None, [], 0.02)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(seconds):
                    await crowd.feel()
            return crowd.notes

    return asyncio.run(feeling())


async def _stand_still(caller: Caller) -> None:
    """For 0.4 s, as one whose event loop is blocked."""
    await asyncio.sleep(2 * PING)
    caller.websocket.transport.pause_reading()
    await asyncio.sleep(0.4)
    caller.websocket.transport.resume_reading()
    await listen_forever(caller)


def test_a_server_that_stands_still_is_felt_for_as_long_as_it_does() -> None:
    waits = sorted(felt(_stand_still, 0.8).pong_ms, reverse=True)
    assert waits[0] > 340
    assert waits[0] - waits[3] == pytest.approx(3 * PING * 1000, abs=60), "each ping has waited since it was sent"


async def _pong_unasked(caller: Caller) -> None:
    for payload in (b"", b"hello"):
        await caller.websocket.pong(payload)
    await listen_forever(caller)


def test_a_pong_that_nobody_asked_for_says_nothing() -> None:
    notes = felt(_pong_unasked, 0.3)
    assert notes.pong_ms
    assert max(notes.pong_ms) < 250
    assert notes.problems == []


async def _complain(caller: Caller) -> None:
    await caller.tell("error", error={"message": "broken\x1b[2J"})
    await listen_forever(caller)


def test_what_a_server_complains_of_does_not_drive_the_terminal() -> None:
    async def calling() -> list[str]:
        clip = Clip("one", TONE, 0.0, 0.5)
        async with server(_complain) as url, crowd_at(url, [clip], 0.02) as crowd:
            await crowd.grow(1, 0.0)
            await asyncio.sleep(0.3)
            return crowd.notes.problems

    assert asyncio.run(calling()) == ["broken[2J"]
