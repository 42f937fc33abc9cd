"""Settings come from four places in a fixed order, and every wrong one is named together with where it stands."""

import argparse
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from server.__main__ import COMMANDS, main
from server.settings import (
    Known,
    ServerSettings,
    Settings,
    add_arguments,
    known_settings,
    read_settings,
    state_folder,
)

KNOWN = list(known_settings())


def read(toml: str = "", flags: dict[str, str] | None = None, path: Path | None = None, **environment: str) -> Settings:
    if path:
        path.write_text(toml, "utf-8")
    return read_settings({**(flags or {}), "config": path}, {"HOME": "/nonexistent", **environment})


def test_without_any_settings_all_are_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert read() == Settings()


@pytest.mark.parametrize(
    ("flag", "variable", "line", "port"),
    [
        (None, None, "", 8080),
        (None, None, "port = 1", 1),
        (None, "2", "port = 1", 2),
        ("3", "2", "port = 1", 3),
        ("3", None, "port = 1", 3),
        ("0", "2", "", 0),
    ],
)
def test_flags_win_over_variables_over_the_file_over_the_defaults(
    tmp_path: Path, flag: str | None, variable: str | None, line: str, port: int
) -> None:
    flags = {"server.port": flag} if flag else {}
    environment = {"ANTIPHON_PORT": variable} if variable else {}
    assert read(f"[server]\n{line}", flags, tmp_path / "a.toml", **environment).server.port == port


