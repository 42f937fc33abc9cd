"""Where and when a figure was measured, and what else the machine had to do meanwhile."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("antiphon", "numpy", "onnxruntime", "uvicorn", "uvloop", "websockets")
"""Whose versions make a difference."""


def machine() -> dict[str, Any]:
    """This one, in words."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": _memory_gb(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@dataclass(slots=True)
class Load:
    """What the processors have done since it was made."""

    _before: Mapping[str, float] = field(init=False)
    _queue_before: float | None = field(init=False)

    def __post_init__(self) -> None:
        self._before, self._queue_before = _processor_times(), _load_average()

    def read(self) -> dict[str, float | None]:
        """`busy` and `stolen` are shares 0..1 of all cores' time, the latter what a hypervisor gave to others; the load
        averages are of the minute before and the last one. None where the system does not tell."""
        spent = {name: now - self._before.get(name, 0.0) for name, now in _processor_times().items()}
        total = sum(spent.values())
        return {
            "busy": round(1 - (spent["idle"] + spent["iowait"]) / total, 3) if total else None,
            "stolen": round(spent["steal"] / total, 3) if total else None,
            "load_before": self._queue_before,
            "load_after": _load_average(),
        }


def load_in_words(load: Mapping[str, float | None]) -> str:
    """One line for people."""
    busy, stolen = load.get("busy"), load.get("stolen")
    if busy is None:
        return "the load is not known on this system"
    return f"processors {busy:.0%} busy" + (f", {stolen:.0%} stolen by other machines" if stolen else "")


def _load_average() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _processor_times() -> Mapping[str, float]:
    """Since the start, all cores together; empty where there is no /proc."""
    try:
        first = Path("/proc/stat").read_text("ascii").splitlines()[0].split()
    except OSError:
        return {}
    names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    return {name: float(value) for name, value in zip(names, first[1:], strict=False)}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory_gb() -> float | None:
    if sys.platform == "win32":
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
