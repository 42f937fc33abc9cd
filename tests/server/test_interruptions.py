"""Answers that are stopped, by the user's voice or by the client, in every phase: what is sent, what is remembered."""

from collections.abc import Generator

import numpy as np
import orjson
import pybase64
import pytest

from models import brain
from models.faults import Knobs
from pipeline.audio import SPEAKING_RATE
from pipeline.context.conversation import Entry
from pipeline.engines import Message
from server.house import House
from tests.pipeline.fakes import LOUD, QUIET, FakeAsr
from tests.server.caller import Caller, calling, play, question, quiet
from tests.server.houses import at_home, next_door
from tests.server.indoors import Indoors
from tests.speech import clip
from tests.stand_ins.asgi import serving

pytestmark = pytest.mark.real

LONG = "One morning the old man went down to the sea. " * 12


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door() as house:
        yield house


def test_a_response_is_refused_while_another_is_active(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("Tell me a story.")
            await caller.send("response.create")
            refused = await caller.refusal(await caller.send("response.create"))
            assert refused["code"] == "conversation_already_has_active_response"
            await caller.send("response.cancel")
            done = await caller.until("response.done")
            assert done["response"]["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
            refused = await caller.refusal(await caller.send("response.cancel"))
            assert refused["code"] == "response_cancel_not_active"
            refused = await caller.refusal(await caller.send("response.cancel", response_id="resp_other"))
            assert refused["code"] == "response_cancel_not_active"
            assert (await caller.ask("Hello!"))["status"] == "completed"

    play(scenario())


@pytest.mark.parametrize("phase", ["created", "text", "sound", "at once"])
def test_a_response_can_be_cancelled_in_every_phase(phase: str) -> None:
    last = {
        "created": "response.content_part.added",
        "text": "response.output_audio_transcript.delta",
        "sound": "response.output_audio.delta",
    }

    async def scenario() -> None:
        slow = Knobs(first_token_ms=150, tokens_per_second=60, replies=(LONG,))
        async with (
            serving(brain.app(brain.Settings(slow))) as url,
            at_home({"llm.engine": "openai", "llm.url": f"{url}/v1"}) as house,
            calling(house.url) as caller,
        ):
            await caller.say("Tell me a story.")
            await caller.send("response.create")
            if phase in last:
                await caller.until(last[phase])
            await caller.send("response.cancel")
            done = (await caller.until("response.done"))["response"]
            assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}

    play(scenario())


def test_the_users_voice_stops_the_answer(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("Tell me a story.")
            await caller.send("response.create")
            await caller.until("response.output_audio.delta")
            before = len(caller.events)
            await caller.speak(clip("spk1_snt5"))
            done = (await caller.until("response.done"))["response"]
            assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
            kinds = [kind for kind in caller.kinds(since=before) if not kind.endswith("delta")]
            assert kinds[0] == "input_audio_buffer.speech_started"
            assert done["output"][0]["status"] == "incomplete"
            said, heard = done["output"][0]["content"][0]["transcript"], done["antiphon"]["heard"]
            assert said.startswith(heard)
            assert len(heard) < len(said)
            await caller.speak(quiet(1.6))
            assert (await caller.until("response.done"))["response"]["status"] == "completed"

    play(scenario())


def test_a_reply_may_be_told_to_go_on(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            detection = {"type": "server_vad", "interrupt_response": False}
            await caller.update(audio={"input": {"turn_detection": detection}})
            await caller.say("Tell me a story.")
            await caller.send("response.create")
            await caller.until("response.output_audio.delta")
            await caller.speak(question())
            ends = {"conversation.item.input_audio_transcription.completed", "response.done"}
            one = await caller.until(*ends)  # whichever of them is first
            other = await caller.until(*ends - {one["type"]})
            done = one if one["type"] == "response.done" else other
            assert done["response"]["status"] == "completed"
            assert "input_audio_buffer.speech_started" in caller.kinds()

    play(scenario())


async def interrupted(caller: Caller) -> str:
    """A reply that the client has just cancelled; its item."""
    await caller.say("Tell me a story.")
    await caller.send("response.create")
    response = caller.linter.responses[(await caller.until("response.created"))["response"]["id"]]
    while len(response.sound) < 2 * SPEAKING_RATE:
        await caller.take()
    await caller.send("response.cancel")
    return (await caller.until("response.done"))["response"]["output"][0]["id"]


def test_only_what_was_heard_is_remembered(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            item = await interrupted(caller)
            await caller.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=900)
            assert (await caller.until("conversation.item.truncated"))["audio_end_ms"] == 900
            (session,) = house.sessions
            entry = session.talk.find(item)
            assert isinstance(entry, Entry)
            assert 0 < len(entry.text) < 40
            for wrong in ({"audio_end_ms": 10_000_000}, {"audio_end_ms": -1}, {"audio_end_ms": "1"}, {}):
                refused = await caller.refusal(await caller.send("conversation.item.truncate", item_id=item, **wrong))
                assert refused["param"] == "audio_end_ms"
            refused = await caller.refusal(
                await caller.send("conversation.item.truncate", item_id=caller.linter.items[0], audio_end_ms=0)
            )
            assert refused["param"] == "item_id"

    play(scenario())


def test_a_reply_may_be_truncated_before_it_is_cancelled(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("Tell me a story.")
            await caller.send("response.create")
            item = (await caller.until("response.output_audio.delta"))["item_id"]
            await caller.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=50)
            await caller.send("response.cancel")
            await caller.until("conversation.item.truncated")
            await caller.until("response.done")
            (session,) = house.sessions
            entry = session.talk.find(item)
            assert isinstance(entry, Entry)
            assert entry.text == ""

    play(scenario())


def test_a_response_is_not_lost_in_a_pause_of_the_users(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.say("What is 2 plus 3?")
            await caller.speak(clip("spk1_snt5"), quiet(0.15))
            await caller.send("response.create")
            assert (await caller.until("response.done"))["response"]["status"] == "completed"

    play(scenario())


def test_sound_may_be_committed_in_a_pause_of_the_users(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.speak(clip("spk1_snt5"), quiet(0.15))
            await caller.send("input_audio_buffer.commit")
            await caller.until("conversation.item.input_audio_transcription.completed")
            assert (await caller.ask("Hello!"))["status"] == "completed"

    play(scenario())


def test_an_answer_in_text_cannot_be_truncated(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            done = await caller.ask("What is 2 plus 3?", output_modalities=["text"])
            truncate = {"item_id": done["output"][0]["id"], "content_index": 0, "audio_end_ms": 0}
            await caller.send("conversation.item.truncate", **truncate)
            await caller.update()
            assert caller.complaints
            caller.complaints.clear()

    play(scenario())


@pytest.mark.parametrize("deed", ["create", "delete"])
def test_an_answer_begun_in_the_pause_knows_of_items_that_change_before_it_is_heard(deed: str) -> None:
    indoors = Indoors(asr=FakeAsr(delay=0.0))
    wire = indoors.connect()

    def send(kind: str, **fields: object) -> None:
        wire.write(orjson.dumps({"type": kind, **fields}).decode())
        indoors.wait(0.02)

    def speak(level: int, seconds: float) -> None:
        sound = np.full(480, level, np.int16).tobytes()
        for _ in range(round(seconds / 0.02)):
            send("input_audio_buffer.append", audio=pybase64.b64encode(sound).decode())

    def note(name: str) -> None:
        content = [{"type": "input_text", "text": f"Note {name}."}]
        send("conversation.item.create", item={"id": name, "type": "message", "role": "system", "content": content})

    note("one")
    speak(LOUD, 0.96)
    speak(QUIET, 0.16)
    assert len(indoors.llm.prompts) == 1
    note("two") if deed == "create" else send("conversation.item.delete", item_id="one")
    speak(QUIET, 0.8)
    wire.cut(1000)
    assert indoors.close() == []
    told = [line.text for line in indoors.llm.prompts[-1].messages if isinstance(line, Message)]
    notes = ["Note one.", "Note two."] if deed == "create" else []
    assert len(indoors.llm.prompts) == 2
    assert [text for text in told if text.startswith("Note")] == notes
