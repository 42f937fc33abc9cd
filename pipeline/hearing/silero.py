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

from pipeline.audio import Pcm, float_from_pcm
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
    """One stream's recurrent state over the shared model; 0.06 ms a chunk."""

    def __init__(self) -> None:
        self._model = load()
        self.forget()

    def hear(self, chunk: Pcm) -> float:
        """The probability of speech in these 512 samples."""
        self._input[0, :CONTEXT] = self._input[0, -CONTEXT:]
        self._input[0, CONTEXT:] = float_from_pcm(chunk)
        probability, self._h, self._c = self._model.run(None, {"input": self._input, "h": self._h, "c": self._c})
        return float(probability.item())

    def forget(self) -> None:
        """Start a new stream."""
        self._input = np.zeros((1, CONTEXT + 512), np.float32)
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
