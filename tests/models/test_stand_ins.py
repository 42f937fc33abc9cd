"""The stand-ins for speech servers, over HTTP and with OpenAI's client: what they answer, when, and how they fail."""

import asyncio
import io
import subprocess
import sys
import wave
from collections.abc import Awaitable, Callable

import httpx2
import numpy as np
import openai
import pytest

from models.stand_ins import (
    CHUNK,
    RATE,
    Fault,
    Settings,
    StandIns,
    form_fields,
    speech,
    spoken_samples,
    wav_seconds,
)
from tests.stand_ins.asgi import serving

TEXT = "It will rain tomorrow."


def recording(seconds: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(bytes(round(seconds * 16_000) * 2))
    return file.getvalue()


def with_client(stand_ins: StandIns, test: Callable[[openai.AsyncOpenAI], Awaitable[None]]) -> None:
    async def run() -> None:
        async with (
            serving(stand_ins.app()) as url,
            openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client,
        ):
            await test(client)

    asyncio.run(run())


@pytest.mark.real
def test_a_recording_is_answered_after_its_delay_with_as_many_words_as_fit() -> None:
    stand_ins = StandIns(Settings(asr_ms=60))

    async def test(client: openai.AsyncOpenAI) -> None:
        await client.models.list()
        clock = asyncio.get_running_loop().time
        began = clock()
        heard = await client.audio.transcriptions.create(file=("turn.wav", recording(2.0)), model="ears")
        assert clock() - began >= 0.06
        assert heard.text == "what will the weather be"
        text = await client.audio.transcriptions.create(
            file=("turn.wav", recording(0.8)), model="ears", response_format="text"
        )
        assert str(text) == "what will\n"

    with_client(stand_ins, test)
    assert stand_ins.stats.transcriptions == 2
    assert stand_ins.stats.heard_seconds == pytest.approx(2.8)


@pytest.mark.real
def test_scripted_texts_come_in_turn() -> None:
    async def test(client: openai.AsyncOpenAI) -> None:
        for expected in ("hello", "goodbye", "hello"):
            heard = await client.audio.transcriptions.create(file=("turn.wav", recording(1.0)), model="ears")
            assert heard.text == expected

    with_client(StandIns(Settings(asr_ms=0, texts=("hello", "goodbye"))), test)


@pytest.mark.real
def test_speech_comes_after_its_delay_and_at_its_pace() -> None:
    stand_ins = StandIns(Settings(tts_ms=60, tts_speed=5))

    async def test(client: openai.AsyncOpenAI) -> None:
        await client.models.list()
        clock = asyncio.get_running_loop().time
        began = clock()
        body = b""
        arrived: list[float] = []
        speaking = client.audio.speech.with_streaming_response
        async with speaking.create(model="voice", voice="alloy", input=TEXT, response_format="pcm") as response:
            async for raw in response.iter_bytes():
                arrived.append(clock() - began)
                body += raw
        seconds = spoken_samples(TEXT) / RATE
        assert arrived[0] >= 0.06
        assert arrived[-1] >= 0.06 + (seconds - CHUNK / RATE) / 5
        assert body == speech(TEXT, 0, spoken_samples(TEXT)).tobytes()

    with_client(stand_ins, test)
    assert stand_ins.stats.spoken_seconds == pytest.approx(spoken_samples(TEXT) / RATE)


@pytest.mark.real
@pytest.mark.parametrize(("fault", "status"), [("rate_limit", 429), ("server_error", 500)])
def test_refusals_have_openai_s_shape(fault: Fault, status: int) -> None:
    async def test(client: openai.AsyncOpenAI) -> None:
        for request in (
            client.audio.speech.create(model="voice", voice="alloy", input=TEXT, response_format="pcm"),
            client.audio.transcriptions.create(file=("turn.wav", recording(1.0)), model="ears"),
        ):
            with pytest.raises(openai.APIStatusError) as raised:
                await request
            assert raised.value.status_code == status

    with_client(StandIns(Settings(fault=fault)), test)


@pytest.mark.real
@pytest.mark.parametrize(
    ("fault", "loss"), [("stall", TimeoutError), ("cut", httpx2.RemoteProtocolError), ("short", None)]
)
def test_half_a_speech_ends_in_three_ways(fault: Fault, loss: type[Exception] | None) -> None:
    stand_ins = StandIns(Settings(tts_ms=0, tts_speed=50, fault=fault))

    async def read(client: openai.AsyncOpenAI, body: bytearray) -> None:
        speaking = client.audio.speech.with_streaming_response
        async with (
            asyncio.timeout(1),
            speaking.create(model="voice", voice="alloy", input=TEXT, response_format="pcm") as response,
        ):
            async for raw in response.iter_bytes():
                body += raw

    async def test(client: openai.AsyncOpenAI) -> None:
        body = bytearray()
        if loss:
            with pytest.raises(loss):
                await read(client, body)
        else:
            await read(client, body)
        assert len(body) == spoken_samples(TEXT) // 2 * 2

    with_client(stand_ins, test)
    assert stand_ins.stats.speaking == 0


@pytest.mark.real
def test_silence_lasts_until_the_client_leaves() -> None:
    async def test(client: openai.AsyncOpenAI) -> None:
        for request in (
            client.audio.speech.create(model="voice", voice="alloy", input=TEXT, response_format="pcm"),
            client.audio.transcriptions.create(file=("turn.wav", recording(1.0)), model="ears"),
        ):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await request

    with_client(StandIns(Settings(fault="silence")), test)


@pytest.mark.real
@pytest.mark.parametrize("body", [b"{}", b"[]", b"not json", b'{"input": "a", "speed": "fast"}'])
def test_a_wrong_request_is_said_to_be_wrong(body: bytes) -> None:
    async def test(client: openai.AsyncOpenAI) -> None:
        async with httpx2.AsyncClient(base_url=client.base_url) as http:
            assert (await http.post("audio/speech", content=body)).status_code == 400
            assert (await http.post("audio/transcriptions", content=body)).status_code == 400
            assert (await http.get("stand_ins/stats")).json()["speeches"] == 0

    with_client(StandIns(), test)


def test_speech_is_the_same_in_any_chunks_and_differs_by_text() -> None:
    whole = speech(TEXT, 0, RATE)
    np.testing.assert_array_equal(whole, np.concatenate([speech(TEXT, at, CHUNK) for at in range(0, RATE, CHUNK)]))
    assert np.abs(whole).max() > 8000
    assert not np.array_equal(whole, speech("Something else.", 0, RATE))


def test_speech_is_as_long_as_its_text() -> None:
    assert spoken_samples("x" * 14) == RATE
    assert spoken_samples("x" * 14, 2.0) == RATE // 2
    assert spoken_samples("") == RATE // 5


def test_a_form_is_taken_apart_byte_for_byte() -> None:
    content = b"\r\n--almost\r\n\x00\xff\r\n"
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="model"\r\n\r\nears\r\n'
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n'
        + content
        + b"\r\n--edge--\r\n"
    )
    assert form_fields('multipart/form-data; boundary="edge"', body) == {"model": b"ears", "file": content}
    assert form_fields("application/json", b"{}") == {}


@pytest.mark.parametrize(("raw", "seconds"), [(recording(1.5), 1.5), (bytes(32_000), 1.0), (b"RIFF", 4 / 32_000)])
def test_the_length_of_a_recording_is_known(raw: bytes, seconds: float) -> None:
    assert wav_seconds(raw) == pytest.approx(seconds)


@pytest.mark.real
def test_it_runs_as_a_program_and_says_where() -> None:
    command = [sys.executable, "-m", "models.stand_ins", "--port", "0", "--asr-ms", "0", "--text", "hello"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout
            url = program.stdout.readline().split()[-1]
            answer = httpx2.post(f"{url}/audio/transcriptions", files={"file": ("a.wav", recording(1.0))})
            assert answer.json() == {"text": "hello"}
        finally:
            program.terminate()
