"""How many tokens a prompt is for a model: by its own tokenizer where that is here, else estimated and corrected."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pipeline.context.tokens import estimate, of_prompt
from pipeline.engines import Calls, Message, PromptLine, Result
from pipeline.errors import EngineError

UP, DOWN = 0.5, 0.05
"""How far one report moves the ratio. Down slowly: some servers (Ollama) report only what was not in their cache."""

LEAST, MOST = 0.6, 2.0
"""Bounds of the ratio; a report below the first is of something else than this prompt."""

RANKS = {
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
}
"""What tiktoken calls these files in its cache; other packages ship them under the same names."""

_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_PATTERNS = {
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
        r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
    ),
    "o200k_base": (
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_CONTRACTION}?|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_CONTRACTION}?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
}
"""Where these encodings cut a text before they merge bytes; from tiktoken 0.12, MIT."""


@dataclass(slots=True)
class Tally:
    """Counts prompts for one model, and learns from what its server reports."""

    measure: Callable[[str], int] = estimate
    """Tokens of a text."""
    ratio: float = 1.0
    """What servers have counted, to what we had counted."""

    def __call__(self, lines: Sequence[PromptLine], tools: Sequence[Mapping[str, Any]] = ()) -> int:
        """Tokens of a prompt, or of a part of one."""
        return round(self._raw(lines, tools) * self.ratio)

    def learn(self, lines: Sequence[PromptLine], tools: Sequence[Mapping[str, Any]], reported: int) -> None:
        """The model's server has counted this prompt."""
        seen = reported / max(1, self._raw(lines, tools))
        if seen >= LEAST:
            step = UP if seen > self.ratio else DOWN
            self.ratio += step * (min(seen, MOST) - self.ratio)

    def _raw(self, lines: Sequence[PromptLine], tools: Sequence[Mapping[str, Any]]) -> int:
        counted = of_prompt(lines, tools)
        if self.measure is estimate:
            return counted
        return counted + sum(self.measure(text) - estimate(text) for line in lines for text in _texts(line))


def tokenizer(encoding: str, folder: Path) -> Callable[[str], int]:
    """Counts by tiktoken with the ranks in `folder`, never from the network. Blocks for half a second.

    Raises `EngineError` when tiktoken, the encoding or its file is not there.
    """
    if encoding not in RANKS:
        raise EngineError(f"no tokenizer {encoding!r}; choose one of {sorted(RANKS)}")
    path = folder / RANKS[encoding]
    try:
        tiktoken: Any = import_module("tiktoken")  # an optional package, without which the types are unknown
    except ImportError as error:
        raise EngineError("tokens are estimated: tiktoken is not installed; run: pip install tiktoken") from error
    try:
        ranks = _ranks(path.read_bytes())
    except (OSError, ValueError) as error:
        raise EngineError(f"tokens are estimated: no ranks for {encoding} at {path}: {error}") from error
    encoder = tiktoken.Encoding(encoding, pat_str=_PATTERNS[encoding], mergeable_ranks=ranks, special_tokens={})
    return lambda text: len(encoder.encode_ordinary(text))


def _ranks(content: bytes) -> dict[bytes, int]:
    rows = (line.split() for line in content.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in rows}


def _texts(line: PromptLine) -> list[str]:
    match line:
        case Message(text=text) | Result(output=text):
            return [text]
        case Calls(calls=calls, text=text):
            return [text, *(part for call in calls for part in (call.name, call.arguments))]
