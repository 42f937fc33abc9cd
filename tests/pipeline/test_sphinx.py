"""The real pocketsphinx on real speech, streamed as a session does."""

import asyncio
import threading
from collections.abc import Callable, Coroutine

import numpy as np
import pytest

from pipeline.asr.sphinx import PocketSphinx
from pipeline.asr.sphinx_decoder import SphinxDecoder
from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Listening
from pipeline.errors import EngineError, RefusedError
from tests.speech import CLIPS, clip

pytestmark = pytest.mark.real

PIECE = HEARING_RATE // 50
READ = ["spk1_snt1", "spk1_snt5", "spk1_snt6", "librivox_0880", "LJ001-0008"]
"""The recordings of people reading; oratory is beyond it."""

HISS: Pcm = np.random.default_rng(0).normal(0, 8, HEARING_RATE).astype(np.int16)


def as_heard(name: str) -> Pcm:
    """With the 300 ms before the speech and the pause after it that an utterance comes with."""
    return np.concatenate([HISS[: 3 * HEARING_RATE // 10], clip(name), HISS[: HEARING_RATE // 10]])


def feed(utterance: Listening, pcm: Pcm) -> None:
    for start in range(0, len(pcm), PIECE):
        utterance.feed(pcm[start : start + PIECE])


def with_engine(scene: Callable[[PocketSphinx], Coroutine[None, None, None]], decoders: int = 2) -> None:
    async def play() -> None:
        engine = PocketSphinx(decoders=decoders)
        await engine.start()
        try:
            await scene(engine)
        finally:
            await engine.aclose()
            await engine.aclose()

    asyncio.run(play())


def ignore(_: str) -> None:
    pass


def errors(said: str, meant: str) -> int:
    """Words put in, left out or taken for others."""
    said_words, meant_words = said.split(), "".join(c for c in meant.lower() if c.isalpha() or c == " ").split()
    row = list(range(len(meant_words) + 1))
    for count, word in enumerate(said_words, 1):
        diagonal, row[0] = row[0], count
        for index, other in enumerate(meant_words, 1):
            diagonal, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, diagonal + (word != other))
    return row[-1]


def test_it_gets_five_words_in_six_of_what_is_read_aloud() -> None:
    wrong: list[int] = []

    async def scene(engine: PocketSphinx) -> None:
        for name in READ:
            utterance = engine.listen("en", ignore)
            feed(utterance, as_heard(name))
            transcript = await utterance.settle()
            utterance.close()
            assert transcript.language == "en"
            wrong.append(errors(transcript.text, CLIPS[name].transcript))

    with_engine(scene)
    words = sum(len(CLIPS[name].transcript.split()) for name in READ)
    assert sum(wrong) / words < 1 / 6


def test_one_speaker_leaves_no_trace_for_the_next() -> None:
    async def scene(engine: PocketSphinx) -> None:
        texts: list[str] = []
        for name in ("spk1_snt5", "spk1_snt1", "spk1_snt5"):
            utterance = engine.listen("en", ignore)
            feed(utterance, as_heard(name))
            texts.append((await utterance.settle()).text)
            utterance.close()
        assert texts[0] == texts[2]

    with_engine(scene, decoders=1)


def test_partials_appear_while_it_listens_and_settling_goes_on_from_there() -> None:
    partials: list[str] = []

    async def scene(engine: PocketSphinx) -> None:
        utterance = engine.listen("", partials.append)
        pcm = as_heard("spk1_snt5")
        half = len(pcm) // 2
        feed(utterance, pcm[:half])
        first = await utterance.settle()
        for start in range(half, len(pcm), 5 * PIECE):
            feed(utterance, pcm[start : start + 5 * PIECE])
            await utterance.settle()
            utterance.feed(HISS[:1])
            await asyncio.sleep(0.01)
        final = await utterance.settle()
        assert len(final.text) > len(first.text) > 0
        assert len(set(partials)) == len(partials) >= 3

    with_engine(scene)


def test_the_event_loop_runs_while_it_decodes() -> None:
    async def scene(engine: PocketSphinx) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt1"))
        ticks = 0
        async with asyncio.TaskGroup() as tasks:
            settling = tasks.create_task(utterance.settle())
            while not settling.done():
                await asyncio.sleep(0.001)
                ticks += 1
        assert ticks > 10

    with_engine(scene)


def test_who_finds_no_decoder_free_is_decoded_all_the_same() -> None:
    async def scene(engine: PocketSphinx) -> None:
        crowd = [engine.listen("en", ignore) for _ in range(3)]
        for utterance in crowd:
            feed(utterance, as_heard("spk1_snt6"))
        texts = {(await utterance.settle()).text for utterance in crowd}
        assert len(texts) == 1
        assert texts != {""}
        for utterance in crowd:
            utterance.close()

    with_engine(scene, decoders=1)


def test_a_decoder_in_reserve_that_broke_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, known, broken = SphinxDecoder.text, set[SphinxDecoder](), list[SphinxDecoder]()

    def text(decoder: SphinxDecoder) -> str:
        if decoder not in known and decoder in (broken or [decoder]):
            broken.append(decoder)
            raise EngineError("the decoder broke")
        return whole(decoder)

    def noted(decoder: SphinxDecoder) -> str:
        known.add(decoder)
        return whole(decoder)

    async def scene(engine: PocketSphinx) -> None:
        first, second = (engine.listen("en", ignore) for _ in range(2))
        feed(first, as_heard("spk1_snt6"))
        monkeypatch.setattr(SphinxDecoder, "text", noted)
        said = await first.settle()  # so that it is the first who has the decoder
        monkeypatch.setattr(SphinxDecoder, "text", text)
        feed(second, as_heard("spk1_snt6"))
        with pytest.raises(EngineError, match="broke"):
            await second.settle()
        assert await second.settle() == said

    with_engine(scene, decoders=1)


def test_a_decoder_is_used_again_after_its_utterance() -> None:
    async def scene(engine: PocketSphinx) -> None:
        for _ in range(3):
            utterance = engine.listen("en", ignore)
            utterance.feed(HISS)
            utterance.close()
            utterance.close()
        utterance = engine.listen("en", ignore)
        feed(utterance, as_heard("spk1_snt6"))
        assert (await utterance.settle()).text

    with_engine(scene, decoders=1)


def test_silence_has_no_words_and_nothing_fed_has_none() -> None:
    async def scene(engine: PocketSphinx) -> None:
        utterance = engine.listen("en", ignore)
        assert (await utterance.settle()).text == ""
        utterance.feed(HISS)
        assert (await utterance.settle()).text == ""

    with_engine(scene)


def test_other_languages_are_refused_when_settled() -> None:
    async def scene(engine: PocketSphinx) -> None:
        utterance = engine.listen("zh", ignore)
        utterance.feed(HISS)
        with pytest.raises(RefusedError, match="only English, not 'zh'"):
            await utterance.settle()

    with_engine(scene)


def test_a_closed_engine_says_so_and_leaves_no_thread() -> None:
    async def scene() -> None:
        engine = PocketSphinx(decoders=1)
        await engine.aclose()
        with pytest.raises(EngineError, match="not started"):
            engine.listen("en", ignore)
        await engine.start()
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("spk1_snt6"))
        await engine.aclose()
        with pytest.raises(EngineError, match="stopped"):
            await utterance.settle()
        utterance.close()

    asyncio.run(scene())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pocketsphinx")]
