"""Streaming over an engine that knows only whole recordings; it is scripted: each half second of tone is a word."""

import asyncio
import gc
import threading
import tracemalloc
import weakref
from collections.abc import Coroutine
from dataclasses import dataclass, field

import numpy as np
import pytest

from pipeline.asr.redecoding import LONGEST, Heard, Redecoding
from pipeline.asr.workers import Urgency, Workers, outcome
from pipeline.audio import HEARING_RATE, Pcm
from pipeline.errors import EngineError

WORD: Pcm = (8000 * np.sin(np.arange(HEARING_RATE // 2) * 0.3)).astype(np.int16)
GAP: Pcm = np.random.default_rng(0).normal(0, 3, 3 * HEARING_RATE // 10).astype(np.int16)


def say(words: int) -> Pcm:
    return np.concatenate([GAP, *[WORD, GAP] * words])


@dataclass
class Script:
    """Counts words by the samples above the background."""

    certain_from: int = 99
    """Words from which the language is certain."""
    fails: int = 0
    """How many decodes fail before one works."""
    held: bool = False
    calls: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Samples and language of each decode."""
    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def decode(self, pcm: Pcm, language: str) -> Heard:
        self.calls.append((len(pcm), language))
        self.begun.set()
        if self.held:
            assert self.go_on.wait(5)
        if self.fails:
            self.fails -= 1
            raise EngineError("out of memory")
        loud = np.abs(pcm.astype(int)).reshape(-1, 80).max(axis=1) > 4000
        words = round(loud.sum() * 80 / len(WORD))
        return Heard(" ".join(["word"] * words), "en" if words >= self.certain_from else "")


@dataclass
class Stage:
    """One thread, one utterance, and what it showed."""

    script: Script
    workers: Workers = field(default_factory=lambda: Workers(1, "test"))
    partials: list[str] = field(default_factory=list[str])

    def listen(self, language: str = "") -> Redecoding:
        return Redecoding(self.script.decode, self.workers, language, self.partials.append)

    async def caught_up(self) -> None:
        """All jobs submitted so far are done, and what they led to as well."""
        await outcome(self.workers.submit(Urgency.PARTIAL, lambda: None))
        await asyncio.sleep(0)

    async def stream(self, utterance: Redecoding, pcm: Pcm) -> None:
        for start in range(0, len(pcm), 320):
            utterance.feed(pcm[start : start + 320])
            await self.caught_up()


def act(stage: Stage, scene: Coroutine[None, None, None]) -> None:
    try:
        asyncio.run(scene)
    finally:
        stage.script.go_on.set()
        stage.workers.close()


def test_the_final_text_is_that_of_all_that_was_fed() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        utterance.feed(say(3))
        assert (await utterance.settle()).text == "word word word"
        utterance.feed(say(2))
        assert (await utterance.settle()).text == "word word word word word"

    act(stage, scene())


def test_partials_only_ever_grow_and_lead_up_to_the_final_text() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        await stage.stream(utterance, say(6))
        final = (await utterance.settle()).text
        assert len(stage.partials) >= 4
        assert sorted(stage.partials, key=len) == stage.partials
        assert final.startswith(stage.partials[-1])

    act(stage, scene())


def test_what_prepare_began_is_the_answer_when_only_quiet_followed() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        utterance.feed(say(2))
        utterance.prepare()
        before = len(stage.script.calls)
        utterance.feed(GAP)
        utterance.feed(GAP)
        utterance.prepare()
        assert (await utterance.settle()).text == "word word"
        assert (await utterance.settle()).text == "word word"
        assert len(stage.script.calls) - before <= 1

    act(stage, scene())


def test_a_partial_that_heard_every_word_is_the_answer_at_once() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        await stage.stream(utterance, say(2))
        await stage.stream(utterance, np.concatenate([GAP, GAP]))
        calls = len(stage.script.calls)
        assert (await utterance.settle()).text == "word word"
        assert len(stage.script.calls) == calls

    act(stage, scene())


def test_speech_after_prepare_is_heard() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        utterance.feed(say(2))
        utterance.prepare()
        utterance.feed(WORD)
        assert (await utterance.settle()).text == "word word word"

    act(stage, scene())


def test_a_final_goes_before_the_partials_of_others() -> None:
    stage = Stage(Script(held=True))

    async def scene() -> None:
        first, second, urgent = stage.listen("de"), stage.listen("fr"), stage.listen("es")
        for talker in (first, second, urgent):
            talker.feed(say(1))
        await asyncio.to_thread(stage.script.begun.wait)
        urgent.prepare()
        stage.script.go_on.set()
        await stage.caught_up()
        assert [language for _, language in stage.script.calls] == ["de", "es", "fr"]

    act(stage, scene())


def test_cancelling_settle_loses_nothing() -> None:
    stage = Stage(Script(held=True))

    async def scene() -> None:
        utterance = stage.listen()
        utterance.feed(say(2))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await utterance.settle()
        stage.script.go_on.set()
        assert (await utterance.settle()).text == "word word"
        assert len(stage.script.calls) == 1

    act(stage, scene())


def test_a_failed_decode_is_an_engine_error_and_the_next_attempt_a_new_one() -> None:
    stage = Stage(Script(fails=1))

    async def scene() -> None:
        utterance = stage.listen()
        utterance.feed(say(1))
        with pytest.raises(EngineError, match="out of memory"):
            await utterance.settle()
        assert (await utterance.settle()).text == "word"

    act(stage, scene())


def test_a_failed_partial_does_not_end_the_utterance() -> None:
    stage = Stage(Script(fails=1))

    async def scene() -> None:
        utterance = stage.listen()
        await stage.stream(utterance, say(4))
        assert (await utterance.settle()).text == "word word word word"
        assert stage.partials

    act(stage, scene())


def test_a_long_speech_is_cut_in_its_pauses_and_loses_no_word() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        utterance.feed(say(100))
        assert (await utterance.settle()).text.split() == ["word"] * 100
        assert max(samples for samples, _ in stage.script.calls) < LONGEST
        assert len(stage.script.calls) >= 4

    act(stage, scene())


def test_the_sound_of_a_passage_is_let_go_with_its_text() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        tracemalloc.start()
        for _ in range(300):
            utterance.feed(say(1))
            await stage.caught_up()
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept < 300 * say(1).nbytes / 3
        assert (await utterance.settle()).text.split() == ["word"] * 300

    act(stage, scene())


def test_partials_of_a_long_speech_go_on_after_a_cut() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen()
        await stage.stream(utterance, say(40))
        assert len(stage.partials[-1].split()) >= 38

    act(stage, scene())


def test_a_language_once_certain_is_kept() -> None:
    stage = Stage(Script(certain_from=2))

    async def scene() -> None:
        utterance = stage.listen()
        utterance.feed(say(1))
        assert (await utterance.settle()).language == ""
        utterance.feed(say(1))
        assert (await utterance.settle()).language == "en"
        utterance.feed(say(1))
        await utterance.settle()
        assert [language for _, language in stage.script.calls] == ["", "", "en"]

    act(stage, scene())


def test_nothing_is_decoded_when_nothing_was_fed() -> None:
    stage = Stage(Script())

    async def scene() -> None:
        utterance = stage.listen("en")
        utterance.prepare()
        transcript = await utterance.settle()
        assert (transcript.text, transcript.language) == ("", "en")
        assert stage.script.calls == []

    act(stage, scene())


def test_a_closed_utterance_is_silent() -> None:
    stage = Stage(Script(held=True))

    async def scene() -> None:
        utterance = stage.listen()
        sound = say(2)
        kept = weakref.ref(sound)
        utterance.feed(sound)
        del sound
        utterance.close()
        utterance.close()
        utterance.feed(say(2))
        utterance.prepare()
        stage.script.go_on.set()
        await stage.caught_up()
        assert stage.partials == []
        gc.collect()
        assert kept() is None
        with pytest.raises(EngineError, match="closed"):
            await utterance.settle()

    act(stage, scene())


def test_a_stopped_engine_fails_what_still_waits() -> None:
    stage = Stage(Script(held=True))

    async def scene() -> None:
        first, second = stage.listen(), stage.listen()
        first.feed(say(1))
        await asyncio.to_thread(stage.script.begun.wait)
        second.feed(say(1))
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(_error(second))
            await asyncio.sleep(0)
            threading.Timer(0.02, stage.script.go_on.set).start()
            await asyncio.to_thread(stage.workers.close)
        assert "stopped" in waiting.result()

    act(stage, scene())


async def _error(utterance: Redecoding) -> str:
    with pytest.raises(EngineError) as caught:
        await utterance.settle()
    return str(caught.value)
