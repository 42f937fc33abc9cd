"""What the tests of the page share: one browser, which takes a second to start, and one server.

They take four minutes of real talk, and run on their own: `make live`.
"""

import os
from collections.abc import Generator, Mapping

import pytest
from playwright.sync_api import Playwright, sync_playwright

from server.house import House
from tests.server.caller import quiet
from tests.server.houses import OFFLINE, next_door
from tests.web.browser import Chromium, chromium
from tests.web.programs import Running, server, stand_ins

collect_ignore_glob = [] if os.environ.get("ANTIPHON_LIVE") else ["test_page_*.py"]


@pytest.fixture(scope="package")
def playwright() -> Generator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def shared_chromium(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Generator[Chromium]:
    with chromium(playwright, tmp_path_factory.mktemp("microphone") / "heard.wav") as browser:
        yield browser


@pytest.fixture
def browser(shared_chromium: Chromium) -> Chromium:
    """Debian's Chromium, in a silent room."""
    shared_chromium.hears(quiet(0.1))
    return shared_chromium


@pytest.fixture(scope="package")
def house() -> Generator[House]:
    """A server of this process, whose conversations can be looked into; what is cut off may come back."""
    with next_door({**OFFLINE, "server.resume": "30", "server.state": "none"}) as house:
        yield house


@pytest.fixture(scope="package")
def engines() -> Generator[Mapping[str, str]]:
    """Settings of a server whose engines have known delays."""
    with stand_ins("What will it be like tomorrow?", replies=("That is a good question.",)) as settings:
        yield settings


@pytest.fixture(scope="package")
def paced(engines: Mapping[str, str]) -> Generator[Running]:
    """A server with those engines, a process of its own."""
    with server(engines) as running:
        yield running
