"""Whose address it is, what of it may be shown, and what its refusals mean."""

import pytest

from pipeline.errors import EngineError, LimitedError, RefusedError
from pipeline.openai_server import address, is_openai, refusal


@pytest.mark.parametrize(
    ("url", "openai"),
    [
        ("https://api.openai.com/v1", True),
        ("https://API.OpenAI.com:443/v1/", True),
        ("https://api.openai.com.example.org/v1", False),
        ("https://api.openai.com@example.org/v1", False),
        ("http://127.0.0.1/api.openai.com", False),
    ],
)
def test_openai_is_known_by_its_host(url: str, openai: bool) -> None:
    assert is_openai(url) is openai


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("https://me:secret@example.org:8000/v1", "https://example.org:8000/v1"),
        ("https://me:p@ss@[::1]:8000/v1", "https://[::1]:8000/v1"),
    ],
)
def test_a_password_is_not_shown(url: str, shown: str) -> None:
    assert address(url) == shown


def test_no_half_character_is_in_what_an_engine_says_of_itself() -> None:
    assert str(EngineError("bad input: hello \ud83d")) == "bad input: hello "
    assert str(LimitedError("\udc00 too often")) == "\ufffd too often"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RefusedError), (401, EngineError), (413, RefusedError), (429, LimitedError), (500, EngineError)],
)
def test_a_status_tells_whose_fault_it_is(status: int, kind: type[EngineError]) -> None:
    error = refusal("m", status, "no", {"retry-after": "7"})
    assert (type(error), str(error)) == (kind, f"m answers {status}: no")
    assert not isinstance(error, RefusedError) or error.status == status
    assert not isinstance(error, LimitedError) or error.retry_after == 7.0
