"""Everybody can use the page: with a keyboard, a screen reader, on a phone, in the dark, in English and Chinese."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from server.house import House
from tests.conftest import missing
from tests.server.caller import question, quiet
from tests.web.browser import Chromium, Window, keep_picture

pytestmark = pytest.mark.real

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"

STATES = (
    *("idle", "connecting", "listening", "hearing", "thinking", "speaking", "interrupted", "reconnecting"),
    *("failed.bad-key", "failed.no-microphone"),
)
"""As the page's own demonstration holds them; `idle` is the page before it."""

PHONE: Window = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NARROW: Window = {**PHONE, "viewport": {"width": 360, "height": 640}}

TYPING = "listening.typing"
"""The same without a microphone."""

WITHOUT_A_DRAWING = """[...document.querySelectorAll("use")].map((use) => use.getAttribute("href"))
    .filter((href) => !document.querySelector(href))"""

WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth - visualViewport.width * visualViewport.scale"


def barriers(page: Page, *rules: str) -> list[str]:
    """What axe-core finds that is serious or critical, and where; by these rules, or by all."""
    assert page.evaluate(WITHOUT_A_DRAWING) == []
    if not AXE.exists():
        missing("axe-core", "make types")
    page.evaluate(AXE.read_text())
    found = page.evaluate("(rules) => axe.run(document, rules.length ? { runOnly: rules } : {})", rules)
    assert found["passes"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


THEMES: Sequence[tuple[Literal["light", "dark"], Sequence[str]]] = (("light", ()), ("dark", ("color-contrast",)))
"""And by which of axe's rules each is looked at: all but the colours are the same in the dark."""


def test_no_state_has_barriers(browser: Chromium, house: House) -> None:
    found: dict[str, list[str]] = {}
    with browser.visit(house.url, reduced_motion="reduce") as visit:

        def look(scene: str) -> None:
            for theme, rules in THEMES:
                visit.page.emulate_media(color_scheme=theme)
                keep_picture(visit.page, f"{scene}-{theme}")
                found[f"{scene}, {theme}"] = barriers(visit.page, *rules)

        for state in STATES:
            visit.page.goto(house.url if state == "idle" else f"{house.url}/?demo={state}")
            visit.reaches(state.partition(".")[0])
            look(f"state-{state}")
        visit.page.get_by_test_id("settings-open").click()
        look("settings")
        visit.page.keyboard.press("Escape")
        visit.page.get_by_test_id("save").click()
        visit.tells("Nothing has been said yet")
        visit.page.goto(f"{house.url}/?demo=listening")
        visit.reads("oranges")
        visit.page.get_by_test_id("save").click()
        look("save")
    assert {scene: some for scene, some in found.items() if some} == {}


def test_everything_is_said_on_a_phone(browser: Chromium, house: House) -> None:
    browser.hears(quiet(0.5), question(), quiet(10))
    with browser.visit(house.url, **PHONE) as visit:
        keep_picture(visit.page, "phone-idle")
        visit.page.get_by_test_id("talk").tap()
        visit.reaches("speaking")
        keep_picture(visit.page, "phone-speaking")
        visit.page.get_by_test_id("hush").tap()
        visit.reaches("listening")
        assert visit.page.evaluate(WIDER_THAN_THE_SCREEN) == 0
        visit.page.locator("[data-testid=transcript] .chip").first.tap()
        assert visit.page.get_by_test_id("waterfall").first.is_visible()
        keep_picture(visit.page, "phone-waterfall")
        assert barriers(visit.page) == []
        visit.page.keyboard.press("Escape")
        visit.page.get_by_test_id("settings-open").tap()
        assert visit.page.get_by_label("Persona").is_visible()
        keep_picture(visit.page, "phone-settings")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [360, 320, 280])
def test_nothing_is_wider_than_a_small_phone(browser: Chromium, house: House, locale: str, width: int) -> None:
    window: Window = {**NARROW, "viewport": {"width": width, "height": 640}, "locale": locale}
    too_wide: dict[str, int] = {}
    small: list[str] = []
    with browser.visit(house.url, **window) as visit:
        for state in (*STATES, TYPING):
            visit.page.goto(house.url if state == "idle" else f"{house.url}/?demo={state}")
            visit.reaches(state.partition(".")[0])
            too_wide[state] = visit.page.evaluate(WIDER_THAN_THE_SCREEN)
            if state == "speaking":
                keep_picture(visit.page, f"narrow-{width}-{locale}")
                small = visit.page.evaluate(TOO_SMALL)
        visit.page.get_by_test_id("settings-open").click()
        too_wide["settings"] = visit.page.evaluate(WIDER_THAN_THE_SCREEN)
    assert {state: pixels for state, pixels in too_wide.items() if pixels} == {}
    assert small == []


