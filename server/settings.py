"""Every setting there is, with its default and its explanation; read in one place.

Flags win over `ANTIPHON_*` environment variables, those over `antiphon.toml`, that over the defaults.
"""

import argparse
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints
from urllib.parse import urlsplit

from pipeline.context.personas import Persona, personas
from pipeline.engines import ASR, LLM, TTS
from pipeline.errors import ConfigError
from pipeline.manner import INSTRUCTIONS

PREFIX = "ANTIPHON_"


def setting(
    default: Any,
    explanation: str,
    *,
    choices: tuple[str, ...] = (),
    url: bool = False,
    least: float = 0,
    most: float = math.inf,
) -> Any:
    """A field with what `--help` says of it and what it may be."""
    limits = {"choices": choices, "url": url, "least": least, "most": most}
    return field(default=default, metadata={"help": explanation, **limits})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where to listen."""

    host: str = setting("127.0.0.1", "address to listen on")
    port: int = setting(8080, "port; 0 takes a free one")
    lan: bool = setting(
        False, "let this network's other devices in too, over TLS and with a key; shows a code for a phone's camera"
    )
    lan_port: int = setting(8443, "their port; 0 takes a free one")
    keys: str = setting("", "keys that let clients in, with commas between; without any, only this machine may come")
    origins: str = setting(
        "",
        "web pages that may come besides ours, like https://app.example, with commas between; * for all, given keys",
    )
    trust: str = setting(
        "",
        "networks whose callers need no key, with commas between, like 10.1.0.0/16; gateway for a container's host, "
        "where the port is published on that host's loopback alone",
    )
    session_minutes: float = setting(60.0, "minutes a session may last; 0 for ever")
    resume: float = setting(
        600.0, "seconds a conversation waits for a client whose connection dropped; 0 to forget it at once"
    )
    state: str = setting(
        "", "folder for what survives a restart; empty for $XDG_STATE_HOME/antiphon, none to keep nothing on disk"
    )
    redis: str = setting(
        "", "a Redis that many servers keep conversations in, like redis://127.0.0.1:6379/0; needs antiphon[redis]"
    )
    log_level: str = setting("info", "how much to log", choices=("debug", "info", "warning", "error"))
    log_format: str = setting("text", "the log for people, or one JSON object a line", choices=("text", "json"))
    log_words: bool = setting(False, "log what is said as well; addresses, numbers and keys of people are masked")
    metrics: str = setting(
        "guarded",
        "who may read /metrics and /dashboard: this machine and whoever has a key; everybody; or nothing is measured",
        choices=("guarded", "open", "off"),
    )
    release: str = setting("", "the version that metrics name, to tell a canary from others; empty for the package's")
    drain: float = setting(10.0, "seconds that answers under way have to end when the server is told to stop")


@dataclass(frozen=True, slots=True)
class AsrSettings:
    """Who listens."""

    engine: str = setting("auto", "which engine, or auto for the best that works", choices=("auto", *ASR))
    url: str = setting("", "an OpenAI-compatible server with /audio/transcriptions, ending in /v1", url=True)
    key: str = setting("", "its API key")
    model: str = setting(
        "", "its model, or a size or a folder with weights for faster-whisper; empty for whisper-1, or small"
    )
    language: str = setting("", "what you speak, like en or zh; empty to find out")
    eager: str = setting(
        "auto",
        "ask that server at the first moment of quiet: 32 ms sooner, and half as often again; auto: not OpenAI's own",
        choices=("auto", "yes", "no"),
    )
    device: str = setting("", "cuda or cpu for faster-whisper; empty for the first that works")
    compute_type: str = setting("", "CTranslate2's; empty for float16 on a GPU, int8 on a CPU")
    threads: int = setting(2, "decodes at the same time", least=1)
    trim_encoder: str = setting(
        "auto",
        "spare Whisper the silence it pads everything with: ten times faster, perhaps less exact; auto: on a CPU",
        choices=("auto", "yes", "no"),
    )
    download: bool = setting(True, "fetch Whisper's weights when they are missing")


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Who thinks."""

    engine: str = setting(
        "auto", "auto: a URL or OPENAI_API_KEY, else Ollama, else the embedded brain", choices=("auto", *LLM)
    )
    url: str = setting("", "an OpenAI-compatible server with /chat/completions, ending in /v1", url=True)
    key: str = setting("", "its API key; for OpenAI itself, OPENAI_API_KEY when empty")
    model: str = setting("", "its model; empty for gpt-4.1-mini of OpenAI, else for the first it offers")
    catalog: str = setting(
        "", "file with the models that may answer, like models/catalog.toml; the best that is in time is chosen"
    )
    hedging: float = setting(
        0.05, "of all tokens, those that may be wasted to be in time: late models are raced against others", most=0.5
    )
    speculation: float = setting(
        0.5,
        "of models with a price: tokens that answers begun too early may waste for each token of one that was heard; "
        "0 to begin none, of any model",
    )
    cache_hours: float = setting(
        0.0, "hours an answer is given again to questions that are the same for everybody; 0 to ask a model each time"
    )
    difficulty: str = setting("", "file with rules for how hard a question is, like models/difficulty.toml")
    journal: bool = setting(True, "keep failed requests, whole, for a week in the state folder: see antiphon replay")
    ollama: str = setting("http://127.0.0.1:11434/v1", "where to look for an Ollama", url=True)
    prompt_tokens: int = setting(
        2000, "tokens of a prompt: older turns are summarised, and recalled when they matter", least=200
    )
    first_token: float = setting(8.0, "seconds a model has for its first word", least=0.1)
    instructions: str = setting(INSTRUCTIONS, "the system prompt")


