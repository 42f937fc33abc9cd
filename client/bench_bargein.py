"""`antiphon bench bargein`: how soon the server falls silent. It is made to speak at length, then a clip is spoken
over it."""

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from client.bench_setup import (
    add_clip_arguments,
    add_server_arguments,
    add_stand_in_arguments,
    check_places,
    clips_of,
    deliver,
    progress,
    server_for,
)
from client.clips import Clip
from client.errors import ClientError
from client.exchange import SESSION, Exchange, hear_news
from client.latency import intervals, overall, table
from client.machine import Load
from client.microphone import FileMicrophone
from client.realtime import Talk, connect
from client.samples import Goal

AFTERMATH = 0.5
"""Seconds to listen for sound that should not come any more."""

COUNTS = ("turns", "finished_first", "sent_ahead", "late_audio", "failed")
"""What is told beside the latencies."""

STORY = "One morning the old man went down to the sea, and the sea was not there any more. " * 12
"""What stand-ins tell: a minute, so that nobody hears the end of it."""

GOALS: Mapping[str, Goal] = {"stop_ms": "lower", "detected_ms": "lower", "late_audio": "lower", "failed": "lower"}
"""What a change of the server is judged by."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One answer that was interrupted, or should have been."""

    clip: str
    latencies: Mapping[str, float]
    """From the first labelled sample of speech: `detected_ms` to speech_started, `stop_ms` to the last sound of the old
    answer, `ended_ms` to its response.done. The latter two only for answers that were still being sent."""
    finished_first: bool
    """The whole answer had been sent before the interruption: then only the client can silence it."""
    sent_ahead: bool
    """It was not over, but all the sound that came had been sent before: when the server fell silent nobody saw."""
    late_audio: int
    """Pieces of sound that came after the answer's response.done."""
    problem: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark understands."""
    add_server_arguments(parser)
    add_clip_arguments(parser)
    parser.add_argument("--ask", default="Please tell me a long story.", help="what makes the server speak at length")
    parser.add_argument(
        "--after", type=float, default=1.0, help="seconds of its answer to let pass (default: %(default)g)"
    )
    add_stand_in_arguments(parser)


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `ClientError`."""
    check_places(args)
    clips = clips_of(args)
    async with server_for(args, STORY) as (url, _):
        load = Load()
        with progress(len(clips)) as tell:
            cuts = await measure(url, clips, args, tell)
    result = report(cuts)
    counts = "  ".join(f"{name} {result[name]}" for name in COUNTS)
    deliver(args, {"url": url, **result}, load, f"{table(result['overall'], result['intervals'])}\n{counts}")
    return 0


async def measure(url: str, clips: Sequence[Clip], args: argparse.Namespace, tell: Callable[[str], None]) -> list[Cut]:
    """Interrupt a long answer with every clip; `tell` hears of each as it is done."""
    cuts: list[Cut] = []
    for clip in clips:
        cut = await _interrupt(url, clip, args)
        cuts.append(cut)
        tell(f"{clip.name}: {cut.problem or '{:.0f} ms'.format(cut.latencies.get('detected_ms', 0))}")
    return cuts


def report(cuts: Sequence[Cut]) -> dict[str, Any]:
    """All of it, ready for JSON."""
    samples: dict[str, dict[str, list[float]]] = {}
    for cut in cuts:
        failures = {"late_audio": cut.late_audio > 0, "failed": bool(cut.problem)}
        for name, value in {**cut.latencies, **failures}.items():
            samples.setdefault(name, {}).setdefault(cut.clip, []).append(float(value))
    return {
        "overall": overall(samples),
        "intervals": intervals(samples),
        "turns": len(cuts),
        "finished_first": sum(cut.finished_first for cut in cuts),
        "sent_ahead": sum(cut.sent_ahead for cut in cuts),
        "late_audio": sum(cut.late_audio > 0 for cut in cuts),
        "failed": sum(bool(cut.problem) for cut in cuts),
        "samples": samples,
        "goals": {name: goal for name, goal in GOALS.items() if name in samples},
        "clips": [asdict(cut) for cut in cuts],
    }


async def _interrupt(url: str, clip: Clip, args: argparse.Namespace) -> Cut:
    exchange, microphone = Exchange(), FileMicrophone(clip.pcm)
    problem = ""
    async with connect(url, key=args.key, session=SESSION) as talk:
        try:
            async with asyncio.timeout(args.timeout + microphone.seconds):
                async with FileMicrophone(np.zeros(0, np.int16)).listening(talk):
                    begun = await _let_speak(talk, exchange, args.ask)
                    while await hear_news(talk, exchange, begun + args.after):
                        pass
                async with microphone.listening(talk):
                    await _hear_it_stop(talk, exchange, microphone, clip)
        except TimeoutError:
            problem = "not interrupted in time"
        except ClientError as error:
            problem = str(error)
    return judge_cut(clip, exchange, microphone.spoken_at(clip.speech_start), problem)


async def _let_speak(talk: Talk, exchange: Exchange, question: str) -> float:
    """Ask, and wait until the answer is heard; when that was."""
    await talk.say(question)
    await talk.respond()
    while not (spoken := [reply.first_audio for reply in exchange.replies.values() if reply.first_audio]):
        await hear_news(talk, exchange, None)
    return spoken[0]


async def _hear_it_stop(talk: Talk, exchange: Exchange, microphone: FileMicrophone, clip: Clip) -> None:
    """Listen until the server has noticed us, the old answer is over, and nothing of it has followed for a while."""
    reply = next(iter(exchange.replies.values()))
    while True:
        noticed = _noticed(exchange, microphone.spoken_at(clip.speech_start))
        deadline = max(noticed, reply.ended) + AFTERMATH if noticed and reply.ended else None
        if not await hear_news(talk, exchange, deadline):
            return


def _noticed(exchange: Exchange, onset: float | None) -> float | None:
    """When the server first said that somebody speaks, after somebody did."""
    return next((at for at in exchange.speech_started if onset is not None and at >= onset), None)


def judge_cut(clip: Clip, exchange: Exchange, onset: float | None, problem: str = "") -> Cut:
    """The figures of one interruption; `onset` is when its first voiced sample was sent."""
    reply = next(iter(exchange.replies.values()), None)
    if reply is None or onset is None:
        problem = problem or "the server did not speak"
        return Cut(clip.name, {}, finished_first=False, sent_ahead=False, late_audio=0, problem=problem)
    finished_first = reply.ended is not None and reply.ended < onset
    sent_ahead = not finished_first and reply.last_audio is not None and reply.last_audio < onset
    seen = {"detected_ms": _noticed(exchange, onset)}
    if not finished_first:
        seen |= {"stop_ms": None if sent_ahead else reply.last_audio, "ended_ms": reply.ended}
    latencies = {name: round((at - onset) * 1000, 1) for name, at in seen.items() if at is not None}
    return Cut(clip.name, latencies, finished_first, sent_ahead, reply.late_audio, problem)
