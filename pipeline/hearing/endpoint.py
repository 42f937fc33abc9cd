"""When has the speaker begun, paused, gone on, finished? A pure state machine over speech probabilities.

It knows neither clock nor sound: time is counted in the audio it was told of. How long a pause may last before the
turn ends is graded by how finished the words sound, so that a finished sentence is answered at once and "I would like
to ..." is waited for.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

UNKNOWN = 0.5
"""How finished words sound that nobody has judged yet."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of quiet that end a turn, from surely finished to surely not."""

    finished: float = 0.25
    unknown: float = 0.55
    unfinished: float = 1.3

    def wait(self, finished: float) -> float:
        """The patience for words that sound `finished`, 0..1: straight lines between the three points."""
        if finished >= UNKNOWN:
            return self.unknown + (self.finished - self.unknown) * (finished - UNKNOWN) / (1 - UNKNOWN)
        return self.unfinished + (self.unknown - self.unfinished) * finished / UNKNOWN


@dataclass(frozen=True, slots=True)
class Endpointing:
    """How the ear decides. Seconds, but for the threshold."""

    threshold: float = 0.5
    """Speech probability from which a chunk counts as voiced; one already speaking needs 30 % less."""
    min_speech: float = 0.09
    """Voiced time before it counts as a beginning; shorter sounds are clicks."""
    hush: float = 0.03
    """Quiet after which the words so far may as well be decoded."""
    pause: float = 0.06
    """Quiet after which an answer is begun that may not be heard yet."""
    patience: Patience = Patience()
    longest: float = 300.0
    """Seconds of one utterance after which it ends, finished or not."""
    prefix: float = 0.3
    """Seconds of sound before the beginning that belong to it: soft onsets."""


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody speaks."""

    at: float
    """Where in the audio, seconds; the first voiced chunk's start."""


@dataclass(frozen=True, slots=True)
class Hushed:
    """A first moment of quiet: perhaps a pause, perhaps only a consonant."""


@dataclass(frozen=True, slots=True)
class Paused:
    """Quiet for long enough to begin an answer."""

    at: float
    """The end of the last voiced chunk, seconds."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The pause was within the sentence."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn is over: the speaker has given up the floor."""

    at: float
    """The end of the last voiced chunk, seconds."""


Sign: TypeAlias = Began | Hushed | Paused | Resumed | Ended
State: TypeAlias = Literal["quiet", "beginning", "speaking", "paused"]

GRACE = 2
"""Unvoiced chunks that a beginning may hold and still be one."""

RELEASE = 0.7
"""The share of the threshold below which one who is speaking falls silent; a share, so that no threshold is too low."""


@dataclass(slots=True)
class Endpointer:
    """Feed it every chunk's probability, in order; it answers with what has just happened."""

    how: Endpointing = field(default_factory=Endpointing)
    finished: float = UNKNOWN
    """How finished the words sound; set it whenever that is known better."""
    state: State = "quiet"
    now: float = 0.0
    """How much audio it was told of, seconds."""
    _began: float = 0.0
    _voiced: float = 0.0
    _last_voiced: float = float("-inf")

    def hear(self, probability: float, seconds: float) -> list[Sign]:
        """The next chunk: its speech probability and its length. A beginning comes alone, an end comes last."""
        self.now += seconds
        hold = RELEASE if self.state in ("speaking", "paused") else 1.0
        voiced = probability >= self.how.threshold * hold
        if voiced:
            self._last_voiced = self.now
        quiet = self.now - self._last_voiced
        match self.state:
            case "quiet" | "beginning":
                return self._begin(voiced, quiet, seconds)
            case "speaking" if self.now - self._began >= self.how.longest:
                return [Paused(self._last_voiced), *self._end()]
            case "speaking":
                return self._speak(quiet, seconds)
            case "paused":
                return self._pause(voiced, quiet)

    def _begin(self, voiced: bool, quiet: float, seconds: float) -> list[Sign]:
        if not voiced:
            if self.state == "beginning" and quiet > (GRACE + 0.5) * seconds:
                self.state = "quiet"
            return []
        if self.state == "quiet":
            self.state, self._began, self._voiced = "beginning", self.now - seconds, 0.0
        self._voiced += seconds
        if self._voiced < self.how.min_speech:
            return []
        self.state, self.finished = "speaking", UNKNOWN
        return [Began(self._began)]

    def _speak(self, quiet: float, seconds: float) -> list[Sign]:
        signs: list[Sign] = []
        if quiet - seconds < self.how.hush <= quiet:
            signs.append(Hushed())
        if quiet >= self.how.pause:
            self.state = "paused"
            signs.append(Paused(self._last_voiced))
        return signs

    def _pause(self, voiced: bool, quiet: float) -> list[Sign]:
        if voiced:
            self.state, self.finished = "speaking", UNKNOWN
            return [Resumed()]
        return self._end() if quiet >= self.how.patience.wait(self.finished) else []

    def _end(self) -> list[Sign]:
        self.state = "quiet"
        return [Ended(self._last_voiced)]
