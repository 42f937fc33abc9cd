"""Our programs as their users start them: processes of their own, found by the address they say."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.server.houses import OFFLINE


@dataclass(frozen=True, slots=True)
class Running:
    """A program that has said where it is."""

    process: subprocess.Popen[str]
    url: str

    def die(self) -> None:
        """Without a word of goodbye."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(module: str, *arguments: str, settings: Mapping[str, str] = OFFLINE) -> Generator[Running]:
    """`python -m MODULE ARGUMENTS`; killed at the end if it is still there."""
    variables = {_variable(name): value for name, value in settings.items()}
    environment = {"HOME": "/nonexistent", "PATH": os.environ["PATH"], **variables}
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout
            found = re.search(r"http://[\d.:]+", process.stdout.readline())
            assert found, f"{command} has not said where it is"
            yield Running(process, found[0])
        finally:
            process.kill()


@contextmanager
def server(settings: Mapping[str, str], port: int = 0) -> Generator[Running]:
    """`antiphon serve`; what the settings leave open is offline."""
    with running("server", "serve", "--port", str(port), settings={**OFFLINE, **settings}) as program:
        yield program


@contextmanager
def stand_ins(*texts: str, replies: tuple[str, ...] = (), tts_speed: float = 5.0) -> Generator[Mapping[str, str]]:
    """Engines with known delays, 120 ms to the text, 200 to the first token, 80 to the first sound; as settings."""
    heard = [part for text in texts for part in ("--text", text)]
    said = [part for reply in replies for part in ("--reply", reply)]
    with ExitStack() as programs:
        speech = programs.enter_context(
            running("models.stand_ins", "--port", "0", "--tts-speed", f"{tts_speed:g}", *heard)
        )
        thought = programs.enter_context(running("server", "brain", "--port", "0", "--first-token-ms", "200", *said))
        yield {
            "asr.engine": "openai",
            "asr.url": f"{speech.url}/v1",
            "llm.engine": "openai",
            "llm.url": f"{thought.url}/v1",
            "tts.engine": "openai",
            "tts.url": f"{speech.url}/v1",
        }


def _variable(setting: str) -> str:
    return f"ANTIPHON_{setting.removeprefix('server.').replace('.', '_').upper()}"
