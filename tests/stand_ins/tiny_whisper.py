"""A Whisper with random weights: it loads and decodes as the real ones do, in milliseconds; what it says is noise."""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np

WIDTH = 16
LAYERS = 2
HEADS = 2
MELS = 80
WORDS = 1000
LANGUAGES = ["en", "zh", "de", "es", "fr"]

SPECIALS = [
    f"<|{name}|>"
    for name in (
        *("endoftext", "startoftranscript", *LANGUAGES),
        *("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"),
    )
]


def make_tiny_whisper(folder: Path, *, multilingual: bool = True, seed: int = 0) -> Path:
    """Writes weights in CTranslate2's format and the tokenizer, 0.4 MB in all, into a new folder."""
    # CTranslate2 takes a model for a multilingual one if there is an empty word.
    words = [*_words(), "" if multilingual else "\u0120"]
    vocabulary = [*words, *SPECIALS, *(f"<|{step * 0.02:.2f}|>" for step in range(1501))]
    folder.mkdir(parents=True)
    _save_tokenizer(folder / "tokenizer.json", vocabulary, len(words))
    _save_model(folder, vocabulary, np.random.default_rng(seed))
    return folder


def _words() -> list[str]:
    """All bytes as byte-level BPE spells them, then made-up words, each after a space ("\u0120")."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [256 + number for number in range(256 - len(printable)) if number != 32]
    return [*map(chr, printable + others), *(f"\u0120word{number}" for number in range(WORDS))]


def _save_tokenizer(path: Path, vocabulary: list[str], first_special: int) -> None:
    added = [
        {"id": number, "content": token, "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for number, token in enumerate(vocabulary)
        if number >= first_special
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    words = {token: number for number, token in enumerate(vocabulary[:first_special])}
    tokenizer: dict[str, object] = {
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": byte_level,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": words, "merges": []},
    }
    path.write_text(json.dumps(tokenizer))


def _save_model(folder: Path, vocabulary: list[str], chance: np.random.Generator) -> None:
    spec: Any = importlib.import_module("ctranslate2.specs").WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)

    def weights(*shape: int) -> Any:
        return chance.normal(0, 0.3, shape).astype(np.float32)

    def fill(part: Any, rows: int, columns: int, *more: int) -> None:
        part.weight, part.bias = weights(rows, columns, *more), weights(rows)

    def fill_norm(part: Any) -> None:
        part.gamma, part.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def fill_attention(part: Any, rows: list[int]) -> None:
        fill_norm(part.layer_norm)
        for linear, count in zip(part.linear, rows, strict=True):
            fill(linear, count * WIDTH, WIDTH)

    fill(spec.encoder.conv1, WIDTH, MELS, 3)
    fill(spec.encoder.conv2, WIDTH, WIDTH, 3)
    spec.encoder.position_encodings.encodings = weights(1500, WIDTH)
    spec.decoder.position_encodings.encodings = 4 * weights(448, WIDTH)  # so that no two steps say the same
    spec.decoder.embeddings.weight = spec.decoder.projection.weight = weights(len(vocabulary), WIDTH)
    for half in (spec.encoder, spec.decoder):
        fill_norm(half.layer_norm)
        for layer in half.layer:
            fill_attention(layer.self_attention, [3, 1])
            fill_norm(layer.ffn.layer_norm)
            fill(layer.ffn.linear_0, 4 * WIDTH, WIDTH)
            fill(layer.ffn.linear_1, WIDTH, 4 * WIDTH)
    for layer in spec.decoder.layer:
        fill_attention(layer.attention, [1, 2, 1])
    spec.register_vocabulary(vocabulary)
    languages = [vocabulary.index(token) for token in SPECIALS[2 : 2 + len(LANGUAGES)]]
    spec.config.lang_ids, spec.config.suppress_ids, spec.config.suppress_ids_begin = languages, [], []
    spec.config.alignment_heads = [(1, 0)]
    spec.validate()
    spec.save(str(folder))
