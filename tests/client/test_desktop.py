"""`antiphon talk` asks, answers and writes what it was told to, and fails in one line."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from client import desktop
from client.sound import read_sound, write_wav
from tests.client.scripted import QUESTION, TONE, Caller, Script, answering, listen_forever, server
from tests.virtual_clock import run

MARKS = {"speech_end": 0.0, "endpoint": 210.0, "first_audio": 480.5, "played": None}
CHOICE = {"model": "b", "why": "the only one"}
EXTRAS = {"antiphon": {"marks_ms": MARKS, "engines": {"asr": "a", "llm": "b", "tts": "c"}, "choice": CHOICE}}


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    desktop.add_arguments(parser)
    return parser.parse_args(words)


def talk(script: Script, *words: str) -> int:
    async def talking() -> int:
        async with server(script) as url:
            return await desktop.run(parsed("--url", url, *words))

    return run(talking())


@pytest.fixture
def question(tmp_path: Path) -> str:
    write_wav(tmp_path / "question.wav", QUESTION)
    return str(tmp_path / "question.wav")


def test_a_recorded_question_gives_one_line_of_json_and_a_wav(
    question: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "reply.wav"
    assert talk(answering(EXTRAS), "--file", question, "--out", str(out), "--json") == 0
    line, rest = capsys.readouterr().out.split("\n", 1)
    summary = orjson.loads(line)
    assert rest == ""
    assert summary.pop("url").startswith("ws://127.0.0.1:")
    assert summary == {
        "transcript": "hello there",
        "reply": "Good morning.",
        "marks_ms": {"speech_end": 0.0, "endpoint": 210.0, "first_audio": 480.5},
        "engines": {"asr": "a", "llm": "b", "tts": "c"},
        "choice": {"model": "b", "why": "the only one"},
        "audio_seconds": 0.5,
        "reply_wav": str(out),
    }
    assert np.array_equal(read_sound(out), TONE)


def test_another_server_is_timed_from_outside(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(answering(seconds=0.8), "--file", question, "--json") == 0
    summary = orjson.loads(capsys.readouterr().out)
    marks = summary["marks_ms"]
    assert list(marks) == ["speech_end", "first_transcript", "first_text", "first_audio"]
    later = pytest.approx(300, abs=1)  # the server answers after 0.8 s, and the tone ends at 0.5 s
    assert marks == {"speech_end": 0.0, "first_transcript": later, "first_text": later, "first_audio": later}
    assert summary["engines"] == {}


def test_the_session_is_what_the_options_say(question: str) -> None:
    sessions: list[dict[str, Any]] = []

    async def script(caller: Caller) -> None:
        sessions.append((await caller.next("session.update"))["session"])
        await answering()(caller)

    assert talk(script, "--file", question, "--voice", "marin", "--language", "de") == 0
    hearing, speaking = sessions[0]["audio"]["input"], sessions[0]["audio"]["output"]
    assert sessions[0]["type"] == "realtime"
    assert hearing["transcription"]["language"] == "de"
    assert speaking == {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}


async def _write_back(caller: Caller) -> None:
    await caller.next("response.create")
    await caller.reply()


def test_a_written_question_is_answered_in_writing(capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(_write_back, "--text", "hello?") == 0
    assert capsys.readouterr().out == "You: hello?\nAntiphon: Good morning.\n"


async def _fail(caller: Caller) -> None:
    await caller.next("response.create")
    await caller.tell("response.created", response={"id": "resp_1"})
    await caller.end_reply(status="failed", status_details={"error": {"message": "every model failed"}})


async def _say_nothing(caller: Caller) -> None:
    await caller.next("response.create")
    await caller.tell("response.created", response={"id": "resp_1"})
    await caller.end_reply()


@pytest.mark.parametrize(
    ("script", "words", "complaint", "code"),
    [
        (_fail, ["--text", "hello"], "could not answer: every model failed", 1),
        (_say_nothing, ["--text", "hello", "--out", "/tmp/never.wav"], "no sound", 1),
        (listen_forever, ["--text", "hello", "--timeout", "0.2"], "no answer came within 0.2 s", 1),
        (listen_forever, ["--file", "/nowhere/a.wav"], "there is no file '/nowhere/a.wav'", 2),
        (listen_forever, ["--file", __file__], "cannot read", 2),
        (listen_forever, ["--text", "hello", "--out", "/nowhere/a.wav"], "no such folder", 2),
        (listen_forever, ["--out", "a.wav"], "needs a question", 2),
        (listen_forever, ["--push-to-talk"], "needs a terminal", 2),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    script: Script, words: list[str], complaint: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(script, *words) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("antiphon talk: ")
    assert complaint in printed.err
    assert printed.err.count("\n") == 1


def test_a_recording_without_words_is_said_to_have_none(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    async def script(caller: Caller) -> None:
        await caller.hear(0.8)
        await caller.take_turn(transcript="")
        await listen_forever(caller)

    assert talk(script, "--file", question) == 1
    assert "heard no words" in capsys.readouterr().err
