"""One utterance on one pocketsphinx decoder, which learns the speaker's voice as it goes."""

import operator
from collections.abc import Sequence

from pipeline.asr.sphinx_decoder import SphinxDecoder
from pipeline.audio import HEARING_RATE, Pcm

FRAME = HEARING_RATE // 100
"""Samples that one frame of cepstra advances by."""

PIECE = 25 * FRAME
"""Samples between two looks at the mean: a quarter of a second."""

RELISTEN_AT = 100 * FRAME
"""Samples after which the utterance is decoded once more from its start, with what was learned in them."""

TYPICAL_MEAN = (52.4, 9.2, -8.7, 12.4, -14.3, -0.8, -12.3, -2.3, 1.0, -2.3, 2.4, -0.5, 3.5)
"""Cepstral mean of speech recorded by four people with four microphones."""

TYPICAL_FRAMES = 30
"""How many frames of the speaker's own voice weigh as much as that mean."""

LIBRARY_FRAMES = 500
"""How many frames the library takes a mean that it is given to stand for; CMN_WIN in its cmn.h."""

Mean = Sequence[float]


class SphinxHearing:
    """Decodes an utterance as it comes in. Blocking; for one thread at a time.

    Recognition hangs on the cepstral mean, which is the mark of a voice, a microphone and a room. The library keeps the
    mean it began with for the first eight seconds, and hands the last speaker's on to the next one: 27-40 % of words
    wrong. Starting each utterance from a typical mean, moving to the speaker's own every quarter of a second, and
    decoding the first second twice brings that to 25 %, next to 22 % for a decoder that knows the whole recording.
    """

    def __init__(self, decoder: SphinxDecoder) -> None:
        self.decoder = decoder
        self._beginning: list[Pcm] = []
        """What was heard until the first second was over; empty from then on."""
        self._heard = 0
        self._sum = [TYPICAL_FRAMES * number for number in TYPICAL_MEAN]
        self._frames = TYPICAL_FRAMES
        self._mean: Mean = TYPICAL_MEAN
        decoder.set_cepstral_mean(TYPICAL_MEAN)
        decoder.start()

    def hear(self, pcm: Pcm) -> None:
        """The next samples at 16 kHz, any number of them."""
        while len(pcm):
            piece = pcm[: PIECE - self._heard % PIECE]
            pcm = pcm[len(piece) :]
            self.decoder.hear(piece)
            self._heard += len(piece)
            if self._heard <= RELISTEN_AT:
                self._beginning.append(piece)
            if self._heard % PIECE == 0:
                self._learn()
            if self._heard == RELISTEN_AT:
                self._listen_again()

    def text(self) -> str:
        """What was said so far, in lower case and without punctuation; "" where there was no word."""
        return self.decoder.text()

    def end(self) -> None:
        """The decoder is free for another utterance."""
        self.decoder.end()

    def _learn(self) -> None:
        """Moves the mean from the typical to the speaker's own."""
        frames = PIECE // FRAME
        blended = self.decoder.cepstral_mean()
        # The library blends a piece's frames into the mean it was given; taking that mean off again leaves their sum.
        both = LIBRARY_FRAMES + frames
        piece = [both * new - LIBRARY_FRAMES * old for new, old in zip(blended, self._mean, strict=True)]
        self._sum = list(map(operator.add, self._sum, piece))
        self._frames += frames
        self._mean = [number / self._frames for number in self._sum]
        self.decoder.set_cepstral_mean(self._mean)

    def _listen_again(self) -> None:
        self.decoder.end()
        self.decoder.set_cepstral_mean(self._mean)
        self.decoder.start()
        for piece in self._beginning:
            self.decoder.hear(piece)
        self._beginning.clear()
        self.decoder.set_cepstral_mean(self._mean)
