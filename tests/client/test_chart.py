"""Pictures show what they are given, as well-formed SVG that asks for nothing from outside."""

import re
from xml.etree import ElementTree

import pytest

from client.chart import Axis, Line, Span, curves, histogram, nice, spans

SVG = ElementTree.Element


def drawn(svg: str) -> SVG:
    assert "http" not in svg
    return ElementTree.fromstring(svg)


@pytest.mark.parametrize(("step", "round_one"), [(0.7, 1), (1, 1), (1.1, 2), (3, 5), (60, 100), (0.02, 0.02)])
def test_steps_are_round(step: float, round_one: float) -> None:
    assert nice(step) == pytest.approx(round_one)


def test_stages_stand_where_they_begin() -> None:
    svg = drawn(spans([Span("quiet", 0, 100), Span("words & more", 100, 400)], 600, "600 ms"))
    first, second = svg.findall("rect")
    assert float(second.get("x", 0)) == pytest.approx(float(first.get("x", 0)) + float(first.get("width", 0)))
    assert float(second.get("width", 0)) == pytest.approx(3 * float(first.get("width", 0)), abs=0.3)
    assert "words & more: 300.0 ms, until 400 ms" in [title.text for title in svg.iter("title")]


def test_every_latency_is_in_the_histogram() -> None:
    svg = drawn(histogram([300.0, 310.0, 320.0, 555.0], {"p50": 310.0, "p95": 555.0}))
    titles = [title.text or "" for title in svg.iter("title")]
    assert sum(int(re.findall(r"^(\d+) of 4", title)[0]) for title in titles) == 4


def test_a_curve_has_a_dot_for_each_point_and_names_some() -> None:
    line = Line("graded", [(100, 0.9), (500, 0.5), (900, 0.1)], titles=["a", "b", "c"], labels={1: "medium"})
    svg = drawn(curves([line], Axis("ms", 1000), Axis("cut", 1.0, percent=True), goal=(0.5, "half")))
    assert len(svg.findall("circle")) == 3
    texts = [text.text for text in svg.findall("text")]
    assert {"graded", "medium", "half", "100%"} <= set(texts)


def test_names_of_curves_do_not_cover_each_other() -> None:
    lines = [Line(name, [(0, 1), (10, 5)]) for name in ("p50", "p95")]
    svg = drawn(curves(lines, Axis("", 10), Axis("", 10)))
    first, second = (float(text.get("y", 0)) for text in svg.findall("text") if text.text in ("p50", "p95"))
    assert abs(first - second) >= 14
