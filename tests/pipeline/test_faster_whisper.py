"""The real library with tiny random weights: loading, threads and streaming are real, the words are noise."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from pipeline.asr.faster_whisper import MARGIN, FasterWhisper, _without_padding  # pyright: ignore[reportPrivateUsage]
from pipeline.audio import HEARING_RATE
from pipeline.engines import Transcript
from pipeline.errors import EngineError
from tests.speech import clip
from tests.stand_ins.tiny_whisper import LANGUAGES, make_tiny_whisper

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def weights() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield make_tiny_whisper(Path(folder) / "tiny")


def ignore(_: str) -> None:
    pass


def with_engine(engine: FasterWhisper, scene: Callable[[FasterWhisper], Coroutine[None, None, None]]) -> None:
    async def play() -> None:
        await engine.start()
        try:
            await scene(engine)
        finally:
            await engine.aclose()
            await engine.aclose()

    asyncio.run(play())


async def transcript(engine: FasterWhisper, name: str, language: str = "en") -> Transcript:
    utterance = engine.listen(language, ignore)
    utterance.feed(clip(name))
    settled = await utterance.settle()
    utterance.close()
    return settled


def test_it_loads_from_a_folder_and_decodes(weights: Path) -> None:
    async def scene(engine: FasterWhisper) -> None:
        assert engine.name.startswith("faster-whisper tiny (")
        first, again = await transcript(engine, "jfk"), await transcript(engine, "jfk")
        assert first == again
        assert "word" in first.text
        assert first.language == "en"

    with_engine(FasterWhisper(str(weights)), scene)


def test_trimmed_and_whole_windows_both_work(weights: Path) -> None:
    for trim in (True, False):

        async def scene(engine: FasterWhisper) -> None:
            assert (await transcript(engine, "jfk")).text

        with_engine(FasterWhisper(str(weights), device="cpu", trim_encoder=trim), scene)


def test_the_language_is_found_out_by_models_that_know_several(weights: Path) -> None:
    async def scene(engine: FasterWhisper) -> None:
        assert (await transcript(engine, "jfk", "")).language in {"", *LANGUAGES}

    with_engine(FasterWhisper(str(weights)), scene)


def test_a_model_that_knows_only_english_answers_in_english(tmp_path: Path) -> None:
    async def scene(engine: FasterWhisper) -> None:
        assert (await transcript(engine, "spk1_snt1", "")).language == "en"

    with_engine(FasterWhisper(str(make_tiny_whisper(tmp_path / "tiny.en", multilingual=False))), scene)


def test_several_speakers_at_once_get_their_own_words(weights: Path) -> None:
    names = ["jfk", "spk1_snt1", "spk1_snt5", "jfk"]

    async def scene(engine: FasterWhisper) -> None:
        alone = [await transcript(engine, name) for name in names]
        async with asyncio.TaskGroup() as tasks:
            together = [tasks.create_task(transcript(engine, name)) for name in names]
        assert [task.result() for task in together] == alone

    with_engine(FasterWhisper(str(weights)), scene)


def test_partials_come_while_the_user_speaks(weights: Path) -> None:
    partials: list[str] = []

    async def scene(engine: FasterWhisper) -> None:
        utterance = engine.listen("en", partials.append)
        for start in range(0, len(clip("jfk")), 320):
            utterance.feed(clip("jfk")[start : start + 320])
            await asyncio.sleep(0.0005)
        assert (await utterance.settle()).text

    with_engine(FasterWhisper(str(weights)), scene)
    assert partials
    assert all(one != other for one, other in pairwise(partials))


def test_the_encoder_is_spared_the_padding_but_for_a_margin() -> None:
    features = np.zeros((80, 3000), np.float32)
    features[:, :201] = 1.0
    kept = _without_padding(features)
    assert kept.shape == (80, 302)
    assert _without_padding(np.zeros((80, 3000), np.float32)).shape == (80, MARGIN)
    assert _without_padding(np.ones((80, 3000), np.float32)).shape == (80, 3000)


def test_a_short_sound_is_not_decoded_at_length(weights: Path) -> None:
    async def scene(engine: FasterWhisper) -> None:
        utterance = engine.listen("en", ignore)
        utterance.feed(clip("jfk")[:HEARING_RATE])
        assert len((await utterance.settle()).text.split()) <= 40

    with_engine(FasterWhisper(str(weights)), scene)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"model": "enormous"}, "neither a folder nor one of tiny"),
        ({"model": "/nowhere/at/all"}, "neither a folder nor one of tiny"),
        ({"device": "abacus"}, "does not run on abacus"),
        ({"device": "cpu", "compute_type": "int3"}, "does not run on cpu as int3"),
    ],
)
def test_what_cannot_work_is_said_at_the_start(weights: Path, options: dict[str, str], complaint: str) -> None:
    engine = replace(FasterWhisper(str(weights)), **options)
    with pytest.raises(EngineError, match=complaint):
        asyncio.run(engine.start())


def test_damaged_weights_are_an_engine_error(tmp_path: Path) -> None:
    folder = make_tiny_whisper(tmp_path / "cut")
    os.truncate(folder / "model.bin", 1000)
    with pytest.raises(EngineError, match="cut"):
        asyncio.run(FasterWhisper(str(folder)).start())


def test_missing_weights_name_the_command_that_fetches_them(tmp_path: Path) -> None:
    script = (
        "import asyncio; from pipeline.asr.faster_whisper import FasterWhisper\n"
        "try: asyncio.run(FasterWhisper('small').start())\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    environment = os.environ | {"HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    expected = "EngineError no weights for Whisper small; run: antiphon models fetch small"
    assert done.stdout.strip() == expected


def test_an_engine_that_is_not_started_says_so(weights: Path) -> None:
    async def scene() -> None:
        engine = FasterWhisper(str(weights))
        await engine.aclose()
        with pytest.raises(EngineError, match="not started"):
            engine.listen("en", ignore)

    asyncio.run(scene())
