"""What docs/protocol.md says is true: its tables, numbers, listings and links, against the code and OpenAI's types."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import cast, get_args

import pytest
from openai.types.realtime import (
    RealtimeConversationItemAssistantMessage,
    RealtimeConversationItemSystemMessage,
    RealtimeConversationItemUserMessage,
    RealtimeResponseCreateParams,
    RealtimeSessionCreateRequest,
    RealtimeTranscriptionSessionCreateRequest,
)
from openai.types.realtime.conversation_item import ConversationItem
from openai.types.realtime.realtime_client_event import RealtimeClientEvent

from pipeline.context.conversation import LASTING, SOUND_KEPT
from pipeline.errors import ProtocolError
from pipeline.hearing.endpoint import Endpointing
from pipeline.hearing.utterance import KEPT
from pipeline.manner import Manner
from pipeline.session import MOST_REMINDERS
from server import auth
from server.client_secrets import LIFETIME, LIFETIMES
from server.realtime.checks import MOST_NAME, Json
from server.realtime.config import METADATA, SEMANTIC, SERVER, asked_for, new_session, updated
from server.realtime.connection import CLOSING
from server.realtime.formats import FORMATS
from server.realtime.inbound import LONGEST, MOST_APART, MOST_ITEMS, MOST_TEXT, SHORTEST_COMMIT, SLACK_MS
from server.realtime.items import AUDIO_PARTS, TEXT_PARTS, entry_of
from server.realtime.lines import MOST_WAITING
from server.realtime.meaning import EAGERNESS, manner_of, overridden
from server.realtime.outbox import KEPT_BYTES, MOST_BYTES, PREFIX, STANDSTILL, WAITING_BYTES
from server.rest import MAX_BODY
from server.serve import MESSAGE_BYTES
from server.settings import Settings
from tests.server.caller import Caller, calling, play, question
from tests.server.houses import at_home
from tests.server.linter import LARGEST, MODELS
from tests.server.test_functions import WEATHER
from tests.wire_facts import codes, deeds, literals, paths, types_of

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "protocol.md"
TEXT = PAGE.read_text("utf-8")
MIB = 1024 * 1024

Names = Sequence[tuple[str, str]]
"""What the first cells of a table name as code, each with what the second cell says."""


def section(title: str) -> str:
    """What stands under that heading."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of its tables, without the heads."""
    lines = re.sub(r"^\|.*\n\|(---\|)+\n", "", text, flags=re.MULTILINE).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def named(cell: str) -> list[str]:
    """What is written as code."""
    return re.findall(r"`([^`]+)`", cell)


def listed(table: list[list[str]]) -> Names:
    """Nothing may be there twice."""
    names = [(name, row[1]) for row in table for name in named(row[0])]
    assert len(dict(names)) == len(names)
    return names


# Events


def test_every_client_event_is_listed_with_its_support() -> None:
    support = {event: "refused" if deed.startswith("_refuse") else "yes" for event, deed in deeds().items()}
    assert dict(listed(rows(section("Client events")))) == support
    assert support.keys() == types_of(RealtimeClientEvent)


def test_every_server_event_is_listed_as_sent_or_as_never_sent() -> None:
    sent, never = (listed(rows(part)) for part in section("Server events").split("Never sent are:"))
    assert sorted(name for name, _ in [*sent, *never]) == sorted(MODELS)
    assert {name for name, _ in sent} == literals() & MODELS.keys()


def test_our_own_events_are_named() -> None:
    ours = re.compile(r"antiphon\.[a-z._]+")
    assert set(filter(ours.fullmatch, literals())) == set(filter(ours.fullmatch, named(section("Extensions"))))


# Fields

DETECTION = "audio.input.turn_detection"

