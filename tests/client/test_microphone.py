"""A recording is spoken in real time, and each of its samples has its moment."""

import asyncio

import numpy as np
import pytest

from client.errors import ClientError
from client.microphone import FileMicrophone
from client.realtime import connect
from client.sound import RATE
from tests.client.scripted import QUESTION, Caller, server
from tests.virtual_clock import run


def test_a_recording_is_followed_by_quiet_for_as_long_as_somebody_listens() -> None:
    callers: list[Caller] = []
    done = asyncio.Event()

    async def script(caller: Caller) -> None:
        callers.append(caller)
        await caller.hear(0.8)
        done.set()

    async def speaking() -> float:
        loop = asyncio.get_running_loop()
        async with server(script) as url, connect(url) as talk:
            begun = loop.time()
            async with FileMicrophone(QUESTION[:-100]).listening(talk):
                await done.wait()
            return loop.time() - begun

    seconds = run(speaking())
    assert seconds == pytest.approx(0.8)
    heard = np.concatenate(callers[0].sound)
    assert {len(pcm) for pcm in callers[0].sound} == {RATE // 50}
    assert np.array_equal(heard[: len(QUESTION)], QUESTION)
    assert not heard[len(QUESTION) :].any()


def test_a_sample_was_spoken_when_it_would_have_sounded() -> None:
    microphone = FileMicrophone(np.zeros(RATE // 50 * 2 - 10, np.int16), [10.02, 10.05])
    assert microphone.spoken_at(0.0) == pytest.approx(10.0)
    assert microphone.spoken_at(0.02) == pytest.approx(10.02)
    assert microphone.spoken_at(0.03) == pytest.approx(10.04)
    assert microphone.spoken_at(0.04) == pytest.approx(10.05)
    assert microphone.spoken_at(0.05) is None


def test_a_broken_connection_ends_the_block_with_its_reason() -> None:
    async def script(caller: Caller) -> None:
        await caller.hear(0.1)
        caller.websocket.transport.abort()

    async def speaking() -> None:
        async with server(script) as url, connect(url) as talk, FileMicrophone(QUESTION).listening(talk):
            await asyncio.Event().wait()

    with pytest.raises(ClientError, match="broke off"):
        run(speaking())
