"""Live transcripts from an engine that only knows whole recordings: it decodes what there is, again, as it grows."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np

from pipeline.asr.agreement import Agreement, join
from pipeline.asr.loudness import Loudness
from pipeline.asr.workers import Urgency, Workers, outcome
from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Transcript
from pipeline.errors import EngineError

STEP = 4 * HEARING_RATE // 10
"""Samples fed between the ends of two partial decodes, at least."""

LONGEST = 25 * HEARING_RATE
"""Samples a passage may have: Whisper's window is 30 s. A longer utterance is cut in passages ..."""

EARLIEST_CUT = 15 * HEARING_RATE
"""... at the quietest moment after these."""

SHORTEST = HEARING_RATE // 10
"""Samples; in less there is no word."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a decode has made of a passage."""

    text: str
    language: str = ""
    """ISO 639-1 code, where it is certain enough to be kept for all that follows; else empty."""


Decode = Callable[[Pcm, str], Heard]
"""Blocking; of 16 kHz samples and a language, or "" to find out. Raises `EngineError`."""


class _Passage:
    """A stretch of the utterance that is decoded as a whole."""

    def __init__(self) -> None:
        self.pieces: list[Pcm] = []
        self.length = 0
        self.loudness = Loudness()
        self.agreement = Agreement()
        self.latest: _Pass | None = None

    def add(self, pcm: Pcm) -> None:
        self.pieces.append(pcm)
        self.length += len(pcm)
        self.loudness.hear(pcm)


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """One decode of a passage, running, waiting or done."""

    until: int
    """The samples of the passage that it hears."""
    urgency: Urgency
    answer: Future[Heard]

    def failed(self) -> bool:
        return self.answer.done() and (self.answer.cancelled() or self.answer.exception() is not None)


class Redecoding:
    """A `Listening` over a blocking `decode`, which is called on the workers' threads.

    All decodes are alike, so the last one, partial or not, is the final one if only quiet came after it.
    """

    def __init__(self, decode: Decode, workers: Workers, language: str, on_partial: Callable[[str], None]) -> None:
        self._decode, self._workers = decode, workers
        self._language = language
        self._on_partial = on_partial
        self._loop = asyncio.get_running_loop()
        self._past: list[Future[Heard]] = []
        """Of the passages before this one, whose sound is no longer kept."""
        self._passage = _Passage()
        self._shown = ""
        self._closed = False

    def feed(self, pcm: Pcm) -> None:
        if self._closed:
            return
        while len(pcm):
            room = LONGEST - self._passage.length
            self._passage.add(pcm[:room])
            pcm = pcm[room:]
            if self._passage.length == LONGEST:
                self._cut()
        self._keep_up()

    def prepare(self) -> None:
        if not self._closed:
            self._final()

    async def settle(self) -> Transcript:
        if self._closed:
            raise EngineError("asked for the text of an utterance that is closed")
        self._final()
        heard = [await outcome(answer) for answer in self._answers()]
        for one in heard:
            self._language = self._language or one.language
        return Transcript(join([one.text for one in heard]), self._language)

    def close(self) -> None:
        self._closed = True
        for answer in self._answers():
            answer.cancel()
        self._passage = _Passage()

    def _answers(self) -> list[Future[Heard]]:
        """All passages' in their order."""
        latest = self._passage.latest
        return [*self._past, latest.answer] if latest else self._past

    def _keep_up(self) -> None:
        """Decodes for a partial, if that is worth it: one at a time, and only when there is something new to hear."""
        passage, latest = self._passage, self._passage.latest
        if latest and not latest.answer.done():
            return
        until = latest.until if latest else 0
        if passage.length - until >= STEP and not passage.loudness.quiet_since(until):
            self._begin(Urgency.PARTIAL)

    def _final(self) -> None:
        """Sees to it that the latest pass is one with the whole text, and that it does not wait behind partials."""
        passage, latest = self._passage, self._passage.latest
        if passage.length < SHORTEST:
            return
        # A partial pass that still waits for a thread is taken back: it is replaced by one that goes first.
        waits = latest and latest.urgency is Urgency.PARTIAL and latest.answer.cancel()
        if waits or not latest or latest.failed() or not passage.loudness.quiet_since(latest.until):
            self._begin(Urgency.FINAL)

    def _begin(self, urgency: Urgency) -> None:
        passage = self._passage
        run = partial(self._run, tuple(passage.pieces), self._language)
        passage.latest = one = _Pass(passage.length, urgency, self._workers.submit(urgency, run))
        one.answer.add_done_callback(partial(self._tell, one))

    def _run(self, pieces: tuple[Pcm, ...], language: str) -> Heard:
        return self._decode(np.concatenate(pieces), language)

    def _tell(self, one: _Pass, _: Future[Heard]) -> None:
        """Takes the news from a worker's thread to the event loop."""
        with suppress(RuntimeError):  # the loop is closed, and nobody listens
            self._loop.call_soon_threadsafe(self._decoded, one)

    def _decoded(self, one: _Pass) -> None:
        if self._closed or one is not self._passage.latest:
            return
        if not one.failed():
            heard = one.answer.result()
            self._language = self._language or heard.language
            self._show(self._passage.agreement.hear(heard.text))
        self._keep_up()

    def _show(self, agreed: str) -> None:
        if any(not past.done() or past.cancelled() or past.exception() for past in self._past):
            return  # a text with a hole in it
        text = join([*(past.result().text for past in self._past), agreed])
        if text != self._shown:
            self._shown = text
            self._on_partial(text)

    def _cut(self) -> None:
        """Ends the passage at a quiet moment; what comes after that begins the next one."""
        whole = np.concatenate(self._passage.pieces)
        cut = self._passage.loudness.quietest(EARLIEST_CUT, LONGEST)
        if self._passage.latest and self._passage.latest.urgency is Urgency.PARTIAL:
            self._passage.latest.answer.cancel()
        self._passage = _Passage()
        self._passage.add(whole[:cut])
        self._begin(Urgency.FINAL)
        if self._passage.latest:
            self._past.append(self._passage.latest.answer)
        self._passage = _Passage()
        self._passage.add(whole[cut:].copy())  # a view would keep the whole passage
