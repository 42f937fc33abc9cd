"""The real espeak-ng: it sounds, in several languages, at the right length, and stops when nobody listens."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import numpy as np
import pytest

from pipeline.audio import SPEAKING_RATE, Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError
from pipeline.tts.espeak import Espeak, pieces, voice_names
from pipeline.tts.silence import PAUSE, QUIET

SENTENCE = "The quick brown fox jumps over the lazy dog, and then it sleeps."


def with_espeak(test: Callable[[Espeak], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = Espeak()
        await engine.start()
        try:
            await test(engine)
        finally:
            await engine.aclose()
            await engine.aclose()
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("espeak")]

    asyncio.run(run())


async def said(engine: Espeak, text: str, voice: Voice | None = None) -> Pcm:
    """The whole sound of it."""
    chunks = [chunk async for chunk in engine.speak(text, voice or Voice())]
    assert all(chunk.size and chunk.dtype == np.int16 for chunk in chunks)
    return np.concatenate(chunks)


def loudness(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(pcm.astype(float) ** 2)))


@pytest.mark.real
@pytest.mark.parametrize(
    ("text", "language", "shortest", "longest"),
    [
        (SENTENCE, "en", 3.0, 5.0),
        ("你好", "zh", 0.3, 1.0),
        ("今天天气很好，我们去公园散步吧。", "zh", 2.0, 5.0),
        ("Guten Tag, wie geht es Ihnen?", "de", 1.0, 3.0),
        ("Buenos días, ¿cómo está usted?", "es", 1.0, 3.0),
        ("Bonjour, comment allez-vous ?", "fr", 1.0, 3.0),
        ("Bom dia, tudo bem?", "pt", 0.8, 2.5),
        ("Hello there.", "tlh", 0.5, 1.5),
    ],
)
def test_it_speaks_as_long_as_a_person_would(text: str, language: str, shortest: float, longest: float) -> None:
    async def test(engine: Espeak) -> None:
        pcm = await said(engine, text, Voice(language=language))
        assert shortest < len(pcm) / SPEAKING_RATE < longest
        assert loudness(pcm) > 1000

    with_espeak(test)


@pytest.mark.real
def test_a_clause_begins_at_once_and_ends_with_a_short_pause() -> None:
    async def test(engine: Espeak) -> None:
        pcm = await said(engine, SENTENCE)
        loud = np.flatnonzero(np.abs(pcm.astype(int)) > QUIET)
        assert loud[0] <= 0.02 * SPEAKING_RATE
        assert len(pcm) - 1 - loud[-1] == PAUSE

    with_espeak(test)


@pytest.mark.real
def test_chinese_is_read_as_chinese() -> None:
    async def test(engine: Espeak) -> None:
        chinese = await said(engine, "你好你好你好", Voice(language="zh"))
        by_name = await said(engine, "你好你好你好", Voice(language="en"))  # "Chinese letter" six times
        assert len(by_name) > 1.5 * len(chinese)

    with_espeak(test)


@pytest.mark.real
def test_speed_and_voice_are_heard() -> None:
    async def test(engine: Espeak) -> None:
        slow, natural, fast = [len(await said(engine, SENTENCE, Voice(speed=speed))) for speed in (0.5, 1.0, 1.5)]
        assert slow > 1.6 * natural
        assert natural > 1.3 * fast
        woman, man = [
            await said(engine, "Many men were humming all morning.", Voice(name)) for name in ("marin", "ash")
        ]
        assert pitch(woman) > 1.5 * pitch(man)

    with_espeak(test)


def pitch(pcm: Pcm) -> float:
    """Hz, the median over 60 ms frames of the strongest periodicity between 60 and 400 Hz."""
    size = 1440
    window = np.hanning(size)
    bias = np.fft.irfft(np.abs(np.fft.rfft(window, 4096)) ** 2)[60:400]
    lags: list[int] = []
    for start in range(0, len(pcm) - size, size):
        frame = pcm[start : start + size] * window
        likeness = np.fft.irfft(np.abs(np.fft.rfft(frame, 4096)) ** 2)[60:400] / bias
        lags.append(60 + int(np.argmax(likeness)))
    return SPEAKING_RATE / float(np.median(lags))


@pytest.mark.real
def test_closing_stops_the_synthesis_at_once() -> None:
    async def test(engine: Espeak) -> None:
        day = " ".join([SENTENCE] * 20_000)
        async with asyncio.timeout(20):  # all of it would keep the thread for twice that
            async with aclosing(engine.speak(day, Voice())) as sound:
                first = await anext(sound)
            await anext(engine.speak("Next.", Voice()))
        assert first.size < SPEAKING_RATE / 5

    with_espeak(test)


@pytest.mark.real
def test_a_listener_who_stops_listening_holds_nobody_up() -> None:
    async def test(engine: Espeak) -> None:
        abandoned = engine.speak(" ".join([SENTENCE] * 200), Voice())
        await anext(abandoned)
        async with asyncio.timeout(10):
            assert len(await said(engine, SENTENCE)) > SPEAKING_RATE
        await abandoned.aclose()

    with_espeak(test)


@pytest.mark.real
def test_many_speakers_at_once_all_get_their_own_words() -> None:
    async def test(engine: Espeak) -> None:
        alone = [len(await said(engine, SENTENCE[:end])) for end in (20, 40, 60)]
        async with asyncio.TaskGroup() as tasks:
            together = [tasks.create_task(said(engine, SENTENCE[:end])) for end in (20, 40, 60) * 5]
        for task, expected in zip(together, alone * 5, strict=True):
            assert abs(len(task.result()) - expected) < 0.05 * SPEAKING_RATE

    with_espeak(test)


@pytest.mark.real
def test_what_has_no_sound_is_an_error() -> None:
    async def test(engine: Espeak) -> None:
        with pytest.raises(EngineError, match="no sound"):
            await said(engine, "…")

    with_espeak(test)


def test_speaking_needs_a_start() -> None:
    async def run() -> None:
        engine = Espeak()
        await engine.aclose()
        with pytest.raises(EngineError, match="not started"):
            await anext(engine.speak("Hello.", Voice()))

    asyncio.run(run())


@pytest.mark.real
def test_closing_the_engine_ends_those_who_speak() -> None:
    async def run() -> None:
        engine = Espeak()
        await engine.start()
        sound = engine.speak(" ".join([SENTENCE] * 200), Voice())
        await anext(sound)
        await engine.aclose()
        with pytest.raises(EngineError, match="closed"):
            async for _ in sound:
                pass

    asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Short.", ["Short."]),
        (f"{'a' * 200}. {'b' * 200}. ", [f"{'a' * 200}. ", f"{'b' * 200}. "]),
        (f"{'a' * 200} {'b' * 200}", [f"{'a' * 200} ", "b" * 200]),
        ("c" * 650, ["c" * 300, "c" * 300, "c" * 50]),
        (f"{'好' * 200}。{'好' * 200}", [f"{'好' * 200}。", "好" * 200]),
    ],
)
def test_long_text_is_split_at_sentences_then_words(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("voice", "names"),
    [
        (Voice(), ["en-us+f3", "en-us+f3"]),
        (Voice("echo", "zh"), ["cmn+m2", "en-us+m2"]),
        (Voice("en-gb-scotland+m1", "en"), ["en-gb-scotland+m1", "en-us+f3", "en-us+f3"]),
        (Voice("../../etc/passwd", "de"), ["de+f3", "en-us+f3"]),
    ],
)
def test_names_are_tried_best_first(voice: Voice, names: list[str]) -> None:
    assert voice_names(voice) == names
