"""What watches the server fits what the server tells: Prometheus' rules, their tests, and Grafana's dashboard."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from tests.conftest import missing
from tests.deploy.test_compose import SERVICES
from tests.server.observing.exported import exported

ROOT = Path(__file__).parents[2] / "deploy"
RULES = ROOT / "prometheus" / "alerts.yml"
DASHBOARD: Mapping[str, Any] = orjson.loads((ROOT / "grafana" / "dashboards" / "antiphon.json").read_bytes())

VARIABLES = {"$__rate_interval": "1m", "$instance": ".*", "$version": ".*"}
"""As Grafana would fill them in."""


def test_grafana_looks_for_dashboards_where_they_are_mounted() -> None:
    provider = yaml.safe_load((ROOT / "grafana" / "provisioning" / "dashboards" / "antiphon.yml").read_text("utf-8"))
    mounted = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    assert provider["providers"][0]["options"]["path"] == mounted["./deploy/grafana/dashboards"]


def queries() -> Iterator[str]:
    """All that the dashboard asks."""
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            asked: str = target["expr"]
            for name, value in VARIABLES.items():
                asked = asked.replace(name, value)
            yield asked


def promtool(*arguments: str | Path) -> str:
    """What it says; a failed check is an `AssertionError`."""
    program = shutil.which("promtool")
    if not program:
        missing("promtool", "apt install prometheus")
    told = subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.mark.parametrize("asked", [*queries(), RULES.read_text("utf-8")], ids=lambda asked: asked[:40])
def test_only_what_the_server_exports_is_asked_for(asked: str) -> None:
    known = exported()
    without_ends = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bantiphon_\w+", asked)}
    assert without_ends <= set(known)


@pytest.mark.parametrize("asked", list(queries()), ids=lambda asked: asked[:40])
def test_labels_are_those_that_the_metric_has(asked: str) -> None:
    for name, selector in re.findall(r"\b(antiphon_\w+)\{([^}]*)\}", asked):
        metric = exported()[re.sub(r"_(bucket|sum|count)$", "", name)]
        assert set(re.findall(r"(\w+)=", selector)) <= metric.labels | {"instance", "job"}


def test_every_metric_is_used_somewhere() -> None:
    used = " ".join([*queries(), RULES.read_text("utf-8"), str(DASHBOARD["templating"])])
    assert {name for name in exported() if name not in used} <= {
        "antiphon_sessions_total",
        "antiphon_turns_now",
        "antiphon_engine_turns_total",
        "antiphon_engine_up",
        "antiphon_engine_in_use",
        "antiphon_turns_ended_early_total",
        "antiphon_model_failures_total",
        "antiphon_hedge_saved_seconds_total",
        "antiphon_hedge_allowance_tokens",
    }


def test_panels_lie_beside_each_other() -> None:
    taken = set[tuple[int, int]]()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))


@pytest.mark.real
def test_prometheus_understands_its_configuration_and_rules() -> None:
    promtool("check", "config", ROOT / "prometheus" / "prometheus.yml")
    promtool("check", "rules", RULES)


@pytest.mark.real
def test_every_alert_goes_off_when_it_should_and_is_tested() -> None:
    tests = sorted((ROOT / "prometheus").glob("*.test.yml"))
    promtool("test", "rules", *tests)
    tested = {name for file in tests for name in re.findall(r"alertname: (\w+)", file.read_text("utf-8"))}
    assert tested == set(re.findall(r"- alert: (\w+)", RULES.read_text("utf-8")))


@pytest.mark.real
def test_prometheus_understands_what_the_dashboard_asks(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": asked} for number, asked in enumerate(queries())]
    file = tmp_path / "panels.yml"
    file.write_bytes(orjson.dumps({"groups": [{"name": "panels", "rules": rules}]}))  # JSON is YAML
    assert f"{len(rules)} rules found" in promtool("check", "rules", file)
