"""The dashboard in a browser: empty, filled by real turns, locked, and left alone by its server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.house import House
from tests.server.caller import calling, question
from tests.server.houses import next_door
from tests.web.browser import Chromium, keep_picture
from tests.web.programs import server

pytestmark = pytest.mark.real


def talk(house: House) -> None:
    """One question aloud and one in writing."""

    async def scenario() -> None:
        async with calling(house.url) as caller:
            await caller.speak(question())
            await caller.until("response.done")
            await caller.ask("What is twelve times seven?")

    with ThreadPoolExecutor(1) as beside:  # the browser's own loop runs in this thread
        beside.submit(lambda: asyncio.run(scenario())).result()


def test_it_says_that_there_is_nothing_to_show_yet(browser: Chromium) -> None:
    with next_door() as empty, browser.visit(f"{empty.url}/dashboard") as visit:
        visit.page.get_by_text("No turn yet").wait_for()
        assert visit.page.get_by_test_id("detail").is_hidden()
        keep_picture(visit.page, "dashboard-empty")


def test_turns_show_up_while_one_looks_and_can_be_looked_into(browser: Chromium, house: House) -> None:
    with browser.visit(f"{house.url}/dashboard", viewport={"width": 1280, "height": 900}) as visit:
        page = visit.page
        page.get_by_test_id("board").wait_for()
        before = page.locator(".row").count()
        talk(house)
        page.wait_for_function("n => document.querySelectorAll('.row').length >= n", arg=before + 2)
        assert house.observer
        written, spoken = reversed([record.ended for record in house.observer.recent][-2:])
        rows = [row.get_attribute("data-id") for row in page.locator(".row").all()]
        assert rows[:2] == [written.turn, spoken.turn]

        page.locator(f'.row[data-id="{spoken.turn}"]').click()
        detail = page.get_by_test_id("detail")
        detail.get_by_text("Recognising").wait_for()
        detail.get_by_text("pocketsphinx").wait_for()
        assert page.locator(f'.row[data-id="{spoken.turn}"]').get_attribute("aria-pressed") == "true"
        assert page.get_by_test_id("tiles").get_by_text("In time", exact=True).is_visible()
        assert page.get_by_test_id("engines").get_by_text("espeak-ng").is_visible()
        keep_picture(page, "dashboard")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1000, 800), (1440, 900)])
def test_nothing_is_wider_than_the_window(browser: Chromium, house: House, width: int, height: int) -> None:
    with browser.visit(f"{house.url}/dashboard", viewport={"width": width, "height": height}) as visit:
        visit.page.get_by_test_id("board").wait_for()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        keep_picture(visit.page, f"dashboard-{width}")


def test_behind_a_proxy_it_asks_for_the_key_and_keeps_it(browser: Chromium) -> None:
    with next_door({"server.keys": "sesame"}) as locked, browser.visit("about:blank", forgiven="401") as visit:
        visit.page.set_extra_http_headers({"x-forwarded-for": "203.0.113.9"})
        visit.page.goto(f"{locked.url}/dashboard")
        visit.page.get_by_label("This server wants a key").fill("sesame")
        visit.page.get_by_role("button", name="Open").click()
        visit.page.get_by_test_id("board").wait_for()
        assert visit.page.get_by_test_id("ask").is_hidden()
        visit.page.reload()
        visit.page.get_by_test_id("board").wait_for()


def test_it_says_when_the_server_is_gone_and_what_was_known(browser: Chromium) -> None:
    with server({}) as program, browser.visit(f"{program.url}/dashboard", forgiven="ERR_") as visit:
        visit.page.get_by_test_id("board").wait_for()
        program.die()
        visit.page.get_by_text("The server does not answer").wait_for()
        board = visit.page.get_by_test_id("board")
        assert board.is_visible()
        assert board.evaluate("(board) => getComputedStyle(board).opacity") == "1", "and can be read as before"


def test_it_jumps_for_those_who_want_no_motion(browser: Chromium, house: House) -> None:
    ways: list[str] = []
    with browser.visit(f"{house.url}/dashboard") as visit:
        for motion in ("reduce", "no-preference"):
            visit.page.emulate_media(reduced_motion=motion)
            ways.append(visit.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior"))
    assert ways == ["auto", "smooth"]
