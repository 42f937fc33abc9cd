"""The machine and its load are told, or said to be unknown."""

from pathlib import Path

import numpy as np
import pytest

from client.machine import Load, load_in_words, machine


def test_the_machine_is_named() -> None:
    here = machine()
    assert here["cores"] >= 1
    assert here["processor"]
    assert here["packages"]["numpy"] == np.__version__
    assert here["date"].endswith("+00:00")


def test_work_shows_as_load() -> None:
    load = Load()
    if not Path("/proc/stat").exists():
        pytest.skip("this system does not tell")
    while (busy := load.read()["busy"]) is None or busy < 0.01:
        np.sort(np.random.default_rng(1).random(200_000))
    assert 0 < busy <= 1
    assert "busy" in load_in_words(load.read())


def test_a_system_that_does_not_tell_is_no_trouble() -> None:
    assert load_in_words({"busy": None, "stolen": None}) == "the load is not known on this system"
    assert load_in_words({"busy": 0.5, "stolen": 0.1}) == "processors 50% busy, 10% stolen by other machines"
