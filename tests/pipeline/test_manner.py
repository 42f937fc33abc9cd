"""Which voice says what."""

import pytest

from pipeline.engines import Voice
from pipeline.hearing.endpoint import Endpointing
from pipeline.manner import Manner, language_of


@pytest.mark.parametrize(
    ("text", "otherwise", "language"),
    [
        ("Hello.", "", "en"),
        ("Hello.", "de", "de"),
        ("现在几点？", "", "zh"),
        ("现在几点？", "en", "zh"),
        ("今日は。", "ja", "ja"),
        ("Hello.", "zh", "en"),
        ("今日は。", "zh", "zh"),
        ("42", "fr", "fr"),
        ("13812345678。", "zh", "zh"),
        ("3+5=8，25%。", "zh", "zh"),
        ("42 km", "zh", "en"),
        ("", "", "en"),
    ],
)
def test_the_script_tells_the_language_else_the_session_does(text: str, otherwise: str, language: str) -> None:
    assert language_of(text, otherwise) == language


def test_a_voice_speaks_the_language_of_its_text_in_the_manner_of_the_session() -> None:
    manner = Manner(language="de", voice="anna", speed=1.2)
    assert manner.voice_for("Hallo.") == Voice("anna", "de", 1.2)
    assert manner.voice_for("你好。") == Voice("anna", "zh", 1.2)


def test_push_to_talk_has_no_prefix() -> None:
    assert Manner(endpointing=Endpointing(prefix=0.5)).prefix == 0.5
    assert Manner(endpointing=None).prefix == 0.0
