"""The benchmark measures what a scripted server does, no more and no less."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import orjson
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


def measure(script: Script, kind: str, clips: str, *words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    result = Path(clips) / "result.json"

    async def measuring() -> int:
        async with server(script) as url:
            return await bench.run(
                parser.parse_args([kind, "--url", url, "--clips", clips, "--json", str(result), *words])
            )

    assert run(measuring()) == 0
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


def test_a_server_that_talks_on_is_counted(clips: str) -> None:
    async def script(caller: Caller) -> None:
        await caller.next("response.create")
        await caller.hear(THINKING)
        await caller.begin_reply()
        await listen_forever(caller)

    result = measure(script, "bargein", clips, "--after", "0.1", "--timeout", "0.5")
    assert result["failed"] == 1


def test_without_clips_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    args = parser.parse_args(["latency", "--url", "ws://127.0.0.1:1", "--clips", str(tmp_path)])
    assert run(bench.run(args)) == 2
    assert capsys.readouterr().err.startswith("antiphon bench: there is no clips.tsv")
