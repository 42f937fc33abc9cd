"""From settings to engines: who is considered for each stage, best first."""

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pipeline.asr.faster_whisper import FasterWhisper
from pipeline.asr.openai_http import OpenAITranscription
from pipeline.asr.sphinx import PocketSphinx
from pipeline.context.counting import tokenizer
from pipeline.context.tokens import estimate
from pipeline.context.window import Shape
from pipeline.engines import AsrEngine, LlmEngine, TtsEngine
from pipeline.errors import ConfigError, EngineError
from pipeline.hearing.endpoint import Endpointing, Patience
from pipeline.llm.catalog import Model
from pipeline.llm.client import ChatCompletions
from pipeline.manner import Manner
from pipeline.openai_server import is_openai
from pipeline.roster import Candidate, Engines, Stage
from pipeline.tts.edge import EdgeTts
from pipeline.tts.espeak import Espeak
from pipeline.tts.openai_http import OpenAISpeech
from server.govern import govern, rule_of
from server.settings import AsrSettings, LlmSettings, Settings, TtsSettings, path_of

E = TypeVar("E")

OPENAI = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-4.1-mini"
"""What an OpenAI key gets when no model is named: quick to its first token, and it does not reason aloud."""

_log = logging.getLogger(__name__)

TRIM = {"auto": None, "yes": True, "no": False}


def staff(settings: Settings, environment: Mapping[str, str], brain_url: str, brain_key: str = "") -> Engines:
    """The engines for these settings, none of them started. Raises `ConfigError`."""
    rule = rule_of(settings)
    rows = rule.rows
    brain = ChatCompletions(brain_url, "brain", brain_key, label="the embedded brain", probe=5.0)
    engines = Engines(
        Stage("ASR", [Candidate(engine) for engine in _asr(settings.asr)]),
        Stage("LLM", [Candidate(engine) for engine in _llm(settings.llm, rows, environment, brain)]),
        Stage("TTS", [Candidate(engine) for engine in _tts(settings.tts)]),
        rows,
    )
    govern(engines, rule)
    engines.mind.measure = measure_of(rows, environment)
    return engines


def measure_of(rows: Sequence[Model], environment: Mapping[str, str]) -> Callable[[str], int]:
    """Counts tokens as the first of these models does whose tokenizer is here; else, and without rows, by estimate."""
    folder = Path(environment.get("TIKTOKEN_CACHE_DIR") or Path(tempfile.gettempdir()) / "data-gym-cache")
    for name in dict.fromkeys(row.tokenizer for row in rows if row.tokenizer):
        try:
            return tokenizer(name, folder)
        except EngineError as error:
            _log.info("%s", error)
    return estimate


def manner(settings: Settings) -> Manner:
    """How a session behaves until its client says otherwise."""
    turn = settings.turn
    patience = Patience(turn.patience_finished, turn.patience_unknown, turn.patience_unfinished)
    return Manner(
        instructions=settings.llm.instructions,
        language=settings.asr.language,
        voice=settings.tts.voice,
        endpointing=Endpointing(patience=patience),
        shape=Shape(budget=settings.llm.prompt_tokens),
    )


def _asr(settings: AsrSettings) -> list[AsrEngine]:
    whisper = FasterWhisper(
        model=str(path_of(settings.model or "small")),
        device=settings.device,
        compute_type=settings.compute_type,
        threads=settings.threads,
        trim_encoder=TRIM[settings.trim_encoder],
        download=settings.download,
    )
    there: dict[str, AsrEngine] = {"faster-whisper": whisper, "pocketsphinx": PocketSphinx()}
    if settings.url:
        eager = settings.eager == "yes" or (settings.eager == "auto" and not is_openai(settings.url))
        model = settings.model or "whisper-1"
        there["openai"] = OpenAITranscription(settings.url, settings.key, model, eager=eager)
    return _in_line("asr", settings.engine, ["openai"] if settings.url else ["faster-whisper"], "pocketsphinx", there)


def _llm(
    settings: LlmSettings, rows: Sequence[Model], environment: Mapping[str, str], brain: LlmEngine
) -> list[LlmEngine]:
    openai = not settings.url or is_openai(settings.url)  # the key in the shell is for nobody else
    key = settings.key or (environment.get("OPENAI_API_KEY", "") if openai else "")
    url = settings.url or (environment.get("OPENAI_BASE_URL") or OPENAI if key else "")
    model = settings.model or (OPENAI_MODEL if is_openai(url) else "")
    there: dict[str, LlmEngine] = {"brain": brain}
    there["ollama"] = ChatCompletions(settings.ollama, settings.model, label="Ollama", first_token=settings.first_token)
    if url:
        there["openai"] = ChatCompletions(url, model, key, first_token=settings.first_token)
    chosen_among: list[LlmEngine] = [engine_of(row, environment) for row in rows]
    usual = ["openai"] if url else [] if rows else ["ollama"]
    return chosen_among + _in_line("llm", settings.engine, usual, "brain", there)


def engine_of(row: Model, environment: Mapping[str, str]) -> ChatCompletions:
    """The one that a row of the catalogue describes."""
    if row.key_env and not environment.get(row.key_env):
        _log.warning("%s has no key: %s is not set", row.name, row.key_env)
    key = environment.get(row.key_env, "")
    return ChatCompletions(row.url, row.model, key, label=row.name, first_token=row.timeout)


def _tts(settings: TtsSettings) -> list[TtsEngine]:
    there: dict[str, TtsEngine] = {"edge-tts": EdgeTts(), "espeak-ng": Espeak()}
    if settings.url:
        there["openai"] = OpenAISpeech(settings.url, settings.key, settings.model or "tts-1", settings.voice or "alloy")
    return _in_line("tts", settings.engine, ["openai"] if settings.url else ["edge-tts"], "espeak-ng", there)


def _in_line(stage: str, engine: str, auto: list[str], always: str, there: Mapping[str, E]) -> list[E]:
    """The engine asked for, and behind it the one that always works."""
    wanted = auto if engine == "auto" else [engine]
    for name in wanted:
        if name not in there:
            raise ConfigError(f"{stage}.engine = {engine!r} needs {stage}.url")
    return [there[name] for name in dict.fromkeys([*wanted, always])]
