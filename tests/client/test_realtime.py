"""The connection works with a well-behaved server, and says in one line what is wrong with any other."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from client.errors import ClientError, UnreachableError
from client.events import Event, Heard, Other, ReplyEnded, ReplyText, ServerError
from client.realtime import connect, realtime_url
from tests.client.scripted import TONE, Caller, Script, answering, listen_forever, server
from tests.virtual_clock import run


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("localhost:8000", "ws://localhost:8000/v1/realtime?model=gpt-realtime"),
        ("http://localhost:8000", "ws://localhost:8000/v1/realtime?model=gpt-realtime"),
        ("http://localhost:8000/", "ws://localhost:8000/v1/realtime?model=gpt-realtime"),
        ("https://api.openai.com/v1", "wss://api.openai.com/v1/realtime?model=gpt-realtime"),
        ("ws://h/v1/realtime", "ws://h/v1/realtime?model=gpt-realtime"),
        ("wss://h/v1/realtime?model=own", "wss://h/v1/realtime?model=own"),
        ("ws://h/other/path", "ws://h/other/path?model=gpt-realtime"),
        ("ws://[::1]:9/v1", "ws://[::1]:9/v1/realtime?model=gpt-realtime"),
    ],
)
def test_a_url_is_understood_however_it_is_typed(typed: str, meant: str) -> None:
    assert realtime_url(typed) == meant


def test_the_callers_model_wins_over_the_urls() -> None:
    assert realtime_url("ws://h/v1/realtime?model=a&x=1", "b") == "ws://h/v1/realtime?model=b&x=1"


@pytest.mark.parametrize("typed", ["", "ftp://h", "ws://", "http:///v1", "ws://[::1", "[::1", "http://[nowhere]/v1"])
def test_what_is_no_url_is_refused(typed: str) -> None:
    with pytest.raises(ClientError, match="not the address of a server"):
        realtime_url(typed)


def test_every_method_sends_its_event() -> None:
    callers: list[Caller] = []

    async def script(caller: Caller) -> None:
        callers.append(caller)
        await caller.next("conversation.item.truncate")

    async def talking() -> None:
        async with server(script) as url, connect(url, session={"instructions": "Be brief."}) as talk:
            assert talk.session["id"] == "sess_1"
            await talk.hear(TONE)
            await talk.commit()
            await talk.say("hello")
            await talk.respond(metadata={"a": "b"})
            await talk.cancel()
            await talk.truncate("item_9", 120)
            assert [event async for event in talk] == []

    run(talking())
    (caller,) = callers
    assert np.array_equal(caller.sound[0], TONE)
    assert len({event.pop("event_id") for event in caller.received}) == 6
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    assert caller.received == [
        {"type": "session.update", "session": {"type": "realtime", "instructions": "Be brief."}},
        {"type": "input_audio_buffer.commit"},
        {"type": "conversation.item.create", "item": message},
        {"type": "response.create", "response": {"metadata": {"a": "b"}}},
        {"type": "response.cancel"},
        {"type": "conversation.item.truncate", "item_id": "item_9", "content_index": 0, "audio_end_ms": 120},
    ]


def test_the_key_travels_as_a_bearer_token_and_nothing_is_compressed() -> None:
    seen: dict[str, str] = {}

    async def script(caller: Caller) -> None:
        assert caller.websocket.request is not None
        seen.update(caller.websocket.request.headers)
        assert caller.websocket.request.path == "/v1/realtime?model=m"

    async def talking() -> None:
        async with server(script) as url, connect(url, key="secret", model="m"):
            pass

    run(talking())
    assert seen["authorization"] == "Bearer secret"
    assert "sec-websocket-extensions" not in seen


@pytest.mark.parametrize("key", ["ключ", "schlüssel", "a\nX-Evil: 1"])
def test_a_key_that_no_header_can_carry_is_what_is_complained_of(key: str) -> None:
    async def talking() -> None:
        async with server(listen_forever) as url, connect(url, key=key):
            pass

    with pytest.raises(ClientError, match="the key has characters that no header can carry"):
        run(talking())


async def _all_events(script: Script) -> list[Event]:
    async with server(script) as url, connect(url) as talk:
        return [event async for event in talk]


def test_unknown_events_and_errors_are_events_like_any_other() -> None:
    async def script(caller: Caller) -> None:
        await caller.tell("mcp_list_tools.completed", item_id="x")
        await caller.tell("error", error={"message": "no such voice", "code": "invalid_value", "event_id": "client_1"})
        await caller.reply()

    events = run(_all_events(script))
    assert isinstance(events[0], Other)
    assert events[1] == ServerError("no such voice", "invalid_value", "client_1")
    assert [type(event) for event in events if isinstance(event, ReplyText | ReplyEnded)] == [ReplyText, ReplyEnded]


COMMANDS = "\x1b]52;c;cm0gLXJmIH4=\a\x9b2J\r\b\x7f"
"""Writes the clipboard of a terminal, and clears its screen."""


def test_no_server_drives_the_terminal_that_its_words_are_shown_on() -> None:
    async def script(caller: Caller) -> None:
        await caller.take_turn(transcript=f"hello{COMMANDS}")
        await caller.begin_reply(words=f"Good\n\tday{COMMANDS}")
        await caller.tell("error", error={"message": f"no{COMMANDS}"})
        choice = {f"model{COMMANDS}": [f"gpt{COMMANDS}", 1.5, None]}
        await caller.tell("response.done", response={"id": "r", "status": "completed", "antiphon": choice})

    _, _, _, heard, _, said, _, problem, done = run(_all_events(script))
    left = "]52;c;cm0gLXJmIH4=2J"
    assert heard == Heard("item_1", f"hello{left}")
    assert isinstance(said, ReplyText)
    assert said.text == f"Good\n\tday{left}"
    assert problem == ServerError(f"no{left}", "", "")
    assert done == ReplyEnded("r", "completed", "", {f"model{left}": [f"gpt{left}", 1.5, None]})


async def _garbage(caller: Caller) -> None:
    await caller.websocket.send("<html>502</html>")


async def _no_object(caller: Caller) -> None:
    await caller.websocket.send("[1, 2]")


async def _bad_goodbye(caller: Caller) -> None:
    await caller.websocket.close(3000, "invalid_api_key")


async def _rude_goodbye(caller: Caller) -> None:
    await caller.websocket.close(3000, f"bye{COMMANDS}")


async def _cable_cut(caller: Caller) -> None:
    caller.websocket.transport.abort()


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (_garbage, "which is not JSON"),
        (_no_object, "which is no event"),
        (_bad_goodbye, r"code 3000\): invalid_api_key"),
        (_rude_goodbye, r"code 3000\): bye\]52;c;cm0gLXJmIH4=2J$"),
        (_cable_cut, "broke off"),
    ],
)
def test_a_server_that_goes_wrong_is_named(script: Script, complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint) as raised:
        run(_all_events(script))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "complaint"),
    [(401, "refuses this key"), (403, "refuses this key"), (404, "no Realtime endpoint"), (503, "full"), (500, "500")],
)
def test_a_refusal_says_what_to_do(status: int, complaint: str) -> None:
    async def calling() -> None:
        async with server(listen_forever, status=status) as url, connect(url):
            pass

    with pytest.raises(ClientError, match=complaint):
        run(calling())


def test_an_error_instead_of_a_greeting_is_passed_on() -> None:
    async def script(caller: Caller) -> None:
        await caller.tell("error", error={"message": "Incorrect API key provided", "code": "invalid_api_key"})

    async def calling() -> None:
        async with server(script, greet=False) as url, connect(url):
            pass

    with pytest.raises(ClientError, match="Incorrect API key provided"):
        run(calling())


def test_a_server_that_speaks_another_protocol_is_noticed() -> None:
    async def script(caller: Caller) -> None:
        await caller.tell("session.started")

    async def calling() -> None:
        async with server(script, greet=False) as url, connect(url):
            pass

    with pytest.raises(ClientError, match="does not greet"):
        run(calling())


def test_nobody_listening_is_said_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]

    async def calling() -> None:
        async with connect(f"127.0.0.1:{port}"):
            pass

    with pytest.raises(ClientError, match="is the server running there"):
        run(calling())


async def _speak_smtp(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail ready\r\n")
    writer.close()


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    ("manners", "problem", "again"),
    [(_speak_smtp, "not a websocket server", False), (_hang_up, "hangs up; is the server running", True)],
)
def test_what_is_no_websocket_server_is_noticed_and_one_that_hangs_up_may_be_one_later(
    manners: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], problem: str, *, again: bool
) -> None:
    async def calling() -> None:
        async with await asyncio.start_server(manners, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}"):
                pass

    with pytest.raises(ClientError, match=problem) as raised:
        run(calling())
    assert isinstance(raised.value, UnreachableError) == again


def test_leaving_the_block_closes_the_connection() -> None:
    async def calling() -> int | None:
        callers: list[Caller] = []

        async def script(caller: Caller) -> None:
            callers.append(caller)
            await answering()(caller)

        async with server(script) as url:
            async with connect(url):
                pass
            await callers[0].websocket.wait_closed()
        return callers[0].websocket.close_code

    assert run(calling()) == 1000
