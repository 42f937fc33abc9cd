"""The OpenAI transcription engine against a real local server: what it uploads, when, and what it makes of faults."""

import asyncio
import gc
import io
import re
import wave
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pipeline.asr.openai_http import OpenAITranscription
from pipeline.asr.recognisers import FallbackAsr
from pipeline.audio import HEARING_RATE, Pcm, pcm_from_bytes
from pipeline.errors import EngineError, RefusedError
from tests.pipeline.fakes import FakeAsr
from tests.speech import clip
from tests.stand_ins.asgi import serving

pytestmark = pytest.mark.real

HISS: Pcm = np.random.default_rng(0).normal(0, 3, HEARING_RATE // 10).astype(np.int16)


@dataclass
class Uploads:
    """A server that says how many seconds it was sent, and remembers all of it."""

    delay: float = 0.0
    answer: Callable[[], Response] | None = None
    models: int = 404
    """The status of `/v1/models`, which many servers lack."""
    sounds: list[Pcm] = field(default_factory=list[Pcm])
    fields: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    left: int = 0
    """Clients that hung up before their answer."""
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        routes = [
            Route("/v1/models", self._models),
            Route("/v1/audio/transcriptions", self._transcribe, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _models(self, _: Request) -> Response:
        return Response("{}", self.models, media_type="application/json")

    async def _transcribe(self, request: Request) -> Response:
        body = await request.body()
        parts = re.findall(rb'name="(\w+)"[^\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n--', body, re.DOTALL)
        fields = dict[bytes, bytes](parts)
        with wave.open(io.BytesIO(fields.pop(b"file"))) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, HEARING_RATE)
            self.sounds.append(pcm_from_bytes(sound.readframes(sound.getnframes())))
        self.fields.append({name.decode(): value.decode() for name, value in fields.items()})
        said = f" {len(self.sounds[-1]) / HEARING_RATE:.1f} seconds"
        for _ in range(int(self.delay * 100)):
            if await request.is_disconnected():
                self.left += 1
                self.hung_up.set()
                break
            await asyncio.sleep(0.01)
        return self.answer() if self.answer else JSONResponse({"text": said})


Scene = Callable[[OpenAITranscription], Awaitable[None]]


def with_engine(uploads: Uploads, scene: Scene, **options: float) -> None:
    async def play() -> None:
        async with serving(uploads.app()) as url:
            engine = replace(OpenAITranscription(f"{url}/v1", model="whisper-1"), **options)
            await engine.start()
            try:
                await scene(engine)
            finally:
                await engine.aclose()
                await engine.aclose()

    asyncio.run(play())


def ignore(_: str) -> None:
    pass


def test_the_whole_utterance_is_uploaded_as_it_was_heard() -> None:
    uploads = Uploads()

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        for start in range(0, len(clip("spk1_snt5")), 512):
            utterance.feed(clip("spk1_snt5")[start : start + 512])
        transcript = await utterance.settle()
        assert (transcript.text, transcript.language) == ("2.6 seconds", "en")

    with_engine(uploads, scene)
    np.testing.assert_array_equal(uploads.sounds[0], clip("spk1_snt5"))
    assert uploads.fields == [{"model": "whisper-1", "language": "en", "response_format": "json"}]


def test_a_language_that_is_not_known_is_left_to_the_server() -> None:
    uploads = Uploads()

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("", ignore)
        utterance.feed(clip("spk1_snt5"))
        assert (await utterance.settle()).language == ""

    with_engine(uploads, scene)
    assert "language" not in uploads.fields[0]


def test_what_prepare_began_is_the_answer_when_only_quiet_followed() -> None:
    uploads = Uploads(delay=0.05)

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(np.concatenate([HISS, HISS, HISS, clip("spk1_snt6"), HISS]))
        utterance.prepare()
        utterance.feed(HISS)
        utterance.prepare()
        await utterance.settle()
        utterance.feed(HISS)
        await utterance.settle()

    with_engine(uploads, scene)
    assert len(uploads.sounds) == 1


def test_who_is_not_eager_uploads_nothing_before_it_is_asked() -> None:
    uploads = Uploads()

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5"))
        utterance.prepare()
        assert (await utterance.settle()).text == "2.6 seconds"

    with_engine(uploads, scene, eager=False)
    assert len(uploads.sounds) == 1


def test_all_that_was_uploaded_is_told_with_the_transcript_also_what_was_in_vain() -> None:
    uploads = Uploads(delay=0.05)
    half = len(clip("spk1_snt5")) // 2

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5")[:half])
        utterance.prepare()
        utterance.feed(clip("spk1_snt5")[half:])
        assert (await utterance.settle()).billed == pytest.approx(1.5 * 2 * half / HEARING_RATE, abs=0.001)
        assert (await utterance.settle()).billed == 0.0, "it was paid before"

    with_engine(uploads, scene)


def test_what_was_uploaded_for_an_utterance_that_is_given_up_is_told() -> None:
    sound, wasted = clip("spk1_snt5"), list[float]()

    async def scene(engine: OpenAITranscription) -> None:
        engine.on_waste = wasted.append
        utterance = engine.listen("en", ignore)
        utterance.feed(sound)
        utterance.prepare()
        await asyncio.sleep(0.1)
        utterance.close()
        utterance.close()
        heard = engine.listen("en", ignore)
        heard.feed(sound)
        await heard.settle()
        heard.close()

    with_engine(Uploads(delay=0.2), scene)
    assert wasted == [pytest.approx(len(sound) / HEARING_RATE)]


@pytest.mark.parametrize(
    ("uploads", "patience", "told"),
    [(Uploads(delay=1.0), 0.1, 1), (Uploads(answer=lambda: Response("oops", 500)), 5.0, 0)],
    ids=["too late", "failed"],
)
def test_what_a_server_was_sent_that_another_engine_took_over_from_is_told_unless_it_failed(
    uploads: Uploads, patience: float, told: int
) -> None:
    sound, wasted = clip("spk1_snt5"), list[float]()

    async def scene(engine: OpenAITranscription) -> None:
        engine.on_waste = wasted.append
        other = FakeAsr(["Hello."], delay=0.0)
        utterance = FallbackAsr(lambda: [engine, other], patience).listen("en", ignore)
        utterance.feed(sound)
        assert (await utterance.settle()).by == other.name
        utterance.close()

    with_engine(uploads, scene)
    assert wasted == [pytest.approx(len(sound) / HEARING_RATE)] * told


def test_an_outdated_request_is_cancelled() -> None:
    uploads = Uploads(delay=0.5)

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5"))
        utterance.prepare()
        await asyncio.sleep(0.1)  # the server has begun to answer
        utterance.feed(clip("spk1_snt6"))
        assert (await utterance.settle()).text == "4.9 seconds"

    with_engine(uploads, scene)
    assert (len(uploads.sounds), uploads.left) == (2, 1)


def test_cancelling_settle_keeps_the_request() -> None:
    uploads = Uploads(delay=0.2)

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await utterance.settle()
        assert (await utterance.settle()).text == "2.6 seconds"

    with_engine(uploads, scene)
    assert (len(uploads.sounds), uploads.left) == (1, 0)


def test_closing_the_utterance_cancels_the_request() -> None:
    uploads = Uploads(delay=1.0)

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        sound = clip("spk1_snt5").copy()
        kept = weakref.ref(sound)
        utterance.feed(sound)
        del sound
        utterance.prepare()
        await asyncio.sleep(0.1)  # the server has begun to answer
        utterance.close()
        utterance.close()
        with pytest.raises(EngineError, match="closed"):
            await utterance.settle()
        await asyncio.wait_for(uploads.hung_up.wait(), 10.0)
        gc.collect()
        assert kept() is None

    with_engine(uploads, scene)


def test_nothing_is_uploaded_for_less_than_a_word() -> None:
    uploads = Uploads()

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(HISS[:100])
        utterance.prepare()
        assert (await utterance.settle()).text == ""

    with_engine(uploads, scene)
    assert uploads.sounds == []


def test_partials_are_uploaded_only_when_asked_for() -> None:
    for every, expected in ((0.0, []), (1.0, [f"{second}.0 seconds" for second in range(1, 6)])):
        uploads, partials = Uploads(), list[str]()

        async def scene(engine: OpenAITranscription, every: float = every, partials: list[str] = partials) -> None:
            utterance = engine.listen("en", partials.append)
            for half in range(10):
                utterance.feed(clip("jfk")[half * HEARING_RATE // 2 : (half + 1) * HEARING_RATE // 2])
                async with asyncio.timeout(10):
                    while every and len(partials) < (half + 1) // 2:  # noqa: ASYNC110 - the callback has no event
                        await asyncio.sleep(0.001)

        with_engine(uploads, scene, partial_every=every)
        assert partials == expected
        assert len(uploads.sounds) == len(expected)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (lambda: JSONResponse({"error": {"message": "no such model"}}, 404), "answers 404: .*no such model"),
        (lambda: JSONResponse({"error": {"message": "slow down"}}, 429), "answers 429"),
        (lambda: Response("oops", 500), "answers 500"),
        (lambda: JSONResponse({"words": []}), "without a text"),
        (lambda: Response(b"{", media_type="application/json"), "broke off"),
    ],
)
def test_a_bad_answer_is_an_engine_error_and_the_next_one_may_be_good(
    answer: Callable[[], Response], complaint: str
) -> None:
    uploads = Uploads(answer=answer)

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5"))
        with pytest.raises(EngineError, match=complaint) as raised:
            await utterance.settle()
        assert isinstance(raised.value, RefusedError) == ("404" in complaint)
        uploads.answer = None
        assert (await utterance.settle()).text == "2.6 seconds"

    with_engine(uploads, scene)
    assert len(uploads.sounds) == 2


def test_plain_text_is_an_answer_too() -> None:
    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5"))
        assert (await utterance.settle()).text == "hello"

    with_engine(Uploads(answer=lambda: PlainTextResponse("hello\n")), scene)


def test_half_a_character_is_no_word() -> None:
    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5"))
        assert (await utterance.settle()).text == "hello"

    with_engine(Uploads(answer=lambda: Response(rb'{"text": "hello\ud83d"}', media_type="application/json")), scene)


def test_a_long_utterance_is_uploaded_whole() -> None:
    uploads = Uploads()
    spoken: Pcm = np.random.default_rng(0).integers(-9000, 9000, 80 * HEARING_RATE, np.int16)

    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        for start in range(0, len(spoken), 320):
            utterance.feed(spoken[start : start + 320])
        assert (await utterance.settle()).text == "80.0 seconds"

    with_engine(uploads, scene)
    np.testing.assert_array_equal(uploads.sounds[0], spoken)


def test_a_server_that_takes_too_long_is_an_engine_error() -> None:
    async def scene(engine: OpenAITranscription) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt5"))
        with pytest.raises(EngineError, match=r"no transcript within 0\.1 s"):
            await utterance.settle()

    with_engine(Uploads(delay=1.0), scene, timeout=0.1)


@pytest.mark.parametrize(("status", "complaint"), [(401, "answers 401"), (503, "answers 503")])
def test_a_server_that_refuses_is_found_out_at_the_start(status: int, complaint: str) -> None:
    with pytest.raises(EngineError, match=complaint):
        with_engine(Uploads(models=status), lambda _: asyncio.sleep(0))


def test_nobody_there_is_found_out_at_the_start() -> None:
    async def scene() -> None:
        engine = OpenAITranscription("http://127.0.0.1:9/v1")
        await engine.aclose()
        with pytest.raises(EngineError, match="cannot be reached"):
            await engine.start()
        with pytest.raises(EngineError, match="not started"):
            engine.listen("en", ignore)

    asyncio.run(scene())


def test_it_may_be_started_and_closed_by_different_tasks() -> None:
    async def scene() -> None:
        async with serving(Uploads().app()) as url:
            engine = OpenAITranscription(f"{url}/v1")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(engine.start())
            utterance = engine.listen("en", ignore)
            utterance.feed(clip("spk1_snt5"))
            assert (await utterance.settle()).text == "2.6 seconds"
            utterance.prepare()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(engine.aclose())
            utterance.feed(clip("spk1_snt5"))
            with pytest.raises(EngineError, match="closed"):
                await utterance.settle()

    asyncio.run(scene())


def test_a_password_in_the_address_is_not_in_the_name() -> None:
    assert OpenAITranscription("http://me:secret@127.0.0.1:9/v1", model="m").name == "m at http://127.0.0.1:9/v1"
