"""What docs/metrics.md says is true: every metric with its labels, every field, attribute and alert."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from pipeline.clock import MARKS as ALL_MARKS
from pipeline.events import Fault, Outcome
from pipeline.llm.health import State as BreakerState
from server.logs import MOST_WAITING
from server.observing.book import REACTION
from server.observing.book import State as SessionState
from server.observing.masking import RULES
from server.observing.metrics import MOST_NAMES, OTHER, REASONS
from server.observing.record import STAGES, Interruption, parts_of
from server.observing.traces import SPANS, TURN, attributes, attributes_of
from server.observing.turn_log import fields
from server.settings import known_settings
from tests.server.observing.exported import exported
from tests.server.observing.turns import MARKS, hedged, record

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "metrics.md"
TEXT = PAGE.read_text("utf-8")
FLAT = " ".join(TEXT.split())


def rows(head: str) -> Iterator[list[str]]:
    """The cells of the table that begins with this head."""
    body = TEXT.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return ([cell.strip() for cell in line.strip("| ").split("|")] for line in body)


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_metric_is_listed_with_its_type_and_labels() -> None:
    listed = {quoted(row[0])[0]: (row[1], frozenset(quoted(row[2]))) for row in rows("name | type | labels | what")}
    assert listed == {name: (one.kind, one.labels) for name, one in exported().items()}


def test_every_label_is_explained() -> None:
    explained = {quoted(row[0])[0] for row in rows("label | values")} | {"engine", "budget", "quantile"}
    assert {label for one in exported().values() for label in one.labels} <= explained


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("`outcome` of a turn", get_args(Outcome)),
        ("`stage` of a wait", STAGES),
        ("`stage` of a fault", [fault for fault in get_args(Fault) if fault]),
        ("`mark`", ALL_MARKS[1:]),
        ("`reason`", [*REASONS, OTHER]),
        ("`kind` of an interruption", get_args(Interruption)),
        ("`state` of a session", [*get_args(SessionState), "waiting"]),
        ("`state` of a breaker", get_args(BreakerState)),
    ],
)
def test_the_values_of_a_label_are_those_of_the_code(label: str, values: list[str]) -> None:
    [row] = [row for row in rows("label | values") if row[0] == label]
    assert set(quoted(row[1])) == set(values)


def test_the_stages_end_where_it_says() -> None:
    for stage, mark in STAGES.items():
        assert f"`{stage}` to `{mark}`" in FLAT


def test_every_field_of_a_line_is_listed() -> None:
    listed = {field for row in rows("field | what") for field in quoted(row[0])}
    assert listed == set(fields(record(), words=True))


def test_every_span_and_attribute_is_listed() -> None:
    for name in (TURN, *SPANS.values()):
        assert f"`{name}`" in FLAT or f"`{name} MODEL`" in FLAT
    listed = {name: row[1] for row in rows("attribute | of | what") for name in quoted(row[0])}
    turn = record(account=hedged(), outcome="failed", fault="llm", reason="why")
    full = attributes(type(turn)(turn.session, turn.place, turn.ended, 0.0, 1.0, interruption="barge_in"))
    stages = [attributes_of(turn, part) for part in parts_of(MARKS)]
    assert {name for name, of in listed.items() if of == "turn"} == set(full)
    assert {name for name, of in listed.items() if of != "turn"} == {name for stage in stages for name in stage}


def test_every_alert_is_listed() -> None:
    alerts = re.findall(r"- alert: (\w+)", (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8"))
    assert [quoted(row[0])[0] for row in rows("alert | when")] == alerts


def test_its_settings_exist() -> None:
    names = {one.dotted for one in known_settings()}
    assert set(re.findall(r"server\.\w+", TEXT)) <= names


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"beyond {MOST_NAMES} models" in FLAT
    assert f"within {REACTION} s of its first sound" in FLAT
    assert f"up to {MOST_WAITING} lines wait" in FLAT
    for rule in RULES:
        assert f"`[{rule.name}]`" in FLAT


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT))))
def test_what_it_links_to_is_there(target: str) -> None:
    assert (PAGE.parent / target).exists()
