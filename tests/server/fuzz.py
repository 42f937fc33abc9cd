"""Sends a server damaged events by the thousand: `python -m tests.server.fuzz --messages 100000 --seed 1`."""

import argparse
import time
from collections import Counter
from random import Random
from typing import cast

import orjson

from tests.pipeline.fakes import FakeAsr, FakeLlm, FakeTts
from tests.server.accounts import ANSWERS
from tests.server.indoors import Indoors, Wire
from tests.server.linter import Event, Linter
from tests.server.mutations import damaged

SESSION = 200
"""Messages to one session."""

PAUSE = 0.05
"""Seconds in which an event is carried out."""


def survive(messages: int, seed: int) -> Counter[str]:
    """How many events of which kind came back. Raises `AssertionError` where the server did what it must not do."""
    came = Counter[str]()
    for start in range(0, messages, SESSION):
        chance = Random(f"{seed} {start}")
        try:
            came += _session(chance, [damaged(chance, number) for number in range(min(SESSION, messages - start))])
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, session {start // SESSION}: {error}") from error
    return came


def _session(chance: Random, frames: list[str | bytes]) -> Counter[str]:
    replies = ["It is late.", "", "Well, one two three four. Five six seven eight nine ten?"]
    indoors = Indoors(FakeAsr(delay=0.05), FakeLlm(chance.choices(replies, k=5)), FakeTts())
    wire, linter, came = indoors.connect(), Linter(), Counter[str]()
    indoors.wait(PAUSE)
    try:
        _read(wire, linter, came)
        for frame in frames:
            wire.write(frame)
            indoors.wait(chance.choice([PAUSE, PAUSE, PAUSE, 1.0]))
            _check(frame, _read(wire, linter, came), wire)
        _end(indoors, wire, linter, came)
    finally:
        wire.cut(1000)
        wrong = indoors.close()
    assert wrong == [], "\n".join(wrong)
    return came


def _read(wire: Wire, linter: Linter, came: Counter[str]) -> list[Event]:
    """All that has come; a broken rule is an `AssertionError`."""
    events: list[Event] = [orjson.loads(text) for text in wire.arrived]
    wire.arrived.clear()
    for event in events:
        linter.take(_without_echo(event))
        came[f"{event['type']} {event['error']['code'] if event['type'] == 'error' else ''}".rstrip()] += 1
    return events


def _without_echo(event: Event) -> Event:
    """The event without the configuration, whose fields that mean nothing here come back as they were sent."""
    return {**event, "session": {"type": event["session"]["type"]}} if "session" in event else event


def _check(frame: str | bytes, answers: list[Event], wire: Wire) -> None:
    """An event is carried out, or refused by one error that names it; and nothing else happens to the session."""
    shown = repr(frame[:300])
    assert wire.open, f"the session was closed: {shown}"
    errors = [answer["error"] for answer in answers if answer["type"] == "error"]
    assert len(errors) <= 1, f"refused twice: {shown}"
    assert all(error["code"] != "server_error" and len(error["message"]) < 500 for error in errors), (
        f"{errors}: {shown}"
    )
    event = _understood(frame)
    named = event.get("event_id") if event else None
    assert all(error["event_id"] == (named if isinstance(named, str) else None) for error in errors), (
        f"{errors}: {shown}"
    )
    if event is None:
        assert len(errors) == 1, f"not refused: {shown}"
    elif (kind := str(event.get("type"))) in ANSWERS:
        done = sum(answer["type"] == ANSWERS[kind] for answer in answers)
        assert done + len(errors) == 1, f"{done} times carried out, {len(errors)} times refused: {shown}"


def _understood(frame: str | bytes) -> Event | None:
    """What the server makes of it; None where it is no event."""
    try:
        event = orjson.loads(frame) if isinstance(frame, str) else None
    except orjson.JSONDecodeError:
        return None
    return cast("Event", event) if isinstance(event, dict) else None


def _end(indoors: Indoors, wire: Wire, linter: Linter, came: Counter[str]) -> None:
    """The session lives, and all that was begun ends."""
    wire.write('{"type": "session.update", "session": {"audio": {"input": {"turn_detection": null}}}}')
    indoors.wait(1.0)
    events = _read(wire, linter, came)
    assert [event for event in events if event["type"] == "session.updated"], "the session is dead"
    for response in linter.responses.values():
        if response.status == "in_progress":
            wire.write(orjson.dumps({"type": "response.cancel", "response_id": response.id}).decode())
    indoors.wait(1.0)
    _read(wire, linter, came)
    linter.finish()


def main() -> None:
    """Survive, and tell how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    came = survive(asked.messages, asked.seed)
    for kind, count in came.most_common():
        print(f"{count:8} {kind}")  # noqa: T201  it is what this program is for
    print(f"{asked.messages} messages survived in {time.monotonic() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