TOO_SMALL = """[...document.querySelectorAll("button, select, label:has(input), #text-input")]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.id || one.className || one.textContent, one.getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 24 || height < 24)
    .map(([name, { width, height }]) => `${name}: ${width} x ${height}`)"""
"""Controls that fingers miss: WCAG 2.2 wants 24 pixels."""


OUT_OF_SIGHT = """[...document.querySelectorAll("#talk, #state, .control, #text-input, .entry:last-child .text")]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.id || one.className, one.getBoundingClientRect()])
    .filter(([, { left, top, right, bottom }]) => left < 0 || top < 0 || right > innerWidth || bottom > innerHeight)
    .map(([name, { left, top, right, bottom }]) => `${name}: ${[left, top, right, bottom].map(Math.round)}`)"""
"""Of what a conversation needs, where it is instead."""


ABOVE_WHAT_SCROLLS = "document.getElementById('scroll').scrollTop"


@pytest.mark.parametrize(("width", "height"), [(568, 320), (667, 375), (844, 390), (640, 360)])
def test_a_phone_on_its_side_shows_all_that_a_conversation_needs(
    browser: Chromium, house: House, width: int, height: int
) -> None:
    hidden: dict[str, list[str]] = {}
    with browser.visit(house.url, **{**PHONE, "viewport": {"width": width, "height": height}}) as visit:
        assert visit.page.evaluate(ABOVE_WHAT_SCROLLS) == 0
        for state in ("idle", "listening", "speaking", TYPING, "reconnecting"):
            visit.page.goto(house.url if state == "idle" else f"{house.url}/?demo={state}")
            visit.reaches(state.partition(".")[0])
            keep_picture(visit.page, f"side-{width}-{state}")
            hidden[state] = visit.page.evaluate(OUT_OF_SIGHT)
    assert {state: some for state, some in hidden.items() if some} == {}


MOVED = """() => {
    window.moved = 0;
    const count = (change) => [...change.addedNodes].filter((node) => node.matches?.(".notices")).length;
    new MutationObserver((changes) => changes.forEach((change) => (window.moved += count(change))))
        .observe(document, { subtree: true, childList: true });
}"""
"""Counts from now on how often a place for notices is put in anew: screen readers tell of those that were there."""


def test_notices_come_where_they_are_seen_and_told(browser: Chromium, house: House) -> None:
    with browser.visit(f"{house.url}/?demo=listening") as visit:
        visit.reaches("listening")
        page = visit.page
        page.evaluate(MOVED)
        page.keyboard.press("m")
        visit.tells("Microphone off")
        page.get_by_test_id("settings-open").click()
        page.evaluate("document.getElementById('mute').click()")
        told = page.get_by_test_id("settings").get_by_text("Microphone on")
        assert told.is_visible()
        page.locator("#set-voice").select_option("nova")  # draws the settings anew
        assert told.is_visible()
        page.keyboard.press("Escape")
        page.get_by_test_id("save").click()
        page.get_by_test_id("save-md").click()
        visit.tells("Saved")
        assert page.evaluate("moved") == 0


LONG_NOTICE = """async () => {
    const { Notices } = await import("./js/view/notices.js");
    new Notices().show(`The server says: no model ${"x".repeat(200)}`);
    return document.querySelector(".notice").scrollWidth;
}"""


def test_of_a_notice_nothing_is_cut_off(browser: Chromium, house: House) -> None:
    with browser.visit(house.url, **NARROW) as visit:
        assert visit.page.evaluate(LONG_NOTICE) <= 360


def test_a_chinese_browser_gets_a_chinese_page(browser: Chromium, house: House) -> None:
    with browser.visit(house.url, locale="zh-CN") as visit:
        assert visit.page.locator("html").get_attribute("lang") == "zh-Hans"
        keep_picture(visit.page, "chinese-idle")
        visit.write("十二乘以七是多少？")
        visit.reads("84")
        visit.page.locator("[data-testid=transcript] .chip").first.wait_for()
        keep_picture(visit.page, "chinese")
        visit.page.get_by_test_id("settings-open").click()
        assert visit.page.evaluate(LEFT_IN_ENGLISH) == []
        visit.page.locator("#set-pageLanguage").select_option("en")
        assert visit.page.get_by_role("heading", name="Settings").is_visible()


