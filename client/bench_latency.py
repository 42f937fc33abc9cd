"""How soon the answers come: each clip is asked in a session of its own, and timed from its end of speech."""

import argparse
import sys
from collections.abc import Callable, Sequence

from client.bench_setup import add_clip_arguments, add_server_arguments, clips_of, show, write_json
from client.clips import Clip
from client.errors import ClientError
from client.exchange import SESSION, Exchange, ask_aloud
from client.latency import Measured, Report, inside, report, table
from client.microphone import FileMicrophone
from client.own_server import server_at
from client.realtime import connect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark understands."""
    add_server_arguments(parser)
    add_clip_arguments(parser)


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `ClientError`."""
    clips = clips_of(args)
    async with server_at(args.url, verbose=args.verbose) as url:
        result, text = await measure(url, clips, args, show)
    if args.json:
        write_json(args.json, {"url": url, "bench": "latency", **result})
    sys.stdout.write(f"{text}\n")
    return 0


async def measure(
    url: str, clips: Sequence[Clip], args: argparse.Namespace, tell: Callable[[str], None]
) -> tuple[Report, str]:
    """Speak every clip; what came of it, for machines and for people. `tell` is told of each as it is done."""
    measured: list[Measured] = []
    for clip in clips:
        one = await _speak(url, clip, args)
        measured.append(one)
        tell(f"{clip.name}: {one.problem or '{:.0f} ms'.format(one.latencies.get('first_audio_ms', 0))}")
    result = report(measured)
    counts = "  ".join(f"{name} {result[name]}" for name in ("turns", "early_replies", "split_turns", "unanswered"))
    return result, f"{table(result['overall'])}\n{counts}"


async def _speak(url: str, clip: Clip, args: argparse.Namespace) -> Measured:
    microphone, exchange, problem = FileMicrophone(clip.pcm), Exchange(), ""
    async with connect(url, key=args.key, session=SESSION) as talk:
        try:
            await ask_aloud(talk, microphone, exchange, args.timeout)
        except ClientError as error:
            problem = str(error)
    return judge(clip, exchange, microphone.spoken_at(clip.speech_end), problem)


def judge(clip: Clip, exchange: Exchange, speech_end: float | None, problem: str = "") -> Measured:
    """The figures of one clip; `speech_end` is when its last voiced sample was sent, None if that never happened."""
    reply = exchange.last_reply
    ending = reply.ending if reply else None
    latencies: dict[str, float] = {}
    if reply and speech_end is not None:
        seen = {
            "first_token_ms": reply.first_text,  # unless the server knows better: it may hold text back, with the sound
            "first_audio_ms": reply.first_audio,
            "first_text_ms": reply.first_text,
            "transcript_ms": exchange.heard_at,
        }
        latencies = {name: (at - speech_end) * 1000 for name, at in seen.items() if at is not None}
    if ending:
        heard_end_ms = ending.extras.get("speech_end_audio_ms")
        end_error_ms = None if heard_end_ms is None else heard_end_ms - clip.speech_end * 1000
        latencies |= inside(ending.marks_ms, end_error_ms)
    first_audios = [one.first_audio for one in exchange.replies.values() if one.first_audio is not None]
    return Measured(
        clip=clip.name,
        latencies=latencies,
        transcript=exchange.transcript,
        turns=len(exchange.turns),
        early=any(speech_end is None or at < speech_end for at in first_audios),
        answered=ending is not None and ending.status == "completed",
        problem=problem or (ending.problem if ending else ""),
    )
