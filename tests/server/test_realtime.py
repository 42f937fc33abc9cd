"""A real server and a real websocket: what a client does, and what it gets for it, in order."""

import asyncio
import re
from collections.abc import Generator

import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import connect

from server.house import House
from tests.server.caller import PUSH_TO_TALK, address, calling, play, question, quiet
from tests.server.houses import next_door
from tests.speech import CLIPS, clip

pytestmark = pytest.mark.real

REPLY_BEGINS = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
REPLY_ENDS = ["response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done"]
SPOKEN = "response.output_audio"
TEXTUAL = "response.output_text"


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door() as house:
        yield house


def test_a_typed_question_is_answered_in_the_order_of_the_protocol(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            assert caller.events[0]["session"]["model"] == "test"
            done = await caller.ask("What is 2 plus 3?")
            kinds = caller.kinds(since=1)
            assert kinds[:2] == ["conversation.item.added", "conversation.item.done"]
            assert kinds[2:6] == REPLY_BEGINS
            assert {kind for kind in kinds[6:-6] if kind.endswith("delta")} == {
                f"{SPOKEN}.delta",
                f"{SPOKEN}_transcript.delta",
            }
            assert kinds[-6:] == [f"{SPOKEN}.done", f"{SPOKEN}_transcript.done", *REPLY_ENDS]
            assert done["status"] == "completed"
            assert done["output"][0]["content"] == [{"type": "output_audio", "transcript": "2 plus 3 is 5."}]
            assert len(caller.linter.responses[done["id"]].sound) > 24_000
            assert caller.linter.items[-1] == done["output"][0]["id"]

    play(scenario())


def test_speech_is_heard_and_answered(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.speak(quiet(0.5), question())
            started = await caller.until("input_audio_buffer.speech_started")
            done = (await caller.until("response.done"))["response"]
            kinds = [kind for kind in caller.kinds(since=1) if not kind.startswith("response.")]
            assert kinds[:7] == [
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
                "conversation.item.input_audio_transcription.delta",
                "conversation.item.input_audio_transcription.completed",
            ]
            assert 100 < started["audio_start_ms"] < 530  # the prefix is counted in
            (stopped,) = [e for e in caller.events if e["type"].endswith("speech_stopped")]
            end = 500 + CLIPS["spk1_snt5"].speech_end * 1000
            assert end < stopped["audio_end_ms"] < end + 1500
            (heard,) = [e for e in caller.events if e["type"].endswith("transcription.completed")]
            assert word_errors(CLIPS["spk1_snt5"].transcript, heard["transcript"]) <= 0.3
            assert heard["usage"]["seconds"] > 2
            marks = list(done["antiphon"]["marks_ms"].values())
            assert marks[0] == 0
            assert done["status"] == "completed"

    play(scenario())


def word_errors(said: str, heard: str) -> float:
    """The word error rate."""
    a, b = re.findall(r"[\w']+", said.lower()), re.findall(r"[\w']+", heard.lower())
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1] / len(a)


def test_without_transcription_the_question_is_answered_all_the_same(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(audio={"input": {"transcription": None}})
            await caller.speak(question())
            await caller.until("response.done")
            assert not [kind for kind in caller.kinds() if "transcription" in kind]

    play(scenario())


def test_a_client_may_want_to_answer_by_itself(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
            await caller.speak(question())
            await caller.until("conversation.item.input_audio_transcription.completed")
            await caller.update()
            assert "response.created" not in caller.kinds()
            await caller.send("response.create")
            assert (await caller.until("response.done"))["response"]["status"] == "completed"

    play(scenario())


@pytest.mark.parametrize("where", ["session", "response"])
def test_an_answer_may_be_text_alone(house: House, where: str) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            if where == "session":
                await caller.update(output_modalities=["text"])
            done = await caller.ask("Hello!", **({"output_modalities": ["text"]} if where == "response" else {}))
            assert caller.kinds()[-7:] == [
                REPLY_BEGINS[-1],
                f"{TEXTUAL}.delta",
                f"{TEXTUAL}.done",
                *REPLY_ENDS,
            ]
            assert done["output_modalities"] == ["text"]
            assert done["output"][0]["content"][0]["type"] == "output_text"

    play(scenario())


def test_an_answer_under_way_keeps_its_kind(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.speak(clip("spk1_snt5"), quiet(0.2))
            await caller.until("input_audio_buffer.speech_started")
            await asyncio.sleep(0.2)  # long enough for an answer to be begun that may not be heard yet
            await caller.update(output_modalities=["text"])
            await caller.speak(quiet(1.5))
            await caller.until("response.done")

    play(scenario())


def test_metadata_comes_back_with_the_response(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            done = await caller.ask("Hello!", metadata={"client_event_id": "x"}, instructions=None)
            (created,) = [e for e in caller.events if e["type"] == "response.created"]
            assert created["response"]["metadata"] == done["metadata"] == {"client_event_id": "x"}

    play(scenario())


def test_push_to_talk(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(**PUSH_TO_TALK)
            await caller.speak(clip("spk1_snt5"))
            await caller.send("input_audio_buffer.commit")
            await caller.send("response.create")
            await caller.until("response.done")
            kinds = caller.kinds(since=2)
            assert kinds[:3] == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
            (heard,) = [e for e in caller.events if e["type"].endswith("transcription.completed")]
            assert word_errors(CLIPS["spk1_snt5"].transcript, heard["transcript"]) <= 0.3
            refused = await caller.refusal(await caller.send("input_audio_buffer.commit"))
            assert refused["code"] == "input_audio_buffer_commit_empty"

    play(scenario())


def test_too_little_sound_is_not_committed(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(**PUSH_TO_TALK)
            await caller.speak(quiet(0.08))
            refused = await caller.refusal(await caller.send("input_audio_buffer.commit"))
            assert refused["code"] == "input_audio_buffer_commit_empty"
            await caller.speak(quiet(0.05))
            await caller.send("input_audio_buffer.commit")
            await caller.until("conversation.item.input_audio_transcription.completed")

    play(scenario())


def test_what_is_cleared_was_never_said(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.update(**PUSH_TO_TALK)
            await caller.speak(clip("spk1_snt5"))
            await caller.send("input_audio_buffer.clear")
            await caller.until("input_audio_buffer.cleared")
            refused = await caller.refusal(await caller.send("input_audio_buffer.commit"))
            assert refused["code"] == "input_audio_buffer_commit_empty"
            await caller.update(audio={"input": {"turn_detection": {"type": "server_vad"}}})
            await caller.speak(clip("spk1_snt5")[:24000])
            await caller.send("input_audio_buffer.clear")
            await caller.until("input_audio_buffer.cleared")
            await caller.speak(quiet(3.0))
            await caller.update()
            assert "input_audio_buffer.committed" not in caller.kinds()

    play(scenario())


def test_items_come_and_go_where_the_client_wants_them(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
            await caller.say("first", id="a")
            await caller.say("last", id="c")
            for previous, item in (("a", "b"), ("root", "z")):
                create = {"previous_item_id": previous, "item": {**message, "id": item}}
                await caller.send("conversation.item.create", **create)
                await caller.until("conversation.item.done")
            assert caller.linter.items == ["z", "a", "b", "c"]
            refused = await caller.refusal(await caller.send("conversation.item.create", item={**message, "id": "a"}))
            assert refused["param"] == "item.id"
            refused = await caller.refusal(
                await caller.send("conversation.item.create", previous_item_id="nobody", item=message)
            )
            assert refused["param"] == "previous_item_id"
            await caller.send("conversation.item.delete", item_id="b")
            assert (await caller.until("conversation.item.deleted"))["item_id"] == "b"
            refused = await caller.refusal(await caller.send("conversation.item.delete", item_id="b"))
            assert refused["param"] == "item_id"

    play(scenario())


def test_history_is_restored_as_livekit_does_it(house: House) -> None:
    async def scenario() -> None:
        async with calling(house.url) as caller:
            said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello Ana."}]}
            await caller.say("My name is Ana.", id="item_1")
            await caller.send("conversation.item.create", previous_item_id="item_1", item={**said, "id": "item_2"})
            done = await caller.ask("What is my name?")
            assert "Ana" in done["output"][0]["content"][0]["transcript"]

    play(scenario())


def test_the_openai_sdk_talks_to_it(house: House) -> None:
    async def scenario() -> None:
        client = AsyncOpenAI(base_url=f"{house.url}/v1", api_key="unused")
        async with client, client.realtime.connect(model="gpt-realtime") as connection:
            await connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
            content = [{"type": "input_text", "text": "What is 2 plus 3?"}]
            await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})  # pyright: ignore[reportArgumentType]  a TypedDict
            await connection.response.create(response={"metadata": {"a": "b"}})
            text = ""
            async with asyncio.timeout(10):
                async for event in connection:
                    assert event.type != "error"
                    if event.type == "response.output_audio_transcript.delta":
                        text += event.delta
                    if event.type == "response.done":
                        assert event.response.status == "completed"
                        break
            assert text == "2 plus 3 is 5."

    play(scenario())


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["realtime", "openai-insecure-api-key.x"], "realtime"), (["other"], None), (None, None)]
)
def test_browsers_get_the_subprotocol_they_want(house: House, offered: list[str] | None, chosen: str | None) -> None:
    async def scenario() -> None:
        async with connect(address(house.url), subprotocols=offered, proxy=None) as websocket:  # pyright: ignore[reportArgumentType]  str is what it takes
            assert websocket.subprotocol == chosen

    play(scenario())
