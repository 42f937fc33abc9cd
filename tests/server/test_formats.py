"""Sound on the wire in every format, cut anywhere: nothing is lost, added, shifted or held back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pipeline.audio import HEARING_RATE, SPEAKING_RATE, Pcm
from pipeline.errors import ProtocolError
from server.realtime.formats import FORMATS, Decoder, Encoder, Format, format_of

PCM_24, PCM_16, PCM_8, PCMU, PCMA = FORMATS

every_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: f"{form.type} {form.rate_hz}")


def tone(rate_hz: int, seconds: float = 1.0) -> Pcm:
    return (8000 * np.sin(2 * np.pi * 700 * np.arange(round(rate_hz * seconds)) / rate_hz)).astype(np.int16)


def cut(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[start : start + size] for start in range(0, len(raw), size))


def heard(decoder: Decoder, raw: bytes, size: int) -> list[Pcm]:
    """What becomes of `raw` when it comes in messages of this size."""
    return [sound for message in cut(raw, size) for sound in decoder.feed(message)]


def sent(form: Format, pcm: Pcm, size: int) -> list[bytes]:
    """The deltas for a reply whose sound comes in pieces of this size."""
    encoder = Encoder(form)
    deltas = [delta for at in range(0, len(pcm), size) for delta in encoder.feed(pcm[at : at + size])]
    return [*deltas, encoder.flush()]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"type": "audio/pcm"}, PCM_24),
        ({"type": "audio/pcm", "rate": None}, PCM_24),
        ({"type": "audio/pcm", "rate": 24000}, PCM_24),
        ({"type": "audio/pcm", "rate": 24000.0, "channels": 1}, PCM_24),
        ({"type": "audio/pcm", "rate": 16000}, PCM_16),
        ({"type": "audio/pcm", "rate": 8000}, PCM_8),
        ({"type": "audio/pcmu"}, PCMU),
        ({"type": "audio/pcma", "rate": 8000}, PCMA),
    ],
)
def test_the_formats_of_the_wire_are_understood(given: dict[str, Any], meant: Format) -> None:
    assert format_of(given, "format") == meant


@pytest.mark.parametrize(
    "given",
    [
        None,
        "pcm16",
        ["audio/pcm"],
        {},
        {"rate": 24000},
        {"type": "pcm16"},
        {"type": ["audio/pcm"]},
        {"type": "audio/opus"},
        {"type": "audio/pcm", "rate": 44100},
        {"type": "audio/pcm", "rate": "24000"},
        {"type": "audio/pcm", "rate": [24000]},
        {"type": "audio/pcm", "rate": True},
        {"type": "audio/pcmu", "rate": 24000},
    ],
    ids=str,
)
def test_anything_else_is_refused_by_name(given: object) -> None:
    with pytest.raises(ProtocolError, match=r"^session\.audio\.input\.format: .* is not a") as refused:
        format_of(given, "session.audio.input.format")
    assert (refused.value.code, refused.value.param) == ("invalid_value", "session.audio.input.format")


@pytest.mark.parametrize(
    ("form", "shown", "bytes_per_second"),
    [
        (PCM_24, {"type": "audio/pcm", "rate": 24000}, 48_000),
        (PCM_16, {"type": "audio/pcm", "rate": 16000}, 32_000),
        (PCM_8, {"type": "audio/pcm", "rate": 8000}, 16_000),
        (PCMU, {"type": "audio/pcmu"}, 8_000),
        (PCMA, {"type": "audio/pcma"}, 8_000),
    ],
)
def test_a_format_knows_its_name_and_its_pace(form: Format, shown: dict[str, Any], bytes_per_second: int) -> None:
    assert form.as_json() == shown
    assert format_of(form.as_json(), "format") == form
    assert form.seconds(bytes_per_second) == 1.0


@every_format
@pytest.mark.parametrize("size", [1, 37, 960, 10**9])
def test_messages_may_be_cut_anywhere(form: Format, size: int) -> None:
    raw = form.encoded(tone(form.rate_hz, 0.5))
    decoder = Decoder(form)
    joined = np.concatenate([*heard(decoder, raw, size), decoder.flush()])
    whole = Decoder(form)
    expected = np.concatenate([*whole.feed(raw), whole.flush()])
    assert len(joined) == HEARING_RATE // 2
    assert np.abs(joined.astype(int) - expected).max() <= 1
    assert np.corrcoef(joined[200:-200], shifted(tone(HEARING_RATE, 0.5), joined)[200:-200])[0, 1] > 0.999


def shifted(pcm: Pcm, until_like: Pcm) -> Pcm:
    """`pcm`, later by as much as makes it most like the other: up to 2 ms."""
    shifts = (np.roll(pcm, shift) for shift in range(HEARING_RATE * 2 // 1000 + 1))
    return max(shifts, key=lambda one: float(np.dot(one.astype(float), until_like)))


def test_16_khz_is_heard_as_it_is() -> None:
    pcm = tone(HEARING_RATE)
    decoder = Decoder(PCM_16)
    np.testing.assert_array_equal(np.concatenate([*decoder.feed(pcm.tobytes()), decoder.flush()]), pcm)


@every_format
def test_sound_is_heard_in_whole_blocks(form: Format) -> None:
    raw = form.encoded(tone(form.rate_hz))
    assert {len(sound) for sound in heard(Decoder(form), raw, 31)} == {512}
    assert {len(sound) % 512 for sound in heard(Decoder(form), raw, len(raw) // 3)} == {0}


@every_format
def test_what_fills_no_block_is_heard_when_it_is_flushed(form: Format) -> None:
    decoder = Decoder(form)
    raw = form.encoded(tone(form.rate_hz, 0.03))
    assert list(decoder.feed(raw)) == []
    assert len(decoder.flush()) == HEARING_RATE * 30 // 1000
    assert len(decoder.flush()) == 0


def test_half_a_sample_waits_for_its_other_half() -> None:
    decoder = Decoder(PCM_16)
    assert list(decoder.feed(b"\x01\x02\x03")) == []
    assert decoder.flush().tolist() == [0x0201]
    assert list(decoder.feed(b"\x04")) == []
    assert decoder.flush().tolist() == [0x0403]


@every_format
def test_an_empty_message_is_no_sound(form: Format) -> None:
    assert list(Decoder(form).feed(b"")) == []


@every_format
def test_minutes_at_once_are_converted_a_second_at_a_time(form: Format) -> None:
    decoder = Decoder(form)
    raw = form.encoded(tone(form.rate_hz, 10))
    lengths = [len(sound) for message in (raw[:101], raw[101:]) for sound in decoder.feed(message)]
    assert max(lengths) <= HEARING_RATE
    assert len(lengths) <= 11
    assert sum(lengths) + len(decoder.flush()) == 10 * HEARING_RATE


@every_format
@pytest.mark.parametrize("size", [1, 50, 2400, 5000, 10**9])
def test_a_reply_is_as_long_on_the_wire_and_in_time(form: Format, size: int) -> None:
    spoken = tone(SPEAKING_RATE, 0.3)[:-1]
    pcm = form.decoded(b"".join(sent(form, spoken, size)))
    expected = tone(form.rate_hz, 0.3)
    assert abs(len(pcm) - len(spoken) * form.rate_hz / SPEAKING_RATE) <= 1
    length = min(len(pcm), len(expected)) - 10  # the filter hears it break off
    assert np.corrcoef(pcm[10:length], expected[10:length])[0, 1] > 0.98  # less, were it a sample off


@every_format
@pytest.mark.parametrize("samples", [1, 240, 2400, 2401, 3000, 24_000, 100_003])
def test_deltas_are_of_50_to_100_ms_unless_there_is_less(form: Format, samples: int) -> None:
    encoder = Encoder(form)
    list(encoder.feed(tone(SPEAKING_RATE, 0.1)))
    deltas = list(encoder.feed(tone(SPEAKING_RATE, samples / SPEAKING_RATE)))
    assert all(len(delta) % form.width == 0 and len(delta) for delta in deltas)
    lengths = [form.seconds(len(delta)) for delta in deltas]
    assert max(lengths, default=0.0) <= 0.1
    assert min(lengths, default=0.0) >= min(0.05, samples / SPEAKING_RATE) - 0.001


@every_format
def test_no_sound_is_held_back(form: Format) -> None:
    encoder = Encoder(form)
    pieces = [sum(map(len, encoder.feed(tone(SPEAKING_RATE, 0.01)))) for _ in range(5)]
    assert all(form.seconds(size) >= 0.009 for size in pieces)


def test_24_khz_is_sent_as_it_is() -> None:
    pcm = tone(SPEAKING_RATE)
    assert b"".join(sent(PCM_24, pcm, 10**9)) == pcm.tobytes()
    assert Encoder(PCM_24).flush() == b""


@every_format
def test_a_reply_that_was_silent_has_no_end_either(form: Format) -> None:
    encoder = Encoder(form)
    assert list(encoder.feed(np.zeros(0, np.int16))) == []
    assert encoder.flush() == b""
