"""Whatever a client sends in whatever order, while engines fail and connections drop, rules hold and nothing stays."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pipeline.context.conversation import Conversation
from pipeline.errors import EngineError
from tests.pipeline.fakes import LOUD, QUIET, FakeAsr, FakeLlm, FakeTts
from tests.server.accounts import Accounts
from tests.server.indoors import Indoors, Wire
from tests.server.linter import Event
from tests.server.wishes import BROKEN, CHANGES, HEARD, ITEMS, MEANT, NUMBER, REPLIES, RESPONSES, SECONDS, Wrong

RESUME = 20.0
"""Seconds a conversation waits here for its client."""

CI = settings(
    max_examples=400,
    stateful_step_count=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

while_connected = precondition(lambda self: self.wire.open)


class AnyOrder(RuleBasedStateMachine):
    """One client, one server; at any moment another thing happens."""

    indoors: Indoors
    wire: Wire
    client: Accounts
    talk: Conversation
    """What the server knows that was said."""
    wrong: list[str]
    """Events that no server would carry out."""

    @initialize(
        heard=st.lists(HEARD, min_size=1, max_size=4),
        said=st.lists(st.sampled_from(REPLIES), min_size=1, max_size=4),
        resume=st.sampled_from([0.0, RESUME, RESUME]),
        query=st.sampled_from(["", "", "", "intent=transcription"]),
    )
    def open(self, heard: Sequence[Any], said: Sequence[Any], resume: float, query: str) -> None:
        self.indoors = Indoors(FakeAsr(heard), FakeLlm(said), FakeTts(), resume)
        self.wire = self.indoors.connect(query)
        self.indoors.wait(0)
        self.begin()

    def begin(self) -> None:
        """A conversation, over the connection there is."""
        self.client, self.wrong = Accounts(self.indoors, self.wire), []
        self.client.read()
        assert self.client.session, "nobody says hello"
        self.talk = self.indoors.latest()

    @invariant()
    def what_has_come_keeps_the_rules(self) -> None:
        self.client.read()

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.indoors.wait(seconds)

    @while_connected
    @rule(changes=CHANGES)
    def update(self, changes: Event) -> None:
        self.client.send("session.update", session=changes)

    @while_connected
    @rule(sounds=st.lists(st.tuples(st.sampled_from([LOUD, QUIET]), SECONDS), max_size=4))
    def play(self, sounds: Sequence[tuple[int, float]]) -> None:
        """Sound that comes faster than anybody can speak."""
        for level, seconds in sounds:
            self.client.append(level, seconds)

    @while_connected
    @rule(before=SECONDS, seconds=SECONDS, after=SECONDS)
    def say(self, before: float, seconds: float, after: float) -> None:
        """Sound as it is made."""
        for level, length in ((QUIET, before), (LOUD, seconds), (QUIET, after)):
            self.client.append(level, length)
            self.indoors.wait(length)

    @while_connected
    @rule(size=st.integers(0, 5000))
    def hiss(self, size: int) -> None:
        """Sound that was cut anywhere."""
        self.client.send("input_audio_buffer.append", audio="A" * (size * 4))

    @while_connected
    @rule(button=st.sampled_from(["commit", "clear"]))
    def press(self, button: str) -> None:
        self.client.send(f"input_audio_buffer.{button}")

    @while_connected
    @rule(item=ITEMS, meant=st.sampled_from(["", "", "new", "known", "gone"]), after=st.none() | MEANT, number=NUMBER)
    def create(self, item: Event, meant: str, after: str | None, number: int) -> None:
        if meant and "audio" not in item.get("content", [{}])[0]:  # or one id would be transcribed twice
            item = {**item, "id": f"mine_{number}" if meant == "new" else self.item(meant, number)}
        self.client.create(item, previous_item_id=after and self.item(after, number))

    @while_connected
    @rule(deed=st.sampled_from(["retrieve", "delete", "delete"]), meant=MEANT, number=NUMBER)
    def reach_for(self, deed: str, meant: str, number: int) -> None:
        self.client.send(f"conversation.item.{deed}", item_id=self.item(meant, number))

    @while_connected
    @rule(meant=MEANT, number=NUMBER, end=st.sampled_from([0, 1, 350, 1e9]))
    def truncate(self, meant: str, number: int, end: float) -> None:
        where = {"item_id": self.item(meant, number), "content_index": 0, "audio_end_ms": end}
        self.client.send("conversation.item.truncate", **where)

    def item(self, meant: str, number: int) -> str:
        """The id of an item, or of none."""
        there = self.client.gone if meant == "gone" else self.client.linter.items
        if meant == "root":
            return meant
        if meant == "nobody" or not there:
            return "item_nobody"
        return there[-1 if meant == "last" else number % len(there)]

    @while_connected
    @rule(response=RESPONSES, given=st.none() | st.lists(ITEMS, max_size=2), number=st.none() | NUMBER)
    def respond(self, response: Event, given: list[Event] | None, number: int | None) -> None:
        if given is not None:
            known = [] if number is None else [{"type": "item_reference", "id": self.item("known", number)}]
            response = {**response, "input": [*known, *given]}
        self.client.respond(response)

    @while_connected
    @rule(item=ITEMS, response=RESPONSES, seconds=SECONDS)
    def ask(self, item: Event, response: Event, seconds: float) -> None:
        self.client.create(item)
        self.client.respond(response)
        self.indoors.wait(seconds)

    @while_connected
    @rule(number=st.none() | NUMBER)
    def cancel(self, number: int | None) -> None:
        ids = list(self.client.linter.responses)
        which = {} if number is None or not ids else {"response_id": ids[-1 - number % len(ids)]}
        self.client.send("response.cancel", **which)

    @while_connected
    @rule(broken=BROKEN)
    def err(self, broken: Wrong) -> None:
        if isinstance(broken, tuple):
            kind, fields = broken
            self.wrong.append(self.client.send(kind, **fields))
        else:
            self.wire.write(broken)

    @precondition(lambda self: self.wire.open and self.wire.flowing.is_set())
    @rule(seconds=SECONDS)
    def stop_reading(self, seconds: float) -> None:
        self.wire.flowing.clear()
        self.indoors.wait(seconds)

    @precondition(lambda self: not self.wire.flowing.is_set())
    @rule()
    def read_again(self) -> None:
        self.wire.flowing.set()

    @while_connected
    @rule(seconds=SECONDS)
    def drop(self, seconds: float) -> None:
        """The connection is lost, and with it all that came in the last seconds."""
        self.indoors.wait(seconds)
        self.client.lose()
        self.wire.cut()

    @precondition(lambda self: self.indoors.resume or not self.wire.open)
    @rule()
    def come_back(self) -> None:
        """On another connection; the one before may still stand, or the conversation may be over."""
        before, client = self.wire, self.client
        if before.open:
            client.lose()
        self.wire = client.wire = self.indoors.connect(f"resume={client.token}&last_event_id={client.last}")
        self.indoors.wait(1.5)  # one that is not read from takes a second to be closed
        if b'"resumed":true' not in self.wire.arrived[0].encode():
            self.begin()
        if before.open:
            before.cut()

    @rule(
        organ=st.sampled_from(["ear", "mind", "voice"]),
        delay=st.sampled_from([0.0, 0.1, 0.8, math.inf]),
        failing=st.booleans(),
        at=st.integers(0, 4),
    )
    def trouble(self, organ: str, delay: float, failing: bool, at: int) -> None:
        """From now on an engine takes so long, and works or not."""
        asr, llm, tts = self.indoors.asr, self.indoors.llm, self.indoors.tts
        failure = EngineError(f"the {organ} broke") if failing else None
        match organ:
            case "ear":
                asr.delay, asr.failure = delay, failure
            case "mind":
                llm.first_token, llm.failure, llm.fails_at = delay, failure, at
            case _:
                tts.first_audio, tts.failure, tts.fails_at = delay, failure, at / 4

    def teardown(self) -> None:
        if not hasattr(self, "indoors"):
            return
        try:
            if self.wire.open:
                self.settle()
        finally:
            if self.wire.open:
                self.wire.cut(1000)
            del self.client, self.wire, self.talk
            wrong = self.indoors.close()
        assert wrong == [], "\n".join(wrong)

    def settle(self) -> None:
        """The server lives, nobody owes anybody anything, and both know the same conversation."""
        client = self.client
        self.wire.flowing.set()
        client.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        self.indoors.wait(1.0)
        client.read()
        for response in client.open():
            client.send("response.cancel", response_id=response)
        self.indoors.wait(1.0)
        client.read()
        client.linter.finish()
        assert client.session["audio"]["input"]["turn_detection"] is None, "the session is dead"
        answered = {*client.refused, *client.doubtful}
        debts = [*client.debts(), *(f"{one} was not refused" for one in self.wrong if one not in answered)]
        assert debts == [], "\n".join(debts)
        held = [item.id for item in self.talk.entries]
        assert client.session["type"] == "transcription" or held == client.linter.items, (held, client.linter.items)


@pytest.mark.usefixtures("unrecorded")
def test_whatever_clients_do_the_rules_hold_and_nothing_stays() -> None:
    run_state_machine_as_test(AnyOrder, settings=CI)