def test_the_file_is_found_here_or_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home, here = tmp_path / "home" / ".config" / "antiphon", tmp_path / "here"
    home.mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    (home / "antiphon.toml").write_text('[asr]\nlanguage = "de"')
    environment = {"HOME": str(tmp_path / "home")}
    assert read_settings({}, environment).asr.language == "de"
    assert read_settings({}, {"XDG_CONFIG_HOME": str(tmp_path / "home" / ".config")}).asr.language == "de"
    (here / "antiphon.toml").write_text('[asr]\nlanguage = "fr"')
    assert read_settings({}, environment).asr.language == "fr"


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("[server]\nport = 'x'", "server.port in {path} = 'x': not a whole number"),
        ("[server]\nport = 1.5", "server.port in {path} = 1.5: not a whole number"),
        ("[server]\nport = true", "server.port in {path} = True: not a whole number"),
        ("[server]\nport = -1", "server.port in {path} = -1: must be at least 0"),
        ("[server]\ndrain = 'soon'", "server.drain in {path} = 'soon': not a number"),
        ("[server]\ndrain = nan", "server.drain in {path} = nan: not a number"),
        ("[server]\ndrain = inf", "server.drain in {path} = inf: not a number"),
        ("[server]\nlog_level = 'loud'", "server.log_level in {path} = 'loud': choose one of debug, info"),
        ("[asr]\nmodel = 5", "asr.model in {path} = 5: not a text"),
        ("[asr]\ndownload = 'perhaps'", "asr.download in {path} = 'perhaps': not yes or no"),
        ("[asr]\nthreads = 0", "asr.threads in {path} = 0: must be at least 1"),
        ("[asr]\nengine = 'ears'", "asr.engine in {path} = 'ears': choose one of auto, "),
        ("[llm]\nurl = 'localhost:8000'", "llm.url in {path} = 'localhost:8000': not a URL"),
        ("[llm]\nurl = 'http://:8000'", "llm.url in {path} = 'http://:8000': not a URL"),
        ("[llm]\nurl = 'http://a:99999'", "llm.url in {path} = 'http://a:99999': not a URL"),
        ("[llm]\nurl = 'http://a b/v1'", "llm.url in {path} = 'http://a b/v1': not a URL"),
        ("[budget]\nday = -1", "budget.day in {path} = -1: must be at least 0"),
        ("[budget]\nday = 'much'", "budget.day in {path} = 'much': not a number"),
        ("[budget]\nday = inf", "budget.day in {path} = inf: not a number"),
        ("[budget]\nsession = true", "budget.session in {path} = True: not a number"),
        (
            "[budget]\nwebhook_form = 'pigeon'",
            "budget.webhook_form in {path} = 'pigeon': choose one of json",
        ),
        ("[budget]\nwebhook = 'slack'", "budget.webhook in {path} = 'slack': not a URL"),
        ("[budget]\nweek = 5", "{path}: there is no setting budget.week"),
        ("rollout = 5", "{path}: rollout = 5: it must be a section, [rollout]"),
        ("[llm]\nfirst_token = 0", "llm.first_token in {path} = 0: must be at least 0.1"),
        ("[turn]\npatience_finished = nan", "turn.patience_finished in {path} = nan: not a number"),
        ("[ears]\nmodel = 'x'", "{path}: there is no section [ears]"),
        ("port = 1", "{path}: there is no section [port]"),
        ("[server]\nprot = 1", "{path}: there is no setting server.prot"),
        ("[server", "{path} is not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_value_and_its_place(tmp_path: Path, toml: str, complaint: str) -> None:
    path = tmp_path / "a.toml"
    with pytest.raises(ConfigError) as raised:
        read(toml, path=path)
    assert str(raised.value).startswith(complaint.format(path=path))
    assert "\n" not in str(raised.value)


def test_a_wrong_variable_or_flag_is_named_as_it_was_written() -> None:
    with pytest.raises(ConfigError, match=r"^ANTIPHON_PORT = 'x': not a whole number$"):
        read(ANTIPHON_PORT="x")
    with pytest.raises(ConfigError, match=r"^--asr-threads = '0': must be at least 1$"):
        read(flags={"asr.threads": "0"})


def test_a_file_that_is_named_must_be_there_and_readable(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(ConfigError, match=r"^cannot read "):
            read_settings({"config": path}, {})
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        read_settings({"config": binary}, {})


@pytest.mark.parametrize(
    ("toml", "flag", "limit"),
    [
        ("", None, None),
        ("day = ''", None, None),
        ("day = 0", None, 0.0),
        ("day = 2.5", None, 2.5),
        ("day = 2.5", "", None),
        ("day = 2.5", "0", 0.0),
    ],
)
def test_a_budget_of_zero_is_none_at_all_and_an_empty_one_no_limit(
    tmp_path: Path, toml: str, flag: str | None, limit: float | None
) -> None:
    flags = {} if flag is None else {"budget.day": flag}
    assert read(f"[budget]\n{toml}", flags, tmp_path / "a.toml").budget.day == limit


@pytest.mark.parametrize(
    ("text", "meant"), [("yes", True), ("TRUE", True), ("1", True), ("on", True), ("no", False), ("0", False)]
)
def test_yes_and_no_have_many_names(text: str, meant: bool) -> None:
    assert read(ANTIPHON_ASR_DOWNLOAD=text).asr.download is meant


@pytest.mark.parametrize(
    ("words", "meant"), [([], False), (["--lan"], True), (["--lan", "no"], False), (["--lan", "--port", "1"], True)]
)
def test_yes_need_not_be_said_on_the_command_line(words: list[str], *, meant: bool) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert read_settings(vars(parser.parse_args(words)), {"HOME": "/nonexistent"}).server.lan is meant


@pytest.mark.parametrize(
    ("state", "environment", "folder"),
    [
        ("", {"HOME": "/home/me"}, "/home/me/.local/state/antiphon"),
        ("", {"HOME": "/home/me", "XDG_STATE_HOME": ""}, "/home/me/.local/state/antiphon"),
        ("", {"HOME": "/home/me", "XDG_STATE_HOME": "/var/me"}, "/var/me/antiphon"),
        ("/srv/state", {"XDG_STATE_HOME": "/var/me"}, "/srv/state"),
        ("~/antiphon", {}, str(Path.home() / "antiphon")),
        ("none", {"HOME": "/home/me"}, None),
    ],
)
def test_what_survives_a_restart_has_its_folder(state: str, environment: dict[str, str], folder: str | None) -> None:
    assert state_folder(ServerSettings(state=state), environment) == (folder and Path(folder))


@pytest.mark.parametrize("one", KNOWN, ids=lambda one: one.dotted)
def test_every_setting_has_a_flag_a_variable_and_an_explanation(one: Known) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = vars(parser.parse_args([one.flag, "x"]))
    assert given[one.dotted] == "x"
    assert one.variable == "ANTIPHON_" + one.flag[2:].upper().replace("-", "_")
    assert one.metadata["help"]
    assert len(set(one.metadata["choices"])) == len(one.metadata["choices"])
    assert one.flag in parser.format_help()


def test_no_two_settings_share_a_name() -> None:
    assert len({one.flag for one in KNOWN}) == len({one.variable for one in KNOWN}) == len(KNOWN)


@pytest.mark.parametrize("one", KNOWN, ids=lambda one: one.dotted)
def test_every_default_is_valid(one: Known) -> None:
    settings: Any = read(flags={one.dotted: "" if one.default is None else str(one.default)})
    assert getattr(getattr(settings, one.section), one.name) == one.default


@pytest.mark.parametrize("command", ["serve", "talk", "doctor", "models", "bench", "replay", "brain"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"antiphon {command}" in capsys.readouterr().out


def test_a_wrong_setting_ends_the_program_with_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "x"]) == 2
    assert capsys.readouterr().err == "antiphon serve: --port = 'x': not a whole number\n"


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sing"])
    assert ended.value.code == 2
    assert "sing" in capsys.readouterr().err


def test_without_a_command_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    told = capsys.readouterr().err
    assert all(f"\n    {command} " in told for command in COMMANDS)


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"antiphon \d+\.\d+\.\d+\n", capsys.readouterr().out)
