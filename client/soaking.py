"""Whether a server stays as it is: what it held over time, and whether that grows more than by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

Held: TypeAlias = Literal["rss_mb", "files", "threads", "tasks"]

WARMING = 1 / 3
"""Of the time, after which caches, pools and the allocator have what they want; what comes before is not judged."""

ALLOWED: Mapping[Held, tuple[float, float]] = {
    "rss_mb": (0.03, 5.0),
    "files": (0.05, 5.0),
    "threads": (0.0, 3.0),
    "tasks": (0.05, 10.0),
}
"""What each may rise by over the time that is judged: a share of its mean, and so much besides."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a server held at one moment."""

    seconds: float
    """Since the soak began."""
    rss_mb: float
    files: int
    threads: int
    tasks: int | None
    """Of its event loop; None where it does not tell."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through what was held."""

    mean: float
    rise: float
    """From the beginning to the end of the time that is judged."""
    per_hour: float
    allowed: float

    @property
    def grows(self) -> bool:
        """Whether that is a leak."""
        return self.rise > self.allowed


def trends(samples: Sequence[Sample]) -> Mapping[Held, Trend]:
    """Of everything the server tells; nothing of fewer than three samples behind the warming."""
    judged = [one for one in samples if one.seconds >= samples[-1].seconds * WARMING] if samples else []
    if len(judged) < 3:
        return {}
    found: dict[Held, Trend] = {}
    for what, (share, besides) in ALLOWED.items():
        held = [float(value) for one in judged if (value := getattr(one, what)) is not None]
        if len(held) == len(judged):
            found[what] = _trend([one.seconds for one in judged], held, share, besides)
    return found


def _trend(seconds: Sequence[float], held: Sequence[float], share: float, besides: float) -> Trend:
    at, values = np.array(seconds), np.array(held)
    distance = at - at.mean()
    slope = float(distance @ (values - values.mean()) / (distance @ distance))
    mean = float(values.mean())
    return Trend(
        round(mean, 2),
        round(slope * float(at[-1] - at[0]), 2),
        round(slope * 3600, 2),
        round(share * mean + besides, 2),
    )
