"""Connections that drop: the conversation waits, goes on where it was, and even outlives the server."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pybase64
import pytest
from websockets.asyncio.client import ClientConnection, connect

from models import brain
from models.faults import Knobs
from pipeline.audio import SPEAKING_RATE
from server.house import House
from tests.server.caller import address, play, question
from tests.server.houses import at_home
from tests.server.linter import Event, Linter
from tests.server.test_serve import serving
from tests.stand_ins import asgi

pytestmark = pytest.mark.real

STORY = "Once upon a time there was a small dog that could not sleep. " * 3

WAITING: Mapping[str, str] = {"server.resume": "20", "server.state": "none"}


@dataclass
class Guest:
    """A client that knows how to come back."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    linter: Linter = field(default_factory=Linter)
    strict: bool = True
    """Whether it misses nothing, so that the events have to go together."""
    events: list[Event] = field(default_factory=list[Event])
    """All it got, over all its connections."""
    connections: list[ClientConnection] = field(default_factory=list[ClientConnection])
    last: str = ""
    """The id of the last event it got."""
    session: Event = field(init=False)
    """As the last connection began."""

    @property
    def websocket(self) -> ClientConnection:
        """The connection there is, or was last."""
        return self.connections[-1]

    async def come(self, query: str = "") -> Event:
        """Connect; what the server says of itself beyond the protocol."""
        where = f"{address(self.url)}{query}"
        connecting = connect(where, max_size=None, compression=None, proxy=None, additional_headers=self.headers)
        self.connections.append(await connecting)
        self.session = (await self.take())["session"]
        return self.session["antiphon"]

    async def come_back(self, *, seen: bool = True) -> Event:
        """Connect again with the token, and say what was seen last if that is wanted."""
        last = f"&last_event_id={self.last}" if seen else ""
        return await self.come(f"&resume={self.token()}{last}")

    def token(self) -> str:
        """That of the connection there is, or was last."""
        return self.session["antiphon"]["resume"]["token"]

    async def take(self) -> Event:
        """The next event."""
        async with asyncio.timeout(8):
            event: Event = orjson.loads(await self.websocket.recv())
        self.last = event["event_id"]
        if event["type"] == "session.created" and self.events:
            return event  # the linter knows one beginning
        if self.strict:
            self.linter.take(event)
        self.events.append(event)
        return event

    async def until(self, kind: str) -> Event:
        """The next event of this kind."""
        while (event := await self.take())["type"] != kind:
            assert event["type"] != "error", event
        return event

    async def send(self, kind: str, **fields: Any) -> None:
        """A client event."""
        await self.websocket.send(orjson.dumps({"type": kind, **fields}), text=True)

    async def say(self, text: str) -> None:
        """A line of text."""
        content = [{"type": "input_text", "text": text}]
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    async def ask(self, text: str) -> Event:
        """A question in writing, and the whole response to it."""
        await self.say(text)
        await self.send("response.create")
        return (await self.until("response.done"))["response"]

    def drop(self) -> None:
        """Lose the connection as a network does."""
        raw: socket.socket = self.websocket.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.websocket.transport.abort()

    def sound(self) -> bytes:
        """All it heard."""
        deltas = [event["delta"] for event in self.events if event["type"] == "response.output_audio.delta"]
        return b"".join(map(pybase64.b64decode, deltas))


@asynccontextmanager
async def visiting(url: str, key: str = "") -> AsyncGenerator[Guest]:
    """A guest, who leaves no connection open."""
    guest = Guest(url, {"Authorization": f"Bearer {key}"} if key else {})
    try:
        yield guest
    finally:
        for connection in guest.connections:
            connection.transport.abort()
            await connection.wait_closed()


@asynccontextmanager
async def story_teller(**settings: str) -> AsyncGenerator[str]:
    """A server whose model tells a story, word by word."""
    model = brain.app(brain.Settings(Knobs(replies=(STORY,), tokens_per_second=40)))
    async with asgi.serving(model) as told:
        chosen = {**WAITING, "llm.engine": "openai", "llm.url": f"{told}/v1", **settings}
        async with at_home(chosen) as house:
            yield house.url


def test_a_reply_goes_on_where_it_was_and_nothing_is_said_twice() -> None:
    async def scenario() -> None:
        async with story_teller() as url, visiting(url) as stayed, visiting(url) as dropped:
            await stayed.come()
            await stayed.ask("Tell me a story.")
            await dropped.come()
            await dropped.say("Tell me a story.")
            await dropped.send("response.create")
            for _ in range(3):
                await dropped.until("response.output_audio.delta")
                dropped.drop()
                await asyncio.sleep(0.3)
                back = await dropped.come_back()
                assert (back["resumed"], back["missed_events"]) == (True, 0)
            done = (await dropped.until("response.done"))["response"]
            assert (done["status"], done["output"][0]["content"][0]["transcript"]) == ("completed", STORY)
            assert abs(len(dropped.sound()) - len(stayed.sound())) < SPEAKING_RATE // 5
            dropped.linter.finish()

    play(scenario())


