"""Whatever engine dies, and whenever: the user gets an answer or an apology, and the log says why."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from models import brain, stand_ins
from models.faults import FAULTS, Fault, Knobs
from pipeline.turn import APOLOGIES
from tests.server.caller import Caller, calling, play, question
from tests.server.houses import at_home
from tests.stand_ins.asgi import serving

pytestmark = pytest.mark.real


@asynccontextmanager
async def thinking_badly(knobs: Knobs) -> AsyncGenerator[Caller]:
    """A call to a server whose first choice for a model behaves like that."""
    async with serving(brain.app(brain.Settings(knobs))) as url:
        settings = {"llm.engine": "openai", "llm.url": f"{url}/v1", "llm.first_token": "0.4"}
        async with at_home(settings) as house, calling(house.url) as caller:
            yield caller


@asynccontextmanager
async def with_stand_ins(stage: str, behaviour: stand_ins.Settings) -> AsyncGenerator[Caller]:
    """A call to a server whose first choice for hearing or speaking behaves like that."""
    async with serving(stand_ins.StandIns(behaviour).app()) as url:
        settings = {f"{stage}.engine": "openai", f"{stage}.url": f"{url}/v1"}
        async with at_home(settings) as house, calling(house.url) as caller:
            yield caller


BEFORE_A_WORD: list[tuple[Fault, str]] = [
    ("rate_limit", "429"),
    ("server_error", "500"),
    ("silence", "no word of an answer within 0.4 s"),
    ("keep_alive", "no word of an answer within 0.4 s"),
]


@pytest.mark.parametrize(("fault", "reason"), BEFORE_A_WORD)
def test_a_model_that_says_nothing_is_replaced(fault: Fault, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with thinking_badly(Knobs(fault=fault, fault_seconds=0.1)) as caller:
            done = await caller.ask("What is 2 plus 3?")
            assert done["status"] == "completed"
            assert done["output"][0]["content"][0]["transcript"] == "2 plus 3 is 5."
            assert done["antiphon"]["engines"]["llm"] == "the embedded brain"
            began = asyncio.get_running_loop().time()
            assert (await caller.ask("What is 2 plus 3?"))["status"] == "completed"
            assert asyncio.get_running_loop().time() - began < 0.4

    play(scenario())
    assert reason in caplog.text


IN_MID_SENTENCE: list[tuple[Fault, str]] = [
    ("cut", "broke off"),
    ("malformed", "broke off"),
]


@pytest.mark.parametrize(("fault", "reason"), IN_MID_SENTENCE)
def test_a_model_that_breaks_off_is_apologised_for(fault: Fault, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        reply = "One morning the old man went down to the sea and stayed."
        async with thinking_badly(Knobs(fault=fault, fault_after=4, replies=(reply,))) as caller:
            done = await caller.ask("Tell me a story.")
            said = done["output"][0]["content"][0]["transcript"]
            assert said.startswith("One morning")
            assert said.endswith(APOLOGIES["en"])
            assert done["status"] == "failed"
            assert reason in done["status_details"]["error"]["message"]
            assert len(caller.linter.responses[done["id"]].sound) > 48_000
            assert (await caller.ask("What is 2 plus 3?"))["status"] == "completed"

    play(scenario())
    assert reason in caplog.text


def test_every_fault_of_a_model_is_played_here_but_those_that_take_long() -> None:
    played = {fault for fault, _ in BEFORE_A_WORD + IN_MID_SENTENCE}
    assert set(FAULTS) - played == {"stall", "dribble"}  # between words a model has 8 s


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "silence", "cut", "stall", "short"])
def test_a_voice_that_fails_is_replaced(fault: stand_ins.Fault, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with with_stand_ins("tts", stand_ins.Settings(fault=fault, tts_speed=20)) as caller:
            done = await caller.ask("What is 2 plus 3?")
            assert done["status"] == "completed"
            assert len(caller.linter.responses[done["id"]].sound) > 24_000
            assert done["antiphon"]["engines"]["tts"].startswith("tts-1" if fault == "short" else "espeak-ng")

    play(scenario())
    assert fault == "short" or "espeak-ng takes over" in caplog.text


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "silence"])
def test_ears_that_fail_are_replaced(fault: stand_ins.Fault, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with with_stand_ins("asr", stand_ins.Settings(fault=fault)) as caller:
            await caller.speak(question())
            heard = await caller.until("conversation.item.input_audio_transcription.completed")
            assert "best part of the week" in heard["transcript"]
            done = (await caller.until("response.done"))["response"]
            assert done["status"] == "completed"
            assert done["antiphon"]["engines"]["asr"] == "pocketsphinx"

    play(scenario())
    assert "rests for" in caplog.text


def test_a_model_nobody_can_replace_is_apologised_for(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with at_home() as house, calling(house.url) as caller:
            for candidate in house.engines.llm_stage.candidates:
                candidate.state = "absent"
            done = await caller.ask("What is 2 plus 3?")
            assert done["status"] == "failed"
            assert done["output"][0]["content"][0]["transcript"] == APOLOGIES["en"]
            assert len(caller.linter.responses[done["id"]].sound) > 24_000

    play(scenario())
    assert [record for record in caplog.records if record.levelno == logging.ERROR]


def test_without_ears_or_a_voice_the_response_still_ends() -> None:
    async def scenario() -> None:
        async with at_home() as house, calling(house.url) as caller:
            for stage in house.engines.asr_stage, house.engines.tts_stage:
                stage.candidates[0].state = "absent"
            done = await caller.ask("What is 2 plus 3?")
            assert (done["status"], done["output"][0]["content"][0]["transcript"]) == ("failed", "2 plus 3 is 5.")
            await caller.speak(question())
            await caller.until("conversation.item.input_audio_transcription.failed")
            assert (await caller.until("response.done"))["response"]["status"] == "failed"

    play(scenario())