SAMPLES: Mapping[str, object] = {
    "type": "transcription",
    "model": "another",
    "output_modalities": ["text"],
    "instructions": "Be brief.",
    "audio.input.format": {"type": "audio/pcmu"},
    "audio.input.transcription": None,
    "audio.input.transcription.language": "fr",
    "audio.input.transcription.languages": ["fr"],
    "audio.input.transcription.model": "whisper-1",
    "audio.input.transcription.prompt": "antiphon",
    "audio.input.transcription.keywords": ["antiphon"],
    "audio.input.transcription.delay": "low",
    "audio.input.noise_reduction": {"type": "near_field"},
    DETECTION: None,
    f"{DETECTION}.type": "semantic_vad",
    f"{DETECTION}.create_response": False,
    f"{DETECTION}.interrupt_response": False,
    f"{DETECTION}.eagerness": "low",
    f"{DETECTION}.threshold": 0.7,
    f"{DETECTION}.prefix_padding_ms": 100,
    f"{DETECTION}.silence_duration_ms": 800,
    f"{DETECTION}.idle_timeout_ms": 5000,
    "audio.output.format": {"type": "audio/pcma"},
    "audio.output.voice": "echo",
    "audio.output.speed": 1.25,
    "tools": [{"type": "function", "name": "sing"}],
    "tool_choice": "none",
    "parallel_tool_calls": False,
    "max_output_tokens": 7,
    "include": ["item.input_audio_transcription.logprobs"],
    "prompt": {"id": "pmpt_1"},
    "reasoning": {"effort": "low"},
    "tracing": "auto",
    "truncation": "disabled",
    "metadata": {"topic": "rain"},
}
"""A value of each field that is not the usual one."""

BY_THE_CONNECTION = {"audio.input.format", "audio.output.format", "audio.input.transcription", "conversation", "input"}
"""Fields that are acted on without the pipeline's learning of them; tests of their own are about those."""


def changed(field: str, value: object) -> Json:
    """What changes that field, and nothing else."""
    if field.startswith(f"{DETECTION}."):  # it needs a type
        field, name = field.rsplit(".", 1)
        value = {"type": (SEMANTIC if name == "eagerness" else SERVER)["type"], name: value}
    for name in reversed(field.split(".")):
        value = {name: value}
    return cast("Json", value)


def begun(field: str) -> Json:
    """A session in which that field may change."""
    detection = SEMANTIC if field.endswith("eagerness") else SERVER
    return updated(new_session(Manner(), "antiphon"), changed(DETECTION, detection))


def meant(session: Json) -> Manner:
    return manner_of(session, Manner())


def of_detection() -> list[list[str]]:
    """The rows of the first table about turn detection."""
    return [row for row in rows(section("Turn detection")) if named(row[0])[0] not in EAGERNESS]


def of_session() -> Names:
    """All fields of a session, with what is said of each."""
    return [
        *listed(rows(section("Session fields"))),
        *((f"{DETECTION}.{name}", "acted on") for name, _ in listed(of_detection())),
    ]


def test_every_session_field_is_listed() -> None:
    of_the_sdk = {*paths(RealtimeSessionCreateRequest), *paths(RealtimeTranscriptionSessionCreateRequest)}
    assert {field for field, _ in of_session()} == of_the_sdk


@pytest.mark.parametrize(("field", "here"), of_session())
def test_a_session_field_does_what_is_said(field: str, here: str) -> None:
    before = begun(field)
    after = updated(before, changed(field, SAMPLES[field]))
    match here:
        case "acted on":
            assert meant(after) != meant(before) or field in BY_THE_CONNECTION
        case "kept":
            assert after != before
            assert meant(after) == meant(before)
        case _:
            assert (here, after) == ("fixed", before)


def test_turn_detection_is_usually_as_is_said() -> None:
    usual = {named(row[0])[0]: json.loads(*named(row[1])) for row in of_detection() if row[1]}
    assert usual | {"type": ""} == {**SEMANTIC, **SERVER, "type": ""}


def ranges() -> Iterator[tuple[str, float, float]]:
    """What is said to lie from a number to another."""
    for inside, table in (("", rows(section("Session fields"))), (f"{DETECTION}.", of_detection())):
        for row in table:
            if found := re.search(r"([\d.]+) to ([\d.]+)", row[2]):
                yield inside + named(row[0])[0], float(found[1]), float(found[2])


@pytest.mark.parametrize(("field", "least", "most"), list(ranges()))
def test_a_number_may_be_as_large_as_is_said(field: str, least: float, most: float) -> None:
    for value in (least, most):
        meant(updated(begun(field), changed(field, value)))
    for value in (least - 0.01, most + 0.01):
        with pytest.raises(ProtocolError):
            meant(updated(begun(field), changed(field, value)))


