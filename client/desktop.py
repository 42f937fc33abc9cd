"""`antiphon talk`: speak with a server through a sound card, or ask it with a recording or a line of text."""

import argparse
import sys
from pathlib import Path
from typing import Any

from client.access_key import add_key_argument
from client.aloud import talk_aloud
from client.asking import ask
from client.devices import list_devices
from client.echo import WAYS
from client.errors import ClientError, UsageError
from client.exchange import TRANSCRIBER
from client.sound import RATE, read_sound
from client.view import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `antiphon talk` understands."""
    question = parser.add_mutually_exclusive_group()
    question.add_argument("--file", type=Path, help="ask with this recording instead of the microphone (any format)")
    question.add_argument("--text", help="ask in writing")
    question.add_argument("--list-devices", action="store_true", help="show microphones and speakers, then stop")
    parser.add_argument("--out", type=Path, help="write the spoken answer to this WAV file (with --file or --text)")
    parser.add_argument(
        "--json", action="store_true", help="print JSON: a line per event, or one for all with --file or --text"
    )
    parser.add_argument("--url", help="the server to talk to (default: start one for the occasion)")
    add_key_argument(parser)
    parser.add_argument("--persona", default="", help="which of the server's personas to talk with")
    parser.add_argument("--voice", help="who answers, as the server calls its voices")
    parser.add_argument("--language", help="the language you speak, like en or zh (default: the server finds out)")
    parser.add_argument(
        "--timeout", type=float, default=60.0, help="seconds to wait for the answer (default: %(default)g)"
    )
    parser.add_argument(
        "--device",
        default="",
        metavar="IN[,OUT]",
        help="microphone and speakers, each by number or part of its name; where it vanishes, the default takes over",
    )
    parser.add_argument(
        "--echo",
        choices=("auto", *WAYS),
        default="auto",
        help="how to keep the assistant from hearing itself (default: cancel, if that is installed)",
    )
    parser.add_argument("--push-to-talk", action="store_true", help="speak between two presses of space or Enter")
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
        print_line(list_devices())
        return 0
    if args.file is None and args.text is None:
        if args.out:
            raise UsageError("--out needs a question: add --file or --text")
        return await talk_aloud(args, session_for(args))
    if args.out and not args.out.parent.is_dir():
        raise UsageError(f"cannot write {str(args.out)!r}: there is no such folder")
    return await ask(args, read_sound(args.file) if args.file else None, session_for(args))


def session_for(args: argparse.Namespace) -> dict[str, Any]:
    """What the server is told of the session."""
    pcm = {"type": "audio/pcm", "rate": RATE}
    transcription = {"model": TRANSCRIBER, **({"language": args.language} if args.language else {})}
    turns = {"turn_detection": None} if args.push_to_talk else {}
    voice = {"voice": args.voice} if args.voice else {}
    return {
        "audio": {
            "input": {"format": pcm, "transcription": transcription, **turns},
            "output": {"format": pcm, **voice},
        }
    }
