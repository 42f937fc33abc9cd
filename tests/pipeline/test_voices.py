"""Who speaks when engines fail: scripted engines, and all three real ones in a row."""

import asyncio
import logging
import math
from contextlib import aclosing, suppress

import numpy as np
import pytest

from models.stand_ins import Settings, StandIns
from pipeline.audio import SPEAKING_RATE
from pipeline.engines import TtsEngine, Voice
from pipeline.errors import EngineError, RefusedError, SpeechCutError
from pipeline.tts.edge import EdgeTts
from pipeline.tts.espeak import Espeak
from pipeline.tts.openai_http import OpenAISpeech
from pipeline.tts.voices import FallbackTts
from tests import virtual_clock
from tests.stand_ins.asgi import serving
from tests.stand_ins.edge_server import EdgeServer
from tests.stand_ins.scripted_tts import Scripted, Step

TEXT = "One two three."


def well(name: str, sign: int = 1) -> Scripted:
    return Scripted(name, [10, 10], sign)


def fallback(*engines: TtsEngine, first_audio: float = 0.05) -> FallbackTts:
    return FallbackTts(lambda: engines, first_audio=first_audio)


async def spoken(tts: FallbackTts, text: str = TEXT) -> list[int]:
    """The values of the samples heard, one for each run of equal ones."""
    pcm = np.concatenate([pcm async for pcm in tts.speak(text, Voice())] or [np.zeros(0, np.int16)])
    return [int(pcm[at]) for at in range(len(pcm)) if at == 0 or pcm[at] != pcm[at - 1]]


def test_the_best_engine_speaks_alone() -> None:
    best, other = well("best"), well("other", 2)
    used: list[str] = []
    tts = FallbackTts(lambda: [best, other], on_use=used.append)
    assert asyncio.run(spoken(tts)) == [1]
    assert used == ["best"]
    assert not other.asked


@pytest.mark.parametrize(
    "script",
    [
        [EngineError("broken")],
        [1.0],
        [0.2, 10],
        [],
    ],
    ids=["an error", "silence", "too late", "nothing at all"],
)
def test_an_engine_without_a_timely_sound_is_replaced_for_the_whole_clause(script: list[Step]) -> None:
    bad, good = Scripted("bad", script), well("good", 2)
    used: list[str] = []
    tts = FallbackTts(lambda: [bad, good], first_audio=0.05, on_use=used.append)
    assert asyncio.run(spoken(tts)) == [2]
    assert good.asked == [TEXT]
    assert used == ["good"]
    assert bad.closed == 1


@pytest.mark.parametrize(
    ("script", "paid"),
    [
        ([EngineError("broken")], [("good", len(TEXT))]),
        ([1.0], [("good", len(TEXT))]),
        ([10, SpeechCutError("gone", " three.")], [("bad", len(TEXT)), ("good", len(" three."))]),
        ([10, 10], [("bad", len(TEXT))]),
    ],
    ids=["an error", "silence", "cut", "all of it"],
)
def test_whoever_has_made_a_sound_is_paid_for_all_it_was_sent(script: list[Step], paid: list[tuple[str, int]]) -> None:
    bad, good = Scripted("bad", script), well("good", 2)
    told: list[tuple[str, int]] = []
    tts = FallbackTts(lambda: [bad, good], first_audio=0.05, on_paid=lambda name, count: told.append((name, count)))
    asyncio.run(spoken(tts))
    assert told == paid


@pytest.mark.parametrize("script", [[1.0, 10], [10, 1.0, 10]], ids=["before a sound", "after one"])
def test_whoever_is_cut_short_is_paid_for_all_it_was_sent(script: list[Step]) -> None:
    told: list[tuple[str, int]] = []
    tts = FallbackTts(lambda: [Scripted("voice", script)], on_paid=lambda name, count: told.append((name, count)))

    async def cut_short() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await spoken(tts)

    asyncio.run(cut_short())
    assert told == [("voice", len(TEXT))]


def test_the_next_engine_says_only_what_is_left() -> None:
    cut, good = Scripted("cut", [10, SpeechCutError("gone", "two three.")]), well("good", 2)
    assert asyncio.run(spoken(fallback(cut, good))) == [1, 2]
    assert good.asked == ["two three."]


def test_a_voice_cut_after_the_last_word_needs_no_successor() -> None:
    cut, good = Scripted("cut", [10, SpeechCutError("gone", "!")]), well("good", 2)
    assert asyncio.run(spoken(fallback(cut, good))) == [1]
    assert not good.asked


def test_a_failed_engine_rests_and_comes_back() -> None:
    bad, good = Scripted("bad", [EngineError("broken")]), well("good", 2)
    tts = fallback(bad, good)

    async def run() -> None:
        for _ in range(3):
            assert await spoken(tts) == [2]
        assert len(bad.asked) == 1
        bad.script = [10]
        tts.resting.worked("bad")  # as if its rest were over
        assert await spoken(tts) == [1]

    asyncio.run(run())


