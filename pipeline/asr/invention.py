"""Tells what Whisper heard from what it made up: trained on subtitles, it thanks silence for watching."""

import zlib

NO_SPEECH = 0.6
"""Probability that there was no speech, above which an unlikely text is not believed."""

UNLIKELY = -1.0
"""Mean log-probability of a token, below which a text from doubtful audio is not believed."""

REPETITIVE = 2.4
"""How many times smaller than itself a text may be made by zlib before it counts as a loop."""

SHORTEST_LOOP = 90
"""Bytes. A loop does not end by itself, but at the limit of tokens: thirty or more, of three bytes each. What is
shorter may have been said: people count "one one one" to a microphone, and say no a dozen times."""


def invented(text: str, no_speech: float, mean_logprob: float) -> bool:
    """Whether this text should be taken for silence. All but the last limit are Whisper's own, for long recordings.

    One sign of silence is not enough: a whisper has a high `no_speech`, and a rare name a low probability.
    """
    if no_speech > NO_SPEECH and mean_logprob < UNLIKELY:
        return True
    raw = text.encode()
    return len(raw) >= SHORTEST_LOOP and len(raw) > REPETITIVE * len(zlib.compress(raw))
