"""A talk outlives its connections: what was said meanwhile arrives, and nothing arrives twice."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from client.errors import ClientError, UnreachableError
from client.events import Event, ReplyAudio, ReplyEnded, ReplyText, ServerError
from client.lasting import FIRST_WAIT, LONGEST_WAIT, Back, LastingTalk, Lost, lasting, waits
from client.realtime import connect
from client.sound import Pcm
from client.tasks import alongside
from tests.client.scripted import Caller, Script, server
from tests.server.houses import at_home
from tests.virtual_clock import run


def piece(number: int) -> Pcm:
    return np.full(480, number, np.int16)


class Host:
    """A server that drops its callers: what it says of its sessions, and who called."""

    def __init__(self, *, resumes: bool = True) -> None:
        self.callers: list[Caller] = []
        self.resumes = resumes
        self.received_ms = 0

    def ours(self) -> Mapping[str, Any]:
        known = bool(self.callers) and self.resumes
        resume: dict[str, Any] = {"token": f"token_{len(self.callers)}", "seconds": 20}
        return {"resumed": known, "resume": resume, "received_ms": self.received_ms}

    def heard(self) -> list[int]:
        """The first sample of each piece, over all connections."""
        return [int(pcm[0]) for caller in self.callers for pcm in caller.sound]


async def hang_up(caller: Caller) -> None:
    caller.websocket.transport.abort()
    await caller.websocket.wait_closed()


def converse(host: Host, *scripts: Script, pieces: int = 10) -> list[Event | Lost | Back]:
    """Say so many pieces, one each 20 ms, while the server does one script for each connection."""
    events: list[Event | Lost | Back] = []

    async def script(caller: Caller) -> None:
        host.callers.append(caller)
        await scripts[len(host.callers) - 1](caller)

    async def speak(talk: LastingTalk) -> None:
        for number in range(1, pieces + 1):
            await asyncio.sleep(0.02)
            await talk.hear(piece(number), asyncio.get_running_loop().time())

    async def talking() -> None:
        session = {"instructions": "Be brief."}
        async with (
            server(script, ours=host.ours) as url,
            lasting(lambda query: connect(url, query=query), session, patience=10.0) as talk,
            alongside(speak(talk)),
        ):
            events.extend([event async for event in talk])

    run(talking())
    return events


def test_it_takes_up_the_conversation_behind_the_last_event() -> None:
    host = Host()

    async def first(caller: Caller) -> None:
        await caller.hear(0.1)
        await caller.websocket.send('{"type": "x", "event_id": "event_41"}')
        await caller.begin_reply(words="Once upon")
        await hang_up(caller)

    async def second(caller: Caller) -> None:
        assert caller.query == {"model": "gpt-realtime", "resume": "token_0", "last_event_id": "event_1"}
        await caller.begin_reply(words=" a time.")

    host.received_ms = 100
    events = converse(host, first, second)
    assert [event for event in events if isinstance(event, Lost | Back)][1] == Back(resumed=True)
    assert "".join(event.text for event in events if isinstance(event, ReplyText)) == "Once upon a time."
    assert [event["type"] for event in host.callers[1].received] == []


@pytest.mark.parametrize("received", [3, 5])
def test_what_was_said_and_not_received_is_sent_again(received: int) -> None:
    host = Host()

    async def first(caller: Caller) -> None:
        await caller.hear(0.02 * received)
        host.received_ms = 20 * received
        await hang_up(caller)

    async def second(caller: Caller) -> None:
        await caller.hear(0.02 * (20 - received))

    converse(host, first, second, pieces=20)
    assert host.heard()[-20:] == list(range(1, 21))
    assert len(host.callers[1].sound) == 20 - received


def test_a_server_that_counts_anew_is_sent_nothing_twice() -> None:
    host = Host()

    async def first(caller: Caller) -> None:
        await caller.hear(0.1)
        await caller.tell("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=60)
        await hang_up(caller)

    async def second(caller: Caller) -> None:
        await caller.hear(0.1)

    converse(host, first, second, pieces=20)
    heard = host.heard()
    assert heard == sorted(set(heard))


def test_a_server_that_has_forgotten_is_told_the_session_again() -> None:
    host = Host(resumes=False)

    async def first(caller: Caller) -> None:
        await caller.next("session.update")
        await hang_up(caller)

    async def second(caller: Caller) -> None:
        update = await caller.next("session.update")
        assert update["session"] == {"type": "realtime", "instructions": "Be brief."}

    events = converse(host, first, second)
    assert events[-1] == Back(resumed=False)


def test_a_server_that_stays_away_is_given_up() -> None:
    async def script(caller: Caller) -> None:
        await caller.next("session.update")
        await hang_up(caller)

    async def talking() -> None:
        addresses = ["ws://127.0.0.1:1"]
        async with server(script) as url:
            addresses.append(url)
            async with lasting(lambda _: connect(addresses.pop() if addresses[1:] else addresses[0]), {}) as talk:
                async for event in talk:
                    assert isinstance(event, Lost)

    with pytest.raises(UnreachableError, match="cannot reach"):
        run(talking())


def test_a_server_that_wants_us_no_more_is_not_asked_again() -> None:
    async def script(caller: Caller) -> None:
        await caller.next("session.update")
        await caller.websocket.close(4001, "the conversation goes on over another connection")

    with pytest.raises(ClientError, match="over another connection"):
        converse(Host(), script)


def test_events_pass_through() -> None:
    async def script(caller: Caller) -> None:
        await caller.next("session.update")
        await caller.tell("error", error={"message": "no"})

    assert converse(Host(), script) == [ServerError("no", "", "")]


def test_a_position_in_the_sound_has_its_moment() -> None:
    async def talking() -> list[float | None]:
        async def script(caller: Caller) -> None:
            await caller.next("never")

        async with server(script) as url, lasting(lambda _: connect(url), {}) as talk:
            await talk.hear(piece(1), 10.0)
            await talk.hear(piece(2), 10.5)
            return [talk.spoken_at(seconds) for seconds in (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)]

    expected = [9.98, 9.99, 10.0, 10.49, 10.5]
    *found, beyond = run(talking())
    assert found == pytest.approx(expected)
    assert beyond is None


def test_it_waits_longer_each_time_up_to_a_bound() -> None:
    several = [wait for wait, _ in zip(waits(), range(8), strict=False)]
    assert several[0] <= 1.2 * FIRST_WAIT
    assert several[-1] == pytest.approx(LONGEST_WAIT, rel=0.21)


class Cable:
    """Between client and server, and can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._ends: list[asyncio.StreamWriter] = []

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, self._port)
        self._ends += [writer, back]

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                while chunk := await source.read(4096):
                    sink.write(chunk)
                    await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, back), pump(there, writer))
        with suppress(ConnectionError):
            await asyncio.gather(writer.wait_closed(), back.wait_closed())


