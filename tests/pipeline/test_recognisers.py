"""One engine after the other, with scripted engines that fail as real ones do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from pipeline.asr.kept import MOST
from pipeline.asr.recognisers import FallbackAsr
from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import AsrEngine, Listening, Transcript
from pipeline.errors import EngineError, RefusedError
from tests.virtual_clock import run

SECOND: Pcm = np.ones(HEARING_RATE, np.int16)


@dataclass(eq=False)
class Scripted:
    """Answers with its name and the seconds it heard."""

    name: str
    broken: bool = False
    strict: bool = False
    """Refuses whatever it hears."""
    deaf: bool = False
    """Does not even begin to listen."""
    delay: float = 0.0
    heard: list["Ear"] = field(default_factory=list["Ear"])

    async def start(self) -> None: ...
    async def aclose(self) -> None: ...

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> Listening:
        if self.deaf:
            raise EngineError(f"{self.name} was not started")
        self.heard.append(Ear(self, language, on_partial))
        return self.heard[-1]


@dataclass(eq=False)
class Ear:
    engine: Scripted
    language: str
    on_partial: Callable[[str], None]
    samples: int = 0
    pieces: int = 0
    prepared: int = 0
    closed: bool = False

    def feed(self, pcm: Pcm) -> None:
        self.samples += len(pcm)
        self.pieces += 1

    def prepare(self) -> None:
        self.prepared += 1

    async def settle(self) -> Transcript:
        await asyncio.sleep(self.engine.delay)
        if self.engine.strict:
            raise RefusedError(f"{self.engine.name} wants another language")
        if self.engine.broken:
            raise EngineError(f"{self.engine.name} broke down")
        return Transcript(f"{self.engine.name} {self.samples / HEARING_RATE:.0f}", self.language)

    def close(self) -> None:
        self.closed = True


def ignore(_: str) -> None:
    pass


def recognisers(*engines: AsrEngine) -> FallbackAsr:
    return FallbackAsr(lambda: engines, patience=0.05, last_hope=0.2)


def test_the_best_engine_answers() -> None:
    async def scene() -> None:
        asr = recognisers(Scripted("good"), fair := Scripted("fair"))
        utterance = asr.listen("en", ignore)
        utterance.feed(SECOND)
        assert await utterance.settle() == Transcript("good 1", "en", by="good")
        utterance.feed(SECOND)
        assert await utterance.settle() == Transcript("good 2", "en", by="good")
        assert fair.heard == []

    run(scene())


@pytest.mark.parametrize("fault", [{"broken": True}, {"delay": 1.0}])
def test_when_it_fails_the_next_one_hears_the_whole_utterance(fault: dict[str, float]) -> None:
    async def scene() -> None:
        good, fair = Scripted("good"), Scripted("fair")
        utterance = recognisers(good, fair).listen("en", ignore)
        utterance.feed(SECOND)
        await utterance.settle()
        for name, value in fault.items():
            setattr(good, name, value)
        utterance.feed(SECOND)
        assert await utterance.settle() == Transcript("fair 2", "en", by="fair")
        utterance.feed(SECOND)
        assert await utterance.settle() == Transcript("fair 3", "en", by="fair")
        assert good.heard[0].closed

    run(scene())


def test_an_engine_that_failed_rests_while_another_is_there() -> None:
    async def scene() -> None:
        good, fair = Scripted("good", broken=True), Scripted("fair")
        asr = recognisers(good, fair)
        for _ in range(3):
            utterance = asr.listen("en", ignore)
            utterance.feed(SECOND)
            assert (await utterance.settle()).text == "fair 1"
            utterance.close()
        assert len(good.heard) == 1
        fair.broken, good.broken = True, False
        utterance = asr.listen("en", ignore)
        assert (await utterance.settle()).text == "good 0"

    run(scene())


def test_an_engine_that_refuses_one_utterance_is_asked_the_next() -> None:
    async def scene() -> None:
        strict, fair = Scripted("strict", strict=True), Scripted("fair")
        asr = recognisers(strict, fair)
        for _ in range(3):
            utterance = asr.listen("de", ignore)
            utterance.feed(SECOND)
            assert (await utterance.settle()).text == "fair 1"
            utterance.close()
        assert len(strict.heard) == 3

    run(scene())


def test_a_substitute_hears_what_was_said_in_one_piece() -> None:
    async def scene() -> None:
        good, fair = Scripted("good", broken=True), Scripted("fair")
        utterance = recognisers(good, fair).listen("en", ignore)
        for _ in range(3):
            utterance.feed(SECOND)
        assert (await utterance.settle()).text == "fair 3"
        assert fair.heard[0].pieces == 1

    run(scene())


def test_a_closed_utterance_stays_closed() -> None:
    async def scene() -> None:
        good, fair = Scripted("good"), Scripted("fair")
        utterance = recognisers(good, fair).listen("en", ignore)
        utterance.feed(SECOND)
        utterance.close()
        utterance.feed(SECOND)
        with pytest.raises(EngineError, match="closed"):
            await utterance.settle()
        assert (good.heard[0].samples, len(good.heard), fair.heard) == (len(SECOND), 1, [])

    run(scene())


@pytest.mark.parametrize("fault", [{"broken": True, "delay": 0.01}, {"delay": 1.0}])
def test_who_fails_because_the_utterance_was_closed_is_not_blamed(fault: dict[str, float]) -> None:
    async def scene() -> None:
        good, fair = Scripted("good"), Scripted("fair")
        for name, value in fault.items():
            setattr(good, name, value)
        asr = recognisers(good, fair)
        utterance = asr.listen("en", ignore)
        utterance.feed(SECOND)
        asyncio.get_running_loop().call_soon(utterance.close)
        with pytest.raises(EngineError):
            await utterance.settle()
        assert not asr.resting.resting("good", asyncio.get_running_loop().time())
        assert fair.heard == []

    run(scene())


def test_when_all_fail_the_turn_does_and_the_reasons_are_told() -> None:
    async def scene() -> None:
        good, fair = Scripted("good", broken=True), Scripted("fair", deaf=True)
        utterance = recognisers(good, fair).listen("en", ignore)
        utterance.feed(SECOND)
        with pytest.raises(EngineError, match="no recogniser is left: good broke down; fair was not started"):
            await utterance.settle()
        good.broken = False
        assert (await utterance.settle()).text == "good 1"

    run(scene())


def test_the_last_engine_is_given_more_time() -> None:
    async def scene() -> None:
        utterance = recognisers(Scripted("slow", delay=0.1)).listen("en", ignore)
        utterance.feed(SECOND)
        assert (await utterance.settle()).text == "slow 1"

    run(scene())


def test_an_engine_that_gets_ready_in_mid_utterance_can_save_it() -> None:
    async def scene() -> None:
        ready: list[AsrEngine] = []
        utterance = FallbackAsr(lambda: ready).listen("en", ignore)
        utterance.feed(SECOND)
        with pytest.raises(EngineError, match="none is ready"):
            await utterance.settle()
        ready.append(Scripted("late"))
        assert (await utterance.settle()).text == "late 1"

    run(scene())


def test_cancelling_settle_loses_nothing_and_blames_nobody() -> None:
    async def scene() -> None:
        good = Scripted("good", delay=0.03)
        utterance = recognisers(good, Scripted("fair")).listen("en", ignore)
        utterance.feed(SECOND)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await utterance.settle()
        assert (await utterance.settle()).text == "good 1"

    run(scene())


def test_two_who_settle_at_once_fail_over_once() -> None:
    async def scene() -> None:
        good, fair = Scripted("good", broken=True, delay=0.01), Scripted("fair")
        utterance = recognisers(good, fair, Scripted("poor")).listen("en", ignore)
        utterance.feed(SECOND)
        assert [answer.text for answer in await asyncio.gather(utterance.settle(), utterance.settle())] == [
            "fair 1"
        ] * 2
        assert len(fair.heard) == 1

    run(scene())


def test_of_an_endless_utterance_a_substitute_hears_the_last_ten_minutes() -> None:
    async def scene() -> None:
        good, fair = Scripted("good", broken=True), Scripted("fair")
        utterance = recognisers(good, fair).listen("en", ignore)
        for _ in range(MOST // len(SECOND) + 30):
            utterance.feed(SECOND)
        assert (await utterance.settle()).text == "fair 600"

    run(scene())


def test_hints_and_partials_are_passed_on() -> None:
    async def scene() -> None:
        partials: list[str] = []
        utterance = recognisers(good := Scripted("good")).listen("en", partials.append)
        utterance.feed(SECOND)
        utterance.prepare()
        good.heard[0].on_partial("hel")
        utterance.close()
        utterance.close()
        assert (good.heard[0].prepared, partials, good.heard[0].closed) == (1, ["hel"], True)

    run(scene())
