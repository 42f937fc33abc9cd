"""What a client may have passed through to the model, and what it may not."""

from typing import Any

import orjson
import pytest

from models import brain
from pipeline.errors import ProtocolError
from server.realtime.extra import extra_of
from tests.server.caller import calling, play
from tests.server.houses import at_home
from tests.stand_ins.asgi import serving

SCHEMA: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "sum", "schema": {"type": "object"}}}


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"stop": "."},
        {"stop": [".", "!"], "seed": 7, "logit_bias": {"50256": -100, "11": 2.5}},
        {"response_format": {"type": "json_object"}},
        {"response_format": SCHEMA, "top_p": 0.5, "presence_penalty": -2, "frequency_penalty": 2},
    ],
)
def test_what_models_understand_is_passed_through_as_it_is(extra: dict[str, Any]) -> None:
    assert extra_of({"extra": extra, "policy": "fast"}, "session.antiphon") == extra


def test_nothing_is_nothing() -> None:
    assert [extra_of(ours, "session.antiphon") for ours in (None, {}, {"extra": None})] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("extra", "param"),
    [
        ([], ""),
        ({"model": "dear"}, ""),
        ({"messages": []}, ""),
        ({"max_tokens": 100_000}, ""),
        ({"stop": []}, ".stop"),
        ({"stop": ["a", "b", "c", "d", "e"]}, ".stop"),
        ({"stop": [1]}, ".stop"),
        ({"stop": ""}, ".stop"),
        ({"seed": "x"}, ".seed"),
        ({"seed": 1.5}, ".seed"),
        ({"seed": True}, ".seed"),
        ({"logit_bias": []}, ".logit_bias"),
        ({"logit_bias": {"word": 1}}, ".logit_bias"),
        ({"logit_bias": {"11": 101}}, ".logit_bias.11"),
        ({"logit_bias": {str(token): 0 for token in range(2000)}}, ".logit_bias"),
        ({"response_format": "json"}, ".response_format"),
        ({"response_format": {"type": "xml"}}, ".response_format.type"),
        ({"response_format": {"type": "json_schema"}}, ".response_format.json_schema"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
            ".response_format.json_schema.schema",
        ),
        ({"top_p": 2}, ".top_p"),
        ({"presence_penalty": "x"}, ".presence_penalty"),
    ],
)
def test_what_is_wrong_is_named(extra: object, param: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        extra_of({"extra": extra}, "session.antiphon")
    assert (refused.value.param, refused.value.code) == (f"session.antiphon.extra{param}", "invalid_value")
    assert len(str(refused.value)) < 300


class Asked(list[dict[str, Any]]):
    """The brain, and the bodies of what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.brain = brain.app()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def heard() -> Any:
            message = await receive()
            if message.get("body") and scope["path"].endswith("completions"):
                self.append(orjson.loads(message["body"]))
            return message

        await self.brain(scope, heard, send)


@pytest.mark.real
def test_a_session_and_a_response_may_each_say_what_is_passed_through() -> None:
    asked = Asked()

    async def scenario() -> None:
        async with (
            serving(asked) as url,
            at_home({"llm.engine": "openai", "llm.url": f"{url}/v1"}) as house,
            calling(house.url) as caller,
        ):
            await caller.update(antiphon={"extra": {"seed": 7, "stop": "zzz"}}, output_modalities=["text"])
            await caller.ask("Hello!")
            await caller.say("Hello again!")
            await caller.send("response.create", response={"antiphon": {"extra": {"seed": 8}}})
            await caller.until("response.done")
            await caller.update(antiphon={"extra": {}})
            await caller.ask("Bye!")
            await caller.send("session.update", session={"type": "realtime", "antiphon": {"extra": {"model": "x"}}})
            refused = (await caller.until("error"))["error"]
            assert refused["param"] == "session.antiphon.extra"
            caller.complaints.clear()

    play(scenario())
    ours = [body for body in asked if body["messages"][-1]["content"] in ("Hello!", "Hello again!", "Bye!")]
    told = [(body.get("seed"), body.get("stop")) for body in ours]
    assert told == [(7, "zzz"), (8, "zzz"), (None, None)]