@pytest.mark.real
def test_our_server_goes_on_in_the_middle_of_an_answer() -> None:
    async def answer(cuts: int) -> tuple[list[Event | Lost | Back], int]:
        """All events of an answer over a cable that is cut so often, and how much sound there was."""
        events: list[Event | Lost | Back] = []
        async with at_home({"server.resume": "20", "server.state": "none"}) as house:
            where = urlsplit(house.url)
            cable = Cable(where.hostname or "", where.port or 0)
            async with await asyncio.start_server(cable.join, "127.0.0.1") as listening:
                port = listening.sockets[0].getsockname()[1]
                async with lasting(lambda query: connect(f"127.0.0.1:{port}", query=query), {}) as talk:
                    await talk.say("Please tell me a long story.")
                    async for event in talk:
                        events.append(event)
                        if isinstance(event, ReplyAudio) and cuts:
                            cable.cut()
                            cuts -= 1
                        if isinstance(event, ReplyEnded):
                            break
                await asyncio.sleep(0.1)  # for the cable's ends
        return events, sum(len(event.pcm) for event in events if isinstance(event, ReplyAudio))

    async def both() -> None:
        async with asyncio.timeout(30):
            _, whole = await answer(0)
            events, heard = await answer(1)
        assert events.count(Back(resumed=True)) == 1
        assert heard == pytest.approx(whole, rel=0.05)

    asyncio.run(both())
