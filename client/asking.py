"""One question, recorded or written, and its answer: printed, written to a file, or told to a script."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from client.errors import ClientError
from client.exchange import Exchange, ask_aloud, ask_in_writing
from client.microphone import FileMicrophone
from client.own_server import server_at
from client.personas import take_on
from client.realtime import connect
from client.sound import RATE, Pcm, voiced_end, write_wav
from client.view import print_line


async def ask(args: argparse.Namespace, question: Pcm | None, session: Mapping[str, Any]) -> int:
    """Carry out `antiphon talk --file` or `--text`; the exit code. Raises `ClientError`."""
    exchange = Exchange()
    marks: Mapping[str, float] = {}
    async with (
        server_at(args.url, verbose=args.verbose) as url,
        connect(url, key=args.key, session=session) as talk,
    ):
        if args.persona:
            await take_on(talk, args.persona)
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
    print_line(orjson.dumps(summary).decode() if args.json else _dialogue(summary))
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
        "choice": (ending.extras.get("choice") if ending else None) or {},
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
