"""The benchmark measures what a scripted server does, no more and no less."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pybase64
import pytest

from client import bench
from client.sound import RATE, write_wav
from tests.client.scripted import TONE, Caller, Script, answering, listen_forever, server
from tests.virtual_clock import run

END = 0.5 + 0.5
"""Seconds of sound before the labelled end of speech: quiet, then the tone."""

THINKING = 0.1
"""Seconds of sound between a written question and the answer."""


@pytest.fixture
def clips(tmp_path: Path) -> str:
    write_wav(tmp_path / "tone.wav", np.concatenate([TONE, np.zeros(RATE // 10, np.int16)]))
    (tmp_path / "clips.tsv").write_text("file\tspeech_start\tspeech_end\ttranscript\ntone.wav\t0.0\t0.5\tbeep\n")
    return str(tmp_path)


def bench_of(script: Script, kind: str, clips: str, *words: str) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)

    async def measuring() -> int:
        async with server(script) as url:
            return await bench.run(parser.parse_args([kind, "--url", url, "--clips", clips, *words]))

    return run(measuring())


def measure(script: Script, kind: str, clips: str, *words: str) -> dict[str, Any]:
    result = Path(clips) / "result.json"
    assert bench_of(script, kind, clips, "--json", str(result), *words) == 0
    return orjson.loads(result.read_bytes())


def test_an_answer_is_timed_from_the_labelled_end(clips: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = measure(answering(seconds=END + 0.3), "latency", clips, "--repeat", "2")
    assert result["turns"] == 2
    assert (result["early_replies"], result["split_turns"], result["unanswered"]) == (0, 0, 0)
    assert result["overall"]["first_audio_ms"]["p50"] == pytest.approx(300, abs=1)
    assert result["overall"]["first_token_ms"]["p50"] == pytest.approx(300, abs=1)
    assert "first_audio_ms" in capsys.readouterr().out


def test_the_servers_own_marks_are_moved_to_the_label(clips: str) -> None:
    marks = {"speech_end": 0, "llm_first_token": 200, "played": None}
    extras = {"antiphon": {"marks_ms": marks, "speech_end_audio_ms": END * 1000 + 40}}
    result = measure(answering(extras, seconds=END + 0.3), "latency", clips)
    assert result["overall"]["first_token_ms"]["p50"] == pytest.approx(240)
    assert result["overall"]["end_error_ms"]["p50"] == pytest.approx(40)


FULL = {
    "speech_end": 0.0,
    "paused": 60.0,
    "asr_final": 120.0,
    "model_chosen": 121.0,
    "llm_request": 121.0,
    "llm_first_token": 200.0,
    "first_clause": 210.0,
    "tts_request": 210.0,
    "first_audio": 250.0,
    "endpoint": 255.0,
    "sent": 260.0,
}
"""A turn that is heard 300 ms after the label, by a server that takes the end for 38 ms later than it was."""


def test_the_stages_add_up_to_what_was_heard(clips: str, capsys: pytest.CaptureFixture[str]) -> None:
    choice = {"wasted_tokens": 7, "saved_ms": 0.0}
    extras = {"antiphon": {"marks_ms": FULL, "speech_end_audio_ms": END * 1000 + 38, "choice": choice}}
    result = measure(answering(extras, seconds=END + 0.3), "latency", clips)
    assert result["overall"]["unexplained_ms"]["p50"] == pytest.approx(2, abs=1)
    assert result["agreement"]["first sound"]["p95"] == pytest.approx(2, abs=1)
    assert result["wasted_tokens"] == 7
    said = capsys.readouterr().out
    assert "The stages add up to the first sound within 5 ms in 1 of 1 turns." in said
    assert "The endpoint is seen from outside within 15 ms of the server's mark in 1 of 1 turns" in said
    assert "7 tokens were written that nobody heard" in said


def test_stages_that_contradict_what_is_seen_are_told(clips: str, capsys: pytest.CaptureFixture[str]) -> None:
    extras = {"antiphon": {"marks_ms": FULL, "speech_end_audio_ms": END * 1000 + 98}}
    measure(answering(extras, seconds=END + 0.3), "latency", clips)
    said = capsys.readouterr().out
    assert "within 5 ms in 0 of 1 turns" in said
    assert "The first sound is seen from outside within 15 ms of the server's mark in 0 of 1 turns" in said


def test_another_server_is_measured_from_outside(clips: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = measure(answering(seconds=END + 0.3), "latency", clips)
    assert {"ear_to_ear_ms", "first_audio_ms", "first_token_ms", "endpoint_ms", "asr_ms"} <= result["overall"].keys()
    assert not {"choose_ms", "clause_ms", "unexplained_ms"} & result["overall"].keys()
    assert (result["agreement"], result["wasted_tokens"]) == ({}, None)
    said = capsys.readouterr().out
    assert "tells nothing of its stages; from outside nobody sees: model choice, first clause" in said
    assert "add up" not in said


async def _hesitate(caller: Caller) -> None:
    """Answers with a voice that takes its time to begin."""
    await caller.hear(END + 0.3)
    await caller.take_turn()
    sound = np.concatenate([np.zeros(RATE * 12 // 100, np.int16), TONE])
    ids = {"response_id": "resp_1", "item_id": "said_1"}
    await caller.tell("response.created", response={"id": "resp_1", "status": "in_progress"})
    await caller.tell("response.output_audio.delta", **ids, delta=pybase64.b64encode_as_string(sound.tobytes()))
    await caller.end_reply()
    await listen_forever(caller)


def test_the_quiet_before_a_voice_is_part_of_the_silence(clips: str) -> None:
    overall = measure(_hesitate, "latency", clips)["overall"]
    assert overall["quiet_ms"]["p50"] == 120
    assert overall["ear_to_ear_ms"]["p50"] == pytest.approx(overall["first_audio_ms"]["p50"] + 120)


def test_several_callers_speak_at_once(clips: str) -> None:
    talking, most = 0, 0

    async def script(caller: Caller) -> None:
        nonlocal talking, most
        talking += 1
        most = max(most, talking)
        try:
            await answering(seconds=END + 0.3)(caller)
        finally:
            talking -= 1

    result = measure(script, "latency", clips, "--sessions", "3", "--repeat", "2")
    assert (result["turns"], most) == (6, 3)
    assert result["samples"]["early_replies"] == {"tone.wav": [0] * 6}


def test_a_server_is_told_how_eager_to_be(clips: str) -> None:
    asked: list[Any] = []

    async def script(caller: Caller) -> None:
        try:
            await answering(seconds=END + 0.3)(caller)
        finally:
            asked.extend(event["session"]["audio"]["input"] for event in caller.received if "session" in event)

    measure(script, "latency", clips, "--eagerness", "low")
    assert asked[0]["turn_detection"] == {"type": "semantic_vad", "eagerness": "low"}
    assert "model" in asked[0]["transcription"]


def test_figures_for_a_readme_are_a_markdown_table(clips: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_of(answering(seconds=END + 0.3), "latency", clips, "--markdown") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "| ms, n = 1 | p50 (95 % interval) | p95 | p99 |"
    assert said[2].startswith("| first token | 30")


def test_what_was_measured_where_is_kept(clips: str) -> None:
    result = measure(answering(seconds=END + 0.3), "latency", clips)
    assert result["bench"] == "latency"
    assert result["machine"]["cores"] >= 1
    assert "busy" in result["load"]


def test_an_answer_before_the_end_is_early(clips: str) -> None:
    result = measure(answering(seconds=END - 0.2), "latency", clips)
    assert result["early_replies"] == 1
    assert result["overall"] == {}


async def _split(caller: Caller) -> None:
    await caller.hear(END + 0.1)
    await caller.take_turn(1)
    await caller.take_turn(2)
    await caller.reply()
    await listen_forever(caller)


def test_a_clip_taken_for_two_turns_is_counted(clips: str) -> None:
    assert measure(_split, "latency", clips)["split_turns"] == 1


def test_a_server_that_does_not_answer_is_counted(clips: str) -> None:
    result = measure(listen_forever, "latency", clips, "--timeout", "0.3")
    assert result["unanswered"] == 1
    assert "noticed no speech" in result["clips"][0]["runs"][0]["problem"]


def interrupted(*, after: float, late: bool = False) -> Script:
    """A server that speaks on and on, and stops `after` seconds of sound, counted from the interruption's onset."""

    async def script(caller: Caller) -> None:
        await caller.next("response.create")
        await caller.hear(THINKING)
        await caller.begin_reply()
        caller.sound.clear()
        while not caller.sound or not caller.sound[-1].any():
            await caller.hear(0.02)
        await caller.hear(after)
        ids = {"response_id": "resp_1", "item_id": "said_1"}
        await caller.tell("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=0)
        await caller.tell("response.output_audio.delta", **ids, delta="AAA=")
        await caller.end_reply(status="cancelled")
        if late:
            await caller.tell("response.output_audio.delta", **ids, delta="AAA=")
        await listen_forever(caller)

    return script


@pytest.mark.parametrize("late", [False, True])
def test_an_interruption_is_timed_from_the_labelled_onset(clips: str, late: bool) -> None:
    result = measure(interrupted(after=0.2, late=late), "bargein", clips, "--after", "0.1")
    assert result["overall"]["detected_ms"]["p50"] == pytest.approx(220, abs=1)
    assert result["overall"]["stop_ms"]["p50"] == pytest.approx(220, abs=1)
    assert (result["late_audio"], result["finished_first"], result["failed"]) == (int(late), 0, 0)
    assert result["sent_ahead"] == 0


async def _all_at_once(caller: Caller) -> None:
    await caller.next("response.create")
    await caller.hear(THINKING)
    await caller.reply()
    await caller.hear(END + 0.3)
    await caller.tell("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=0)
    await listen_forever(caller)


def test_an_answer_that_was_sent_whole_cannot_be_stopped(clips: str) -> None:
    result = measure(_all_at_once, "bargein", clips, "--after", "0.1")
    assert result["finished_first"] == 1
    assert list(result["overall"]) == ["detected_ms"]


async def _in_bursts(caller: Caller) -> None:
    """Sends its sound long before it is played, and nothing more of it once somebody speaks."""
    await caller.next("response.create")
    await caller.hear(THINKING)
    await caller.begin_reply()
    await caller.hear(END + 0.3)
    await caller.tell("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=0)
    await caller.end_reply(status="cancelled")
    await listen_forever(caller)


def test_a_server_that_sent_its_sound_ahead_is_not_said_to_stop_at_once(
    clips: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = measure(_in_bursts, "bargein", clips, "--after", "0.1")
    assert (result["sent_ahead"], result["finished_first"], result["failed"]) == (1, 0, 0)
    assert set(result["overall"]) == {"detected_ms", "ended_ms"}
    assert "stop_ms" not in result["samples"]
    assert "sent_ahead 1" in capsys.readouterr().out


def test_a_server_that_talks_on_is_counted(clips: str) -> None:
    async def script(caller: Caller) -> None:
        await caller.next("response.create")
        await caller.hear(THINKING)
        await caller.begin_reply()
        await listen_forever(caller)

    result = measure(script, "bargein", clips, "--after", "0.1", "--timeout", "0.5")
    assert result["failed"] == 1


async def _die(caller: Caller) -> None:
    """Takes the call, and the whole server with it."""
    await caller.hear(0.2)
    caller.websocket.server.close()
    caller.websocket.transport.abort()


def test_a_server_that_goes_away_ends_the_benchmark(clips: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_of(_die, "latency", clips, "--repeat", "3") == 1
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith("antiphon bench: cannot reach ws://127.0.0.1")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--json", "/nowhere/at/all.json"], "cannot write '/nowhere/at/all.json': no such folder"),
        (["--report", "/"], "cannot write '/': it is a folder"),
        (["--sessions", "0"], "--sessions 0: must be at least 1"),
        (["--repeat", "-1"], "--repeat -1: must be at least 1"),
        (["--asr-ms", "50"], "--asr-ms is for --stand-in"),
        (["--stand-in"], "--stand-in starts a server of its own; leave out --url"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is(
    clips: str, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    assert bench_of(listen_forever, "latency", clips, *words) == 2
    assert capsys.readouterr().err == f"antiphon bench: {complaint}\n"


def test_without_clips_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    args = parser.parse_args(["latency", "--url", "ws://127.0.0.1:1", "--clips", str(tmp_path)])
    assert run(bench.run(args)) == 2
    assert capsys.readouterr().err.startswith("antiphon bench: there is no clips.tsv")