def test_who_is_dropped_again_and_again_before_anything_comes_misses_nothing() -> None:
    async def scenario() -> None:
        async with at_home(WAITING) as house, visiting(house.url) as guest:
            await guest.come()
            await guest.say("What is 2 plus 3?")
            await guest.until("conversation.item.added")
            await guest.send("response.create")
            for _ in range(3):
                await asyncio.sleep(0.2)
                guest.drop()
                assert (await guest.come_back())["missed_events"] == 0
            assert (await guest.until("response.done"))["response"]["status"] == "completed"
            numbers = [number_of(event) for event in guest.events[1:]]
            assert numbers == list(range(1, len(numbers) + 1))

    play(scenario())


def test_who_does_not_say_what_they_got_is_sent_what_was_not_sent() -> None:
    async def scenario() -> None:
        async with story_teller() as url, visiting(url) as guest:
            await guest.come()
            await guest.say("Tell me a story.")
            await guest.send("response.create")
            await guest.until("response.output_audio.delta")
            guest.drop()
            guest.strict = False  # what was on its way to the lost connection is lost as well
            assert (await guest.come_back(seen=False))["resumed"]
            following = [number_of(event) for event in guest.events]
            await guest.until("response.done")
            assert number_of(guest.events[len(following)]) > max(following)

    play(scenario())


def number_of(event: Event) -> int:
    return int(event["event_id"].removeprefix("event_").partition(".")[0])


def test_settings_and_items_are_as_they_were() -> None:
    async def scenario() -> None:
        async with at_home(WAITING) as house, visiting(house.url) as guest:
            await guest.come()
            await guest.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
            await guest.ask("What is 2 plus 3?")
            guest.drop()
            back = await guest.come_back()
            assert guest.session["instructions"] == "Be brief."
            assert [item["role"] for item in back["items"]] == ["user", "assistant"]
            assert len(house.sessions) == 1

    play(scenario())


def test_a_token_is_good_once_and_for_its_key_alone() -> None:
    async def scenario() -> None:
        async with (
            at_home({**WAITING, "server.keys": "mine,yours"}) as house,
            visiting(house.url, "mine") as guest,
            visiting(house.url, "yours") as thief,
            visiting(house.url, "mine") as late,
        ):
            await guest.come()
            token = guest.token()
            guest.drop()
            assert not (await thief.come(f"&resume={token}"))["resumed"]
            assert (await guest.come(f"&resume={token}"))["resumed"]
            assert guest.token() != token
            await guest.ask("What is 2 plus 3?")
            assert not (await late.come(f"&resume={token}"))["resumed"]

    play(scenario())


def test_a_made_up_token_is_good_for_nothing() -> None:
    async def scenario() -> None:
        async with (
            at_home(WAITING) as house,
            visiting(house.url) as guest,
            visiting(house.url) as other,
            visiting(house.url) as third,
        ):
            assert not (await guest.come("&resume=guess"))["resumed"]
            guest.drop()
            assert not (await other.come("&resume=guess"))["resumed"]
            other.drop()
            assert not (await third.come("&resume=guess"))["resumed"]
            assert (await guest.come_back())["resumed"]

    play(scenario())


def test_a_client_whose_new_connection_breaks_unnoticed_is_let_in_again() -> None:
    async def scenario() -> None:
        async with at_home(WAITING) as house, visiting(house.url) as guest:
            await guest.come()
            token = guest.token()
            for _ in range(3):  # the server notices nothing
                assert (await guest.come(f"&resume={token}"))["resumed"]
            assert len(house.sessions) == 1

    play(scenario())


def test_a_token_is_spent_with_the_first_word_over_its_connection() -> None:
    async def scenario() -> None:
        async with at_home(WAITING) as house, visiting(house.url) as guest, visiting(house.url) as late:
            await guest.come()
            token = guest.token()
            await guest.come_back()
            await guest.ask("What is 2 plus 3?")
            assert not (await late.come(f"&resume={token}"))["resumed"]
            assert len(house.sessions) == 2
            assert (await guest.ask("What is 3 plus 4?"))["status"] == "completed"

    play(scenario())


def test_a_token_whose_successor_never_arrived_is_good_again() -> None:
    async def scenario() -> None:
        async with at_home(WAITING) as house, visiting(house.url) as guest:
            await guest.come()
            token = guest.token()
            for _ in range(2):
                guest.drop()
                await asyncio.sleep(0.1)
                assert (await guest.come(f"&resume={token}"))["resumed"]

    play(scenario())


def test_a_client_that_comes_back_before_its_loss_is_noticed_takes_over() -> None:
    async def scenario() -> None:
        async with at_home(WAITING) as house, visiting(house.url) as guest:
            await guest.come()
            await guest.ask("What is 2 plus 3?")
            old = guest.websocket
            assert (await guest.come_back())["resumed"]
            await old.wait_closed()
            assert old.close_code == 4001
            assert (await guest.ask("What is 3 plus 4?"))["status"] == "completed"

    play(scenario())


