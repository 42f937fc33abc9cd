"""The door, tried with real websockets: as programs do, with a header, and as browsers do, with a subprotocol."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson
import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from server.house import House
from tests.server.caller import address, play
from tests.server.houses import next_door

pytestmark = pytest.mark.real

PAGE = "https://app.example"
BROWSER = "openai-insecure-api-key."


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door({"server.keys": "sesame", "server.origins": PAGE}) as house:
        yield house


async def secret_for(house: House, session: dict[str, Any]) -> str:
    """A client secret, made with the key."""
    async with httpx2.AsyncClient(base_url=house.url, trust_env=False) as client:
        headers = {"authorization": "Bearer sesame"}
        answer = await client.post("/v1/realtime/client_secrets", headers=headers, json={"session": session})
        return answer.json()["value"]


@asynccontextmanager
async def as_browser(house: House, key: str, origin: str = PAGE) -> AsyncGenerator[ClientConnection]:
    """What `new WebSocket(url, ["realtime", KEY])` does on a page of that origin."""
    offered = [Subprotocol("realtime"), Subprotocol(BROWSER + key)]
    async with connect(address(house.url), subprotocols=offered, origin=Origin(origin), proxy=None) as websocket:
        yield websocket


async def told(websocket: ClientConnection) -> dict[str, Any]:
    """The next event."""
    async with asyncio.timeout(5):
        return orjson.loads(await websocket.recv())


async def turned_away(websocket: ClientConnection, close_code: int, code: str) -> None:
    """Until the server has said why it will not talk, both ways, and hung up."""
    event = await told(websocket)
    assert (event["type"], event["error"]["type"]) == ("error", "invalid_request_error")
    assert event["error"]["code"] == code
    assert event["event_id"]
    with pytest.raises(ConnectionClosed):
        await told(websocket)
    assert (websocket.close_code, websocket.close_reason) == (close_code, f"invalid_request_error.{code}")


def test_a_key_opens_in_a_header_and_as_a_subprotocol(house: House) -> None:
    async def scenario() -> None:
        bearer = {"authorization": "Bearer sesame"}
        async with connect(address(house.url), additional_headers=bearer, proxy=None) as websocket:
            assert (await told(websocket))["type"] == "session.created"
            assert websocket.subprotocol is None
        async with as_browser(house, "sesame") as websocket:
            assert (await told(websocket))["type"] == "session.created"
            assert websocket.subprotocol == "realtime"

    play(scenario())


def test_a_secret_opens_for_a_page_with_the_session_it_was_made_for(house: House) -> None:
    async def scenario() -> None:
        secret = await secret_for(house, {"type": "realtime", "model": "mine", "instructions": "Speak like a pirate."})
        ids: set[str] = set()
        for _ in range(2):
            async with as_browser(house, secret) as websocket:
                session = (await told(websocket))["session"]
                assert (session["model"], session["instructions"]) == ("mine", "Speak like a pirate.")
                assert session["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}
                ids.add(session["id"])
        assert len(ids) == 2

    play(scenario())


def test_a_secret_for_listening_opens_a_session_that_only_transcribes(house: House) -> None:
    async def scenario() -> None:
        language = {"audio": {"input": {"transcription": {"language": "de"}}}}
        secret = await secret_for(house, {"type": "transcription", **language})
        async with as_browser(house, secret) as websocket:
            session = (await told(websocket))["session"]
            assert session["type"] == "transcription"
            assert session["audio"]["input"]["transcription"]["language"] == "de"

    play(scenario())


def test_openai_s_client_talks_with_a_secret(house: House) -> None:
    async def scenario() -> None:
        secret = await secret_for(house, {"type": "realtime", "output_modalities": ["text"]})
        async with (
            AsyncOpenAI(base_url=f"{house.url}/v1", api_key=secret) as client,
            client.realtime.connect(model="antiphon") as connection,
        ):
            await connection.conversation.item.create(
                item={
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "What is 2 plus 3?"}],
                }
            )
            await connection.response.create()
            answers: list[str] = []
            async for event in connection:
                if event.type == "response.output_text.done":
                    answers.append(event.text)
                if event.type == "response.done":
                    break
            assert answers == ["2 plus 3 is 5."]

    play(scenario())


@pytest.mark.parametrize(
    ("key", "origin", "code"),
    [
        ("wrong", PAGE, "invalid_api_key"),
        ("ek_expired", PAGE, "invalid_api_key"),
        ("sesame", "https://evil.example", "origin_not_allowed"),
        ("sesame", "null", "origin_not_allowed"),
    ],
)
def test_a_page_that_may_not_come_is_told_why(house: House, key: str, origin: str, code: str) -> None:
    async def scenario() -> None:
        async with as_browser(house, key, origin) as websocket:
            await turned_away(websocket, 3000, code)

    play(scenario())


def test_the_beta_is_told_that_it_is_over(house: House) -> None:
    async def scenario() -> None:
        headers = {"openai-beta": "realtime=v1", "authorization": "Bearer sesame"}
        async with connect(address(house.url), additional_headers=headers, proxy=None) as websocket:
            await turned_away(websocket, 4000, "beta_api_shape_disabled")

    play(scenario())
