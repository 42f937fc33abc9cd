"""A network that drops, and a server that restarts: the page comes back by itself, and nothing is said twice."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from server.house import House
from tests.server.caller import quiet
from tests.speech import clip
from tests.web.browser import Chromium, keep_picture
from tests.web.memory import remembered, session_of
from tests.web.programs import running, server
from tests.web.tap import likeness, tapped
from tests.web.visit import REFUSED
from tests.web.wire import wire_to

pytestmark = pytest.mark.real

STORY = "Seven old men sat on a wall. The first one said that it would rain."


@pytest.fixture(scope="module")
def storyteller() -> Generator[str]:
    """A brain that tells of the old men when it is asked for the second time, word by word."""
    said = [part for reply in ("Seven.", STORY, "Good night.") for part in ("--reply", reply)]
    with running("server", "brain", "--port", "0", *said, "--tokens-per-second", "12") as brain:
        yield brain.url


def test_a_connection_that_is_cut_in_mid_reply_goes_on_where_it_was(browser: Chromium, house: House) -> None:
    with wire_to(house.url) as wire, browser.visit(wire.url, tapped=True, forgiven=REFUSED) as visit:
        visit.write("Please tell me a long story.")
        visit.reaches("speaking")
        visit.page.wait_for_timeout(1000)
        wire.cut()
        visit.reaches("reconnecting")
        keep_picture(visit.page, "reconnecting")
        visit.page.wait_for_timeout(700)
        wire.mend()
        visit.tells("Connected again. Nothing was lost.")
        keep_picture(visit.page, "resumed")
        visit.reaches("speaking")
        visit.reaches("listening")
        (done,) = visit.events("response.done")
        said = "".join(event["delta"] for event in visit.events("response.output_audio_transcript.delta"))
        (item,) = done["response"]["output"]
        assert remembered(visit, house, item["id"]) == said
        assert visit.transcript.count(said[:40]) == 1
        numbers = [event["event_id"] for event in visit.received]
        sound = tapped(visit.page)
        assert likeness(sound.played, visit.sent_sound(), sound.rate) >= 0.99
    assert len(set(numbers)) == len(numbers)


def test_what_is_said_while_the_line_is_cut_is_heard_afterwards(browser: Chromium, house: House) -> None:
    browser.hears(quiet(2.0), clip("spk1_snt5"), quiet(10))
    with wire_to(house.url) as wire, browser.visit(wire.url, forgiven=REFUSED) as visit:
        visit.talk()
        visit.reaches("listening")
        visit.page.wait_for_timeout(2000)
        wire.cut()
        visit.reaches("reconnecting")
        visit.page.wait_for_timeout(900)
        wire.mend()
        visit.reaches("speaking")
        (asked,) = visit.events("conversation.item.input_audio_transcription.completed")
    assert "best part of the week" in asked["transcript"]


def test_a_server_that_restarts_in_mid_reply_still_knows_the_conversation(
    browser: Chromium, storyteller: str, tmp_path: Path
) -> None:
    state = {"server.state": str(tmp_path), "server.resume": "60"}
    settings = {**state, "llm.engine": "openai", "llm.url": f"{storyteller}/v1"}
    with server(settings) as first, browser.visit(first.url, forgiven=REFUSED) as visit:
        visit.write("How many old men sat on the wall?")
        visit.reaches("speaking")
        visit.reaches("listening")
        visit.write("Who were they?")
        visit.reads("Who were they?")
        visit.reaches("speaking")
        first.die()
        visit.reaches("reconnecting")
        with server(settings, int(first.url.rpartition(":")[2])):
            visit.page.get_by_test_id("notices").get_by_text("Connected again").first.wait_for()
            visit.reaches("listening")
            keep_picture(visit.page, "restarted")
            assert "lost the conversation" not in visit.page.get_by_test_id("notices").inner_text()
            visit.write("Good night!")
            visit.reads("Good night!")
            visit.reaches("speaking")
            visit.reaches("listening")
            assert visit.lines("user") == ["How many old men sat on the wall?", "Who were they?", "Good night!"]


@pytest.mark.parametrize("how", ["closes", "reloads"])
def test_nobody_is_waited_for_who_has_left(browser: Chromium, house: House, how: str) -> None:
    with browser.visit(house.url) as visit:
        visit.call_and_write("What is twelve times seven?")
        visit.reads("84")
        session = session_of(visit, house)
        if how == "closes":
            visit.page.close(run_before_unload=True)
        else:
            visit.page.reload()
        deadline = time.monotonic() + 10
        while session in house.sessions and time.monotonic() < deadline:
            time.sleep(0.02)
        assert session not in house.sessions
