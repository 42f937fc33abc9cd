"""The OpenAI speech engine against real servers on localhost, good and bad."""

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import numpy as np
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from models.stand_ins import Fault, Settings, StandIns, speech, spoken_samples
from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError, LimitedError, RefusedError, SpeechCutError
from pipeline.tts.guard import Patience
from pipeline.tts.openai_http import OpenAISpeech
from pipeline.tts.silence import LEAD, PAUSE, QUIET
from tests.stand_ins.asgi import serving
from tests.stand_ins.edge_server import mp3_from_pcm

pytestmark = pytest.mark.real

TEXT = "It will rain tomorrow, so take an umbrella."


def with_engine(app: ASGIApp, test: Callable[[OpenAISpeech], Awaitable[None]]) -> None:
    async def run() -> None:
        async with serving(app) as url:
            engine = OpenAISpeech(f"{url}/v1", patience=Patience(0.4, 0.4))
            await engine.start()
            try:
                await test(engine)
            finally:
                await engine.aclose()
                await engine.aclose()

    asyncio.run(run())


async def said(engine: OpenAISpeech, text: str = TEXT, voice: Voice | None = None) -> Pcm:
    return np.concatenate([pcm async for pcm in engine.speak(text, voice or Voice())])


def test_the_sound_arrives_as_it_was_sent() -> None:
    stand_ins = StandIns(Settings(tts_ms=20, tts_speed=50))

    async def test(engine: OpenAISpeech) -> None:
        pcm = await said(engine)
        whole = speech(TEXT, 0, spoken_samples(TEXT))
        at = max(0, int(np.flatnonzero(np.abs(whole) > QUIET)[0]) - LEAD)
        length = min(len(pcm) - PAUSE, len(whole) - at)
        np.testing.assert_array_equal(pcm[:length], whole[at : at + length])

    with_engine(stand_ins.app(), test)
    assert stand_ins.stats.speeches == 1


def test_the_first_sound_comes_long_before_the_last() -> None:
    stand_ins = StandIns(Settings(tts_ms=50, tts_speed=5))

    async def test(engine: OpenAISpeech) -> None:
        async with aclosing(engine.speak(TEXT, Voice())) as sound:
            await anext(sound)
            assert stand_ins.stats.speaking == 1
            assert [pcm async for pcm in sound]

    with_engine(stand_ins.app(), test)


def test_leaving_in_mid_speech_ends_the_request() -> None:
    stand_ins = StandIns(Settings(tts_ms=0, tts_speed=1))

    async def test(engine: OpenAISpeech) -> None:
        async with aclosing(engine.speak(TEXT, Voice())) as sound:
            await anext(sound)
            assert stand_ins.stats.speaking == 1
        async with asyncio.timeout(10):
            while stand_ins.stats.speaking:  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0.01)

    with_engine(stand_ins.app(), test)


@pytest.mark.parametrize(
    ("fault", "reason", "kind"),
    [
        ("rate_limit", "429", LimitedError),
        ("server_error", "500", EngineError),
        ("silence", "silent for 0.4 s", EngineError),
    ],
)
def test_a_server_that_does_not_speak_is_given_up_in_time(fault: Fault, reason: str, kind: type[EngineError]) -> None:
    stand_ins = StandIns(Settings(fault=fault))

    async def test(engine: OpenAISpeech) -> None:
        with pytest.raises(EngineError, match=reason) as raised:
            await said(engine)
        assert type(raised.value) is kind

    with_engine(stand_ins.app(), test)


@pytest.mark.parametrize("fault", ["stall", "cut"])
def test_a_voice_that_breaks_off_says_what_is_left(fault: Fault) -> None:
    async def test(engine: OpenAISpeech) -> None:
        with pytest.raises(SpeechCutError) as raised:
            await said(engine)
        assert TEXT.endswith(raised.value.rest)
        assert 0.3 < len(raised.value.rest) / len(TEXT) < 0.7

    with_engine(StandIns(Settings(tts_ms=0, tts_speed=50, fault=fault)).app(), test)


def wav(pcm: Pcm) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SPEAKING_RATE)
        out.writeframes(pcm.tobytes())
    return file.getvalue()


def answering(content_type: str, body: bytes, status: int = 200) -> Starlette:
    """A server without /v1/models that always sends the same speech."""

    async def speak(_: Request) -> Response:
        return Response(body, status, media_type=content_type)

    return Starlette(routes=[Route("/v1/audio/speech", speak, methods=["POST"])])