LEFT_IN_ENGLISH = """async () => {
    const { en } = await import("/js/view/locales/en.js");
    const { zh } = await import("/js/view/locales/zh.js");
    const text = document.body.innerText;
    const english = Object.keys(en).filter((key) => en[key] !== zh[key] && en[key].length > 4);
    return english.filter((key) => text.split("\\n").includes(en[key]));
}"""


def test_the_dark_is_dark(browser: Chromium, house: House) -> None:
    with browser.visit(house.url, color_scheme="dark") as visit:
        background: str = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(float(part) for part in re.findall(r"[\d.]+", background)[:3]) < 60


def test_nothing_moves_for_those_who_do_not_want_it(browser: Chromium, house: House) -> None:
    with browser.visit(f"{house.url}/?demo=thinking", reduced_motion="reduce") as visit:
        visit.reaches("thinking")
        moving = "document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 200).length"
        assert visit.page.evaluate(moving) == 0


def test_a_round_trip_with_the_keyboard_alone(browser: Chromium, house: House) -> None:
    with browser.visit(house.url) as visit:
        page = visit.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to the text field"
        order = [_next(page) for _ in range(6)]
        assert order == ["new", "save", "timing-toggle", "settings-open", "talk", "mode-free"]
        page.keyboard.press(" ")
        visit.reaches("listening")
        page.keyboard.press("/")
        page.keyboard.type("What is twelve times seven?")
        page.keyboard.press("Enter")
        visit.reads("84")
        visit.reaches("listening")
        page.keyboard.type("Please tell me a long story.")
        page.keyboard.press("Enter")
        visit.reaches("speaking")
        page.keyboard.press("Escape")
        visit.reaches("interrupted")
        visit.reaches("listening")
        while _next(page) != "talk":
            pass
        page.keyboard.press("m")
        assert visit.says.startswith("Microphone off")
        page.keyboard.press("m")
        assert visit.says.startswith("Listening")
        page.keyboard.press(" ")
        visit.reaches("idle")
        page.keyboard.press(" ")
        visit.reaches("listening")


def _next(page: Page) -> str:
    page.keyboard.press("Tab")
    return page.evaluate("document.activeElement.id")


LONG_TALK = """async () => {
  const { Transcript } = await import("./js/view/transcript.js");
  for (const id of ["earlier", "latest"]) { // which the page's own transcript listens to
    const button = document.getElementById(id);
    button.replaceWith(button.cloneNode(true));
  }
  const words = { language: "en", say: (key) => key, duration: String };
  const transcript = new Transcript(words, { onTurn() {}, onCopy() {} });
  const line = (n) => ({ id: `item ${n}`, role: n % 2 ? "assistant" : "user", heard: `Line ${n}.`, unheard: "",
    cut: false, final: true, typed: false });
  document.getElementById("app")?.removeAttribute("data-empty");
  window.say = (n) => transcript.show(Array.from({ length: n }, (_, at) => line(at)), []);
}"""


def test_of_a_long_talk_the_end_is_there_and_the_rest_for_whoever_asks(browser: Chromium, house: House) -> None:
    with browser.visit(house.url, reduced_motion="reduce") as visit:
        page = visit.page
        page.evaluate(LONG_TALK)
        lines, scroll = page.locator("#transcript > li"), page.locator("#scroll")
        page.evaluate("say(200)")
        assert (lines.count(), lines.first.locator(".text").inner_text()) == (60, "Line 140.")
        scroll.evaluate("(scroll) => (scroll.scrollTop = 0)")
        page.locator("#latest").wait_for()
        before = page.get_by_text("Line 140.").bounding_box()
        page.locator("#earlier").click()
        assert lines.count() == 120
        after = page.get_by_text("Line 140.").bounding_box()
        assert before
        assert after
        assert after["y"] == pytest.approx(before["y"], abs=1), "what was there stays where it was"
        assert page.get_by_text("Line 81.").locator("..").get_attribute("aria-live") == "off"
        page.evaluate("say(201)")
        assert (lines.count(), lines.first.locator(".text").inner_text()) == (121, "Line 80."), "nothing is taken away"
        page.locator("#latest").click()
        page.evaluate("say(202)")
        assert (lines.count(), lines.last.locator(".text").inner_text()) == (60, "Line 201.")
        scroll.evaluate("(scroll) => (scroll.scrollTop = 0)")
        page.locator("#latest").wait_for()
        page.evaluate("say(0)")
        assert page.locator("#latest").is_hidden(), "of a new conversation nothing is missed"
        page.evaluate("say(40)")
        page.get_by_text("Line 39.").wait_for()
        assert scroll.evaluate("(s) => s.scrollHeight - s.scrollTop - s.clientHeight") < 2, "and it is followed"
