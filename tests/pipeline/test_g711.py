"""Both laws against the standard's tables, against each other's inverse, and against Python's own while it has them."""

import sys
import warnings

import numpy as np
import pytest

from pipeline.audio import Pcm
from pipeline.g711 import A_LAW, MU_LAW, Law

EVERY_SAMPLE: Pcm = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
EVERY_BYTE = bytes(range(256))

TABLE_1 = (
    *((0xAA, 4032), (0xA5, 2112), (0xB5, 1056), (0x85, 528), (0x95, 264), (0xE5, 132), (0xF5, 66), (0xC5, 33)),
    *((0xD4, 3), (0xD5, 1), (0x55, -1), (0x45, -33), (0x25, -2112), (0x2A, -4032)),
)
"""A-law bytes and what they stand for, as samples of 13 bits."""

TABLE_2 = (
    *((0x80, 8031), (0x8F, 4191), (0x9F, 2079), (0xAF, 1023), (0xBF, 495), (0xCF, 231), (0xDF, 99), (0xEF, 33)),
    *((0xFE, 2), (0xFF, 0), (0x7F, 0), (0x7E, -2), (0x6F, -33), (0x0F, -4191), (0x02, -7519), (0x00, -8031)),
)
"""Mu-law bytes and what they stand for, as samples of 14 bits."""

both_laws = pytest.mark.parametrize("law", [MU_LAW, A_LAW], ids=["mu-law", "A-law"])


def samples(*values: int) -> Pcm:
    return np.array(values, np.int16)


@pytest.mark.parametrize(("byte", "value"), TABLE_2)
def test_mu_law_is_the_standards_table_2(byte: int, value: int) -> None:
    assert MU_LAW.decode(bytes([byte])).tolist() == [value * 4]
    assert MU_LAW.encode(samples(value * 4)) == (b"\xff" if value == 0 else bytes([byte]))


@pytest.mark.parametrize(("byte", "value"), TABLE_1)
def test_a_law_is_the_standards_table_1(byte: int, value: int) -> None:
    assert A_LAW.decode(bytes([byte])).tolist() == [value * 8]
    assert A_LAW.encode(samples(value * 8)) == bytes([byte])


@pytest.mark.parametrize(
    ("law", "below", "edge", "quieter", "louder"),
    [
        (MU_LAW, 3, 4, 0xFF, 0xFE),
        (MU_LAW, 123, 124, 0xF0, 0xEF),
        (MU_LAW, 31611, 31612, 0x81, 0x80),
        (A_LAW, 15, 16, 0xD5, 0xD4),
        (A_LAW, 255, 256, 0xDA, 0xC5),
        (A_LAW, 511, 512, 0xCA, 0xF5),
        (A_LAW, 31743, 31744, 0xAB, 0xAA),
    ],
)
def test_a_step_begins_at_its_decision_value(law: Law, below: int, edge: int, quieter: int, louder: int) -> None:
    assert law.encode(samples(below, edge)) == bytes([quieter, louder])
    assert law.encode(samples(~below, ~edge)) == bytes([quieter ^ 0x80, louder ^ 0x80])


@both_laws
def test_every_byte_survives_being_decoded(law: Law) -> None:
    again = law.encode(law.decode(EVERY_BYTE))
    assert {(before, after) for before, after in zip(EVERY_BYTE, again, strict=True) if before != after} <= {
        (0x7F, 0xFF)  # mu-law has two zeros
    }


@both_laws
def test_a_louder_sample_never_comes_out_softer(law: Law) -> None:
    heard = law.decode(law.encode(EVERY_SAMPLE)).astype(int)
    assert np.diff(heard).min() >= 0
    assert np.array_equal(heard, -heard[::-1])


@pytest.mark.parametrize(("law", "finest", "loudest"), [(MU_LAW, 4, 32_635), (A_LAW, 8, 32_767)])
def test_no_sample_is_off_by_more_than_half_its_step(law: Law, finest: int, loudest: int) -> None:
    sent = EVERY_SAMPLE[np.abs(EVERY_SAMPLE.astype(int)) <= loudest].astype(int)
    off = np.abs(law.decode(law.encode(sent.astype(np.int16))) - sent)
    assert np.all(off <= np.maximum(finest, (np.abs(sent) + 132) / 32))


@both_laws
@pytest.mark.parametrize("decibels", [0, -10, -20, -30])
def test_soft_sounds_are_as_clean_as_loud_ones(law: Law, decibels: int) -> None:
    tone = (22_000 * 10 ** (decibels / 20) * np.sin(np.arange(8000) * 0.8)).astype(np.int16)
    noise = law.decode(law.encode(tone)) - tone.astype(float)
    assert 10 * np.log10(np.mean(tone.astype(float) ** 2) / np.mean(noise**2)) > 35  # dB; ITU-T G.712 asks for 33


@both_laws
def test_nothing_becomes_nothing(law: Law) -> None:
    assert law.encode(samples()) == b""
    assert law.decode(b"").tolist() == []


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="Python has no audioop any more")
def test_both_laws_are_pythons_own() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop  # noqa: PLC0415  # pyright: ignore[reportDeprecated]
    raw = EVERY_SAMPLE.tobytes()
    assert A_LAW.encode(EVERY_SAMPLE) == audioop.lin2alaw(raw, 2)
    assert A_LAW.decode(EVERY_BYTE).tobytes() == audioop.alaw2lin(EVERY_BYTE, 2)
    assert MU_LAW.decode(EVERY_BYTE).tobytes() == audioop.ulaw2lin(EVERY_BYTE, 2)
    louder = EVERY_SAMPLE[EVERY_SAMPLE >= 0]  # it rounds the others down to 14 bits: -1 becomes -8, not 0
    assert MU_LAW.encode(louder) == audioop.lin2ulaw(louder.tobytes(), 2)