def test_an_engine_that_refuses_one_clause_is_asked_the_next() -> None:
    strict, good = Scripted("strict", [RefusedError("no such voice")]), well("good", 2)
    tts = fallback(strict, good)

    async def run() -> None:
        assert [await spoken(tts) for _ in range(3)] == [[2]] * 3
        assert len(strict.asked) == 3

    asyncio.run(run())


def test_a_resting_engine_is_better_than_silence() -> None:
    first, second = Scripted("first", [EngineError("broken")]), well("second", 2)
    tts = fallback(first, second)

    async def run() -> None:
        assert await spoken(tts) == [2]
        first.script, second.script = [10], [EngineError("broken too")]
        assert await spoken(tts) == [1]
        assert second.asked == [TEXT, TEXT]

    asyncio.run(run())


def test_the_last_engine_may_be_late() -> None:
    assert asyncio.run(spoken(fallback(Scripted("slow", [0.15, 10])))) == [1]


def test_the_last_engine_is_not_waited_for_at_every_clause() -> None:
    hung = Scripted("hung", [math.inf])
    tts = FallbackTts(lambda: [hung])

    async def failing() -> float:
        began = asyncio.get_running_loop().time()
        with pytest.raises(EngineError, match="hung did not speak"):
            await spoken(tts)
        return asyncio.get_running_loop().time() - began

    async def scene() -> list[float]:
        return [await failing() for _ in range(3)]

    assert virtual_clock.run(scene()) == [10.0, 1.5, 1.5]


def test_when_all_fail_the_reasons_are_told() -> None:
    one, two = Scripted("one", [EngineError("one is deaf")]), Scripted("two", [EngineError("two is mute")])
    with pytest.raises(EngineError, match="one is deaf; two is mute") as raised:
        asyncio.run(spoken(fallback(one, two)))
    assert not isinstance(raised.value, SpeechCutError)
    with pytest.raises(EngineError, match="none is ready"):
        asyncio.run(spoken(fallback()))


def test_when_all_fail_in_mid_clause_the_rest_is_told() -> None:
    cut = Scripted("cut", [10, SpeechCutError("gone", "two three.")])
    bad = Scripted("bad", [EngineError("broken")])
    with pytest.raises(SpeechCutError) as raised:
        asyncio.run(spoken(fallback(cut, bad)))
    assert raised.value.rest == "two three."


def test_text_without_words_is_silence_not_failure() -> None:
    engine = well("engine")
    assert asyncio.run(spoken(fallback(engine), "… !")) == []
    assert not engine.asked


def test_each_failure_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        asyncio.run(spoken(fallback(Scripted("bad", [EngineError("bad broke")]), well("good"))))
    assert caplog.messages == ["bad broke; bad rests for 30 s, good takes over"]


def test_leaving_closes_the_engine_and_is_no_failure() -> None:
    engine, other = well("engine"), well("other")
    tts = fallback(engine, other)

    async def run() -> None:
        async with aclosing(tts.speak(TEXT, Voice())) as sound:
            await anext(sound)
        assert engine.closed == 1
        assert not tts.resting.resting("engine", asyncio.get_running_loop().time())

    asyncio.run(run())


def test_the_engines_are_asked_for_anew_at_each_clause() -> None:
    ready: list[TtsEngine] = [well("first")]
    tts = FallbackTts(lambda: ready)

    async def run() -> None:
        assert await spoken(tts) == [1]
        ready.insert(0, well("better", 2))
        assert await spoken(tts) == [2]

    asyncio.run(run())


@pytest.mark.real
def test_real_engines_finish_each_other_s_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edge's line drops after half, the HTTP voice refuses, espeak says the rest."""
    text = "One two three four, five six seven eight."
    tone = (8000 * np.sin(np.arange(3 * SPEAKING_RATE) / 10)).astype(np.int16)
    edge, http = EdgeServer(tone, "drop"), StandIns(Settings(fault="server_error"))
    used: list[str] = []

    async def run() -> None:
        async with edge.serving(), serving(http.app()) as url:
            monkeypatch.setattr("edge_tts.communicate.WSS_URL", edge.url)
            engines = [EdgeTts(), OpenAISpeech(f"{url}/v1"), Espeak()]
            for engine in engines[1:]:
                await engine.start()
            tts = FallbackTts(lambda: engines, on_use=used.append)
            pcm = np.concatenate([pcm async for pcm in tts.speak(text, Voice())])
            for engine in engines:
                await engine.aclose()
        assert 2.5 < len(pcm) / SPEAKING_RATE < 4.0

    asyncio.run(run())
    assert used == ["edge-tts", "espeak-ng"]
    assert http.stats.speeches == 1
