"""Stand-ins for speech servers: OpenAI's transcription and speech endpoints, with known delays, texts, sounds, faults.

They do not listen and do not speak; benchmarks and tests use them where a model's pace would blur the result.
"""

import argparse
import asyncio
import io
import math
import re
import socket
import sys
import wave
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import cycle, islice
from typing import Final, Literal, get_args

import numpy as np
import orjson
import uvicorn
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.loops.auto import auto_loop_factory

Fault = Literal["rate_limit", "server_error", "silence", "stall", "cut", "short"]
"""
rate_limit    429
server_error  500
silence       nothing is ever answered
stall         half of the sound, then nothing
cut           half of the sound, then the connection is lost
short         half of the sound, ended as if it were all

A transcription is never half: stall and cut are silence there, and short leaves out the second half of the words.
"""
FAULTS: Final[Sequence[Fault]] = get_args(Fault)

RATE = 24_000
"""Hz, of the speech."""

LETTERS_PER_SECOND = 14.0
"""How fast the stand-in speaks."""

WORDS_PER_SECOND = 2.5
"""How many words it finds in a recording."""

CHUNK = RATE // 10
"""Samples sent at a time: 100 ms."""

MAX_UPLOAD = 32 * 1024 * 1024
"""Bytes of a recording: 16 minutes of 16 kHz WAV."""

_SENTENCE = "what will the weather be like in the city tomorrow and should I take an umbrella with me"


@dataclass
class Settings:
    """How the stand-ins behave; may be changed while they run."""

    asr_ms: float = 120.0
    """From the end of the upload to the text."""
    tts_ms: float = 80.0
    """From the request to the first sound."""
    tts_speed: float = 5.0
    """Seconds of sound sent in a second after that."""
    texts: Sequence[str] = ()
    """What is "heard", in turn, over and over. Empty: as many words as fit the recording."""
    fault: Fault | None = None
    """Of either endpoint."""


@dataclass(slots=True)
class Stats:
    """What happened since the start; served at `/v1/stand_ins/stats`."""

    transcriptions: int = 0
    heard_seconds: float = 0.0
    speeches: int = 0
    speaking: int = 0
    spoken_seconds: float = 0.0
    """Of sound sent, not merely asked for."""


@dataclass
class StandIns:
    """Both endpoints, with what they share."""

    settings: Settings = field(default_factory=Settings)
    stats: Stats = field(default_factory=Stats)

    def app(self) -> Starlette:
        """`/v1/audio/transcriptions`, `/v1/audio/speech`, `/v1/models`, `/v1/stand_ins/stats`."""
        return Starlette(
            routes=[
                Route("/v1/audio/transcriptions", self._transcribe, methods=["POST"]),
                Route("/v1/audio/speech", self._speak, methods=["POST"]),
                Route("/v1/models", _models),
                Route("/v1/stand_ins/stats", self._stats),
            ]
        )

    async def _transcribe(self, request: Request) -> ASGIApp:
        body = await request.body()
        fields = form_fields(request.headers.get("content-type", ""), body)
        if len(body) > MAX_UPLOAD or "file" not in fields:
            return _error(400, "a multipart form with a file of at most 32 MiB is needed")
        self.stats.transcriptions += 1
        match self.settings.fault:
            case "rate_limit" | "server_error" as fault:
                return _failure(fault)
            case "silence" | "stall" | "cut":
                return _Silence()
            case "short" | None as fault:
                await asyncio.sleep(self.settings.asr_ms / 1000)
        seconds = wav_seconds(fields["file"])
        self.stats.heard_seconds += seconds
        text = self._text(seconds, self.stats.transcriptions)
        if fault == "short":
            words = text.split()
            text = " ".join(words[: math.ceil(len(words) / 2)])
        if fields.get("response_format") == b"text":
            return PlainTextResponse(text + "\n")
        return _json({"text": text})

    def _text(self, seconds: float, number: int) -> str:
        if self.settings.texts:
            return self.settings.texts[(number - 1) % len(self.settings.texts)]
        count = round(seconds * WORDS_PER_SECOND)
        return " ".join(islice(cycle(_SENTENCE.split()), count))

    async def _speak(self, request: Request) -> ASGIApp:
        try:
            asked = orjson.loads(await request.body())
            text, form = str(asked["input"]), str(asked.get("response_format", "pcm"))
            speed = float(asked.get("speed", 1.0))
        except (ValueError, LookupError, TypeError, AttributeError):
            return _error(400, 'a JSON object with "model", "voice" and "input" is needed')
        if form != "pcm" or not 0.25 <= speed <= 4.0:
            return _error(400, f'response_format is {form!r} and speed {speed}; only "pcm" and 0.25..4.0 are there')
        self.stats.speeches += 1
        match self.settings.fault:
            case "rate_limit" | "server_error" as fault:
                return _failure(fault)
            case "silence":
                return _Silence()
            case _:
                answer = StreamingResponse(self._sound(text, speed), media_type="audio/pcm")
                return _Unfinished(answer) if self.settings.fault == "cut" else answer

    async def _sound(self, text: str, speed: float) -> AsyncGenerator[bytes]:
        """The speech, chunk by chunk when each is due; to a schedule, so that late wake-ups do not add up."""
        fault = self.settings.fault
        samples = spoken_samples(text, speed) // (2 if fault else 1)
        due = asyncio.get_running_loop().time() + self.settings.tts_ms / 1000
        self.stats.speaking += 1
        try:
            for start in range(0, samples, CHUNK):
                await _until(due + start / RATE / self.settings.tts_speed)
                count = min(CHUNK, samples - start)
                self.stats.spoken_seconds += count / RATE
                yield _said(text, start, count)
            if fault == "stall":
                await asyncio.get_running_loop().create_future()
        finally:
            self.stats.speaking -= 1

    async def _stats(self, _: Request) -> Response:
        return _json(asdict(self.stats))


