"""Talking over the page's answer: it falls silent at once, and what was not heard was not said."""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pytest

from pipeline.audio import HEARING_RATE, Pcm
from server.house import House
from tests.server.caller import quiet
from tests.server.houses import next_door
from tests.speech import clip
from tests.web.browser import Chromium, keep_figures, keep_picture
from tests.web.memory import remembered
from tests.web.programs import running
from tests.web.tap import FRAME, Tapped, gains, tapped

pytestmark = pytest.mark.real

STORY = "One morning the old man went down to the sea, and the sea was not there any more. " * 8

READY = 7.0
"""Seconds in which a call is made, a question typed, and the answer to it begun; on a busy machine."""

PAUSE = 4.5
"""Seconds in which a reply begins and goes on for a while."""


@pytest.fixture(scope="module")
def storyteller() -> Generator[House]:
    """A server that answers everything at length."""
    with (
        running("server", "brain", "--port", "0", "--first-token-ms", "50", "--reply", STORY) as brain,
        next_door({"llm.engine": "openai", "llm.url": f"{brain.url}/v1"}) as house,
    ):
        yield house


@dataclass(frozen=True, slots=True)
class Cut:
    """One interruption, in seconds of the sound system's clock."""

    onset: float
    """The voice comes in from the microphone."""
    ducked: float
    """The answer is less than half as loud as before, and stays so."""
    silent: float
    """Its last sample."""


def cuts(sound: Tapped, voices: int) -> list[Cut]:
    """Those of so many utterances, `PAUSE` apart, that were spoken into an answer."""
    found: list[Cut] = []
    after = 0.0
    for _ in range(voices):
        onset = sound.begins(sound.heard, after, level=0.02)
        if sound.between(sound.played, onset - 0.5, onset).any():
            silent = sound.falls_silent(onset, seconds=0.3)
            found.append(Cut(onset, _ducks(sound, onset, silent), silent))
        after = sound.quiet_since(sound.heard, onset, 2.0)
    return found


def _ducks(sound: Tapped, onset: float, silent: float) -> float:
    """From when on the answer is 6 dB below its loudest moment of the half second before the voice."""
    before = sound.loudness(sound.between(sound.played, onset - 0.5, onset)).max()
    loud = np.flatnonzero(sound.loudness(sound.between(sound.played, onset, silent)) > before / 2)
    return onset + (int(loud[-1]) + 1) * FRAME if len(loud) else onset


def interrupted(browser: Chromium, house: House, voices: Sequence[Pcm]) -> list[Cut]:
    """Speak so many times into the page's answers; what became of them."""
    browser.hears(quiet(READY), *(piece for voice in voices for piece in (voice, quiet(PAUSE))))
    with browser.visit(house.url, tapped=True) as visit:
        visit.call_and_write("Tell me a story.")
        visit.reaches("speaking")
        visit.page.wait_for_timeout(1000 * (READY + sum(len(voice) / HEARING_RATE + PAUSE for voice in voices)))
        return cuts(tapped(visit.page), len(voices))


def test_a_voice_silences_the_answer_and_only_what_was_heard_is_remembered(
    browser: Chromium, storyteller: House
) -> None:
    browser.hears(quiet(READY), clip("jfk")[: 3 * HEARING_RATE], quiet(10))
    with browser.visit(storyteller.url, tapped=True) as visit:
        visit.call_and_write("Tell me a story.")
        visit.reaches("speaking")
        visit.reaches("interrupted")
        keep_picture(visit.page, "interrupted")
        visit.reads("You interrupted.")
        visit.page.wait_for_timeout(300)
        (response, *_) = visit.events("response.done")
        said = "".join(event["delta"] for event in visit.events("response.output_audio_transcript.delta"))
        (item,) = response["response"]["output"]
        kept = remembered(visit, storyteller, item["id"])
        (truncated,) = visit.events("conversation.item.truncated")
        keep_picture(visit.page, "interrupted-transcript")
        unheard = visit.page.locator("[data-testid=transcript] s.unheard").first.inner_text()
        words = visit.page.locator("[data-testid=transcript] .assistant .text").first.inner_text()
        sound = tapped(visit.page)
    (cut,) = cuts(sound, 1)
    heard = cut.silent - sound.begins(sound.played, level=0)
    assert cut.silent - cut.onset < 0.8
    assert truncated["audio_end_ms"] / 1000 == pytest.approx(heard, abs=0.08)
    assert kept
    assert said.startswith(kept)
    assert len(kept) < len(said)
    assert words.startswith(kept)
    assert unheard.strip(" ()")


def test_the_answer_is_silent_soon_after_the_voice_begins(browser: Chromium, storyteller: House) -> None:
    """Half a second is for a machine that does something else at that moment; how soon it is otherwise, and how often,
    is told by `python -m tests.web.figures`."""
    found = interrupted(browser, storyteller, [clip(name) for name in ("spk1_snt5", "spk1_snt6")])
    keep_figures("bargein", [asdict(cut) for cut in found])
    assert found
    for cut in found:
        assert cut.ducked - cut.onset < 0.5
        assert cut.silent - cut.onset < 0.8


def test_a_cough_is_stepped_back_for_and_no_more(browser: Chromium, storyteller: House) -> None:
    browser.hears(quiet(READY), cough(), quiet(10))
    with browser.visit(storyteller.url, tapped=True) as visit:
        visit.call_and_write("Tell me a story.")
        visit.reaches("speaking")
        visit.page.wait_for_timeout(1000 * (READY + 2))
        assert visit.state == "speaking"
        assert visit.events("conversation.item.truncated") == []
        sound, sent = tapped(visit.page), visit.sent_sound()
    onset = sound.begins(sound.heard, level=0.02)
    before, during, after = gains(sound, sent, (onset - 0.5, onset + 0.2, onset + 1.2), 0.4)
    assert before == pytest.approx(1, abs=0.05)
    assert during < before / 2
    assert after == pytest.approx(before, abs=0.05)


def cough() -> Pcm:
    """A tenth of a second of noise, as coughs are."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 6000, HEARING_RATE // 8) * np.hanning(HEARING_RATE // 8)
    return noise.astype(np.int16)