@pytest.mark.parametrize("form", ["wav", "mp3", "pcm"])
def test_servers_that_insist_on_their_own_format_are_understood(form: str) -> None:
    pcm = speech(TEXT, 0, spoken_samples(TEXT))
    bodies = {"wav": wav(pcm), "mp3": mp3_from_pcm(pcm), "pcm": pcm.tobytes()}
    types = {"wav": "audio/wav", "mp3": "audio/mpeg", "pcm": "application/octet-stream"}

    async def test(engine: OpenAISpeech) -> None:
        assert abs(len(await said(engine)) - len(pcm)) < 0.15 * SPEAKING_RATE

    with_engine(answering(types[form], bodies[form]), test)


@pytest.mark.parametrize("form", ["mp3", "pcm"])
def test_a_long_speech_that_comes_at_once_leaves_time_for_others(form: str) -> None:
    pcm = speech(TEXT, 0, 60 * SPEAKING_RATE)
    body, content_type = (mp3_from_pcm(pcm), "audio/mpeg") if form == "mp3" else (pcm.tobytes(), "audio/pcm")

    async def test(engine: OpenAISpeech) -> None:
        turns, pieces = 0, list[int]()

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as tasks:
            other = tasks.create_task(others())
            async for piece in engine.speak(TEXT, Voice()):
                turns = turns if pieces else 0
                pieces.append(len(piece))
            other.cancel()
        assert max(pieces) < SPEAKING_RATE
        assert turns >= len(pieces) - 3 > 50

    with_engine(answering(content_type, body), test)


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [("text/html", b"<html>hello there</html>", "text/html"), ("audio/pcm", b"", "no sound")],
)
def test_an_answer_without_sound_is_an_error(content_type: str, body: bytes, reason: str) -> None:
    async def test(engine: OpenAISpeech) -> None:
        with pytest.raises(EngineError, match=reason):
            await said(engine)

    with_engine(answering(content_type, body), test)


def test_an_unknown_voice_is_replaced_by_the_default() -> None:
    asked: list[object] = []

    async def speak(request: Request) -> Response:
        asked.append(wanted := orjson.loads(await request.body()))
        if wanted["voice"] == "nobody":
            return Response(b'{"error": {"message": "no such voice"}}', 400, media_type="application/json")
        return Response(speech(TEXT, 0, 24_000).tobytes(), media_type="audio/pcm")

    async def test(engine: OpenAISpeech) -> None:
        assert (await said(engine, TEXT, Voice("nobody", speed=1.25))).size
        common = {"input": TEXT, "model": "gpt-4o-mini-tts", "response_format": "pcm", "speed": 1.25}
        assert asked == [{**common, "voice": "nobody"}, {**common, "voice": "alloy"}]

    with_engine(Starlette(routes=[Route("/v1/audio/speech", speak, methods=["POST"])]), test)


def test_half_a_character_does_not_keep_the_rest_from_being_spoken() -> None:
    async def test(engine: OpenAISpeech) -> None:
        assert (await said(engine, "Hello \ud83d")).size

    with_engine(answering("audio/pcm", speech(TEXT, 0, 24_000).tobytes()), test)


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_clause_that_is_refused_is_not_the_engine_s_fault(status: int) -> None:
    async def test(engine: OpenAISpeech) -> None:
        with pytest.raises(RefusedError, match=f"tts at .* did not speak: the server answers {status}"):
            await said(engine)

    with_engine(answering("application/json", b'{"error": {"message": "too long"}}', status), test)


@pytest.mark.parametrize(("status", "starts"), [(200, True), (404, True), (405, True), (401, False), (503, False)])
def test_starting_tells_a_server_that_is_up_from_one_that_is_not(status: int, starts: bool) -> None:
    async def models(_: Request) -> Response:
        return Response(b"{}", status, media_type="application/json")

    async def run() -> None:
        async with serving(Starlette(routes=[Route("/v1/models", models)])) as url:
            engine = OpenAISpeech(f"{url}/v1", api_key="key")
            try:
                if starts:
                    await engine.start()
                else:
                    with pytest.raises(EngineError, match=str(status)):
                        await engine.start()
            finally:
                await engine.aclose()

    asyncio.run(run())


def test_nobody_at_the_address_is_known_at_once() -> None:
    async def run() -> None:
        engine = OpenAISpeech("http://127.0.0.1:9/v1")
        with pytest.raises(EngineError, match="cannot be reached"):
            await engine.start()
        await engine.aclose()
        with pytest.raises(EngineError, match="not started"):
            await said(engine)

    asyncio.run(run())


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(OpenAISpeech(api_key="secret"))


def test_a_password_in_the_address_is_not_in_the_name() -> None:
    assert OpenAISpeech("http://me:secret@127.0.0.1:9/v1", model="m").name == "m at http://127.0.0.1:9/v1"
