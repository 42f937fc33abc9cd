"""The cascade of detectors, by way of the ear, on human speech and on what is none."""

import numpy as np
import pytest

from pipeline.audio import HEARING_RATE, Pcm
from pipeline.hearing import vad
from pipeline.hearing.ear import Ear
from pipeline.hearing.endpoint import Began, Ended, Endpointing, Sign
from pipeline.hearing.silero import Silero
from pipeline.hearing.vad import AT_ONCE, CHUNK, RECALL, CascadedVad
from tests.speech import CLIPS, clip

pytestmark = pytest.mark.real

CLEAN = ["spk1_snt1", "spk1_snt5", "spk1_snt6", "LJ001-0008"]
"""Recordings without noise, whose labels say where the speech is; the others begin and end in crowds and hiss."""

HOW = Endpointing()


def quiet(seconds: float) -> Pcm:
    """A microphone that hears nobody: hiss 70 dB under full scale."""
    return (np.random.default_rng(3).standard_normal(round(seconds * HEARING_RATE)) * 10).astype(np.int16)


def hear(pcm: Pcm, how: Endpointing = HOW, detector: CascadedVad | None = None) -> list[Sign]:
    ear = Ear(detector or CascadedVad(), how)
    return [sign for at in range(0, len(pcm), 320) for _, signs in ear.hear(pcm[at : at + 320]) for sign in signs]


def began(signs: list[Sign]) -> list[float]:
    return [sign.at for sign in signs if isinstance(sign, Began)]


def ended(signs: list[Sign]) -> list[float]:
    return [sign.at for sign in signs if isinstance(sign, Ended)]


class Counting(Silero):
    """Silero, counting how often it is asked, and about how much."""

    calls = chunks = 0

    def hear(self, sound: Pcm) -> float:
        self.calls += 1
        self.chunks += len(sound) // CHUNK
        return super().hear(sound)


def counting(detector: CascadedVad) -> Counting:
    detector._silero = silero = Counting()  # pyright: ignore[reportPrivateUsage]
    return silero


@pytest.mark.parametrize("name", CLEAN)
def test_an_utterance_is_found_where_it_is(name: str) -> None:
    signs = hear(np.concatenate((quiet(2.0), clip(name), quiet(2.0))))
    label = CLIPS[name]
    [at], [end] = began(signs), ended(signs)
    assert -0.15 <= at - 2.0 - label.speech_start <= HOW.prefix - 0.1, "soft onsets lie within the prefix"
    assert end - 2.0 == pytest.approx(label.speech_end, abs=0.15)


@pytest.mark.parametrize("name", [name for name in CLIPS if name not in CLEAN])
def test_speech_is_found_in_noise(name: str) -> None:
    signs = hear(np.concatenate((quiet(2.0), clip(name), quiet(2.0))))
    label = CLIPS[name]
    assert 2.0 <= began(signs)[0] < 2.0 + label.speech_start + HOW.prefix
    assert 2.0 + label.speech_end - 0.5 < ended(signs)[-1] <= 2.0 + label.speech_end + 0.15


@pytest.mark.parametrize("rms", [0, 30, 300, 1000, 3000, 10_000])
def test_white_noise_is_no_speech(rms: int) -> None:
    noise = np.random.default_rng(1).standard_normal(10 * HEARING_RATE) * rms
    assert began(hear(noise.clip(-32_767, 32_767).astype(np.int16))) == []


@pytest.mark.parametrize("smoothing", [0.9, 0.99])
def test_a_fan_is_no_speech(smoothing: float) -> None:
    white = np.random.default_rng(2).standard_normal(10 * HEARING_RATE)
    kernel = smoothing ** np.arange(400)
    fan = np.convolve(white, kernel, "same") / np.sqrt(np.sum(kernel**2)) * 2000
    assert began(hear(fan.clip(-32_767, 32_767).astype(np.int16))) == []


@pytest.mark.parametrize("hertz", [100, 220, 440, 1000, 3000])
def test_a_tone_is_no_speech(hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(10 * HEARING_RATE) / HEARING_RATE) * 8000
    assert began(hear(tone.astype(np.int16))) == []


def test_clicks_are_no_speech() -> None:
    clicks = quiet(10.0)
    clicks[::8000] = 32_000
    assert began(hear(clicks)) == []


