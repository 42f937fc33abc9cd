"""Functions over the wire: called by the model, carried out by the client, and answered with what came of them."""

from collections.abc import Generator
from typing import Any

import orjson
import pytest

from server.house import House
from tests.server.caller import Caller, calling, play, question, quiet
from tests.server.houses import next_door

pytestmark = pytest.mark.real

WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
STREAMED = "response.function_call_arguments"


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door() as house:
        yield house


async def give_back(caller: Caller, call: dict[str, Any], output: str) -> None:
    """What came of a call."""
    item = {"type": "function_call_output", "call_id": call["call_id"], "output": output}
    await caller.send("conversation.item.create", item=item)
    assert (await caller.until("conversation.item.done"))["item"]["output"] == output


def test_a_function_is_called_and_its_result_is_spoken(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(tools=[WEATHER])
            before = len(caller.events)
            done = await caller.ask("What is the weather in Paris?")
            kinds = caller.kinds(since=before)
            assert kinds[2:-1] == [
                "response.created",
                "response.output_item.added",
                "conversation.item.added",
                f"{STREAMED}.delta",
                f"{STREAMED}.done",
                "conversation.item.done",
                "response.output_item.done",
            ]
            [call] = done["output"]
            assert (call["name"], orjson.loads(call["arguments"])) == ("get_weather", {"city": "Paris"})
            await give_back(caller, call, '{"weather": "rain"}')
            await caller.send("response.create")
            said = (await caller.until("response.done"))["response"]["output"][0]
            assert "rain" in said["content"][0]["transcript"]

    play(scenario())


def test_several_functions_are_called_at_once_and_may_be_answered_in_any_order(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(tools=[WEATHER])
            calls = (await caller.ask("What is the weather in Paris and what is the weather in Rome?"))["output"]
            assert [orjson.loads(call["arguments"])["city"] for call in calls] == ["Paris", "Rome"]
            await give_back(caller, calls[1], "sunny")
            await give_back(caller, calls[0], "foggy")
            await caller.send("response.create")
            said = (await caller.until("response.done"))["response"]["output"][0]["content"][0]["transcript"]
            assert said == "Foggy. Sunny."

    play(scenario())


def test_which_function_is_called_is_the_clients_choice(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(tools=[WEATHER], tool_choice="none")
            assert (await caller.ask("What is the weather in Paris?"))["output"][0]["type"] == "message"
            chosen = {"tool_choice": {"type": "function", "name": "get_weather"}}
            assert (await caller.ask("Hello there, Paris!", **chosen))["output"][0]["type"] == "function_call"
            assert (await caller.ask("Hello there, Paris!", tools=[]))["output"][0]["type"] == "message"
            refused = await caller.refusal(await caller.send("response.create", response={"tool_choice": "dance"}))
            assert refused["param"] == "response.tool_choice"

    play(scenario())


def test_what_is_asked_aloud_may_call_a_function_too(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(tools=[{**WEATHER, "parameters": {"type": "object"}}], tool_choice="required")
            await caller.speak(quiet(0.3), question())
            done = (await caller.until("response.done"))["response"]
            assert [item["type"] for item in done["output"]] == ["function_call"]

    play(scenario())


def test_calls_and_results_of_an_earlier_conversation_are_taken_up(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(tools=[WEATHER])
            await caller.say("What is the weather in Paris?")
            call = {"type": "function_call", "id": "f1", "call_id": "c1", "name": "get_weather", "arguments": "{}"}
            result = {"type": "function_call_output", "id": "r1", "call_id": "c1", "output": "It snows."}
            for item in (call, result):
                await caller.send("conversation.item.create", item=item)
                assert (await caller.until("conversation.item.done"))["item"]["id"] == item["id"]
            await caller.send("response.create")
            said = (await caller.until("response.done"))["response"]["output"][0]
            assert "snows" in said["content"][0]["transcript"]
            for item in (call, result):
                await caller.send("conversation.item.retrieve", item_id=item["id"])
                assert (await caller.until("conversation.item.retrieved"))["item"].items() >= item.items()

    play(scenario())


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({"type": "function_call", "call_id": "c"}, "item.name"),
        ({"type": "function_call", "name": "x"}, "item.arguments"),
        ({"type": "function_call_output", "output": "x"}, "item.call_id"),
        ({"type": "function_call_output", "call_id": "x", "output": {}}, "item.output"),
        ({"type": "mcp_call"}, "item.type"),
        ({}, "item.type"),
    ],
)
def test_an_item_that_lacks_something_is_refused_by_name(house: House, item: dict[str, Any], param: str) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            refused = await caller.refusal(await caller.send("conversation.item.create", item=item))
            assert refused["param"] == param

    play(scenario())
