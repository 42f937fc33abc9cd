"""The image that the Dockerfile makes, as far as that goes without an engine: it is built, run, asked and stopped."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT, stages_of, steps_of
from tests.deploy.image import Builder, Image, can_be_built
from tests.server.caller import calling

pytestmark = pytest.mark.real

STAGES = stages_of((ROOT / "Dockerfile").read_text("utf-8"))
PINNED = (ROOT / "requirements" / "serve.txt").read_text("utf-8")

OF_THE_BASE = {
    "libc",
    "libm",
    "libdl",
    "libpthread",
    "librt",
    "libmvec",
    "ld-linux-x86-64",
    "libgcc_s",
    "libstdc++",
    "libz",
}
"""Libraries that Debian's smallest image has."""

QUIET = {"ANTIPHON_ASR_DOWNLOAD": "no", "ANTIPHON_TTS_ENGINE": "espeak-ng", "ANTIPHON_LLM_ENGINE": "brain"}
"""Nothing is asked for beyond this machine."""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    can_be_built()
    known = set(re.findall(r"^([\w.-]+)==", PINNED, re.MULTILINE)) - {
        "setuptools"
    }  # it is in the way of the venv's own
    return Builder(STAGES, tmp_path_factory.mktemp("image"), known).build("cpu")


@pytest.fixture
def volume(image: Image, tmp_path: Path) -> Path:
    """What Docker makes of a volume that is new: a folder with the owner and the mode of the one it covers."""
    before, folder = (image.root / "data").stat(), tmp_path / "volume"
    folder.mkdir(mode=before.st_mode)
    os.chown(folder, before.st_uid, before.st_gid)
    return folder


@asynccontextmanager
async def running(image: Image, volume: Path, **env: str) -> AsyncGenerator[Process]:
    """Its own command, started; killed at the end if it is still there."""
    words = [*image.last("ENTRYPOINT").words(), *image.last("CMD").words()]
    command = image.running(volume, words, {**QUIET, **env})
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            os.kill(inner(process), signal.SIGKILL)
            await process.communicate()


async def healthy(image: Image, volume: Path, **env: str) -> bool:
    """What its health check says."""
    words = image.last("HEALTHCHECK").words()
    asking = await asyncio.create_subprocess_exec(*image.running(volume, words, env), stdout=PIPE, stderr=PIPE)
    await asking.communicate()
    return asking.returncode == 0


def test_it_runs_without_rights_and_writes_its_volume_alone(image: Image, volume: Path) -> None:
    async def scenario() -> None:
        env = {"ANTIPHON_PORT": str(free_port()), "ANTIPHON_TRUST": "gateway"}
        assert not await healthy(image, volume, **env)
        async with running(image, volume, **env) as process:
            async with asyncio.timeout(60):
                while not await healthy(image, volume, **env):
                    assert process.returncode is None, (await process.communicate())[1].decode()
            async with calling(f"http://127.0.0.1:{env['ANTIPHON_PORT']}") as caller:
                assert (await caller.ask("What is 2 plus 3?"))["status"] == "completed"
            assert status(process)["Uid"].split() == ["10001"] * 4
            assert int(status(process)["CapEff"], 16) == 0
            os.kill(inner(process), signal.SIGTERM)
            out, err = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode == 0, err.decode()
            assert b"Antiphon is ready at" in out
            assert b"Traceback" not in err

    asyncio.run(asyncio.wait_for(scenario(), 120))
    assert [path.name for path in volume.iterdir()] == ["state"]
    assert (volume / "state" / "antiphon" / "sessions.sqlite").stat().st_uid == 10001


def test_without_keys_or_trust_it_says_what_it_needs(image: Image, volume: Path) -> None:
    async def scenario() -> None:
        async with running(image, volume) as process:
            _, err = await asyncio.wait_for(process.communicate(), 30)
            assert process.returncode == 2
            assert b"set server.keys (ANTIPHON_KEYS)" in err

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_it_has_what_serving_needs_and_nothing_to_build_with(image: Image) -> None:
    [packages] = (image.root / "opt/antiphon/lib").glob("python3*/site-packages")
    there = {path.name.split("-")[0].lower().replace("_", "-") for path in packages.glob("*.dist-info")}
    pinned = {name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==.*?(?<!;)", PINNED, re.MULTILINE)}
    assert "antiphon" in there
    assert "redis" in there
    assert there - {"antiphon"} <= pinned - {"setuptools"}
    assert (packages / "client" / "web" / "index.html").is_file()
    assert not list((image.root / "build").glob("tests"))


def test_its_libraries_need_none_that_the_base_lacks(image: Image) -> None:
    libraries = [str(path) for path in (image.root / "opt/antiphon").rglob("*.so*") if path.is_file()]
    needed = subprocess.run(["ldd", *libraries], capture_output=True, text=True, check=False).stdout
    of_the_system = set(re.findall(r"=> /(?:usr/)?lib\S*/([\w+-]+?)(?:-[\d.]+)?\.so", needed))
    assert "not found" not in needed
    assert of_the_system <= OF_THE_BASE


def test_every_stage_names_a_base_that_is_pinned() -> None:
    for stage in STAGES.values():
        assert stage.base in STAGES or re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", stage.base)


@pytest.mark.parametrize("name", ["cpu", "gpu"])
def test_what_runs_is_nobody_s_root(name: str) -> None:
    keywords = [step.keyword for step in steps_of(STAGES, name)]
    [user] = [step.value for step in steps_of(STAGES, name) if step.keyword == "USER"]
    assert user == "10001:10001"
    assert keywords.index("USER") > max(at for at, word in enumerate(keywords) if word == "RUN")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def status(process: Process) -> Mapping[str, str]:
    """What the kernel says of what runs in there."""
    lines = Path(f"/proc/{inner(process)}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def inner(process: Process) -> int:
    """Whom `unshare` has started: the first process in there."""
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