def spoken_samples(text: str, speed: float = 1.0) -> int:
    """How long the stand-in takes to say it, at 24 kHz; at least 0.2 s."""
    return round(RATE * max(len(text) / LETTERS_PER_SECOND, 0.2) / speed)


def speech(text: str, start: int, count: int) -> NDArray[np.int16]:
    """Samples of a voice-like sound: a hum with harmonics, in four syllables a second, its pitch set by the text."""
    at = np.arange(start, start + count) / RATE
    pitch = 100 + zlib.crc32(text.encode()) % 100
    phase = 2 * np.pi * (pitch * at + 0.4 * np.sin(2 * np.pi * 3 * at))
    voiced = sum(np.sin(order * phase) / order for order in range(1, 9))
    syllables = np.sin(np.pi * 4 * at) ** 2
    return (voiced * syllables * 8000).astype("<i2")


@lru_cache(4096)
def _said(text: str, start: int, count: int) -> bytes:
    """The same as bytes. Under load the same is said over and over, and the processor is wanted for other things."""
    return speech(text, start, count).tobytes()


def form_fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart form by name; empty when it is none."""
    boundary = re.search(r'boundary="?([^";,]+)', content_type)
    if not boundary:
        return {}
    fields: dict[str, bytes] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode()):
        head, _, content = part.partition(b"\r\n\r\n")
        if name := re.search(rb'[ ;]name="([^"]*)"', head):
            fields[name[1].decode()] = content
    return fields


def wav_seconds(recording: bytes) -> float:
    """The length of a WAV; anything else is taken for 16-bit samples at 16 kHz."""
    try:
        with wave.open(io.BytesIO(recording)) as wav:
            return wav.getnframes() / wav.getframerate()
    except (wave.Error, EOFError):
        return len(recording) / 32_000


async def serve(host: str, port: int, settings: Settings | None = None) -> None:
    """Serves until cancelled or interrupted; says its base URL on standard output, with the port chosen for 0.

    Raises `OSError` when the address cannot be had.
    """
    with socket.create_server((host, port)) as listening:
        sys.stdout.write(f"The stand-ins for speech listen at http://{host}:{listening.getsockname()[1]}/v1\n")
        sys.stdout.flush()
        app = StandIns(settings or Settings()).app()
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)
        await uvicorn.Server(config).serve(sockets=[listening])


def main() -> None:
    """`python -m models.stand_ins`."""
    parser = argparse.ArgumentParser(prog="python -m models.stand_ins", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8002, help="port; 0 takes a free one (%(default)s)")
    parser.add_argument("--asr-ms", type=float, default=120.0, help="from upload to text (%(default)s)")
    parser.add_argument("--tts-ms", type=float, default=80.0, help="from request to first sound (%(default)s)")
    parser.add_argument("--tts-speed", type=float, default=5.0, help="seconds of sound per second (%(default)s)")
    parser.add_argument("--text", dest="texts", action="append", default=[], help="hear this; several in turn")
    parser.add_argument("--fault", choices=FAULTS, help="what goes wrong")
    given = vars(parser.parse_args())
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(given.pop("host"), given.pop("port"), Settings(**given)))


@dataclass(frozen=True, slots=True)
class _Silence:
    """Answers nothing, until the client leaves."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """Leaves out the end of a response, upon which the server closes the connection."""

    response: Response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def all_but_the_end(message: Message) -> None:
            if message["type"] != "http.response.body" or message.get("more_body"):
                await send(message)

        await self.response(scope, receive, all_but_the_end)


async def _models(_: Request) -> Response:
    models = [{"id": name, "object": "model", "created": 0, "owned_by": "antiphon"} for name in ("ears", "voice")]
    return _json({"object": "list", "data": models})


async def _until(when: float) -> None:
    await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))


def _failure(fault: Literal["rate_limit", "server_error"]) -> Response:
    return _error(429, "rate limit reached") if fault == "rate_limit" else _error(500, "the server had an error")


def _error(status: int, message: str) -> Response:
    return _json({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}, status)


def _json(shape: object, status: int = 200) -> Response:
    return Response(orjson.dumps(shape), status, media_type="application/json")


if __name__ == "__main__":
    main()
