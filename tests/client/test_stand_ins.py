"""Stand-ins and the server on them start with one command, and say what they were asked."""

import asyncio
import os

import pytest

from client.errors import ClientError
from client.events import ReplyEnded
from client.realtime import connect
from client.stand_ins import REPLY, Delays, stand_in_server

pytestmark = pytest.mark.real


def test_a_server_answers_on_them_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_LLM_URL", "http://127.0.0.1:9/v1")

    async def asking() -> None:
        async with stand_in_server(Delays(llm_ms=1.0)) as stand_in, connect(stand_in.url) as talk:
            await talk.say("How are you?")
            await talk.respond()
            async for event in talk:
                if isinstance(event, ReplyEnded):
                    assert event.extras["heard"] == REPLY
                    break
            stats = await stand_in.stats()
            assert stats["llm_requests"] >= 1, "it keeps its models warm as well"
            assert stats["transcriptions"] == 0

    asyncio.run(asking())
    assert os.environ["ANTIPHON_LLM_URL"].endswith(":9/v1")


def test_one_that_cannot_start_says_why() -> None:
    async def starting() -> None:
        async with stand_in_server(Delays(llm_ms=1e12)):
            pass

    with pytest.raises(ClientError, match="first_token_ms is"):
        asyncio.run(starting())
