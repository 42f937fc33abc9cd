"""Whisper's inventions are told from speech by two signs together, and loops by their repetition."""

import pytest

from pipeline.asr.invention import invented


@pytest.mark.parametrize(
    ("text", "no_speech", "mean_logprob", "verdict"),
    [
        ("Thank you.", 0.9, -1.4, True),
        ("Thank you.", 0.1, -0.2, False),
        ("whispered", 0.9, -0.3, False),
        ("Llanfairpwllgwyngyll", 0.1, -1.6, False),
        ("no no no", 0.0, -0.2, False),
        (" ".join(["one"] * 11), 0.0, -0.1, False),
        ("好的" * 8, 0.0, -0.1, False),
        ("so " * 30, 0.0, -0.1, True),
        ("so " * 40, 0.0, -0.1, True),
        ("谢谢" * 15, 0.0, -0.1, True),
        ("谢谢观看" * 20, 0.0, -0.1, True),
        ("", 0.0, 0.0, False),
    ],
)
def test_inventions_are_told_from_speech(text: str, no_speech: float, mean_logprob: float, verdict: bool) -> None:
    assert invented(text, no_speech, mean_logprob) is verdict