@pytest.mark.parametrize("rms", [0, 10])
def test_silero_sleeps_in_silence(rms: int) -> None:
    detector = CascadedVad()
    silero = counting(detector)
    assert hear((quiet(30.0) * (rms // 10)).astype(np.int16), detector=detector) == []
    assert silero.calls <= 30 * 0.05 / 0.032, "less than a twentieth of the time"


def test_silero_is_not_asked_about_a_hum_for_long() -> None:
    """It is not 30 dB below the speaker, but webrtcvad hears nothing in it, and soon Silero heard nobody."""
    detector = CascadedVad()
    silero = counting(detector)
    speech = clip("spk1_snt1")
    hear(np.concatenate((quiet(2.0), speech)), detector=detector)
    awake = silero.chunks
    hear((np.sin(np.arange(20 * HEARING_RATE) * 100 * np.pi / HEARING_RATE) * 141).astype(np.int16), detector=detector)
    assert len(speech) // CHUNK - AT_ONCE <= awake
    assert 0 < silero.chunks - awake <= RECALL


def test_silero_is_not_asked_about_every_chunk_of_plain_speech_nor_of_the_quiet_behind_it() -> None:
    for name in CLEAN:
        detector = CascadedVad()
        silero = counting(detector)
        speech = clip(name)
        hear(np.concatenate((quiet(2.0), speech)), detector=detector)
        asked = silero.calls
        assert asked < 0.95 * len(speech) // CHUNK
        assert asked < 0.6 * silero.chunks
        hear(quiet(20.0), detector=detector)
        assert silero.calls == asked


def test_silero_is_not_asked_about_every_chunk_of_noisy_speech_either() -> None:
    detector = CascadedVad()
    silero = counting(detector)
    hear(np.concatenate((quiet(2.0), clip("jfk"))), detector=detector)
    assert silero.calls < 0.7 * silero.chunks


def test_of_softer_chunks_only_two_in_a_row_raise_a_doubt() -> None:
    class Sure(Counting):
        def hear(self, sound: Pcm) -> float:
            super().hear(sound)
            return 0.9

    detector = CascadedVad()
    detector._silero = silero = Sure()  # pyright: ignore[reportPrivateUsage]
    loud = clip("spk1_snt5")[HEARING_RATE // 2 : HEARING_RATE // 2 + CHUNK]
    for _ in range(1 + 7 * AT_ONCE):
        assert detector.hear(loud) == 0.9

    def asked(*sounds: Pcm) -> int:
        before = silero.calls
        assert [detector.hear(sound) for sound in sounds] == [0.9] * len(sounds)
        return silero.calls - before

    assert asked(loud // 5, loud, loud // 5) == 0
    assert asked(loud // 5) == 1


def test_plain_speech_is_not_believed_in_for_long() -> None:
    """A saw as loud as the speaker was, in the very moment the speaker stops."""
    detector = CascadedVad()
    speech = clip("spk1_snt5")[: 2 * HEARING_RATE]
    spoken = [detector.hear(speech[at : at + CHUNK]) for at in range(0, len(speech) - CHUNK, CHUNK)]
    saw = (np.arange(CHUNK * 40) % 64 * 300 - 9600).astype(np.int16)
    sawn = [detector.hear(saw[at : at + CHUNK]) for at in range(0, len(saw), CHUNK)]
    assert np.mean(spoken) > 0.7
    assert max(sawn[-20:]) < 0.5


def test_a_session_does_not_hear_what_another_one_hears() -> None:
    speech = np.concatenate((clip("spk1_snt1"), quiet(2.0)))
    silence = quiet(len(speech) / HEARING_RATE)
    talking, silent = CascadedVad(), CascadedVad()
    together = list[tuple[float, float]]()
    for at in range(0, len(speech) - CHUNK + 1, CHUNK):
        together.append((talking.hear(speech[at : at + CHUNK]), silent.hear(silence[at : at + CHUNK])))
    alone = CascadedVad()
    assert [heard for heard, _ in together] == pytest.approx(
        [alone.hear(speech[at : at + CHUNK]) for at in range(0, len(speech) - CHUNK + 1, CHUNK)]
    )
    assert max(nothing for _, nothing in together) < 0.5


def test_a_decay_far_below_the_voice_is_quiet() -> None:
    speech = np.concatenate((clip("spk1_snt6"), clip("spk1_snt6")[::-1] // 100, quiet(2.0)))
    without_echo = np.concatenate((clip("spk1_snt6"), quiet(4.0)))
    assert ended(hear(speech))[0] == pytest.approx(ended(hear(without_echo))[0], abs=0.1)


def test_a_soft_speaker_is_heard_soon_after_a_loud_one() -> None:
    loud, soft = clip("jfk"), clip("spk1_snt5") // 10
    signs = hear(np.concatenate((loud, quiet(2.0), soft, soft, soft, quiet(2.0))))
    assert any(13.0 < at < 16.5 for at in began(signs))


def test_the_gate_is_shown_frames_it_knows() -> None:
    assert vad.GATE_FRAME in (160, 320, 480)
    assert vad.GATE_FRAME <= CHUNK