def test_eagerness_is_as_patient_as_is_said() -> None:
    said = {name: row[1:] for row in rows(section("Turn detection")) for name in named(row[0]) if name in EAGERNESS}
    assert said.keys() == EAGERNESS.keys()
    for name, milliseconds in said.items():
        how = meant(updated(begun("eagerness"), changed(f"{DETECTION}.eagerness", name))).endpointing
        assert how
        waits = (how.patience.finished, how.patience.unknown, how.patience.unfinished)
        assert [round(seconds * 1000) for seconds in waits] == [int(one) for one in milliseconds]


def test_every_field_of_a_response_is_listed() -> None:
    fields = {field for field, _ in listed(rows(section("Fields of response.create")))}
    assert fields == set(paths(RealtimeResponseCreateParams))


@pytest.mark.parametrize(("field", "here"), listed(rows(section("Fields of response.create"))))
def test_a_field_of_a_response_does_what_is_said(field: str, here: str) -> None:
    given, session = changed(field, SAMPLES.get(field)), begun(field)
    matters = overridden(meant(session), given) != meant(session) or asked_for(session, given) != session
    assert here == ("acted on" if matters or field in BY_THE_CONNECTION else "ignored")


# Items


def support(item: Json) -> str:
    """Whether an item is taken."""
    try:
        entry_of(item)
    except ProtocolError:
        return "refused"
    return "yes"


def test_every_type_of_item_is_listed_with_its_support() -> None:
    table = dict(listed([row for row in rows(section("Items")) if not row[0].startswith("content")]))
    text = [{"type": "input_text", "text": "Hello"}]
    whole = {"role": "user", "content": text, "name": "sing", "arguments": "{}", "call_id": "call_1", "output": ""}
    assert table.pop("item_reference") == "yes"  # it is none of the conversation's: `response.create` has them
    assert table == {name: support({**whole, "type": name}) for name in types_of(ConversationItem)}


def test_every_type_of_content_is_listed_with_its_support() -> None:
    known = {*TEXT_PARTS, *AUDIO_PARTS}
    for message in (
        RealtimeConversationItemSystemMessage,
        RealtimeConversationItemUserMessage,
        RealtimeConversationItemAssistantMessage,
    ):
        [part] = get_args(message.model_fields["content"].annotation)
        known.update(*map(get_args, get_args(part.model_fields["type"].annotation)))
    parts = {name: {"type": name, "text": "Hello", "transcript": "Hello"} for name in known}
    taken = {name: support({"type": "message", "role": "user", "content": [part]}) for name, part in parts.items()}
    assert dict(listed([row for row in rows(section("Items")) if row[0].startswith("content")])) == taken


# Codes


def test_every_error_code_is_listed() -> None:
    assert {name for name, _ in listed(rows(section("Errors")))} == codes()


def test_every_close_code_is_listed() -> None:
    said = {int(code): why for code, why in listed(rows(section("Connect")))}
    refusals = [one for one in vars(auth).values() if isinstance(one, auth.Refusal)]
    ours = {code for code, _ in CLOSING.values()} | {one.close_code for one in refusals}
    assert said.keys() == ours | {1000, 1009, 1012}  # the last are the websocket's own
    assert all(one.code in said[one.close_code] for one in refusals)


# Numbers and links


