"""A talk through a sound card, which is PulseAudio's; everything else is as on a desk."""

import asyncio
from collections.abc import Generator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from client.loudness import decibels
from client.sound import RATE, Pcm, read_sound
from tests.client.scripted import Caller, listen_forever, server
from tests.client.self_talk import ECHO_DB, overhear, say
from tests.client.sound_card import environment_for, pulse, recording, speak, talking
from tests.client.test_echo import replies
from tests.conftest import missing

pytestmark = pytest.mark.real

SPEECH = Path(__file__).parents[1] / "speech"


def tone(hertz: float, seconds: float) -> Pcm:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def pitch(pcm: Pcm) -> float:
    """The strongest frequency, Hz."""
    return float(np.argmax(np.abs(np.fft.rfft(pcm))) * RATE / len(pcm))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, str]]:
    """A desk with a sound card."""
    with pulse() as address:
        yield environment_for(tmp_path_factory.mktemp("desk"), address)


def test_both_sides_are_heard_and_ctrl_c_is_no_accident(desk: dict[str, str]) -> None:
    callers: list[Caller] = []

    async def script(caller: Caller) -> None:
        callers.append(caller)
        await caller.hear(0.5)
        await caller.reply()
        await listen_forever(caller)

    async def scenario() -> Pcm:
        async with (
            server(script) as url,
            recording(desk, "speakers.monitor") as played,
            talking(desk, "--url", url, "--echo", "headphones") as talk,
        ):
            ready = await talk.until("ready")
            assert ready["microphone"] == ready["speakers"] == "default"
            await speak(desk, tone(660, 1.5))
            await talk.until("state", doing="listening")
        return np.concatenate(played.pcm)

    played = asyncio.run(scenario())
    assert pitch(np.concatenate(callers[0].sound)) == pytest.approx(660, abs=5)
    assert pitch(played) == pytest.approx(440, abs=5)


def test_a_voice_ducks_the_reply_before_the_server_knows_and_the_server_stops_it(desk: dict[str, str]) -> None:
    """The server of this test takes 200 ms from the first loud sample to `speech_started`."""
    arrived: list[float] = []
    cuts: list[float] = []

    async def script(caller: Caller) -> None:
        await caller.hear(0.3)
        await say(caller, tone(440, 8))
        while not caller.sound[-1].any() or decibels(caller.sound[-1]) < -40:
            await caller.hear(0.02)
        arrived.append(asyncio.get_running_loop().time())
        await caller.hear(0.2)
        await caller.tell("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=0)
        cuts.append((await caller.next("conversation.item.truncate"))["audio_end_ms"] / 1000)
        await listen_forever(caller)

    async def scenario() -> tuple[float, float, float, float]:
        async with (
            server(script) as url,
            recording(desk, "speakers.monitor") as played,
            recording(desk, "voice.monitor") as voice,
            talking(desk, "--url", url, "--echo", "headphones") as talk,
        ):
            await talk.until("state", doing="speaking")
            await asyncio.sleep(1.5)
            before = asyncio.get_running_loop().time()
            await speak(desk, read_sound(SPEECH / "spk1_snt5.flac"))
            await talk.until("state", doing="hearing")
            await asyncio.sleep(0.3)
            onset = voice.first(before, above=-45)
            began = played.first(0, above=-30)
            ducked, silent = played.first(onset, below=-25), played.first(onset, below=-60)
        return ducked - onset, silent - onset, arrived[0] - onset, silent - began

    ducked, silent, late, heard = asyncio.run(scenario())
    assert 0.03 < ducked < late + 0.25  # the virtual microphone is up to a quarter of a second late, the speakers less
    assert ducked + 0.1 < silent < late + 0.5
    assert cuts[0] == pytest.approx(heard, abs=0.5)


def test_a_headset_that_vanishes_is_replaced_and_taken_again_when_it_is_back(tmp_path: Path) -> None:
    callers: list[Caller] = []

    async def script(caller: Caller) -> None:
        callers.append(caller)
        await listen_forever(caller)

    async def scenario(headset: ExitStack, address: str, desk: dict[str, str]) -> None:
        words = ("--device", "headset", "--echo", "headphones")
        async with server(script) as url, talking(desk, "--url", url, *words) as talk:
            await talk.until("ready", microphone="headset", speakers="headset")
            headset.close()
            assert "gone" in (await talk.until("notice"))["text"]
            await talk.until("ready", microphone="default", speakers="default")
            heard = callers[0].samples
            async with asyncio.timeout(5):
                while callers[0].samples <= heard:  # noqa: ASYNC110  the script only listens
                    await asyncio.sleep(0.05)
            headset.enter_context(pulse(at=Path(address.removeprefix("unix:")).parent))
            await talk.until("ready", microphone="headset", speakers="headset")

    with pulse() as fixed, ExitStack() as headset:
        address = headset.enter_context(pulse())
        asyncio.run(scenario(headset, address, environment_for(tmp_path, fixed, headset=address)))


def test_with_an_echo_of_its_own_voice_in_the_microphone_it_does_not_interrupt_itself(tmp_path: Path) -> None:
    """Ten replies; of fifty, `python -m tests.client.self_talk` tells."""
    if not find_spec("livekit"):
        missing("livekit", "pip install 'antiphon[echo]'")
    with pulse(echo_db=ECHO_DB) as address:
        found = asyncio.run(overhear(environment_for(tmp_path, address), replies()[: 20 * RATE]))
    assert found.interruptions == 0
    assert found.echo_db - found.left_db > 30
