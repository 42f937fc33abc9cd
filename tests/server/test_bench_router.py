"""The router's benchmark: what it reports, that it repeats itself, and that the router comes through."""

import argparse
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.llm.fleet import Fleet
from server import bench_router
from server.simulation import litellm_latency, traffic
from server.simulation.day import Naive, Ours, live
from server.simulation.policies import Oracle, Small
from server.simulation.report import Policies, figures
from server.simulation.servers import Servers
from server.simulation.worlds import WORLDS, Incident, World

TURNS = 6000


def options(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    bench_router.add_arguments(parser)
    return parser.parse_args([str(word) for word in words])


@cache
def policies(world: str, seed: int) -> Policies:
    place = WORLDS[world]()
    day = traffic.draw(place, TURNS, seed)
    return dict(bench_router.measure(place, day, seed, 0.05, lambda news: None))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("world", ["classic", "modern"])
def test_the_router_comes_through_the_day(world: str, seed: int) -> None:
    ours, oracle = policies(world, seed)["antiphon"], policies(world, seed)["oracle"]
    others = {name: one for name, one in policies(world, seed).items() if name not in ("antiphon", "oracle")}
    assert ours["within_deadline"] >= 0.97 * oracle["within_deadline"]
    assert ours["within_deadline"] >= max(one["within_deadline"] for one in others.values())
    assert ours["quality"] >= 0.9 * oracle["quality"]
    assert not [
        name
        for name, one in others.items()
        if one["within_deadline"] >= ours["within_deadline"]
        and one["quality"] > ours["quality"]
        and one["cost_usd"] < ours["cost_usd"]
    ]
    assert ours["extra_spend"] <= 0.05
    assert ours["lost"] == 0


def run(tmp_path: Path, *words: object) -> Mapping[str, Any]:
    path = tmp_path / "result.json"
    assert bench_router.run(options("--turns", 300, "--json", path, *words)) == 0
    return json.loads(path.read_bytes())


def test_the_result_has_the_promised_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(tmp_path)
    assert sorted(result["worlds"]) == ["classic", "modern"]
    for world in result["worlds"].values():
        assert {"antiphon", "oracle", "small", "large", "keywords", "round_robin"} <= set(world["policies"])
        for one in world["policies"].values():
            assert list(one) == ["within_deadline", "first_token_ms", "quality", "cost_usd", "extra_spend", "lost"]
            assert list(one["first_token_ms"]) == ["p50", "p99", "p999"]
    shown = capsys.readouterr()
    assert shown.out.startswith("| world | policy | in time |")
    assert "modern, antiphon: " in shown.err
    assert ("litellm: left out" in shown.err) != litellm_latency.installed()


def test_the_same_seed_gives_the_same_figures_and_another_does_not(tmp_path: Path) -> None:
    first, again = (run(tmp_path, "--world", "modern", "--seed", 7) for _ in range(2))
    assert first == again
    assert first != run(tmp_path, "--world", "modern", "--seed", 8)


def test_a_day_that_was_written_can_be_lived_through_again(tmp_path: Path) -> None:
    day = tmp_path / "day.jsonl"
    drawn = run(tmp_path, "--world", "classic", "--write-traffic", day)
    assert run(tmp_path, "--world", "classic", "--traffic", day) == drawn


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--turns", 0), "--turns 0: must be at least 1"),
        (("--hedge-share", 1), "--hedge-share 1: must be at least 0 and below 1"),
        (("--write-traffic", "day.jsonl"), "name one --world"),
        (("--traffic", "/nowhere/day.jsonl"), "cannot read /nowhere/day.jsonl: No such file"),
        (("--turns", 10, "--json", "/nowhere/result.json"), "cannot write '/nowhere/result.json'"),
        (("--turns", 10, "--world", "modern", "--write-traffic", "/nowhere/day"), "cannot write /nowhere/day"),
    ],
)
def test_a_wrong_option_is_named(words: tuple[object, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        bench_router.run(options(*words))


TURN = {
    "at": 1.0,
    "time_left": 0.4,
    "question": "why",
    "difficulty": 0.5,
    "prompt_tokens": 100,
    "answer_tokens": 20,
    "waits": {"small": [0.1], "large": [0.2], "large-long": [None]},
}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1 is no turn"),
        (json.dumps({**TURN, "mood": "good"}), "line 1 is no turn"),
        (json.dumps({**TURN, "time_left": "soon"}), "time_left is 'soon'; it must be a number"),
        (json.dumps({**TURN, "waits": {"small": [0.1]}}), "line 1 has no waits of model 'large'"),
        (json.dumps({**TURN, "waits": {"small": []}}), "line 1 has no waits of model 'small'"),
        ("", "has no turns"),
    ],
)
def test_a_line_that_is_no_turn_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(line, "utf-8")
    with pytest.raises(ConfigError, match=message):
        traffic.read(path, WORLDS["modern"]())


def day_of(tmp_path: Path, world: World, **change: object) -> list[traffic.Turn]:
    path = tmp_path / "day.jsonl"
    path.write_text(json.dumps({**TURN, **change}), "utf-8")
    return list(traffic.read(path, world))


def test_the_oracle_takes_the_best_that_makes_it(tmp_path: Path) -> None:
    world = WORLDS["modern"]()
    for time_left, name in ((0.25, "large"), (0.15, "small"), (0.05, "small")):
        (outcome,) = live(day_of(tmp_path, world, time_left=time_left), Naive(Oracle(), Servers(world)).take)
        assert outcome.model
        assert outcome.model.name == name


def test_a_request_that_fails_is_retried_and_a_turn_may_be_lost(tmp_path: Path) -> None:
    world = WORLDS["modern"]()
    waits: dict[str, list[float | None]] = {"small": [None, 0.1, 0.1], "large": [0.2], "large-long": [None]}
    (outcome,) = live(day_of(tmp_path, world, waits=waits), Naive(Small(), Servers(world)).take)
    assert outcome.wait == pytest.approx(0.05 + 0.5 + 0.1)
    (outcome,) = live(day_of(tmp_path, world, waits={**waits, "small": [None]}), Naive(Small(), Servers(world)).take)
    assert outcome.model is None
    assert figures([outcome])["lost"] == 1
    fleet = Fleet(world.models)
    (outcome,) = live(day_of(tmp_path, world, waits={**waits, "small": [None]}), Ours(fleet, Servers(world)).take)
    assert outcome.model
    assert outcome.model.name == "large"
    assert outcome.wait == pytest.approx(0.05 + 0.2)


def test_more_is_asked_in_a_spike_and_models_are_as_good_as_their_rows() -> None:
    world = WORLDS["modern"]()
    day = traffic.draw(world, 4000, 1)
    spike = sum(world.spike.covers(turn.at) for turn in day)
    assert spike == pytest.approx(len(day) * 8 * 600 / (86_400 + 7 * 600), rel=0.2)
    hardness = sum(turn.difficulty for turn in day) / len(day)
    assert hardness == pytest.approx(1 / 3, abs=0.03)  # as the router takes it to be


def test_an_incident_is_over_when_it_is_over() -> None:
    assert [Incident(10.0, 5.0, 2.0).covers(at) for at in (9.9, 10.0, 14.9, 15.0)] == [False, True, True, False]


@pytest.mark.real
@pytest.mark.skipif(not litellm_latency.installed(), reason="LiteLLM is missing; pip install litellm")
def test_litellm_lives_through_the_day_too() -> None:
    assert 0.5 < policies("modern", 1)["litellm"]["within_deadline"] < 1
