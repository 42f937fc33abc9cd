"""How a patience fares with a recording: where it cuts in, and how long it keeps the speaker waiting at the end.

The sound goes through the server's own detector once; its judgements are then put before the server's own endpointer
with each patience, which takes no time. What the recogniser knows at a pause is what the label says.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.hearing.ear import CHUNK_SECONDS
from pipeline.hearing.endpoint import UNKNOWN, Ended, Endpointer, Endpointing, Patience, Paused
from pipeline.hearing.finished import RuleJudge
from pipeline.hearing.vad import CHUNK, best_vad
from server.recordings import Recording

NEAR = 0.3
"""Seconds by which the detector may see a pause earlier than its label begins, or speech end before it does."""

Z95 = 1.96


@dataclass(frozen=True, slots=True)
class Track:
    """A recording as the server hears it."""

    recording: Recording
    chances: Sequence[float]
    """Of speech, chunk by chunk."""


@dataclass(frozen=True, slots=True)
class Fared:
    """What came of one recording with one patience."""

    name: str
    cut: Sequence[bool]
    """Of each labelled pause: whether it was taken for the end."""
    astray: int
    """How often the turn was ended where there is no pause: the detector has lost the voice."""
    delay: float | None
    """Seconds from the end of speech to the end of the turn; None when it did not end."""


def track(recording: Recording) -> Track:
    """Listen to it."""
    vad, pcm = best_vad(), recording.pcm
    return Track(recording, [vad.hear(pcm[at : at + CHUNK]) for at in range(0, len(pcm) - CHUNK + 1, CHUNK)])


def fare(heard: Track, patience: Patience, asr_delay: float) -> Fared:
    """Live through it. The words are known `asr_delay` seconds after the first quiet."""
    how = Endpointing(patience=patience)
    endpointer, recording = Endpointer(how), heard.recording
    judged: tuple[float, float] | None = None
    ends: list[float] = []
    for chance in heard.chances:
        if judged and endpointer.state == "paused" and endpointer.now >= judged[0]:
            endpointer.finished = judged[1]
        for sign in endpointer.hear(chance, CHUNK_SECONDS):
            match sign:
                case Paused(at):
                    judged = (at + how.hush + asr_delay, _finished(recording, at))
                case Ended():
                    ends.append(endpointer.now)
                case _:
                    pass
        if ends and ends[-1] >= recording.speech_end:
            break
    early = [at for at in ends if at < recording.speech_end]
    cut = [any(pause.start <= at <= pause.end + NEAR for at in early) for pause in recording.pauses]
    late = next((at for at in ends if at >= recording.speech_end), None)
    return Fared(
        recording.name,
        cut,
        max(0, len(early) - sum(cut)),
        None if late is None else late - recording.speech_end,
    )


def _finished(recording: Recording, at: float) -> float:
    """How finished the words sound that have been said by then."""
    said = next((one.said for one in recording.pauses if one.start - NEAR <= at <= one.end), None)
    if at >= recording.speech_end - NEAR:
        said = recording.said
    return UNKNOWN if said is None else RuleJudge().finished(said, "en")


def scaled(factor: float) -> Patience:
    """The usual patience, so much longer or shorter: what `eagerness` means."""
    usual = Patience()
    return Patience(usual.finished * factor, usual.unknown * factor, usual.unfinished * factor)


def fixed(seconds: float) -> Patience:
    """The same silence after any words, as in most other servers."""
    return Patience(seconds, seconds, seconds)


def share(hits: int, of: int) -> Mapping[str, float]:
    """With its 95 % interval (Wilson, 1927), which is sound for few and for none."""
    if not of:
        return {"value": 0.0, "low": 0.0, "high": 1.0}
    mean, room = hits / of, Z95**2 / of
    middle = (mean + room / 2) / (1 + room)
    half = Z95 / (1 + room) * math.sqrt(mean * (1 - mean) / of + room / (4 * of))
    return {
        "value": round(mean, 4),
        "low": round(max(0.0, middle - half), 4),
        "high": round(min(1.0, middle + half), 4),
    }
