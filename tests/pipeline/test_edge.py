"""The real edge-tts against a local service that speaks its protocol and breaks in all known ways."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
import pytest

from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError, SpeechCutError
from pipeline.tts.edge import EdgeTts
from pipeline.tts.edge_voices import BY_LANGUAGE, ENGLISH, MASCULINE, edge_rate, edge_voice
from pipeline.tts.guard import Patience
from pipeline.tts.silence import LEAD, PAUSE
from tests.stand_ins.edge_server import EdgeServer, Fault

TEXT = "One two three four, five six. Seven & eight!"
PATIENCE = Patience(first_audio=1.5, gap=0.8)


def chirp(seconds: float) -> Pcm:
    at = np.arange(round(seconds * SPEAKING_RATE)) / SPEAKING_RATE
    return (0.4 * 32767 * np.sin(2 * np.pi * (200 + 300 * at) * at)).astype(np.int16)


@dataclass
class Heard:
    pcm: Pcm
    error: EngineError | None


async def hear(sound: AsyncGenerator[Pcm]) -> Heard:
    """All of it, and how it ended."""
    pieces: list[Pcm] = [np.zeros(0, np.int16)]
    error = None
    try:
        async with aclosing(sound):
            async for pcm in sound:
                assert pcm.dtype == np.int16
                assert pcm.size
                pieces.append(pcm)
    except EngineError as raised:
        error = raised
    return Heard(np.concatenate(pieces), error)


def with_service(
    service: EdgeServer, monkeypatch: pytest.MonkeyPatch, test: Callable[[EdgeTts], Awaitable[None]]
) -> None:
    """Runs `test` with an engine that calls `service`; afterwards no connection may be left."""

    async def run() -> None:
        async with service.serving():
            monkeypatch.setattr("edge_tts.communicate.WSS_URL", service.url)
            await test(EdgeTts(PATIENCE))
            async with asyncio.timeout(10):
                await service.left_alone()

    asyncio.run(run())


def hear_from(service: EdgeServer, monkeypatch: pytest.MonkeyPatch, voice: Voice | None = None) -> Heard:
    heard: list[Heard] = []

    async def test(engine: EdgeTts) -> None:
        heard.append(await hear(engine.speak(TEXT, voice or Voice())))

    with_service(service, monkeypatch, test)
    return heard[0]


@pytest.mark.real
@pytest.mark.parametrize("frame", [1, 113, 720, 10**6])
def test_the_service_s_sound_arrives_in_place_without_the_silence_around_it(
    frame: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = chirp(1.0)
    silence = np.zeros(SPEAKING_RATE // 2, np.int16)
    heard = hear_from(EdgeServer(np.concatenate((silence, sound, silence)), frame=frame), monkeypatch)
    assert heard.error is None
    assert abs(len(heard.pcm) - (LEAD + len(sound) + PAUSE)) < 240  # the codec blurs edges by up to 10 ms
    tone = heard.pcm[: LEAD + len(sound) + 240].astype(float)
    match = np.correlate(tone, sound[: SPEAKING_RATE // 2].astype(float), "valid")
    at = int(np.argmax(match))
    assert abs(at - LEAD) < 240
    assert np.corrcoef(tone[at : at + len(sound)], sound)[0, 1] > 0.999


@pytest.mark.real
def test_what_is_asked_for_reaches_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    service = EdgeServer(chirp(0.3))
    hear_from(service, monkeypatch, Voice("echo", "de", 1.25))
    (asked,) = service.asked
    assert asked.text == TEXT
    assert asked.rate == "+25%"
    assert "de-DE" in asked.voice
    assert "Florian" in asked.voice


@pytest.mark.real
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("refuse", "403"),
        ("silence", "silent for 1.5 s"),
        ("empty", "NoAudioReceived"),
        ("babble", "UnknownResponse"),
    ],
)
def test_a_service_that_does_not_speak_is_given_up_in_time(
    fault: Fault, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = hear_from(EdgeServer(chirp(1.0), fault), monkeypatch)
    assert not heard.pcm.size
    assert type(heard.error) is EngineError
    assert reason in str(heard.error)


@pytest.mark.real
@pytest.mark.parametrize("fault", ["stall", "drop", "close"])
@pytest.mark.parametrize("words", [True, False])
def test_a_voice_that_breaks_off_says_what_is_left(fault: Fault, words: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = hear_from(EdgeServer(chirp(3.0), fault, words=words), monkeypatch)
    assert isinstance(heard.error, SpeechCutError)
    assert TEXT.endswith(heard.error.rest)
    assert 1.3 < (len(heard.pcm) - PAUSE) / SPEAKING_RATE < 1.7
    if words:
        assert heard.error.rest == "four, five six. Seven & eight!"


@pytest.mark.real
def test_a_line_lost_after_the_last_word_is_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.concatenate((chirp(1.0), np.zeros(2 * SPEAKING_RATE, np.int16)))
    heard = hear_from(EdgeServer(sound, "drop", words_last=1.0), monkeypatch)
    assert heard.error is None
    assert abs(len(heard.pcm) / SPEAKING_RATE - 1.1) < 0.05


@pytest.mark.real
@pytest.mark.parametrize("fault", ["silence", "stall"])
def test_cancelling_cuts_even_a_dead_line_at_once(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(_: EdgeTts) -> None:
        patient = EdgeTts(Patience(60.0, 60.0))
        async with asyncio.TaskGroup() as tasks:
            speaking = tasks.create_task(hear(patient.speak(TEXT, Voice())))
            await asyncio.sleep(0.15)
            assert not speaking.done()
            speaking.cancel()
            async with asyncio.timeout(5):  # aiohttp would wait for 10
                await asyncio.wait({speaking})

    with_service(EdgeServer(chirp(1.0), fault), monkeypatch, test)


@pytest.mark.real
def test_closing_in_mid_speech_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(engine: EdgeTts) -> None:
        sound = engine.speak(TEXT, Voice())
        assert (await anext(sound)).size
        async with asyncio.timeout(5):  # aiohttp would wait for 10
            await sound.aclose()

    with_service(EdgeServer(chirp(10.0), pace=0.05), monkeypatch, test)


@pytest.mark.real
def test_starting_proves_that_the_service_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    async def starts(engine: EdgeTts) -> None:
        await engine.start()
        await engine.aclose()
        await engine.aclose()

    async def fails(engine: EdgeTts) -> None:
        with pytest.raises(EngineError, match="edge-tts did not speak"):
            await engine.start()

    with_service(EdgeServer(chirp(0.3)), monkeypatch, starts)
    with_service(EdgeServer(chirp(0.3), "silence"), monkeypatch, fails)


@pytest.mark.real
def test_nobody_at_the_address_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        with pytest.raises(EngineError, match="ClientConnectorError"):
            await EdgeTts(PATIENCE).start()

    monkeypatch.setattr("edge_tts.communicate.WSS_URL", "ws://127.0.0.1:9/edge/v1?TrustedClientToken=none")
    asyncio.run(run())


@pytest.mark.parametrize(
    ("voice", "name"),
    [
        (Voice(), "en-US-AvaMultilingualNeural"),
        (Voice("alloy", "en"), "en-US-EmmaMultilingualNeural"),
        (Voice("nobody", "en"), "en-US-AvaMultilingualNeural"),
        (Voice("", "zh"), "zh-CN-XiaoxiaoNeural"),
        (Voice("cedar", "zh-TW"), "zh-CN-YunxiNeural"),
        (Voice("zh-CN-XiaoyiNeural", "en"), "zh-CN-XiaoyiNeural"),
        (Voice("zh-CN-liaoning-XiaobeiNeural", "zh"), "zh-CN-liaoning-XiaobeiNeural"),
        (Voice("en-US-<evil/>Neural", "fr"), "fr-FR-VivienneMultilingualNeural"),
        (Voice("", "tlh"), "en-US-AvaMultilingualNeural"),
    ],
)
def test_each_voice_has_a_speaker(voice: Voice, name: str) -> None:
    assert edge_voice(voice) == name


def test_every_openai_voice_has_an_english_speaker_and_a_gender() -> None:
    assert set(ENGLISH) > MASCULINE
    assert len(set(ENGLISH.values())) == len(ENGLISH)
    assert all(feminine != masculine for feminine, masculine in BY_LANGUAGE.values())


@pytest.mark.parametrize(("speed", "rate"), [(1.0, "+0%"), (1.5, "+50%"), (0.25, "-50%"), (0.9, "-10%"), (9, "+100%")])
def test_speed_becomes_a_relative_rate(speed: float, rate: str) -> None:
    assert edge_rate(speed) == rate
