"""The guard of networked voices, on scripted ones: late, stalled, broken, and whole."""

import asyncio

import pytest

from pipeline.engines import Voice
from pipeline.errors import EngineError, LimitedError, RefusedError, SpeechCutError
from pipeline.tts.guard import Patience, guarded
from tests.stand_ins.scripted_tts import Scripted, Step

TEXT = "One two three."


@pytest.mark.parametrize(
    ("script", "rest", "error", "reason"),
    [
        ([0.2], "", EngineError, "silent for 0.05 s"),
        ([0, 0.03, 0, 0.03, 0], "", EngineError, "silent for 0.05 s"),
        ([], "", EngineError, "it sent no sound"),
        ([EngineError("burnt")], "", EngineError, "burnt"),
        ([RefusedError("no such voice")], "", RefusedError, "no such voice"),
        ([LimitedError("slow down", 7.0)], "", LimitedError, "slow down"),
        ([10, 0.2], "three.", SpeechCutError, "silent for 0.1 s"),
        ([10, EngineError("burnt")], "three.", SpeechCutError, "burnt"),
        ([10, 0.08, 0, 0.08, 10], "", None, ""),
        ([10, EngineError("burnt")], "", None, ""),
    ],
)
def test_a_guarded_voice_fails_in_time_and_tells_what_is_left(
    script: list[Step], rest: str, error: type[EngineError] | None, reason: str
) -> None:
    engine = Scripted("engine", script, sign=1000)
    patience = Patience(first_audio=0.05, gap=0.1)

    async def run() -> None:
        sound = engine.speak(TEXT, Voice())
        async for pcm in guarded(sound, engine.name, patience, lambda _: rest):
            assert pcm.size

    if error is None:
        asyncio.run(run())
    else:
        with pytest.raises(error, match=reason) as raised:
            asyncio.run(run())
        assert type(raised.value) is error
        assert getattr(raised.value, "rest", rest) == rest
        assert getattr(raised.value, "retry_after", 7.0) == 7.0
    assert engine.closed == 1