@dataclass(frozen=True, slots=True)
class TtsSettings:
    """Who speaks."""

    engine: str = setting("auto", "which engine, or auto for the best that works", choices=("auto", *TTS))
    url: str = setting("", "an OpenAI-compatible server with /audio/speech, ending in /v1", url=True)
    key: str = setting("", "its API key")
    model: str = setting("", "its model; empty for tts-1")
    voice: str = setting(
        "", "who speaks: an OpenAI voice (alloy, nova, ...) or one of the engine's own; empty for its usual"
    )


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """How long a pause is waited out, in seconds of quiet."""

    patience_finished: float = setting(0.25, "after words that sound finished", least=0.05)
    patience_unknown: float = setting(0.55, "after words that may go on", least=0.05)
    patience_unfinished: float = setting(1.3, "after words that sound unfinished", least=0.05)


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """What may be spent, in dollars; days and months are UTC's."""

    session: float | None = setting(None, "by one session; 0 for nothing at all, empty for as much as is needed")
    user_day: float | None = setting(None, "by each user in a day")
    day: float | None = setting(None, "by all together in a day")
    month: float | None = setting(None, "by all together in a month")
    asr_minute: float = setting(0.0, "what the server of asr.url costs, in dollars for a minute of speech")
    tts_million: float = setting(0.0, "what the server of tts.url costs, in dollars for a million characters")
    webhook: str = setting("", "who is told, at this URL, that a budget is used to 80 % and to 100 %", url=True)
    webhook_form: str = setting("json", "what it reads", choices=("json", "slack", "dingtalk"))
    webhook_secret: str = setting("", "what DingTalk's signatures are made with, where its robot wants them")


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """From where on answers get simpler: a cheaper model, then shorter ones, then with less history."""

    turns_per_second: float = setting(0.0, "turns that begin in a second; 0 for any number")
    answers: float = setting(0.0, "answers under way at the same time; 0 for any number")
    lag_ms: float = setting(200.0, "ms by which everything in the server is late; 0 for any")


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them."""

    server: ServerSettings = field(default_factory=ServerSettings)
    asr: AsrSettings = field(default_factory=AsrSettings)
    llm: LlmSettings = field(default_factory=LlmSettings)
    tts: TtsSettings = field(default_factory=TtsSettings)
    turn: TurnSettings = field(default_factory=TurnSettings)
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    load: LoadSettings = field(default_factory=LoadSettings)
    personas: Mapping[str, Persona] = field(default_factory=dict[str, Persona])
    """Who sessions may ask for; in the file only, as their names are not known beforehand."""
    rollout: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Who gets what: see `pipeline.llm.rollout`; in the file only."""


@dataclass(frozen=True, slots=True)
class Known:
    """One setting by its names."""

    section: str
    name: str
    kind: type
    default: Any
    metadata: Mapping[str, Any]

    @property
    def dotted(self) -> str:
        """As in the file: `asr.url`."""
        return f"{self.section}.{self.name}"

    @property
    def flag(self) -> str:
        """As on the command line: `--asr-url`, but `--host`."""
        own = self.name if self.section == "server" else f"{self.section}-{self.name}"
        return "--" + own.replace("_", "-")

    @property
    def variable(self) -> str:
        """As in the environment: `ANTIPHON_ASR_URL`."""
        return PREFIX + self.flag[2:].replace("-", "_").upper()


def known_settings() -> Iterator[Known]:
    """Each setting there is."""
    for section, of in _sections().items():
        for one in fields(of):
            hint = get_type_hints(of)[one.name]
            kind = get_args(hint)[0] if one.default is None else hint
            yield Known(section, one.name, kind, one.default, one.metadata)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One flag for each setting, and `--config`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings file (default: antiphon.toml, here or in ~/.config/antiphon)",
    )
    groups = {section: parser.add_argument_group(section) for section in _sections()}
    for one in known_settings():
        usual = {True: "yes", False: "no"}[one.default] if one.kind is bool else one.default
        default = "" if usual in ("", None) or one.name == "instructions" else f" (default: {usual})"
        explanation = one.metadata["help"].replace("%", "%%") + default
        choices = ("yes", "no") if one.kind is bool else one.metadata["choices"]
        groups[one.section].add_argument(
            one.flag,
            dest=one.dotted,
            nargs="?" if one.kind is bool else None,
            const="yes" if one.kind is bool else None,
            metavar="{" + ",".join(choices) + "}" if choices else one.name.upper(),
            help=explanation,
        )


