"""Kubernetes' manifests and systemd's unit agree with their schemas, the image and the settings."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from server.settings import known_settings, read_settings
from tests.deploy.dockerfile import ROOT, environment, stages_of, steps_of

VERSION = "1.32"
"""Of Kubernetes: older than what is supported today, so that nobody's cluster is too old."""

FILES = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
MANIFESTS: list[Mapping[str, Any]] = list(
    chain.from_iterable(yaml.safe_load_all(file.read_text("utf-8")) for file in FILES)
)
UNIT = ROOT / "deploy" / "systemd" / "antiphon.service"
STEPS = steps_of(stages_of((ROOT / "Dockerfile").read_text("utf-8")), "cpu")


def title(manifest: Mapping[str, Any]) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def pods() -> Iterator[Mapping[str, Any]]:
    return (one["spec"]["template"]["spec"] for one in MANIFESTS if one["kind"] == "Deployment")


@pytest.mark.parametrize("manifest", MANIFESTS, ids=title)
def test_a_manifest_is_what_kubernetes_understands(manifest: Mapping[str, Any]) -> None:
    kubernetes_validate.validate(dict(manifest), VERSION, strict=True)  # pyright: ignore[reportUnknownMemberType]  no types


@pytest.mark.parametrize("pod", list(pods()), ids=lambda pod: pod["containers"][0]["name"])
def test_a_pod_has_no_more_rights_than_it_needs(pod: Mapping[str, Any]) -> None:
    [container] = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]


def test_our_pod_is_as_the_dockerfile_and_the_settings_say() -> None:
    [pod] = [pod for pod in pods() if pod["containers"][0]["name"] == "antiphon"]
    [container] = pod["containers"]
    user, volume, port = (
        [step.value for step in STEPS if step.keyword == keyword] for keyword in ("USER", "VOLUME", "EXPOSE")
    )
    assert user == ["{runAsUser}:{runAsGroup}".format(**pod["securityContext"])]
    assert [*volume, "/tmp"] == [mount["mountPath"] for mount in container["volumeMounts"]]
    assert port == [str(one["containerPort"]) for one in container["ports"]]
    assert pod["enableServiceLinks"] is False, "a service called antiphon would set ANTIPHON_PORT to tcp://..."
    [settings] = [one["data"] for one in MANIFESTS if one["kind"] == "ConfigMap"]
    assert settings.keys() <= {one.variable for one in known_settings()}
    chosen = read_settings({}, {**environment(STEPS, {}), **settings})
    assert chosen.server.drain < pod["terminationGracePeriodSeconds"]
    assert chosen.server.redis.split("/")[2] in {
        f"{one['metadata']['name']}:{one['spec']['ports'][0]['port']}" for one in MANIFESTS if one["kind"] == "Service"
    }


def test_services_find_their_pods() -> None:
    pods = [one["spec"]["template"]["metadata"]["labels"] for one in MANIFESTS if one["kind"] == "Deployment"]
    for service in (one["spec"] for one in MANIFESTS if one["kind"] == "Service"):
        assert [labels for labels in pods if service["selector"].items() <= labels.items()]


@pytest.mark.real
def test_the_unit_is_what_systemd_understands(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not here; where it is, it checks the unit")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/antiphon/.venv/bin/antiphon", shutil.which("true") or ""))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
