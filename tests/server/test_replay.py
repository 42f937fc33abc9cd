"""What failed can be listed and sent again, to whom one likes, and the exit status says how that went."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest

from models import brain
from models.faults import Knobs
from pipeline.llm.failure import Failure
from server.__main__ import main, parser_for
from server.journal import JOURNAL, Journal
from server.replay import run
from tests.server.test_reload import ROW
from tests.stand_ins.asgi import serving

DEAD = "http://127.0.0.1:9/v1"


def request(question: str, **more: Any) -> Mapping[str, Any]:
    return {"model": "big", "messages": [{"role": "user", "content": question}], "stream": True, **more}


def noted(folder: Path, *requests: Mapping[str, Any], url: str = DEAD) -> None:
    async def write() -> None:
        async with aclosing(Journal(folder / JOURNAL)) as journal:
            for one in requests:
                journal.note(Failure("big", url, one, "big answers 500: The server had an error", 0.25))

    asyncio.run(write())


def replay(folder: Path, *words: str, **environment: str) -> int:
    return asyncio.run(replaying(folder, *words, **environment))


async def replaying(folder: Path, *words: str, **environment: str) -> int:
    parsed = parser_for(["replay"]).parse_args(["replay", "--state", str(folder), *words])
    parsed.environment = {"HOME": "/nonexistent", **environment}
    return await run(parsed)


def replayed(folder: Path, knobs: Knobs, *words: str) -> int:
    """Sent to a brain that behaves like that."""

    async def scene() -> int:
        async with serving(brain.app(brain.Settings(knobs))) as url:
            return await replaying(folder, *words, "--url", f"{url}/v1", "--model", "antiphon-brain")

    return asyncio.run(scene())


def test_where_nothing_has_failed_there_is_nothing_to_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(tmp_path, "--list") == 0
    assert capsys.readouterr().out == "no request has failed\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--list"], []])
def test_the_list_shows_what_was_asked_and_what_came_of_it(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noted(tmp_path, request("What is\nan antiphon?"), request("你好"))
    assert replay(tmp_path, *words) == 0
    first, why, second, _ = capsys.readouterr().out.splitlines()
    assert (first[:3], first.endswith("  big  'What is an antiphon?'")) == ("1  ", True)
    assert why == "  big answers 500: The server had an error (after 0.2 s)"
    assert (second[:3], second.endswith("  big  '你好'")) == ("2  ", True)


def test_a_request_is_sent_again_and_its_answer_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noted(tmp_path, request("Hello!"), request("What is 6 times 7?"))
    assert replayed(tmp_path, Knobs(first_token_ms=50.0), "2") == 0
    out = capsys.readouterr().out
    assert "42" in out
    assert "Hello!" not in out
    figures = out.splitlines()[-1]
    assert "antiphon-brain at http://127.0.0.1" in figures
    assert 50 <= float(figures.partition("first token ")[2].partition(" ms")[0]) < 5000
    assert figures.endswith(" tokens")


def test_its_parameters_go_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    function: Mapping[str, Any] = {"name": "light_on", "parameters": {"type": "object", "properties": {}}}
    tool = {"type": "function", "function": function}
    noted(tmp_path, request("Switch it on.", tools=[tool], tool_choice="required"))
    assert replayed(tmp_path, Knobs(), "1") == 0
    assert "light_on: {}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fault", "shown"),
    [("server_error", "failed again: "), ("rate_limit", "failed again: "), ("cut", "failed again: ")],
)
def test_what_fails_again_is_said_and_counts_as_failed(
    fault: str, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noted(tmp_path, request("Hello!"), request("Hello!"))
    assert replayed(tmp_path, Knobs().changed({"fault": fault, "fault_every": 2}), "1", "2") == 1
    out = capsys.readouterr().out
    assert (out.count(shown), out.count("first token")) == (1, 1)


def test_a_server_that_is_gone_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noted(tmp_path, request("Hello!"))
    assert replay(tmp_path, "1") == 1
    assert f"big at {DEAD} cannot be reached" in capsys.readouterr().out


def test_what_is_not_there_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    noted(tmp_path, request("Hello!"))
    for words, complaint in (
        (["7"], f"there is no request 7 in {tmp_path / JOURNAL}; see antiphon replay --list"),
        (["--state", "none"], "server.state = 'none': no failed requests are kept"),
    ):
        assert main(["replay", "--state", str(tmp_path), *words]) == 2
        assert capsys.readouterr().err == f"antiphon replay: {complaint}\n"


@pytest.mark.parametrize(("words", "left"), [(["1"], [2, 3]), (["1", "3"], [2]), ([], [])])
def test_requests_can_be_forgotten(words: list[str], left: list[int], tmp_path: Path) -> None:
    noted(tmp_path, *[request("Hello!")] * 3)
    assert replay(tmp_path, "--forget", *words) == 0
    with closing(sqlite3.connect(tmp_path / JOURNAL)) as db:
        assert [row[0] for row in db.execute("SELECT id FROM failed")] == left


def test_the_key_is_the_one_of_that_server(tmp_path: Path) -> None:
    class Asked(list[str]):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            self.append(dict(scope["headers"]).get(b"authorization", b"").decode())
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    asked = Asked()

    async def scene() -> None:
        async with serving(asked) as url:
            there = ["--url", f"{url}/v1"]
            await replaying(tmp_path, "1", *there, OPENAI_API_KEY="theirs")
            await replaying(tmp_path, "1", *there, "--key-env", "MINE", MINE="mine")
            await replaying(tmp_path, "1", *there, "--llm-url", f"{url}/v1", "--llm-key", "set")
            catalog = tmp_path / "catalog.toml"
            catalog.write_text(ROW.format(name="one", url=url, price=0.001, quality=0.7) + 'key_env = "ITS_KEY"\n')
            await replaying(tmp_path, "1", *there, "--llm-catalog", str(catalog), ITS_KEY="its own")

    noted(tmp_path, request("Hello!"))
    asyncio.run(scene())
    assert asked == ["Bearer none", "Bearer mine", "Bearer set", "Bearer its own"]
