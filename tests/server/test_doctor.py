"""What the doctor advises: what can be done about the engine that was chosen, not about another."""

from dataclasses import replace

import pytest

from server.doctor import advice
from server.settings import AsrSettings, LlmSettings, Settings, TtsSettings

URL = "http://user:secret@desk:9000/v1"


@pytest.mark.parametrize(
    ("job", "chosen"),
    [
        ("asr", Settings(asr=AsrSettings(url=URL))),
        ("llm", Settings(llm=LlmSettings(url=URL, engine="openai"))),
        ("tts", Settings(tts=TtsSettings(url=URL))),
    ],
)
def test_a_server_that_is_named_and_absent_is_to_be_started(job: str, chosen: Settings) -> None:
    said = advice(job, chosen)
    assert f"start the server at http://desk:9000/v1, or correct {job}.url" in said
    assert "ANTIPHON" not in said
    assert "fetch" not in said


def test_without_one_the_usual_is_advised() -> None:
    assert "`antiphon models fetch small`" in advice("asr", Settings())
    assert "set ANTIPHON_LLM_URL" in advice("llm", Settings())
    assert "edge-tts" in advice("tts", Settings())


def test_the_weights_that_were_asked_for_are_to_be_fetched() -> None:
    assert "`antiphon models fetch base`" in advice("asr", Settings(asr=AsrSettings(model="base")))
    whisper = AsrSettings(engine="faster-whisper", url=URL, model="tiny.en")
    assert "`antiphon models fetch tiny.en`" in advice("asr", Settings(asr=whisper))


def test_weights_that_nobody_has_cannot_be_fetched() -> None:
    said = advice("asr", Settings(asr=AsrSettings(model="/no/such/folder")))
    assert "correct asr.model" in said
    assert "fetch" not in said


def test_a_catalogue_comes_before_an_address() -> None:
    chosen = Settings(llm=LlmSettings(catalog="mine.toml", url=URL))
    assert "first model in mine.toml" in advice("llm", chosen)
    assert "mine.toml" in advice("llm", replace(chosen, llm=replace(chosen.llm, engine="ollama")))
