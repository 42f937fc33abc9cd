"""Counting tokens: estimates put right, and real tokenizers where they are here."""

import base64
import hashlib
import importlib.util
from pathlib import Path

import pytest

from pipeline.context.counting import MOST, RANKS, Tally, tokenizer
from pipeline.context.tokens import of_prompt
from pipeline.engines import Calls, Message, PromptLine, Result, ToolCall
from pipeline.errors import EngineError

LINES: list[PromptLine] = [Message("user", "How far away is the moon?"), Message("assistant", "Far.")]
COUNTED = of_prompt(LINES)


def after(*reported: float) -> float:
    tally = Tally()
    for share in reported:
        tally.learn(LINES, (), round(share * COUNTED))
    return round(tally.ratio, 2)


@pytest.mark.parametrize(
    ("reported", "least", "most"),
    [
        ([], 1.0, 1.0),
        ([1.0] * 20, 0.95, 1.05),
        ([1.5], 1.2, 1.3),
        ([1.5] * 20, 1.4, 1.55),
        ([0.8] * 5, 0.9, 1.0),
        ([0.8] * 200, 0.75, 0.85),
        ([50.0] * 20, MOST - 0.05, MOST),
        ([0.1] * 100, 1.0, 1.0),
    ],
    ids=["nothing", "right", "too few", "too few again", "too many", "far too many", "nonsense", "the cached left out"],
)
def test_estimates_go_up_at_once_and_down_slowly_with_what_servers_report(
    reported: list[float], least: float, most: float
) -> None:
    assert least <= after(*reported) <= most


def test_a_tally_counts_with_the_tokenizer_it_is_given() -> None:
    lines = [*LINES, Calls([ToolCall("a", "look", "{}")], "Let me see."), Result("a", "seen")]
    assert Tally()(lines) == of_prompt(lines)
    assert Tally(len)(lines) - Tally(lambda _: 0)(lines) == len("How far away is the moon?Far.Let me see.look{}seen")


def test_an_unknown_tokenizer_is_refused() -> None:
    with pytest.raises(EngineError, match="no tokenizer 'p50k'; choose one of"):
        tokenizer("p50k", Path())


def test_without_its_file_or_its_library_tokens_are_estimated(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="tokens are estimated: "):
        tokenizer("cl100k_base", tmp_path)


def test_the_files_are_called_as_tiktoken_calls_them() -> None:
    for name, file in RANKS.items():
        url = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
        assert file == hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.skipif(not importlib.util.find_spec("tiktoken"), reason="tiktoken is optional; pip install tiktoken")
def test_ranks_from_a_folder_are_used(tmp_path: Path) -> None:
    ranks = [bytes([at]) for at in range(256)] + [b"he", b"llo", b"hello", b"ll"]
    rows = [base64.b64encode(token) + b" %d" % rank for rank, token in enumerate(ranks)]
    (tmp_path / RANKS["cl100k_base"]).write_bytes(b"\n".join(rows))
    count = tokenizer("cl100k_base", tmp_path)
    assert (count(""), count("he"), count("hell"), count("好")) == (0, 1, 2, 3)
