"""Which engines are considered for which settings, best first."""

import pytest

from pipeline.asr.faster_whisper import FasterWhisper
from pipeline.asr.openai_http import OpenAITranscription
from pipeline.engines import ASR, LLM, TTS
from pipeline.errors import ConfigError
from pipeline.llm.client import ChatCompletions
from server.settings import read_settings
from server.staff import manner, staff

BRAIN = "http://127.0.0.1:1/brain/v1"
URL = "http://127.0.0.1:9/v1"


def line_up(stage: int, settings: dict[str, str], environment: dict[str, str] | None = None) -> list[str]:
    """The kinds of engines, and for a language model where it is."""
    engines = staff(read_settings(settings, {"HOME": "/none"}), environment or {}, BRAIN)
    return [
        one.engine.base_url if isinstance(one.engine, ChatCompletions) else type(one.engine).__name__
        for one in engines.stages[stage].candidates
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["FasterWhisper", "PocketSphinx"]),
        ({"asr.url": URL}, ["OpenAITranscription", "PocketSphinx"]),
        ({"asr.engine": "faster-whisper", "asr.url": URL}, ["FasterWhisper", "PocketSphinx"]),
        ({"asr.engine": "openai", "asr.url": URL}, ["OpenAITranscription", "PocketSphinx"]),
        ({"asr.engine": "pocketsphinx", "asr.url": URL}, ["PocketSphinx"]),
    ],
)
def test_who_hears(settings: dict[str, str], expected: list[str]) -> None:
    assert line_up(0, settings) == expected


def test_what_was_heard_in_vain_is_paid_by_all_together() -> None:
    settings = read_settings({"asr.url": URL, "budget.asr_minute": "0.6"}, {"HOME": "/none"})
    engines = staff(settings, {}, BRAIN)
    cloud = engines.asr_stage.candidates[0].engine
    assert isinstance(cloud, OpenAITranscription)
    assert cloud.on_waste
    cloud.on_waste(30.0)
    purses = engines.mind.economy.budget.purses.items()
    assert {key.kind: purse.spent for key, purse in purses} == pytest.approx({"day": 0.3, "month": 0.3})


OLLAMA = "http://127.0.0.1:11434/v1"
OPENAI = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        ({}, {}, [OLLAMA, BRAIN]),
        ({"llm.ollama": URL}, {}, [URL, BRAIN]),
        ({"llm.url": URL}, {}, [URL, BRAIN]),
        ({"llm.key": "k"}, {}, [OPENAI, BRAIN]),
        ({}, {"OPENAI_API_KEY": "k"}, [OPENAI, BRAIN]),
        ({}, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": URL}, [URL, BRAIN]),
        ({}, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": ""}, [OPENAI, BRAIN]),
        ({}, {"OPENAI_BASE_URL": URL}, [OLLAMA, BRAIN]),
        ({"llm.url": URL}, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": OPENAI}, [URL, BRAIN]),
        ({"llm.engine": "brain"}, {"OPENAI_API_KEY": "k"}, [BRAIN]),
        ({"llm.engine": "ollama"}, {"OPENAI_API_KEY": "k"}, [OLLAMA, BRAIN]),
        ({"llm.engine": "openai", "llm.url": URL}, {}, [URL, BRAIN]),
    ],
)
def test_who_thinks(settings: dict[str, str], environment: dict[str, str], expected: list[str]) -> None:
    assert line_up(1, settings, environment) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["EdgeTts", "Espeak"]),
        ({"tts.url": URL}, ["OpenAISpeech", "Espeak"]),
        ({"tts.engine": "edge-tts", "tts.url": URL}, ["EdgeTts", "Espeak"]),
        ({"tts.engine": "espeak-ng"}, ["Espeak"]),
    ],
)
def test_who_speaks(settings: dict[str, str], expected: list[str]) -> None:
    assert line_up(2, settings) == expected


@pytest.mark.parametrize(("stage", "names"), [(0, ASR), (1, LLM), (2, TTS)])
def test_every_name_is_an_engine_of_its_own(stage: int, names: tuple[str, ...]) -> None:
    section = ("asr", "llm", "tts")[stage]
    firsts = [line_up(stage, {f"{section}.engine": name, f"{section}.url": URL})[0] for name in names]
    assert len(set(firsts)) == len(names)


@pytest.mark.parametrize("stage", ["asr", "llm", "tts"])
def test_an_engine_that_needs_an_address_says_so(stage: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{stage}.engine = 'openai' needs {stage}.url$"):
        line_up(0, {f"{stage}.engine": "openai"})


@pytest.mark.parametrize(
    ("settings", "environment", "model", "key"),
    [
        ({}, {"OPENAI_API_KEY": "k"}, "gpt-4.1-mini", "k"),
        ({"llm.model": "m"}, {"OPENAI_API_KEY": "k"}, "m", "k"),
        ({"llm.url": URL, "llm.key": "own"}, {"OPENAI_API_KEY": "k"}, "", "own"),
        ({"llm.url": URL}, {"OPENAI_API_KEY": "k"}, "", ""),
        ({"llm.url": f"{OPENAI}/"}, {"OPENAI_API_KEY": "k"}, "gpt-4.1-mini", "k"),
        ({}, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": URL}, "", "k"),
    ],
)
def test_the_model_and_its_key(settings: dict[str, str], environment: dict[str, str], model: str, key: str) -> None:
    chosen = read_settings(settings, {"HOME": "/none"})
    first = staff(chosen, environment, BRAIN).llm_stage.candidates[0].engine
    assert isinstance(first, ChatCompletions)
    assert (first.model, first.api_key) == (model, key)
    assert "own" not in repr(first)


def test_whisper_is_told_how_to_run() -> None:
    flags = {"asr.threads": "3", "asr.device": "cpu", "asr.trim_encoder": "no", "asr.download": "no"}
    first = staff(read_settings(flags, {"HOME": "/none"}), {}, BRAIN).asr_stage.candidates[0].engine
    assert isinstance(first, FasterWhisper)
    assert (first.model, first.threads, first.device, first.trim_encoder, first.download) == (
        "small",
        3,
        "cpu",
        False,
        False,
    )


def test_the_manner_is_what_the_settings_say() -> None:
    flags = {"turn.patience_finished": "0.1", "tts.voice": "nova", "asr.language": "de", "llm.instructions": "Sing."}
    how = manner(read_settings(flags, {"HOME": "/none"}))
    assert how.endpointing
    assert (how.endpointing.patience.finished, how.voice, how.language, how.instructions) == (
        0.1,
        "nova",
        "de",
        "Sing.",
    )
