"""A real server under observation: who may read, and what is there after a talk."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from server.house import House
from server.observing.observer import Observer
from tests.server.caller import address, calling, play, question
from tests.server.houses import at_home

pytestmark = pytest.mark.real

KEYS = {"server.keys": "sesame"}


@asynccontextmanager
async def watching(settings: Mapping[str, str]) -> AsyncGenerator[tuple[House, httpx2.AsyncClient]]:
    async with (
        at_home(settings) as house,
        httpx2.AsyncClient(base_url=house.url, trust_env=False) as client,
    ):
        yield house, client


async def scraped(client: httpx2.AsyncClient) -> Mapping[str, float]:
    """Everything by name, summed over all labels."""
    answer = await client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    sums = dict[str, float]()
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


async def status(client: httpx2.AsyncClient, path: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await client.get(path, headers=named)).status_code


@pytest.mark.parametrize("path", ["/metrics", "/dashboard.json"])
def test_this_machine_reads_without_a_key_and_nobody_through_it(path: str) -> None:
    async def scenario() -> None:
        async with watching(KEYS) as (_, client):
            assert await status(client, path) == 200
            assert await status(client, path, x_forwarded_for="203.0.113.9") == 401
            assert await status(client, path, forwarded="for=203.0.113.9", authorization="Bearer sesame") == 200
            assert await status(client, path, x_real_ip="203.0.113.9", authorization="Bearer wrong") == 401
            assert await status(client, path, origin="https://elsewhere.example") == 403
            assert await status(client, path, host="rebound.example") == 401
            assert await status(client, path, host=f"localhost:{client.base_url.port}") == 200

    play(scenario())


@pytest.mark.parametrize(
    "host", ["antiphon.example", "127.0.0.1", "localhost", "[::1]", "127.0.0.1:80", "127.0.0.1:x", ""]
)
@pytest.mark.parametrize("path", ["/metrics", "/dashboard.json"])
def test_a_proxy_that_does_not_say_so_is_known_by_the_port_it_leaves_out(path: str, host: str) -> None:
    async def scenario() -> None:
        async with watching(KEYS) as (_, client):
            assert await status(client, path, host=host) == 401

    play(scenario())


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sesame"}])
def test_nobody_but_the_server_reaches_its_brain(headers: dict[str, str]) -> None:
    async def scenario() -> None:
        async with watching({}) as (house, client), calling(house.url) as caller:
            for path in ("/brain/v1/models", "/brain/v1/brain/stats"):
                assert (await client.get(path, headers=headers)).status_code == 404
            asked = {"messages": [{"role": "user", "content": "What time is it?"}]}
            answer = await client.post("/brain/v1/chat/completions", json=asked, headers=headers)
            assert answer.status_code == 404
            assert (await caller.ask("What is twelve times seven?"))["status"] == "completed"

    play(scenario())


def test_everybody_reads_where_the_settings_say_so() -> None:
    async def scenario() -> None:
        async with watching({**KEYS, "server.metrics": "open"}) as (_, client):
            assert await status(client, "/metrics", x_forwarded_for="203.0.113.9") == 200

    play(scenario())


def test_nothing_is_measured_where_nobody_wants_it() -> None:
    async def scenario() -> None:
        async with watching({"server.metrics": "off"}) as (house, client):
            assert house.observer is None
            assert await status(client, "/metrics") == await status(client, "/dashboard.json") == 404
            async with calling(house.url) as caller:
                await caller.ask("What is twelve times seven?")

    play(scenario())


def test_a_spoken_turn_is_counted_logged_and_shown(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with watching({"server.release": "canary"}) as (house, client), calling(house.url) as caller:
            await caller.speak(question())
            done = (await caller.until("response.done"))["response"]

            told = await scraped(client)
            assert told["antiphon_turns_total"] == told["antiphon_first_tokens_due_total"] == 1
            assert told["antiphon_sessions_total"] == told["antiphon_sessions_now"] == 1
            assert told["antiphon_speculations_total"] >= 1
            assert told["process_cpu_seconds_total"] > 0
            sent = done["antiphon"]["marks_ms"]["sent"] / 1000
            assert told["antiphon_turn_stage_seconds_sum"] == pytest.approx(sent, abs=0.001)

            shown: dict[str, Any] = (await client.get("/dashboard.json")).json()
            [turn] = shown["turns"]
            assert (turn["id"], turn["first_sound_ms"]) == (done["id"], done["antiphon"]["marks_ms"]["sent"])
            assert sum(part["ms"] for part in turn["parts"]) == pytest.approx(turn["first_sound_ms"], abs=0.01)
            assert shown["sessions"]["open"][0]["turns"] == 1
            assert shown["version"] == "canary"

            [line] = [record for record in caplog.records if record.name == "antiphon.turn"]
            assert vars(line)["fields"]["marks_ms"] == done["antiphon"]["marks_ms"]

    with caplog.at_level(logging.INFO, "antiphon.turn"):
        play(scenario())


def test_turns_belong_to_the_trace_that_the_handshake_names(caplog: pytest.LogCaptureFixture) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}

    async def scenario() -> None:
        async with at_home() as house, connect(address(house.url), additional_headers=headers, proxy=None) as socket:
            for event in (
                {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}},
                {"type": "conversation.item.create", "item": SAID},
                {"type": "response.create"},
            ):
                await socket.send(orjson.dumps(event), text=True)
            while orjson.loads(await socket.recv())["type"] != "response.done":
                pass

    with caplog.at_level(logging.INFO, "antiphon.turn"):
        play(scenario())
    [line] = [vars(record)["fields"] for record in caplog.records if record.name == "antiphon.turn"]
    assert (line["trace_id"], line["parent_id"]) == (trace, "00f067aa0ba902b7")


SAID = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}


def test_sessions_that_are_over_are_forgotten() -> None:
    async def scenario() -> None:
        async with watching({}) as (house, client):
            async with calling(house.url):
                assert (await scraped(client))["antiphon_sessions_now"] == 1
            async with asyncio.timeout(5):
                while house.sessions:  # noqa: ASYNC110  it can only be asked
                    await asyncio.sleep(0.01)
            assert house.observer
            assert house.observer.sessions == {}
            assert (await scraped(client))["antiphon_sessions_total"] == 1

    play(scenario())


def test_a_bug_in_the_bookkeeping_is_logged_and_ends_no_talk(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with watching({}) as (house, _):
            assert house.observer
            house.observer.log = Broken()  # pyright: ignore[reportAttributeAccessIssue]  a fake that breaks
            async with calling(house.url) as caller:
                assert (await caller.ask("What is twelve times seven?"))["status"] == "completed"

    play(scenario())
    assert "ReplyEnded could not be observed" in caplog.text


class Broken:
    """A log that is full of bugs."""

    def write(self, _: object) -> None:
        raise RuntimeError("a bug")


def test_the_loops_lag_is_watched() -> None:
    async def scenario() -> None:
        async with watching({}) as (house, client):
            observer = house.observer
            assert isinstance(observer, Observer)
            async with asyncio.timeout(5):
                while not observer.lag.latest:  # noqa: ASYNC110  it can only be asked
                    await asyncio.sleep(0.05)
            assert (await scraped(client))["antiphon_event_loop_lag_seconds_count"] >= 1

    play(scenario())