@pytest.mark.parametrize("code", [1000, None])
def test_who_says_goodbye_is_not_waited_for(code: int | None) -> None:
    async def scenario() -> None:
        async with at_home(WAITING) as house, visiting(house.url) as guest:
            await guest.come()
            guest.websocket.protocol.send_close(code)
            guest.websocket.transport.write(b"".join(guest.websocket.protocol.data_to_send()))
            await nobody_in(house)
            assert not (await guest.come_back())["resumed"]

    play(scenario())


def test_who_does_not_come_back_in_time_is_forgotten() -> None:
    async def scenario() -> None:
        async with at_home({**WAITING, "server.resume": "0.3"}) as house, visiting(house.url) as guest:
            await guest.come()
            guest.drop()
            await nobody_in(house)
            assert not (await guest.come_back())["resumed"]

    play(scenario())


async def nobody_in(house: House) -> None:
    """Until no conversation is open."""
    async with asyncio.timeout(5):
        while house.sessions:  # noqa: ASYNC110  nobody tells when one is gone
            await asyncio.sleep(0.02)


def test_a_conversation_outlives_the_server(tmp_path: Path) -> None:
    async def scenario() -> None:
        state = ("--state", str(tmp_path), "--resume", "60")
        async with serving(*state) as (process, url), visiting(url) as guest:
            await guest.come()
            await guest.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
            [item] = (await guest.ask("What is 2 plus 3?"))["output"]
            await asyncio.sleep(0.2)
            process.kill()
            await process.wait()
        async with serving(*state) as (_, url), visiting(url) as back:
            ours = await back.come(f"&resume={guest.token()}")
            assert (ours["resumed"], back.session["instructions"]) == (True, "Be brief.")
            back.linter.items += [item["id"] for item in ours["items"]]
            assert back.linter.items[1:] == [item["id"]]
            assert (await back.ask("What is 3 plus 4?"))["status"] == "completed"
            await back.send("conversation.item.truncate", item_id=item["id"], content_index=0, audio_end_ms=0)
            await back.until("conversation.item.truncated")

    play(scenario())


def test_a_question_the_server_could_not_answer_any_more_is_answered_when_it_is_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        state = ("--state", str(tmp_path), "--resume", "60")
        stalled = brain.app(brain.Settings(Knobs(first_token_ms=60_000)))
        async with asgi.serving(stalled) as model:
            broken = ("--llm-engine", "openai", "--llm-url", f"{model}/v1")
            async with serving(*state, *broken) as (process, url), visiting(url) as guest:
                await guest.come()
                heard = {"format": {"type": "audio/pcm", "rate": 16000}}
                await guest.send("session.update", session={"type": "realtime", "audio": {"input": heard}})
                sound = pybase64.b64encode(question().astype("<i2").tobytes()).decode()
                await guest.send("input_audio_buffer.append", audio=sound)
                await guest.until("conversation.item.input_audio_transcription.completed")
                await asyncio.sleep(0.2)
                process.kill()
                await process.wait()
        async with serving(*state) as (_, url), visiting(url) as back:
            ours = await back.come(f"&resume={guest.token()}")
            back.linter.items += [item["id"] for item in ours["items"]]
            assert (await back.until("response.done"))["response"]["status"] == "completed"

    play(scenario())


def test_what_the_user_pushed_to_say_is_not_answered_unasked_after_a_restart(tmp_path: Path) -> None:
    async def scenario() -> None:
        state = ("--state", str(tmp_path), "--resume", "60")
        async with serving(*state) as (process, url), visiting(url) as guest:
            await guest.come()
            heard = {"format": {"type": "audio/pcm", "rate": 16000}, "turn_detection": None}
            await guest.send("session.update", session={"type": "realtime", "audio": {"input": heard}})
            sound = pybase64.b64encode(question().astype("<i2").tobytes()).decode()
            await guest.send("input_audio_buffer.append", audio=sound)
            await guest.send("input_audio_buffer.commit")
            await guest.until("conversation.item.input_audio_transcription.completed")
            await asyncio.sleep(0.2)
            process.kill()
            await process.wait()
        async with serving(*state) as (_, url), visiting(url) as back:
            ours = await back.come(f"&resume={guest.token()}")
            back.linter.items += [item["id"] for item in ours["items"]]
            await back.send("response.create")
            assert (await back.until("response.done"))["response"]["status"] == "completed"

    play(scenario())


def test_the_end_of_an_answer_that_a_stopping_server_waited_for_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        state = ("--state", str(tmp_path), "--resume", "60")
        async with serving(*state) as (process, url), visiting(url) as guest:
            await guest.come()
            await guest.say("Tell me a story.")
            await guest.send("response.create")
            await guest.until("response.output_audio.delta")
            process.terminate()
            [item] = (await guest.until("response.done"))["response"]["output"]
            await process.wait()
        async with serving(*state) as (_, url), visiting(url) as back:
            kept = (await back.come(f"&resume={guest.token()}"))["items"][-1]
            assert (kept["status"], kept["content"]) == ("completed", item["content"])

    play(scenario())
