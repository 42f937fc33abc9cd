"""Recordings made harder: pauses drawn out, noise and a loudspeaker's voice mixed in at given levels.

Levels are compared within 200..4000 Hz, where speech is: what rumbles below would make noise seem louder than it is.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import HEARING_RATE, Pcm
from server.recordings import Pause, Recording

LEAD, TAIL = 0.5, 4.0
"""Seconds before and after the recording, in which only the noise is heard; the tail outlasts any patience."""

HISS = 10.0
"""The least noise there is, 70 dB under full scale: no microphone is silent."""

BAND_HZ = (200, 4000)

LONGEST_PAUSE = 2.0
"""Seconds; a pause is not drawn out beyond that."""

EDGE = 0.03
"""Seconds at both ends of a pause that stay as they are: words fade in and out."""

REVERBERATION = 0.3
"""Seconds in which a living room's echo falls by 60 dB."""

Sound = NDArray[np.float64]


def drawn_out(recording: Recording, factor: float) -> Recording:
    """The same with every labelled pause `factor` times as long, filled with the quiet that is in it."""
    if factor == 1:
        return recording
    parts: list[Pcm] = []
    pauses: list[Pause] = []
    at, shift = 0, 0.0
    for pause in recording.pauses:
        middle = round((pause.start + pause.end) / 2 * HEARING_RATE)
        longer = max(0.0, min(LONGEST_PAUSE, (pause.end - pause.start) * factor) - (pause.end - pause.start))
        quiet = recording.pcm[round((pause.start + EDGE) * HEARING_RATE) : round((pause.end - EDGE) * HEARING_RATE)]
        parts += [recording.pcm[at:middle], looped(quiet, round(longer * HEARING_RATE))]
        pauses.append(Pause(pause.start + shift, pause.end + shift + longer, pause.said))
        at, shift = middle, shift + longer
    pcm = np.concatenate([*parts, recording.pcm[at:]])
    return replace(recording, pcm=pcm, speech_end=recording.speech_end + shift, pauses=pauses)


def heard(recording: Recording, noise: Pcm | None = None, below_db: float = 0.0) -> Recording:
    """What a microphone hears: quiet, the recording, quiet; and `noise` all the time, so much below the speech."""
    quiet = [np.zeros(round(seconds * HEARING_RATE)) for seconds in (LEAD, TAIL)]
    sound = np.concatenate([quiet[0], recording.pcm.astype(np.float64), quiet[1]])
    sound += np.random.default_rng(len(sound)).standard_normal(len(sound)) * HISS
    if noise is not None:
        speech = recording.pcm[
            round(recording.speech_start * HEARING_RATE) : round(recording.speech_end * HEARING_RATE)
        ]
        under = looped(noise, len(sound)).astype(np.float64)
        sound += under * (level(speech) / level(under) * 10 ** (-below_db / 20))
    return replace(
        recording,
        pcm=sound.clip(-32768, 32767).astype(np.int16),
        speech_start=recording.speech_start + LEAD,
        speech_end=recording.speech_end + LEAD,
        pauses=[Pause(one.start + LEAD, one.end + LEAD, one.said) for one in recording.pauses],
    )


def through_room(voice: Pcm) -> Pcm:
    """What a loudspeaker's voice sounds like from across a room: the wave itself, and many more that fade."""
    seconds = np.arange(round(REVERBERATION * HEARING_RATE)) / HEARING_RATE
    response = np.random.default_rng(4).standard_normal(len(seconds)) * 10 ** (-3 * seconds / REVERBERATION) * 0.1
    response[0] = 1.0
    size = len(voice) + len(response)
    sound = np.fft.irfft(np.fft.rfft(voice, size) * np.fft.rfft(response, size), size)[: len(voice)]
    return (sound * min(1.0, 32767 / max(1.0, float(np.abs(sound).max())))).astype(np.int16)


def level(pcm: NDArray[np.generic]) -> float:
    """The effective amplitude within the band of speech."""
    spectrum = np.fft.rfft(pcm.astype(np.float64))
    hz = np.fft.rfftfreq(len(pcm), 1 / HEARING_RATE)
    inside = (hz >= BAND_HZ[0]) & (hz <= BAND_HZ[1])
    return max(1e-9, float(np.sqrt(2 * np.square(np.abs(spectrum[inside])).sum()) / len(pcm)))


def looped(pcm: Pcm, samples: int) -> Pcm:
    """So many samples of it, forwards and backwards: no jump at the seams."""
    there_and_back = np.concatenate([pcm, pcm[::-1]])
    return np.tile(there_and_back, -(-samples // len(there_and_back)))[:samples]
