"""What clients who do anything have found, each in as few events as it takes."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.pipeline.fakes import LOUD, QUIET, FakeAsr, FakeLlm, FakeTts
from tests.server.accounts import Accounts
from tests.server.indoors import Indoors
from tests.server.linter import Event

TYPED = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello!"}]}


@contextmanager
def guest(query: str = "") -> Generator[Accounts]:
    """A client that has just come, and leaves nothing behind."""
    indoors = Indoors(FakeAsr(), FakeLlm(), FakeTts())
    wire = indoors.connect(query)
    client = Accounts(indoors, wire)
    look(client)
    try:
        yield client
    finally:
        wire.cut(1000)
        wrong = indoors.close()
    assert wrong == []


def look(client: Accounts, seconds: float = 0.1) -> None:
    """See what comes in the meantime."""
    client.indoors.wait(seconds)
    client.read()


def test_a_session_with_a_conversation_stays_of_its_type() -> None:
    with guest() as client:
        for kind in ("transcription", "realtime"):
            client.send("session.update", session={"type": kind})
        client.create(TYPED)
        look(client)
        assert not client.refused
        late = client.send("session.update", session={"type": "transcription"})
        look(client)
        assert list(client.refused) == [late]


def test_speech_has_stopped_where_nobody_listens_for_its_end_any_more() -> None:
    with guest() as client:
        client.append(LOUD, 1.0)
        for detection in (None, {"type": "server_vad"}):
            client.send("session.update", session={"audio": {"input": {"turn_detection": detection}}})
        client.append(LOUD, 1.0)
        look(client)  # the linter knows that nobody begins to speak twice


@pytest.mark.parametrize("voice", ["marin", {"id": "marin"}])
def test_a_response_names_its_voice(voice: object) -> None:
    with guest() as client:
        client.send("session.update", session={"audio": {"output": {"voice": voice}}})
        client.respond({})
        look(client, 30.0)
        assert [response.status for response in client.linter.responses.values()] == ["completed"]


def test_what_a_session_is_given_as_metadata_is_none_of_its_responses() -> None:
    with guest() as client:
        client.send("session.update", session={"metadata": {"a": {"b": 1}}})
        client.respond({})
        client.append(LOUD, 1.0)
        client.append(QUIET, 3.0)
        look(client, 30.0)
        assert [response.status for response in client.linter.responses.values()] == ["cancelled", "completed"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("conversation.item.delete", {"item_id": "x" * 10_000}),
        ("response.create", {"response": {"conversation": "x" * 10_000}}),
        ("response.create", {"response": {"audio": {"output": {"voice": {}}}}}),
        ("session.update", {"session": {"audio": {"output": {"voice": False}}}}),
    ],
)
def test_what_is_refused_is_quoted_in_short(kind: str, fields: Event) -> None:
    with guest() as client:
        refused = client.send(kind, **fields)
        client.indoors.wait(0.1)
        assert len(client.wire.arrived[-1]) < 1000
        client.read()
        assert list(client.refused) == [refused]
