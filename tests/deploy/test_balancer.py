"""Several servers behind one address, as deploy/haproxy.cfg puts them: whoever loses one goes on at another."""

import asyncio
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models import brain
from models.faults import Knobs
from server.keeper import GATHER
from tests.conftest import missing
from tests.deploy.dockerfile import ROOT
from tests.deploy.test_image import free_port
from tests.server.caller import calling
from tests.server.test_resume import visiting
from tests.server.test_serve import all_reported, health, serving
from tests.stand_ins import asgi
from tests.stand_ins.redis_server import redis_serving

pytestmark = pytest.mark.real

CONFIG = ROOT / "deploy" / "haproxy.cfg"


@pytest.fixture(autouse=True)
def there() -> None:
    if not shutil.which("haproxy"):
        missing("HAProxy", "apt install haproxy")


@asynccontextmanager
async def balancing(folder: Path, urls: Sequence[str]) -> AsyncGenerator[str]:
    """The address in front of these servers. What differs from the file is where it listens and who they are."""
    port, config = free_port(), CONFIG.read_text("utf-8")
    servers = "\n".join(f"    server s{n} {url.removeprefix('http://')}" for n, url in enumerate(urls))
    config, told = re.subn(r"^ +server-template .*$", servers, config, flags=re.MULTILINE)
    config, placed = re.subn(r"bind :8080", f"bind 127.0.0.1:{port}", config)
    assert (told, placed) == (1, 1)
    (folder / "haproxy.cfg").write_text(config)
    process = await asyncio.create_subprocess_exec("haproxy", "-db", "-f", folder / "haproxy.cfg")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def reachable(url: str) -> None:
    """Until somebody answers there."""
    async with asyncio.timeout(10):
        while (await asyncio.to_thread(asked, url)) != 200:  # noqa: ASYNC110  it can only be asked
            await asyncio.sleep(0.05)


def asked(url: str) -> int:
    """The status of what is there; 0 when there is nobody."""
    try:
        return health(url)[0]
    except (OSError, ValueError):
        return 0


def test_the_file_is_what_haproxy_understands() -> None:
    done = subprocess.run(["haproxy", "-c", "-f", CONFIG], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower()


def test_a_talk_behind_the_balancer_outlives_its_server(tmp_path: Path) -> None:
    async def scenario(redis: str) -> None:
        state = ("--redis", redis, "--resume", "60")
        async with (
            serving(*state) as (one, first),
            serving(*state) as (other, second),
            balancing(tmp_path, [first, second]) as url,
            visiting(url) as guest,
            visiting(url) as back,
        ):
            await reachable(url)
            await guest.come()
            await guest.ask("What is 2 plus 3?")
            await asyncio.sleep(GATHER * 3)
            _, report = await asyncio.to_thread(health, first)
            (one if report["sessions"] else other).kill()
            await guest.websocket.wait_closed()
            await reachable(url)
            ours = await back.come(f"&resume={guest.token()}")
            assert ours["resumed"]
            back.linter.items += [item["id"] for item in ours["items"]]
            assert (await back.ask("What is 3 plus 4?"))["status"] == "completed"

    with redis_serving(tmp_path) as redis:
        asyncio.run(asyncio.wait_for(scenario(redis.url), 60))


def test_who_is_being_answered_by_a_server_that_stops_hears_the_end_of_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        replies = ("One, and two, and three, and four, and five. Six, and seven, and eight, and nine, and ten.",)
        leisurely = brain.Settings(Knobs(tokens_per_second=5, replies=replies))
        async with (
            asgi.serving(brain.app(leisurely)) as model,
            serving("--llm-engine", "openai", "--llm-url", f"{model}/v1") as (stopping, first),
            balancing(tmp_path, [first]) as url,
        ):
            await all_reported(first)
            await reachable(url)
            async with calling(url, server_hangs_up=True) as caller:
                await caller.say("Tell me a story.")
                await caller.send("response.create")
                await caller.until("response.output_audio.delta")
                stopping.send_signal(signal.SIGTERM)
                began = asyncio.get_running_loop().time()
                assert (await caller.until("response.done"))["response"]["status"] == "completed"
                assert asyncio.get_running_loop().time() - began > 2.0  # the balancer has noticed long before

    asyncio.run(asyncio.wait_for(scenario(), 60))
