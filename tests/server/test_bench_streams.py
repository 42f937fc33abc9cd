"""The benchmark of many answers at once, against a stand-in in a process of its own."""

from pathlib import Path

import orjson
import pytest

from server.__main__ import main

pytestmark = pytest.mark.real

SMALL = ["bench", "streams", "--at-once", "4", "--requests", "12", "--alone", "3"]
FAST = ["--first-token-ms", "50", "--tokens-per-second", "200"]


def test_many_at_a_time_are_answered_sooner_than_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "streams.json"
    assert main([*SMALL, *FAST, "--json", str(written)]) == 0
    result = orjson.loads(written.read_bytes())
    assert (result["alone"]["at_once"], result["together"]["at_once"]) == (1, 4)
    assert result["together"]["requests_per_second"] > 1.5 * result["alone"]["requests_per_second"]
    assert result["alone"]["first_token_ms_p50"] >= 50
    assert "times the answers" in capsys.readouterr().out


def test_a_server_that_is_not_there_and_a_number_that_makes_no_sense_are_told_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*SMALL, "--url", "http://127.0.0.1:9/v1"]) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert main(["bench", "streams", "--at-once", "0"]) == 2
