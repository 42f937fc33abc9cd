"""The Python clients of others, used as their documentation says, against a whole server.

Each is pointed at us by a URL and nothing else. What their applications do besides is theirs: those with openai-agents
set OPENAI_AGENTS_DISABLE_TRACING, or it reports to OpenAI; those with livekit set `aec_warmup_duration=None` where
there is no echo, or it hears nothing for the first three seconds of an answer; those with pipecat let the bot begin,
which gives it its context. They run in `.venv-stock` (`make stock` makes it), since they pin what we do not.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import soxr

from pipeline.audio import HEARING_RATE, SPEAKING_RATE
from tests.conftest import missing
from tests.server.houses import at_home
from tests.speech import clip
from tests.stock.wiretap import Call, tapped

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-stock" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

SOUNDS = {"sunday": "spk1_snt5", "pencils": "spk1_snt6"}
"""What the clients call the recordings."""

EVERY = ("text_turn", "voice_turn", "barge_in", "cancel", "truncate", "tool_call", "history_edit")
SCENARIOS: Mapping[str, tuple[str, ...]] = {
    "openai_async": EVERY,
    "openai_sync": EVERY,
    "openai_agents": EVERY,
    "livekit_agent": EVERY,
    "pipecat_bot": ("text_turn", "voice_turn", "barge_in", "tool_call"),
}
"""By the name of the program."""

LONGEST = 45.0
"""Seconds for a client; three times what the slowest takes on two idle cores."""

EXPECTED = {"response_cancel_not_active"}
"""Errors that a client provokes, and knows how to take: livekit cancels twice."""

CUT_SHORT = {"barge_in": "turn_detected", "cancel": "client_cancelled"}
"""Why a response ends early in these scenarios."""

ENVIRONMENT = {**os.environ, "OPENAI_AGENTS_DISABLE_TRACING": "1", "LOGURU_LEVEL": "WARNING"}


@dataclass(frozen=True, slots=True)
class Performance:
    """What came of all scenarios of one client."""

    failures: Mapping[str, str]
    """By scenario; empty text for one that went well."""
    calls: tuple[Call, ...]
    complaints: str
    """What the client wrote to stderr."""

    def check(self, scenario: str) -> None:
        """Fail with all there is to know, if the scenario did."""
        calls = [call for call in self.calls if call.model == scenario]
        log = "\n".join(str(call) for call in calls)
        failure = self.failures.get(scenario, f"the client died:\n{self.complaints[-4000:]}")
        if failure:
            pytest.fail(f"{failure}\n{log}\n{self.complaints[-4000:]}", pytrace=False)
        assert calls, f"it never connected:\n{self.complaints[-4000:]}"
        ended = [end["response"]["status_details"] for call in calls for end in call.events("response.done")]
        assert CUT_SHORT.get(scenario) in [how and how["reason"] for how in ended], log
        for call in calls:
            call.check()
            configured = [event["session"]["instructions"] for event in call.events("session.updated")]
            assert "Be brief." in configured, log
            errors = [event["error"] for event in call.events("error")]
            assert [error for error in errors if error["code"] not in EXPECTED] == [], log


@cache
def performed(client: str) -> Performance:
    """All scenarios of that client at the same time, each on a connection of its own."""
    if not PYTHON.exists():
        missing("an environment with the stock clients", "run `make stock`")
    with TemporaryDirectory() as sounds:
        for name, recording in SOUNDS.items():
            sound = soxr.resample(clip(recording), HEARING_RATE, SPEAKING_RATE)
            Path(sounds, f"{name}.pcm").write_bytes(sound.astype("<i2").tobytes())
        return asyncio.run(_perform(client, sounds))


async def _perform(client: str, sounds: str) -> Performance:
    async with at_home() as house, tapped(int(house.url.rpartition(":")[2])) as tap:
        base = f"http://127.0.0.1:{tap.port}/v1"
        program = await asyncio.create_subprocess_exec(
            PYTHON, "-m", f"tests.stock.clients.{client}", base, sounds, *SCENARIOS[client],
            cwd=ROOT, env=ENVIRONMENT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        overdue = asyncio.get_running_loop().call_later(LONGEST, program.kill)
        told, complaints = await program.communicate()
        overdue.cancel()
    outcomes = [json.loads(line) for line in told.splitlines()]
    failures = {outcome["scenario"]: outcome["failure"] for outcome in outcomes}
    return Performance(failures, tuple(tap.calls), complaints.decode())


@pytest.mark.parametrize(("client", "scenario"), [(c, s) for c, names in SCENARIOS.items() for s in names])
def test_a_stock_client_works(client: str, scenario: str) -> None:
    performed(client).check(scenario)
