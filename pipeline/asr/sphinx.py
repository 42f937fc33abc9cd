"""PocketSphinx: English only, nothing to download, a quarter of the words wrong. The recogniser of last resort."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from pipeline.asr.kept import Kept
from pipeline.asr.sphinx_decoder import SphinxDecoder
from pipeline.asr.sphinx_hearing import SphinxHearing
from pipeline.asr.workers import Urgency, Workers, outcome
from pipeline.audio import HEARING_RATE, Pcm
from pipeline.engines import Listening, Transcript
from pipeline.errors import EngineError, RefusedError

PARTIAL_EVERY = HEARING_RATE // 10
"""Samples decoded between two partials, at least."""


@dataclass(eq=False)
class PocketSphinx:
    """Follows up to `decoders` speakers as they speak; whoever comes after them is decoded when settled."""

    decoders: int = 4
    """About 95 MB each, made when first needed."""
    threads: int = 2
    """One keeps up with about ten speakers."""
    _pool: "_Pool | None" = field(default=None, init=False)
    _workers: Workers | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """The library; it has one model."""
        return "pocketsphinx"

    async def start(self) -> None:
        """Loads the first decoder and tries it. Raises `EngineError`."""
        if self._workers:
            return
        pool, workers = _Pool(self.decoders), Workers(self.threads, self.name)
        try:
            await outcome(workers.submit(Urgency.FINAL, pool.warm_up))
        except BaseException:
            workers.close(wait=False)
            raise
        self._pool, self._workers = pool, workers

    async def aclose(self) -> None:
        """Ends what is being decoded, and frees the decoders."""
        workers, pool = self._workers, self._pool
        self._workers = self._pool = None
        if workers and pool:
            await asyncio.to_thread(workers.close)
            pool.free()

    def listen(self, language: str, on_partial: Callable[[str], None], likely: str = "") -> Listening:
        """Begins an utterance, which fails when settled if it is to be in another language than English."""
        if not self._pool or not self._workers:
            raise EngineError("pocketsphinx was not started")
        return _Utterance(language, on_partial, self._pool, self._workers)


class _Pool:
    """Decoders for those who speak now, and one more to decode in one go what none of them could follow."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._made: list[SphinxDecoder] = []
        self._free: list[SphinxDecoder] = []
        self._lock = threading.Lock()
        self._reserve: SphinxDecoder | None = None
        self._reserved = threading.Lock()

    def warm_up(self) -> None:
        """Makes the first decoder and decodes a little with it."""
        if hearing := self.take():
            hearing.hear(np.zeros(HEARING_RATE // 10, np.int16))
            self.give_back(hearing)

    def take(self) -> SphinxHearing | None:
        """A decoder about to hear an utterance; None while all are in use."""
        with self._lock:
            if self._free:
                return SphinxHearing(self._free.pop())
            if len(self._made) == self._size:
                return None
            self._made.append(SphinxDecoder())
            return SphinxHearing(self._made[-1])

    def give_back(self, hearing: SphinxHearing) -> None:
        """The utterance is over. A decoder that broke is not used again."""
        try:
            hearing.end()
        except EngineError:
            with self._lock:
                self._made.remove(hearing.decoder)
            hearing.decoder.free()
        else:
            with self._lock:
                self._free.append(hearing.decoder)

    def hear_at_once(self, pcm: Pcm) -> str:
        """The text of a whole utterance, on the decoder kept for that; waits for it. One that broke is replaced."""
        with self._reserved:
            self._reserve = self._reserve or SphinxDecoder()
            try:
                hearing = SphinxHearing(self._reserve)
                hearing.hear(pcm)
                text = hearing.text()
                hearing.end()
            except EngineError:
                self._reserve.free()
                self._reserve = None
                raise
            return text

    def free(self) -> None:
        """Gives all memory back, once no thread decodes any more."""
        for decoder in [*self._made, *([self._reserve] if self._reserve else [])]:
            decoder.free()


class _Utterance:
    """A `Listening`. Audio waits in `_unheard` until a thread comes to decode it; the lock lets in one at a time."""

    def __init__(self, language: str, on_partial: Callable[[str], None], pool: _Pool, workers: Workers) -> None:
        self._refused = "" if language in {"", "en"} else f"pocketsphinx knows only English, not {language!r}"
        self._on_partial = on_partial
        self._pool, self._workers = pool, workers
        self._loop = asyncio.get_running_loop()
        self._unheard = Kept()
        """Grows while no decoder is free."""
        self._catching_up: Future[None] | None = None
        self._decoding = threading.Lock()
        self._hearing: SphinxHearing | None = None
        self._shown = ""
        self._since_shown = 0
        self._failure: EngineError | None = None
        self._closed = False

    def feed(self, pcm: Pcm) -> None:
        if self._closed or self._refused:
            return
        for start in range(0, len(pcm), HEARING_RATE):  # a second at a time, so that closing is not waited for
            self._unheard.add(pcm[start : start + HEARING_RATE])
        if not self._catching_up or self._catching_up.done():
            self._catching_up = self._workers.submit(Urgency.PARTIAL, self._catch_up)

    def prepare(self) -> None:
        """Nothing to do: what was fed is being decoded already."""

    async def settle(self) -> Transcript:
        if self._refused:
            raise RefusedError(self._refused)
        if self._closed:
            raise EngineError("pocketsphinx was asked for the text of an utterance that is closed")
        text = await outcome(self._workers.submit(Urgency.FINAL, self._text))
        return Transcript(text, "en")

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._workers.submit(Urgency.PARTIAL, self._let_go)

    def _catch_up(self) -> None:
        """Decodes what waits, and shows it. On a worker thread, as all that follows."""
        with self._decoding:
            if self._closed or not self._hear():
                return
            text = self._hearing.text() if self._hearing else ""
            if text == self._shown or self._since_shown < PARTIAL_EVERY:
                return
            self._shown, self._since_shown = text, 0
        self._loop.call_soon_threadsafe(self._show, text)

    def _text(self) -> str:
        with self._decoding:
            if self._closed:
                raise EngineError("pocketsphinx was asked for a text, and the utterance closed meanwhile")
            if self._hear() and self._hearing:
                return self._hearing.text()
            return self._pool.hear_at_once(self._unheard.pcm())

    def _hear(self) -> bool:
        """Decodes what waits; says no when there is no decoder for it yet."""
        if self._failure:
            raise self._failure
        try:
            self._hearing = self._hearing or self._pool.take()
            while self._hearing and self._unheard.samples and not self._closed:
                piece = self._unheard.pop()
                self._since_shown += len(piece)
                self._hearing.hear(piece)
        except EngineError as failure:
            self._failure = failure
            raise
        return self._hearing is not None

    def _let_go(self) -> None:
        with self._decoding:
            self._unheard.clear()
            if self._hearing:
                self._pool.give_back(self._hearing)
                self._hearing = None

    def _show(self, text: str) -> None:
        if not self._closed:
            self._on_partial(text)
