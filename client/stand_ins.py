"""A server on engines of known speed, started for the occasion: what is measured then is the server itself."""

import asyncio
import os
import urllib.request
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from client.errors import ClientError
from client.own_server import COMMAND, PYTHON, Running, own_server, running

HEARD = "sunday is the best part of the week"
"""What the recogniser understands, whatever was said: every recording is the same question."""

REPLY = "The answer to your question is quite simple today. It only takes a little more time to explain why."
"""What the model answers: two sentences of a usual length, seven seconds of speech."""

SETTLE_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Delays:
    """How fast the engines are; what the README's table was measured with."""

    asr_ms: float = 120.0
    """From the end of the upload to the text."""
    llm_ms: float = 200.0
    """From the request to the first token."""
    tokens_per_second: float = 60.0
    """After that."""
    tts_ms: float = 80.0
    """From the request to the first sound."""

    def brain(self, reply: str) -> Sequence[str]:
        """The module, with its arguments, that is a model of this speed and always answers the same."""
        speed = ("--first-token-ms", f"{self.llm_ms:g}", "--tokens-per-second", f"{self.tokens_per_second:g}")
        return ("server", "brain", "--port", "0", *speed, "--reply", reply)

    def speech(self) -> Sequence[str]:
        """The same of a recogniser and a voice."""
        speed = ("--asr-ms", f"{self.asr_ms:g}", "--tts-ms", f"{self.tts_ms:g}")
        return ("models.stand_ins", "--port", "0", *speed, "--text", HEARD)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A server, and the engines behind it."""

    url: str
    brain: str
    speech: str

    async def stats(self) -> Mapping[str, int]:
        """What the engines were asked since the start: `llm_requests`, of them `llm_cancelled`; `transcriptions`."""
        brain = await asyncio.to_thread(_get, f"{self.brain}/v1/brain/stats")
        speech = await asyncio.to_thread(_get, f"{self.speech}/v1/stand_ins/stats")
        return {
            "llm_requests": brain["requests"],
            "llm_cancelled": brain["cancelled"],
            "transcriptions": speech["transcriptions"],
        }


@asynccontextmanager
async def stand_in_server(delays: Delays, *, reply: str = REPLY, verbose: bool = False) -> AsyncGenerator[StandIn]:
    """The server and its engines, for as long as the block lasts; see `alone`. Raises `ClientError` when one does not
    start."""
    brain, speech = ((*PYTHON, *module) for module in (delays.brain(reply), delays.speech()))
    async with (
        own_server(command=brain) as thinks,
        own_server(command=speech) as speaks,
        alone(thinks, speaks, verbose=verbose) as server,
    ):
        await _settled(server.url)
        yield StandIn(server.url, thinks, speaks)


def alone(
    brain: str, speech: str, *further: str, verbose: bool = False, cores: Collection[int] = ()
) -> AbstractAsyncContextManager[Running]:
    """A server on these engines and no others: with the usual settings, whatever this machine's files and environment
    say of paid models, budgets, webhooks or a Redis. `further` are options of its own."""
    engines = ("--llm-url", f"{brain}/v1", "--asr-url", f"{speech}/v1", "--tts-url", f"{speech}/v1")
    command = (*COMMAND, "--config", os.devnull, "--state", "none", *engines, *further)
    return running(command, verbose=verbose, cores=cores, environment=_unset())


async def _settled(url: str) -> None:
    """Until the server has found the engines that were started for it: those it needs no time for come first."""
    try:
        async with asyncio.timeout(SETTLE_TIMEOUT):
            while not _at_work(await asyncio.to_thread(_get, f"{url}/healthz")):  # noqa: ASYNC110  over HTTP, nobody tells
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise ClientError(
            f"the server did not find its engines within {SETTLE_TIMEOUT:.0f} s; see {url}/healthz"
        ) from None


def _at_work(health: Mapping[str, Any]) -> bool:
    """Whether the first choice for every stage is."""
    stages = (health[job] for job in ("asr", "llm", "tts"))
    return all(stage["in_use"] == stage["engines"][0]["name"] for stage in stages)


def _unset() -> Mapping[str, str]:
    """Our environment without anything that would change a server's settings."""
    ours = ("ANTIPHON_", "OPENAI_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _get(url: str) -> Mapping[str, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5.0) as answer:
            return orjson.loads(answer.read())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ClientError(f"{url} does not say what it was asked: {error}") from None
