"""`antiphon talk`: ask with the microphone, a recording or a line of text, and hear, save or read the answer."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from client.devices import device_from, list_devices, open_card
from client.errors import ClientError, UsageError
from client.exchange import TRANSCRIBER, Exchange, ask_aloud, ask_in_writing
from client.live import LiveTalk
from client.microphone import FileMicrophone
from client.own_server import server_at
from client.realtime import connect
from client.sound import RATE, Pcm, read_sound, voiced_end, write_wav


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `antiphon talk` understands."""
    question = parser.add_mutually_exclusive_group()
    question.add_argument("--file", type=Path, help="ask with this recording instead of the microphone (any format)")
    question.add_argument("--text", help="ask in writing")
    question.add_argument("--list-devices", action="store_true", help="show microphones and speakers, then stop")
    parser.add_argument("--out", type=Path, help="write the spoken answer to this WAV file (with --file or --text)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON (with --file or --text)")
    parser.add_argument("--url", help="the server to talk to (default: start one for the occasion)")
    parser.add_argument("--key", help="the key this server wants")
    parser.add_argument("--voice", help="who answers, as the server calls its voices")
    parser.add_argument("--language", help="the language you speak, like en or zh (default: the server finds out)")
    parser.add_argument(
        "--timeout", type=float, default=60.0, help="seconds to wait for the answer (default: %(default)g)"
    )
    parser.add_argument(
        "--device", type=device_from, help="sound device: number, MICROPHONE,SPEAKERS or part of a name"
    )
    parser.add_argument("--half-duplex", action="store_true", help="do not listen while speaking: without headphones")
    parser.add_argument("--verbose", action="store_true", help="show the log of the server started for the occasion")


async def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0, 1 when the talk failed, 2 when a file or an option is wrong."""
    try:
        return await _run(args)
    except ClientError as error:
        sys.stderr.write(f"antiphon talk: {error}\n")
        return 2 if isinstance(error, UsageError) else 1


async def _run(args: argparse.Namespace) -> int:
    if args.list_devices:
        _print(list_devices())
        return 0
    if args.file is None and args.text is None:
        if args.out or args.json:
            raise UsageError("--out and --json need a question: add --file or --text")
        return await _talk_aloud(args)
    if args.out and not args.out.parent.is_dir():
        raise UsageError(f"cannot write {str(args.out)!r}: there is no such folder")
    return await _ask(args, read_sound(args.file) if args.file else None)


async def _talk_aloud(args: argparse.Namespace) -> int:
    with open_card(args.device) as card:
        async with (
            server_at(args.url, verbose=args.verbose) as url,
            connect(url, key=args.key, session=_session(args)) as talk,
        ):
            _print(
                "Speak; Ctrl-C ends the talk. " + ("" if args.half_duplex else "Without headphones add --half-duplex.")
            )
            await LiveTalk(talk, card, _print, half_duplex=args.half_duplex).run()
    return 0


async def _ask(args: argparse.Namespace, question: Pcm | None) -> int:
    exchange = Exchange()
    marks: Mapping[str, float] = {}
    async with (
        server_at(args.url, verbose=args.verbose) as url,
        connect(url, key=args.key, session=_session(args)) as talk,
    ):
        if question is None:
            await ask_in_writing(talk, args.text, exchange, args.timeout)
        else:
            microphone = FileMicrophone(question)
            await ask_aloud(talk, microphone, exchange, args.timeout)
            marks = marks_outside(exchange, microphone.spoken_at(voiced_end(question)))
    for problem in exchange.problems:
        sys.stderr.write(f"antiphon talk: the server complains: {problem.message}\n")
    _check(exchange, args)
    if args.out:
        write_wav(args.out, exchange.audio)
    summary = _summary(exchange, marks, args, url)
    _print(orjson.dumps(summary).decode() if args.json else _dialogue(summary))
    return 0


def marks_outside(exchange: Exchange, speech_end: float | None) -> Mapping[str, float]:
    """Milliseconds from the last loud sample sent to what the client can see of the answer to it."""
    reply = exchange.last_reply
    if speech_end is None or reply is None:
        return {}
    seen = {
        "speech_end": speech_end,
        "first_transcript": exchange.heard_at,
        "first_text": reply.first_text,
        "first_audio": reply.first_audio,
    }
    return {name: round((at - speech_end) * 1000, 1) for name, at in seen.items() if at is not None}


def _check(exchange: Exchange, args: argparse.Namespace) -> None:
    reply = exchange.last_reply
    if reply is None or reply.ending is None:
        raise ClientError(f"the server heard no words in {str(args.file)!r}, and did not answer")
    if reply.ending.status == "failed":
        raise ClientError(f"the server could not answer: {reply.ending.problem or 'it does not say why'}")
    if args.out and not len(exchange.audio):
        raise ClientError("the answer has no sound, there is nothing to write")


def _summary(exchange: Exchange, marks: Mapping[str, float], args: argparse.Namespace, url: str) -> dict[str, Any]:
    reply = exchange.last_reply
    ending = reply.ending if reply else None
    return {
        "transcript": exchange.transcript if args.text is None else args.text,
        "reply": exchange.reply,
        "marks_ms": (ending.marks_ms if ending else {}) or marks,
        "engines": (ending.extras.get("engines") if ending else None) or {},
        "audio_seconds": round(len(exchange.audio) / RATE, 3),
        "reply_wav": str(args.out) if args.out else None,
        "url": url,
    }


def _dialogue(summary: Mapping[str, Any]) -> str:
    lines = [f"You: {summary['transcript']}", f"Antiphon: {summary['reply']}"]
    marks = summary["marks_ms"]
    heard = marks.get("sent", marks.get("first_audio"))
    if heard is not None:
        lines.append(f"(first sound {heard:.0f} ms after your last)")
    if summary["reply_wav"]:
        lines.append(f"({summary['audio_seconds']:.1f} s of sound in {summary['reply_wav']})")
    return "\n".join(lines)


def _session(args: argparse.Namespace) -> dict[str, Any]:
    pcm = {"type": "audio/pcm", "rate": RATE}
    transcription = {"model": TRANSCRIBER, **({"language": args.language} if args.language else {})}
    voice = {"voice": args.voice} if args.voice else {}
    return {"audio": {"input": {"format": pcm, "transcription": transcription}, "output": {"format": pcm, **voice}}}


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
