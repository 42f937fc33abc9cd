"""Microsoft Edge's natural voices through edge-tts: free, networked, and watched closely because they can stall."""

import asyncio
import re
import types
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.audio import Pcm
from pipeline.engines import Voice
from pipeline.errors import EngineError
from pipeline.tts.edge_voices import edge_rate, edge_voice
from pipeline.tts.guard import Patience, guarded
from pipeline.tts.mp3 import Mp3Decoder
from pipeline.tts.unsaid import Word, unsaid, unsaid_by_time

if TYPE_CHECKING:
    from aiohttp import TCPConnector
    from edge_tts.typing import TTSChunk

T = TypeVar("T")

TICKS_PER_SECOND = 10_000_000
"""The service counts time in units of 100 ns."""

PATIENCE = Patience(first_audio=1.0, gap=1.5)
"""Connecting included. Users report stalls of 90 to 150 s, so a longer wait would rarely be rewarded."""


@dataclass
class EdgeTts:
    """One websocket per utterance, opened when it is asked for; nothing is kept between them."""

    patience: Patience = PATIENCE
    name: str = field(default="edge-tts", init=False)

    async def start(self) -> None:
        """Has a word spoken: only that proves that the service is reached, and willing."""
        await asyncio.to_thread(_load)
        async with aclosing(self.speak("Yes.", Voice())) as sound:
            await anext(sound)

    async def aclose(self) -> None:
        """Nothing to let go of: each utterance closes its own connection."""

    def speak(self, text: str, voice: Voice) -> AsyncGenerator[Pcm]:
        """See `Tts`. `SpeechCutError.rest` is exact to the word, since the service tells when each word ends."""
        words: list[Word] = []

        def rest(seconds: float) -> str:
            return unsaid(text, words, seconds) if words else unsaid_by_time(text, seconds, voice.speed)

        return guarded(_sound(text, voice, words), self.name, self.patience, rest)


async def _sound(text: str, voice: Voice, words: list[Word]) -> AsyncGenerator[Pcm]:
    """The service's sound as it comes, empty when it sent a word's times instead, which are put into `words`."""
    import aiohttp  # noqa: PLC0415 - loaded by `start`
    from edge_tts import Communicate  # noqa: PLC0415

    connector = aiohttp.TCPConnector()
    talk = Communicate(
        text, edge_voice(voice), rate=edge_rate(voice.speed), boundary="WordBoundary", connector=connector
    )
    decoder = Mp3Decoder()
    received = 0
    async with aclosing(talk.stream()) as messages, connector:
        while (message := await _next(messages, connector)) is not None:
            mp3 = message.get("data", b"")
            received += len(mp3)
            if message["type"] != "audio":
                end = (message.get("offset", 0) + message.get("duration", 0)) / TICKS_PER_SECOND
                words.append(Word(message.get("text", ""), end))
            yield decoder.feed(mp3)
            await asyncio.sleep(0)  # messages that are here already are no reason to keep the loop
    # edge-tts ends in the same way whether the service was done or the line dropped, but only in the first case
    # does it add what came to its running total.
    if received != talk.state["cumulative_audio_bytes"]:
        raise EngineError("the connection was lost")
    yield decoder.finish()


async def _next(messages: "AsyncGenerator[TTSChunk]", connector: "TCPConnector") -> "TTSChunk | None":
    """What the service says next, None when there is no more."""
    from aiohttp import ClientError  # noqa: PLC0415
    from edge_tts.exceptions import EdgeTTSException  # noqa: PLC0415

    try:
        return await _cancellable(anext(messages, None), connector.close)
    except (ClientError, EdgeTTSException, OSError, ValueError, LookupError) as error:
        told = re.sub(r" ssl:<.*?>", "", str(error))  # aiohttp shows an object there
        raise EngineError(f"{type(error).__name__}: {told}") from error
    except RuntimeError as error:
        if "Session is closed" not in str(error):  # edge-tts tries again after a 403, on a connector that is used up
            raise
        raise EngineError("refused (403); if our clock is wrong, the next attempt allows for it") from error


@types.coroutine
def _cancellable(step: Awaitable[T], hang_up: Callable[[], Awaitable[object]]) -> Generator[Any, Any, T]:
    """Awaits `step`, and hangs up before a cancellation reaches it.

    aiohttp answers a cancellation by asking the peer to close and waiting for its answer, 10 s if the line is dead:
    neither a deadline nor a barge-in can wait for that.
    """
    steps = step.__await__()
    try:
        waiting = next(steps)
        while True:
            try:
                sent = yield waiting
            except asyncio.CancelledError as cancelled:
                try:
                    yield from hang_up().__await__()
                finally:
                    waiting = steps.throw(cancelled)
            except Exception as error:  # noqa: BLE001 - what the library waited for has failed: that is for it to see
                waiting = steps.throw(error)
            else:
                waiting = steps.send(sent)
    except StopIteration as done:
        return done.value


def _load() -> None:
    """Imports what an utterance needs: 0.3 s, so on a thread."""
    try:
        import av  # noqa: PLC0415
        import edge_tts  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(f"edge-tts cannot be loaded ({error}): pip install edge-tts av") from error
    del av, edge_tts
