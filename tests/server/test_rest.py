"""The HTTP side of OpenAI's API, asked over real sockets: by OpenAI's own client, and as browsers do."""

import asyncio
import socket
import time
from collections.abc import Generator, Sequence
from typing import Literal
from urllib.parse import urlsplit

import httpx2
import pytest
from openai import OpenAI

from pipeline.engines import LlmEngine
from pipeline.manner import Manner
from pipeline.roster import Candidate, Stage
from server.auth import Door
from server.house import House
from server.realtime.roles import Roles
from server.rest import MAX_BODY, models_of, rest
from tests.pipeline.fakes import FakeLlm
from tests.server.houses import next_door
from tests.stand_ins import asgi

pytestmark = pytest.mark.real

PAGE = "https://app.example"
KEY = {"authorization": "Bearer sesame"}
SECRETS = "/v1/realtime/client_secrets"


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with next_door({"server.keys": "sesame, other", "server.origins": PAGE}) as house:
        yield house


@pytest.fixture
def client(house: House) -> Generator[httpx2.Client]:
    with httpx2.Client(base_url=house.url, headers=KEY, trust_env=False) as client:
        yield client


def test_openai_s_client_finds_the_models(house: House) -> None:
    with OpenAI(base_url=f"{house.url}/v1", api_key="sesame", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["antiphon", "brain"]
        assert client.models.retrieve("brain").owned_by == "the embedded brain"


def test_openai_s_client_gets_a_secret(house: House) -> None:
    with OpenAI(base_url=f"{house.url}/v1", api_key="sesame", max_retries=0) as client:
        secret = client.realtime.client_secrets.create(
            expires_after={"anchor": "created_at", "seconds": 60},
            session={"type": "realtime", "instructions": "Be brief."},
        )
        assert secret.value.startswith("ek_")
        assert secret.expires_at == pytest.approx(time.time() + 60, abs=5)
        assert secret.session.type == "realtime"
        assert secret.session.instructions == "Be brief."
        only_listens = client.realtime.client_secrets.create(session={"type": "transcription"}).session
        assert (only_listens.type, only_listens.object) == ("transcription", "realtime.transcription_session")


def test_a_secret_is_nobody_else_s_business(client: httpx2.Client) -> None:
    answer = client.post(SECRETS)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json()["session"]["id"].startswith("sess_")


@pytest.mark.parametrize("where", ["/v1/models", "/v1/models/antiphon", "/v1/models/nobody", SECRETS])
def test_nothing_is_told_without_a_key(client: httpx2.Client, where: str) -> None:
    secret = client.post(SECRETS).json()["value"]
    for shown in ("", "Basic sesame", "Bearer wrong", f"Bearer {secret}"):
        method = "POST" if where == SECRETS else "GET"
        answer = client.request(method, where, headers={"authorization": shown})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
        assert answer.json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/models/a/b", b"", 404, "model_not_found"),
        ("GET", "/v1/nowhere", b"", 404, None),
        ("GET", SECRETS, b"", 405, None),
        ("POST", "/v1/models", b"", 405, None),
        ("POST", SECRETS, b"{", 400, "invalid_json"),
        ("POST", SECRETS, b'{"session": {"type": "video"}}', 400, "invalid_value"),
        ("POST", SECRETS, b" " * (MAX_BODY + 1), 413, None),
    ],
)
def test_what_is_wrong_is_said_in_openai_s_shape(
    client: httpx2.Client, method: str, path: str, body: bytes, status: int, code: str | None
) -> None:
    answer = client.request(method, path, content=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", code)
    assert error["message"]


def test_a_page_that_may_come_can_read_the_answers(client: httpx2.Client) -> None:
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-lang",
        "access-control-request-private-network": "true",
    }
    preflight = client.options(SECRETS, headers={"origin": PAGE, "authorization": "", **asked})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == asked["access-control-request-headers"]
    assert preflight.headers["access-control-allow-private-network"] == "true"
    for headers, status in ((KEY, 200), ({"authorization": "Bearer wrong"}, 401)):
        answer = client.post(SECRETS, headers={"origin": PAGE, **headers})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, PAGE)
        assert "origin" in answer.headers["vary"].lower()


def test_a_page_that_may_not_come_gets_nothing(client: httpx2.Client) -> None:
    stranger = {"origin": "https://evil.example"}
    preflight = client.options(SECRETS, headers={**stranger, "access-control-request-method": "POST"})
    assert preflight.status_code == 400
    answer = client.post(SECRETS, headers=stranger)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_not_allowed")
    for one in (preflight, answer):
        assert "access-control-allow-origin" not in one.headers


def test_our_own_page_may_come(client: httpx2.Client, house: House) -> None:
    assert client.post(SECRETS, headers={"origin": house.url}).status_code == 200


def ask_without_keys(method: str, path: str, **headers: str) -> int:
    """The status this gets from a server without keys."""

    async def scenario() -> int:
        async with (
            asgi.serving(rest(Stage("LLM", []), lambda _user: Roles(Manner()), Door())) as url,
            httpx2.AsyncClient(base_url=url, trust_env=False) as client,
        ):
            return (await client.request(method, path, headers=headers)).status_code

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"authorization": "Bearer none"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"host": "evil.example"}, 403),
    ],
)
def test_without_keys_this_machine_may_ask_but_no_web_page(headers: dict[str, str], status: int) -> None:
    assert ask_without_keys("POST", SECRETS.removeprefix("/v1"), **headers) == status
    assert ask_without_keys("GET", "/models", **headers) == status


def test_somebody_who_leaves_before_the_end_leaves_no_trace(
    client: httpx2.Client, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(house.url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as half:
        half.sendall(f"POST {SECRETS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sesame\r\n".encode())
        half.sendall(b"Content-Length: 100\r\n\r\n{")
        assert client.get("/v1/models").status_code == 200
    assert client.get("/v1/models").status_code == 200
    assert caplog.records == []


def test_models_are_those_at_work_and_none_twice() -> None:
    states: Sequence[Literal["ready", "absent"]] = ("ready", "absent", "ready", "ready")
    engines: list[LlmEngine] = [FakeLlm(name=name) for name in ("qwen", "gone", "qwen", "antiphon")]
    llms = Stage("LLM", [Candidate(engine, state) for engine, state in zip(engines, states, strict=True)])
    assert [model["id"] for model in models_of(llms)] == ["antiphon", "qwen"]
