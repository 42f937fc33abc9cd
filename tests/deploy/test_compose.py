"""docker-compose.yml agrees with its schema, the Dockerfile, the settings there are and the files in deploy/."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.__main__ import parser_for
from server.settings import known_settings, read_settings
from server.trust import GATEWAY
from tests.deploy.dockerfile import ROOT, environment, stages_of, steps_of

TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: Mapping[str, Any] = yaml.safe_load(TEXT)
SERVICES: Mapping[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("antiphon:")}
ONCE = {name for name, service in SERVICES.items() if service["restart"] == "no"}
STAGES = stages_of((ROOT / "Dockerfile").read_text("utf-8"))
EXAMPLE = ROOT / "deploy" / "antiphon.env.example"
VARIABLES = {one.variable for one in known_settings()}


def filled_in(text: str) -> str:
    """With what compose puts in the place of variables that nobody has set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def seen_folders(service: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is mounted, and where."""
    for volume in service.get("volumes", ()):
        source, target, *_ = volume.split(":")
        yield source, target


def check(*words: str) -> subprocess.CompletedProcess[str]:
    """A tool of the test environment."""
    tool = Path(sys.executable).with_name(words[0])
    return subprocess.run([tool, *words[1:]], capture_output=True, text=True, cwd=ROOT, check=False)


def test_it_is_what_compose_understands() -> None:
    done = check("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_has_no_known_mistakes() -> None:
    done = check("hadolint", "Dockerfile")
    assert done.returncode == 0, done.stdout


def test_without_profiles_there_are_the_server_and_its_weights() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" not in service} == {"antiphon", "weights"}
    profiles = {profile for service in SERVICES.values() for profile in service.get("profiles", ())}
    assert profiles == {"gpu", "redis", "ollama", "speech", "monitoring"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] or name == "speech"
    assert service["tmpfs"] == ["/tmp"]
    if name not in ONCE:
        limits = service["deploy"]["resources"]["limits"]
        assert {"memory", "pids"} <= limits.keys()
        assert float(limits.get("cpus", 1)) <= 1, "more than a small machine has, and it would not start there"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_reached_from_this_machine_alone(name: str) -> None:
    for port in SERVICES[name].get("ports", ()):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", filled_in(port))


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_can_come_about(name: str) -> None:
    service = SERVICES[name]
    for other, how in service.get("depends_on", {}).items():
        assert how["condition"] == "service_healthy"
        assert set(SERVICES[other].get("profiles", service["profiles"])) >= set(service["profiles"])
        assert "test" in SERVICES[other].get("healthcheck", {}) or other in OURS


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_is_shown_is_there(name: str) -> None:
    for source, target in seen_folders(SERVICES[name]):
        assert target.startswith("/")
        assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", OURS)
def test_our_services_are_as_the_dockerfile_and_the_settings_say(name: str) -> None:
    service = OURS[name]
    target = service["build"]["target"]
    steps = steps_of(STAGES, target)
    assert service["image"] == f"antiphon:{target}"
    assert [seen for _, seen in seen_folders(service)] == [step.value for step in steps if step.keyword == "VOLUME"]
    exposed = [step.value for step in steps if step.keyword == "EXPOSE"]
    assert [filled_in(port).split(":")[-1] for port in service.get("ports", ())] in ([], exposed)
    given = {key: filled_in(value) for key, value in service.get("environment", {}).items()}
    settings = {**environment(steps, {}), **given}
    assert {key for key in settings if key.startswith("ANTIPHON_")} <= VARIABLES
    read_settings({}, settings)
    words = [filled_in(word) for word in service.get("command", ["serve"])]
    parser_for(words).parse_args(words)


def test_the_servers_trust_the_balancer_s_address_and_no_server_can_get_it() -> None:
    [pool] = COMPOSE["networks"]["servers"]["ipam"]["config"]
    balancer = ip_address(SERVICES["balancer"]["networks"]["servers"]["ipv4_address"])
    assert SERVICES["server"]["environment"]["ANTIPHON_TRUST"] == str(balancer)
    assert balancer in ip_network(pool["subnet"])
    assert balancer not in ip_network(pool["ip_range"])
    assert SERVICES["balancer"]["networks"].keys() == {"servers"}, "else it would come from another address as well"
    assert OURS["antiphon"]["environment"]["ANTIPHON_TRUST"] == f"${{TRUST:-{GATEWAY}}}"


def test_the_example_of_secrets_names_settings_and_has_none() -> None:
    lines = [
        line.lstrip("#") for line in EXAMPLE.read_text("utf-8").splitlines() if "=" in line and "# " not in line[:2]
    ]
    given = dict(line.split("=", 1) for line in lines)
    assert given.keys() <= VARIABLES | {"OPENAI_API_KEY"}
    assert not any(value for name, value in given.items() if name.endswith(("_KEY", "_KEYS")))
    read_settings({}, given)
    assert {service["env_file"][0]["path"] for service in OURS.values() if "env_file" in service} == {
        "deploy/antiphon.env"
    }
    ignored = subprocess.run(["git", "check-ignore", "deploy/antiphon.env"], cwd=ROOT, capture_output=True, check=False)
    assert ignored.returncode == 0


def test_what_the_dockerfile_copies_is_let_through() -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    copied = {
        source
        for stage in STAGES.values()
        for step in stage.steps
        if step.keyword == "COPY" and not step.flags
        for source in step.words()[:-1]
    }
    assert copied == let_through
    assert all((ROOT / source).exists() for source in copied)