def read_settings(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Put the settings together. Raises `ConfigError` naming the first wrong value and where it stands."""
    path, table = _file(flags.get("config"), environment)
    characters, rollout = _personas(path, table.pop("personas", {})), table.pop("rollout", {})
    if not isinstance(rollout, dict):
        raise ConfigError(f"{path}: rollout = {rollout!r}: it must be a section, [rollout]")
    values: dict[str, dict[str, Any]] = {section: {} for section in _sections()}
    _refuse_unknown(path, table, values)
    for one in known_settings():
        for value, place in (
            (flags.get(one.dotted), one.flag),
            (environment.get(one.variable) or None, one.variable),  # compose writes unset ones as empty
            (table.get(one.section, {}).get(one.name), f"{one.dotted} in {path}"),
        ):
            if value is not None:
                unset = one.default is None and value == ""
                values[one.section][one.name] = None if unset else _checked(one, value, place)
                break
    chosen = {section: of(**values[section]) for section, of in _sections().items()}
    return Settings(**chosen, personas=characters, rollout=cast("Mapping[str, Any]", rollout))


def settings_file(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Path:
    """The file that is read, or would be if it were there."""
    return _file(flags.get("config"), environment)[0]


def state_folder(settings: ServerSettings, environment: Mapping[str, str]) -> Path | None:
    """Where to keep what survives a restart; it may not be there yet. None when nothing is to be kept."""
    if settings.state == "none":
        return None
    if settings.state:
        return path_of(settings.state)
    home = Path(environment.get("HOME", "~")).expanduser()
    return Path(environment.get("XDG_STATE_HOME") or home / ".local" / "state") / "antiphon"


def path_of(text: str) -> Path:
    """The file or folder that a setting names. Raises `ConfigError` where it can name none."""
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{text!r} is no place: {error}") from error
    if "\0" in text:
        raise ConfigError(f"{text!r} is no place: there is a null character in it")
    return path


def _file(named: Path | None, environment: Mapping[str, str]) -> tuple[Path, dict[str, Any]]:
    config_home = environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "~")).expanduser() / ".config"
    usual = [Path("antiphon.toml"), Path(config_home) / "antiphon" / "antiphon.toml"]
    for path in [named] if named else usual:
        if named or path.is_file():
            try:
                return path, tomllib.loads(path.read_text("utf-8"))
            except OSError as error:
                raise ConfigError(f"cannot read {path}: {error.strerror}") from error
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise ConfigError(f"{path} is not valid TOML: {error}") from error
    return usual[0], {}


def _sections() -> dict[str, Any]:
    """The sections whose settings are known by name, and what holds them."""
    return {section: of for section, of in get_type_hints(Settings).items() if is_dataclass(of)}


def _personas(path: Path, table: object) -> Mapping[str, Persona]:
    """Raises `ConfigError`."""
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [personas] is a table of names and prompts, not {table!r}")
    try:
        return personas(cast("dict[str, object]", table))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _refuse_unknown(path: Path, table: Mapping[str, Any], sections: Mapping[str, Any]) -> None:
    names = {one.dotted for one in known_settings()}
    for section, given in table.items():
        if section not in sections or not isinstance(given, dict):
            there = sorted([*sections, "personas", "rollout"])
            raise ConfigError(f"{path}: there is no section [{section}]; there are {there}")
        for name in given:  # pyright: ignore[reportUnknownVariableType]  TOML's types are checked one by one
            if f"{section}.{name}" not in names:
                raise ConfigError(f"{path}: there is no setting {section}.{name}")


def _checked(one: Known, value: object, place: str) -> Any:
    """The value as its type, or a `ConfigError` that names it."""
    parsed = _parsed(one.kind, value)
    choices, least, most = (one.metadata[name] for name in ("choices", "least", "most"))
    if parsed is None:
        raise ConfigError(f"{place} = {value!r}: not {_A[one.kind]}")
    if choices and parsed not in choices:
        raise ConfigError(f"{place} = {value!r}: choose one of {', '.join(choices)}")
    if isinstance(parsed, int | float) and parsed < least:
        raise ConfigError(f"{place} = {value!r}: must be at least {least:g}")
    if isinstance(parsed, int | float) and parsed > most:
        raise ConfigError(f"{place} = {value!r}: must be at most {most:g}")
    if one.metadata["url"] and parsed and not _is_url(str(parsed)):
        raise ConfigError(f"{place} = {value!r}: not a URL; write it like http://127.0.0.1:8000/v1")
    return parsed


_A = {int: "a whole number", float: "a number", bool: "yes or no", str: "a text"}
_TRUTH = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}


def _parsed(kind: type, value: object) -> Any:
    """None when the value is not of that kind."""
    if kind is bool:
        return value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    if kind is str:
        return value if isinstance(value, str) else None
    if isinstance(value, bool):
        return None
    try:
        number = kind(str(value))
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):
        return None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        plain = text.isprintable() and " " not in text
        return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
