"""How soon the page answers, with engines of known delays, and whether its account of the time is true."""

import pytest

from pipeline.audio import HEARING_RATE
from tests.server.caller import quiet
from tests.speech import CLIPS, clip
from tests.web.browser import Chromium, keep_figures, keep_picture
from tests.web.programs import Running
from tests.web.tap import Tapped, tapped
from tests.web.visit import Turn

pytestmark = pytest.mark.real

VOICES = ("spk1_snt5", "spk1_snt6", "spk1_snt1")
PAUSE = 4.5


@pytest.fixture(scope="module")
def talk(shared_chromium: Chromium, paced: Running) -> tuple[list[Turn], Tapped]:
    """A few spoken questions, each answered: the timing that the page exports, and what it heard and played."""
    shared_chromium.hears(quiet(1), *(sound for name in VOICES for sound in (clip(name), quiet(PAUSE))), quiet(10))
    with shared_chromium.visit(paced.url, tapped=True) as visit:
        visit.talk()
        visit.page.wait_for_timeout(1000 * (2 + sum(len(clip(name)) / HEARING_RATE + PAUSE for name in VOICES)))
        turns = visit.heard_turns(len(VOICES))
        keep_picture(visit.page, "timing")
        return turns, tapped(visit.page)


def test_every_turn_is_timed_from_ear_to_ear(talk: tuple[list[Turn], Tapped]) -> None:
    keep_figures("turns", talk[0])
    assert len(talk[0]) == len(VOICES)
    for turn in talk[0]:
        page = turn["page"]
        assert turn["earToEar"]
        assert page["spoken"] < page["received"] < page["heard"]


def test_the_parts_follow_each_other_and_add_up_to_the_whole(talk: tuple[list[Turn], Tapped]) -> None:
    for turn in talk[0]:
        whole = turn["page"]["heard"] - turn["page"]["spoken"]
        assert sum(part["ms"] for part in turn["parts"]) == pytest.approx(whole, abs=5)
        assert turn["earToEar"] == pytest.approx(whole, abs=5)
        for one, following in zip(turn["parts"], turn["parts"][1:], strict=False):
            assert following["from"] == pytest.approx(one["from"] + one["ms"], abs=0.01)


def test_the_sound_itself_tells_the_same_time(talk: tuple[list[Turn], Tapped]) -> None:
    turns, sound = talk
    after = 0.0
    for name, turn in zip(VOICES, turns, strict=True):
        last = sound.finds(clip(name), after) + CLIPS[name].speech_end
        first = sound.begins(sound.played, last, level=0)
        rendered = turn["page"]["rendered"] - turn["page"]["spoken"]
        assert (first - last) * 1000 == pytest.approx(rendered, abs=400)
        after = first
