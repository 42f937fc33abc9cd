"""Silero VAD v6: the ONNX model that faster-whisper carries, run frame by frame.

Source: https://github.com/snakers4/silero-vad (MIT).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import Pcm
from pipeline.errors import EngineError

CONTEXT = 64
"""Samples of the previous chunk that the model wants to see again."""


class _Model(Protocol):
    """The part of onnxruntime's InferenceSession that is used; the library's own types are incomplete."""

    def run(
        self, output_names: None, input_feed: Mapping[str, NDArray[np.float32]]
    ) -> Sequence[NDArray[np.float32]]: ...


@cache
def load() -> _Model:
    """The weights, loaded once a process: 0.2 s of blocking, best done on a thread before anybody speaks.

    Safe to use from many threads, since the recurrent state travels in the call. Raises `EngineError`.
    """
    onnxruntime: Any = import_module("onnxruntime")  # heavy: only who hears loads it; its types are incomplete
    package = find_spec("faster_whisper")  # located, not imported: importing it loads CTranslate2
    if package is None or package.origin is None:
        raise EngineError("Silero VAD needs the model that faster-whisper carries; pip install faster-whisper")
    path = Path(package.origin).parent / "assets" / "silero_vad_v6.onnx"
    if not path.is_file():
        raise EngineError(f"Silero VAD: no model at {path}; reinstall faster-whisper")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Silero:
    """One stream's recurrent state over the shared model.

    What takes its time is the way of the weights through the processor's caches: four chunks at once take only about
    twice as long as one.
    """

    def __init__(self) -> None:
        self._model = load()
        self.forget()

    def hear(self, sound: Pcm) -> float:
        """The probability of speech in the last 512 of these samples; before them come others that are a multiple of
        512, possibly none.
        """
        heard = np.concatenate((self._context, sound), dtype=np.float32)
        self._context = heard[-CONTEXT:].copy()  # a view would keep all of it
        heard *= 1 / 32768
        step = heard.itemsize
        spans = np.ndarray((len(sound) // 512, CONTEXT + 512), np.float32, heard, 0, (512 * step, step))
        fed = {"input": np.ascontiguousarray(spans), "h": self._h, "c": self._c}
        probabilities, self._h, self._c = self._model.run(None, fed)
        return float(probabilities[-1])

    def forget(self) -> None:
        """Start a new stream."""
        self._context = np.zeros(CONTEXT, np.float32)
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
