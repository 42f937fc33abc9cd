"""`antiphon bench latency`: how soon the answers come. Recordings are spoken in real time, followed by quiet.

Every clip is asked in a session of its own, and time zero is the moment its last labelled sample of speech is sent, as
a microphone would send it. What an Antiphon knows of its own stages comes along in `response.done`; of other servers
only that is measured which can be seen from outside.
"""

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
from client.bench_text import latency_markdown, latency_text, remarks
from client.clips import Clip
from client.errors import ClientError, UsageError
from client.exchange import SESSION, Exchange, Reply, ask_aloud
from client.latency import Measured, report
from client.machine import Load
from client.microphone import FileMicrophone
from client.realtime import connect
from client.sound import voiced_start
from client.stages import disagreement, inside, unexplained
from client.stand_ins import StandIn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark understands."""
    add_server_arguments(parser)
    add_clip_arguments(parser)
    parser.add_argument(
        "--sessions", type=int, default=1, help="callers at once, each speaking every clip (default: %(default)d)"
    )
    parser.add_argument("--markdown", action="store_true", help="print the figures as a Markdown table")
    parser.add_argument("--eagerness", choices=("low", "medium", "high"), help="how soon the server is to answer")
    add_stand_in_arguments(parser)


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `ClientError`."""
    if args.sessions < 1:
        raise UsageError(f"--sessions {args.sessions}: must be at least 1")
    check_places(args)
    clips = clips_of(args)
    async with server_for(args) as (url, stand_in):
        before = await _asked(stand_in)
        load = Load()
        with progress(len(clips) * args.sessions) as tell:
            measured = await measure(url, clips, args, tell)
        engines = {name: count - before[name] for name, count in (await _asked(stand_in)).items()}
        result: dict[str, Any] = {"url": url, "sessions": args.sessions, **report(measured), "engine_work": engines}
        result["remarks"] = list(remarks(result))
        deliver(args, result, load, latency_markdown(result) if args.markdown else latency_text(result, load.read()))
    return 0


async def _asked(stand_in: StandIn | None) -> Mapping[str, int]:
    """What the engines were asked until now, where they tell."""
    return await stand_in.stats() if stand_in else {}


async def measure(
    url: str, clips: Sequence[Clip], args: argparse.Namespace, tell: Callable[[str], None]
) -> list[Measured]:
    """Every caller speaks every clip, each beginning with another; `tell` hears of each turn as it is done."""
    measured: list[Measured] = []

    async def call(number: int) -> None:
        first = number * len(clips) // args.sessions
        for clip in (*clips[first:], *clips[:first]):
            one = await _speak(url, clip, args)
            measured.append(one)
            tell(f"{clip.name}: {one.problem or '{:.0f} ms'.format(one.latencies.get('first_audio_ms', 0))}")

    try:
        async with asyncio.TaskGroup() as tasks:
            for number in range(args.sessions):
                tasks.create_task(call(number))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None  # they share the server that failed them
    return measured


async def _speak(url: str, clip: Clip, args: argparse.Namespace) -> Measured:
    microphone, exchange, problem = FileMicrophone(clip.pcm), Exchange(), ""
    async with connect(url, key=args.key, session=_session(args.eagerness)) as talk:
        try:
            await ask_aloud(talk, microphone, exchange, args.timeout)
        except ClientError as error:
            problem = str(error)
    return judge(clip, exchange, microphone.spoken_at(clip.speech_end), problem)


def _session(eagerness: str | None) -> Mapping[str, Any]:
    """What every caller asks for."""
    heard = dict(SESSION["audio"]["input"])
    if eagerness:
        heard["turn_detection"] = {"type": "semantic_vad", "eagerness": eagerness}
    return {"audio": {"input": heard}}


def judge(clip: Clip, exchange: Exchange, speech_end: float | None, problem: str = "") -> Measured:
    """The figures of one clip; `speech_end` is when its last voiced sample was sent, None if that never happened."""
    reply = exchange.last_reply
    ending = reply.ending if reply else None
    seen = _seen(exchange, reply, speech_end) if reply and speech_end is not None else {}
    latencies = {name: seen[key] for name, key in FROM_OUTSIDE.items() if key in seen}
    apart: Mapping[str, float] = {}
    if ending and (marks := ending.marks_ms):
        heard_end_ms = ending.extras.get("speech_end_audio_ms")
        end_error_ms = None if heard_end_ms is None else heard_end_ms - clip.speech_end * 1000
        latencies |= inside(marks, end_error_ms)
        apart = {} if end_error_ms is None else disagreement(seen, marks, end_error_ms)
        if (rest := unexplained(latencies)) is not None:
            latencies["unexplained_ms"] = rest
    elif {"transcript", "endpoint"} <= seen.keys():
        latencies["asr_ms"] = seen["transcript"] - seen["endpoint"]
    first_audios = [one.first_audio for one in exchange.replies.values() if one.first_audio is not None]
    return Measured(
        clip=clip.name,
        latencies=latencies,
        transcript=exchange.transcript,
        turns=len(exchange.turns),
        early=any(speech_end is None or at < speech_end for at in first_audios),
        answered=ending is not None and ending.status == "completed",
        problem=problem or (ending.problem if ending else ""),
        disagreement=apart,
        wasted_tokens=_wasted(exchange),
    )


FROM_OUTSIDE: Mapping[str, str] = {
    "ear_to_ear_ms": "ear to ear",
    "first_audio_ms": "first sound",
    "first_token_ms": "first text",  # unless the server knows better: it holds text back until the turn is over
    "first_text_ms": "first text",
    "transcript_ms": "transcript",
    "endpoint_ms": "endpoint",
    "quiet_ms": "quiet",
}
"""Latencies, and what `_seen` calls them."""


def _seen(exchange: Exchange, reply: Reply, speech_end: float) -> dict[str, float]:
    """What the client saw when, in milliseconds from the labelled end; `quiet` is that of the answer's beginning."""
    times = {
        "endpoint": exchange.speech_stopped[-1] if exchange.speech_stopped else None,
        "transcript": exchange.heard_at,
        "first text": reply.first_text,
        "first sound": reply.first_audio,
    }
    seen = {name: (at - speech_end) * 1000 for name, at in times.items() if at is not None}
    if reply.first_audio is not None:
        seen["quiet"] = voiced_start(reply.sound) * 1000
        seen["ear to ear"] = seen["first sound"] + seen["quiet"]
    return seen


def _wasted(exchange: Exchange) -> int | None:
    endings = [reply.ending for reply in exchange.replies.values() if reply.ending]
    wasted: list[int] = [ending.extras["choice"]["wasted_tokens"] for ending in endings if ending.extras.get("choice")]
    return sum(wasted) if wasted else None
