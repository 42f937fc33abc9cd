"""One thing said by the user, on its way from sound to words. It outlives the turns that try to answer it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pipeline.audio import HEARING_RATE, SILENT, Pcm
from pipeline.engines import Asr, Listening, Transcript
from pipeline.hearing.endpoint import UNKNOWN
from pipeline.hearing.finished import Judge

KEPT = 14.0
"""Seconds of sound that can be asked for later: as 24 kHz base64, the most that fits in the frames all clients take."""


@dataclass(slots=True)
class Utterance:
    """Sound goes in, the best words so far come out."""

    id: str
    language: str
    judge: Judge
    on_words: Callable[["Utterance", str], None]
    """Told the words so far, whenever they change."""
    ended: float | None = None
    """Where in the session's audio the last voiced sample was, seconds; None while it goes on."""
    finished: float = UNKNOWN
    """How finished its words sound, 0..1, as settled: the words on the way lag behind the voice."""
    seconds: float = 0.0
    """How much sound it holds."""
    _listening: Listening = field(init=False)
    _pieces: list[Pcm] = field(default_factory=list[Pcm])
    """Its sound, while it is short enough to be kept."""

    def listen(self, asr: Asr, likely: str = "") -> "Utterance":
        """Begin; returns itself. `likely` is the language spoken before."""
        self._listening = asr.listen(self.language, self._understood, likely)
        return self

    def feed(self, pcm: Pcm) -> None:
        """The next sound of it, 16 kHz."""
        self.seconds += len(pcm) / HEARING_RATE
        if self.seconds <= KEPT:
            self._pieces.append(pcm)
        self._listening.feed(pcm)

    def prepare(self) -> None:
        """The speaker may have stopped."""
        self._listening.prepare()

    async def settle(self) -> Transcript:
        """The words of all that was fed. Raises `EngineError`."""
        transcript = await self._listening.settle()
        self.language = transcript.language or self.language
        self.finished = self.judge.finished(transcript.text, self.language)
        self._understood(transcript.text)
        return transcript

    def sound(self) -> Pcm | None:
        """All that was fed; None when it was too long to be kept."""
        return np.concatenate([SILENT, *self._pieces]) if self.seconds <= KEPT else None

    def resume(self, new_id: str) -> str:
        """The speaker goes on after all: the same sound under another id. Returns the id it had."""
        old, self.id, self.ended = self.id, new_id, None
        return old

    def close(self) -> None:
        """Nobody wants its words any more, nor its sound."""
        self._listening.close()
        self._pieces.clear()

    def _understood(self, text: str) -> None:
        self.on_words(self, text)
