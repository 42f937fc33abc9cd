"""What a process takes of its machine, as Linux tells it in /proc: processor time, memory, open files, threads."""

import os
from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from client.errors import UsageError


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at a process."""

    cpu: float
    """Seconds of processor time since it began, all its threads together."""
    rss_mb: float
    """MiB of memory that are its own."""
    files: int
    """Open file descriptors, sockets included."""
    threads: int


def vitals_of(pid: int) -> Vitals:
    """How that process is now. Raises `UsageError` where there is no telling."""
    place = Path(f"/proc/{pid}")
    try:
        after_name = (place / "stat").read_text().rpartition(")")[2].split()
        cpu = sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")  # in user mode, and in the kernel
        rss = int((place / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return Vitals(cpu, rss / 2**20, len(list((place / "fd").iterdir())), int(after_name[17]))
    except (OSError, ValueError, IndexError) as error:
        raise UsageError(
            f"cannot measure process {pid} ({error}); this takes Linux, and a process of one's own"
        ) from None


def cores() -> list[int]:
    """The processors this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


@contextmanager
def kept_to(some: Collection[int]) -> Generator[None]:
    """What is started in the block stays on these processors for good; we ourselves only for as long as it lasts."""
    if not some:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, some)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
