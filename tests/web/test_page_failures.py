"""When there can be no call, the page says why, and what to do."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, Route

from server.house import House
from tests.web.browser import Chromium, chromium, keep_picture
from tests.web.programs import server
from tests.web.visit import REFUSED

pytestmark = pytest.mark.real


def test_a_microphone_that_is_not_allowed(browser: Chromium, house: House) -> None:
    with browser.visit(house.url, permissions=[]) as visit:
        visit.talk()
        visit.reaches("failed")
        assert visit.says == (
            "The microphone is not allowed\nAllow it at the icon beside this page's address, then try again."
        )
        keep_picture(visit.page, "failed-permission-denied")
        visit.page.context.grant_permissions(["microphone"])
        visit.talk()
        visit.reaches("listening")


def test_no_microphone(playwright: Playwright, house: House, tmp_path: Path) -> None:
    with (
        chromium(playwright, tmp_path / "none.wav", "--use-fake-ui-for-media-stream") as deaf,
        deaf.visit(house.url) as visit,
    ):
        visit.talk()
        visit.reaches("failed")
        assert visit.says == "No microphone was found\nPlug one in, or choose another in the settings."
        keep_picture(visit.page, "failed-no-microphone")
        visit.page.get_by_role("button", name="Open the settings").click()
        assert visit.page.get_by_test_id("settings").get_by_label("Microphone").is_visible()


def test_an_address_that_is_not_secure(browser: Chromium, house: House) -> None:
    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(elsewhere)
        route.fulfill(response=route.fetch(url=f"{house.url}{path}"))

    elsewhere = "http://antiphon.example"
    with browser.visit(house.url, forgiven="Cross-Origin-Opener-Policy") as visit:
        visit.page.route(f"{elsewhere}/**", serve)
        visit.page.goto(elsewhere)
        visit.talk()
        visit.reaches("failed")
        assert visit.says.startswith("This address is not secure\n")
        keep_picture(visit.page, "failed-insecure-origin")


def test_a_key_that_opens_nothing_and_the_right_one(browser: Chromium) -> None:
    with server({"keys": "sesame-open"}) as running, browser.visit(running.url, forgiven=f"{REFUSED}|401") as visit:
        visit.talk()
        visit.reaches("failed")
        assert visit.says == "The server wants another key\nEnter it in the settings, under Connection."
        keep_picture(visit.page, "failed-bad-key")
        visit.page.get_by_role("button", name="Open the settings").click()
        visit.page.get_by_label("Key", exact=True).fill("sesame-open")
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Escape")
        visit.talk()
        visit.reaches("listening")
        visit.write("What is twelve times seven?")
        visit.reads("84")


def test_a_server_that_is_gone(browser: Chromium) -> None:
    with server({}) as running, browser.visit(running.url, forgiven=REFUSED) as visit:
        running.die()
        visit.talk()
        visit.reaches("failed")
        assert visit.says.startswith("The server does not answer\nStart it with “antiphon serve”")
        keep_picture(visit.page, "failed-server-gone")


def test_a_model_that_does_not_answer_is_stood_in_for(browser: Chromium, engines: Mapping[str, str]) -> None:
    with (
        server({**engines, "llm.url": "http://127.0.0.1:9/v1"}) as running,
        browser.visit(running.url) as visit,
    ):
        visit.write("What is twelve times seven?")
        visit.reads("84")
        visit.reaches("speaking")