@pytest.mark.parametrize(
    "said",
    [
        f"up to {LONGEST:.0f} s between two commits",
        f"less than {SHORTEST_COMMIT * 1000:.0f} ms were there to commit",
        f"up to {SLACK_MS} ms beyond what was sent",
        f"up to {MOST_APART} at the same time",
        f"up to {MOST_ITEMS} items in a conversation or an `input`, of up to {MOST_TEXT // MIB} MiB of text",
        f"up to {MOST_NAME} characters. After each answer the oldest items go until there are {LASTING}",
        "{} others. `metadata` has up to {} pairs, with keys of {} and values of {} char".format(MOST_APART, *METADATA),
        f"a client event of more than {MESSAGE_BYTES // MIB} MiB",
        f"One client event has up to {MESSAGE_BYTES // MIB} MiB",
        f"{WAITING_BYTES // MIB} MiB waited for it, and none left in {STANDSTILL:.0f} s, or {MOST_BYTES // MIB} MiB",
        f"the last {KEPT_BYTES // 1024} KiB of them are kept",
        f"`{PREFIX}1` and so on, and less than {LARGEST // MIB} MiB",
        "a client secret {} s unless it asks for another time, from {} to {} s".format(LIFETIME, *LIFETIMES),
        f"has up to {MAX_BODY // 1024} KiB",
        f"{SOUND_KEPT:.0f} s are kept as sound, and no item of more than {KEPT:.0f} s",
        f"at most {MOST_REMINDERS} times in a row",
        f"A turn ends after {Endpointing().longest:.0f} s",
        f"A session lasts {Settings().server.session_minutes:.0f} minutes",
        f"When more than {MOST_WAITING} conversations wait",
        f"the conversation waits ({Settings().server.resume:.0f} s, `server.resume`)",
        f"ws://{Settings().server.host}:{Settings().server.port}/v1/realtime?model=NAME",
        f"`{auth.BROWSER_KEY}KEY`",
        *sorted({said for one in FORMATS for said in (f'"{one.type}"', f"{one.rate_hz}")}),
    ],
)
def test_numbers_and_names_are_those_of_the_code(said: str) -> None:
    assert said in " ".join(TEXT.split())


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)]+)\)", TEXT))))
def test_what_it_links_to_is_there(target: str) -> None:
    path, _, anchor = target.partition("#")
    page = PAGE.parent / path if path else PAGE
    assert page.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
        assert anchor in [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


# Order

LISTINGS = re.findall(r"```text\n(.*?)```", section("Order of events"), re.DOTALL)


def listing(number: int, side: str = "<") -> list[str]:
    """What one side sends there, step by step; deltas that come in any order are one step."""
    lines = [line.split("  ")[0] for line in LISTINGS[number].splitlines() if line.startswith(side)]
    return [step for line in lines for step in line[2:].split(", ")]


def came(caller: Caller, since: int) -> list[str]:
    """What the server sent, written in the same way."""
    mixed = "response.output_audio_transcript.delta | response.output_audio.delta"
    steps = [mixed if kind in mixed.split(" | ") else kind for kind in caller.kinds(since)]
    return [step for step, _ in groupby(steps)]


def test_clients_send_what_there_is() -> None:
    assert {step for number in range(len(LISTINGS)) for step in listing(number, ">")} <= types_of(RealtimeClientEvent)


@pytest.mark.real
def test_events_come_in_the_order_of_the_listings() -> None:
    async def scenario() -> None:
        async with at_home() as house, calling(house.url) as caller:
            begin = len(caller.events)
            await caller.ask("What is twelve times seven?")
            await caller.until("rate_limits.updated")
            assert came(caller, begin) == listing(0)

            begin = len(caller.events)
            await caller.speak(question())
            await caller.until("rate_limits.updated")
            answer = listing(0)[listing(0).index("response.created") + 1 :]
            assert came(caller, begin) == [*listing(1), *answer]

            await caller.update(tools=[WEATHER])
            await caller.say("What is the weather in Paris?")
            begin = len(caller.events)
            await caller.send("response.create")
            await caller.until("rate_limits.updated")
            assert came(caller, begin) == listing(2)

    play(scenario())


@pytest.mark.real
def test_an_interruption_goes_as_the_listing_says() -> None:
    async def scenario() -> None:
        async with at_home() as house, calling(house.url) as caller:
            await caller.update(instructions="x")
            await caller.say("Tell me a story about a dog.")
            await caller.send("response.create")
            item = (await caller.until("response.output_audio.delta"))["item_id"]
            await caller.speak(question()[:16_000])
            await caller.until("input_audio_buffer.speech_started")
            begin = len(caller.events) - 1
            await caller.until("rate_limits.updated")
            await caller.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=0)
            await caller.until("conversation.item.truncated")
            assert came(caller, begin) == listing(3)

    play(scenario())
