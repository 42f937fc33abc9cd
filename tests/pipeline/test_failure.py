"""What was sent to a model can be sent again as it was."""

from collections.abc import Mapping
from typing import Any

import pytest

from pipeline.engines import Calls, Message, Prompt, Result, ToolCall
from pipeline.llm.failure import prompt_of
from pipeline.llm.request import chat_request

TOOL: Mapping[str, Any] = {
    "name": "light",
    "description": "Turns it on.",
    "parameters": {"type": "object", "properties": {}},
}


@pytest.mark.parametrize(
    "prompt",
    [
        Prompt((Message("user", "Hello!"),)),
        Prompt((Message("system", "Be brief."), Message("user", "你好"), Message("assistant", "你好！")), 80, 0.0),
        Prompt(
            (
                Message("user", "Light, please, and music."),
                Calls((ToolCall("c1", "light", '{"on": true}'), ToolCall("c2", "music", "{}")), "At once."),
                Result("c1", "on"),
                Result("c2", "playing"),
            ),
            tools=(TOOL, {**TOOL, "name": "music"}),
            tool_choice="light",
            parallel_calls=True,
        ),
        Prompt((Calls((ToolCall("c1", "light", "{}"),)), Result("c1", "on")), tools=(TOOL,), tool_choice="none"),
        Prompt((Message("user", "Hello!"),), extra={"seed": 7, "stop": ["."], "logit_bias": {"50256": -100}}),
    ],
)
def test_a_request_is_read_back_as_the_prompt_it_was_made_of(prompt: Prompt) -> None:
    assert prompt_of(chat_request("m", prompt, "max_tokens", usage=False)) == prompt
