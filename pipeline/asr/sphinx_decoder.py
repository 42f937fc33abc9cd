"""The C decoder inside the pocketsphinx wheel, called so that other threads run meanwhile.

The wheel's own Python class keeps the interpreter's lock while it decodes: a second of speech would stop the event loop
for a tenth of one. The same library, called through ctypes, lets the lock go.
"""

import ctypes
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.audio import Pcm
from pipeline.errors import EngineError

_SETTINGS = {
    "loglevel": "FATAL",
    # The second and third pass over an utterance run when it has ended and take 100-500 ms: too late for a reply.
    "fwdflat": False,
    "bestpath": False,
    # Phone models per frame; with the library's 30000 it takes a fifth longer, and gets no more words.
    "maxhmmpf": 8000,
}


class SphinxDecoder:
    """One decoder: about 95 MB, and 0.2 s to make. For one thread at a time."""

    def __init__(self) -> None:
        self._library, model = _load()
        settings = _SETTINGS | {
            "hmm": f"{model}/en-us",
            "lm": f"{model}/en-us.lm.bin",
            "dict": f"{model}/cmudict-en-us.dict",
        }
        config = self._library.ps_config_parse_json(None, json.dumps(settings).encode())
        self._decoder = self._library.ps_init(config)
        self._library.ps_config_free(config)
        if not self._decoder:
            raise EngineError(f"pocketsphinx cannot load its English model from {model}; reinstall pocketsphinx")

    def start(self) -> None:
        """Begins an utterance."""
        self._check(self._library.ps_start_utt(self._decoder), "start an utterance")

    def hear(self, pcm: Pcm) -> None:
        """Decodes the next samples at 16 kHz, at some 10 % of their playing time."""
        samples = pcm.astype("<i2", copy=False).tobytes()
        self._check(self._library.ps_process_raw(self._decoder, samples, len(pcm), 0, 0), "decode")

    def text(self) -> str:
        """What it makes of all it has heard in this utterance, which goes on. Costs nothing."""
        said = self._library.ps_get_hyp(self._decoder, None)
        return said.decode() if said else ""

    def end(self) -> None:
        """Ends the utterance."""
        self._check(self._library.ps_end_utt(self._decoder), "end an utterance")

    def cepstral_mean(self) -> Sequence[float]:
        """What is taken off each of the 13 cepstra: the mean set last weighs as much as 500 frames heard since."""
        return [float(number) for number in self._library.ps_get_cmn(self._decoder, 1).split(b",")]

    def set_cepstral_mean(self, mean: Sequence[float]) -> None:
        """Replaces the mean, from the next sample on."""
        self._library.ps_set_cmn(self._decoder, ",".join(f"{number:.6g}" for number in mean).encode())

    def free(self) -> None:
        """Gives the memory back; the decoder is not used again."""
        self._library.ps_free(self._decoder)

    def _check(self, status: int, what: str) -> None:
        if status < 0:
            raise EngineError(f"pocketsphinx could not {what} (status {status})")


def _load() -> tuple[Any, Path]:  # Any: a ctypes library's functions have no types
    """The library and the folder of its English model."""
    try:
        from pocketsphinx import _pocketsphinx  # noqa: PLC0415  # pyright: ignore[reportPrivateUsage]
    except ImportError as error:
        raise EngineError(f"pocketsphinx is not installed ({error}); run: pip install pocketsphinx") from error
    library = ctypes.CDLL(str(_pocketsphinx.__file__))
    try:
        for name, result, arguments in _FUNCTIONS:
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except AttributeError as error:
        raise EngineError(f"this build of pocketsphinx hides its C functions on {sys.platform} ({error})") from error
    return library, Path(str(_pocketsphinx.__file__)).parent / "model" / "en-us"


_POINTER = ctypes.c_void_p
_FUNCTIONS = (
    ("ps_config_parse_json", _POINTER, [_POINTER, ctypes.c_char_p]),
    ("ps_config_free", ctypes.c_int, [_POINTER]),
    ("ps_init", _POINTER, [_POINTER]),
    ("ps_free", ctypes.c_int, [_POINTER]),
    ("ps_start_utt", ctypes.c_int, [_POINTER]),
    ("ps_process_raw", ctypes.c_int, [_POINTER, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int]),
    ("ps_get_hyp", ctypes.c_char_p, [_POINTER, _POINTER]),
    ("ps_end_utt", ctypes.c_int, [_POINTER]),
    ("ps_get_cmn", ctypes.c_char_p, [_POINTER, ctypes.c_int]),
    ("ps_set_cmn", ctypes.c_int, [_POINTER, ctypes.c_char_p]),
)
"""Name, result, arguments; see pocketsphinx.h."""
