"""How sure a figure is: percentile intervals by the bootstrap (Efron and Tibshirani, 1993), clip by clip.

Clips are drawn first, then turns within each: turns of one clip are alike, and twenty clips spoken five times are not
a hundred independent turns. The draws are the same each time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from client.samples import Groups

DRAWS = 4000
"""Enough for the 95 % interval of one figure to be steady to a few percent of its width."""

MOST = 2_000_000
"""Values drawn for one figure: of very many samples fewer draws are made, which they need less."""

SEED = 20261125

Drawn: TypeAlias = NDArray[np.float64]
"""One bootstrap sample a row; rows that hold fewer values than others are filled with NaN."""

Statistic: TypeAlias = Callable[[Drawn], Drawn]
"""Of each row."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies."""

    value: float
    low: float
    high: float


def share_quantile(share: float) -> Statistic:
    """The smallest value that at least this share does not exceed, as `client.latency.quantile` has it."""

    def of_rows(rows: Drawn) -> Drawn:
        counts = np.count_nonzero(~np.isnan(rows), axis=1)
        places = np.maximum(0, np.ceil(share * counts - 1e-9).astype(int) - 1)
        return np.take_along_axis(np.sort(rows, axis=1), places[:, None], axis=1)[:, 0]

    return of_rows


def mean(rows: Drawn) -> Drawn:
    """The average of each row."""
    return np.nanmean(rows, axis=1)


def interval(groups: Groups, statistic: Statistic, level: float = 0.95, draws: int = DRAWS) -> Interval:
    """The figure and where it would lie in `level` of all repetitions. Wants a value in every group."""
    drawn = statistic(_draw(groups, list(groups), _affordable(groups, draws)))
    low, high = _middle(drawn, level)
    return Interval(_of_all(groups, statistic), low, high)


def difference(
    before: Groups, after: Groups, statistic: Statistic, level: float = 0.95, draws: int = DRAWS
) -> Interval:
    """By how much the figure has grown. The same clips must be in both: they are drawn for both alike, so that their
    own differences, which are greater than most changes, do not count."""
    names, draws = list(before), min(_affordable(before, draws), _affordable(after, draws))
    drawn = statistic(_draw(after, names, draws, stream=1)) - statistic(_draw(before, names, draws))
    low, high = _middle(drawn, level)
    return Interval(_of_all(after, statistic) - _of_all(before, statistic), low, high)


def common(before: Groups, after: Groups) -> tuple[Groups, Groups]:
    """What both have values of."""
    names = [name for name in before if before[name] and after.get(name)]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _draw(groups: Groups, names: Sequence[str], draws: int, stream: int = 0) -> Drawn:
    """Bootstrap samples. The clips drawn are the same for every `stream`, the turns within them are not."""
    values = [np.asarray(groups[name], float) for name in names]
    longest = max(len(one) for one in values)
    filled = np.full((len(values), longest), np.nan)
    for row, one in zip(filled, values, strict=True):
        row[: len(one)] = one
    lengths = np.array([len(one) for one in values])
    clips = np.random.default_rng(SEED).integers(len(values), size=(draws, len(values)))
    places = np.random.default_rng((SEED, stream)).random((draws, len(values), longest))
    turns = (places * lengths[clips][..., None]).astype(int)
    drawn = filled[clips[..., None], turns]
    drawn[np.arange(longest) >= lengths[clips][..., None]] = np.nan
    return drawn.reshape(draws, -1)


def _affordable(groups: Groups, draws: int) -> int:
    return max(1, min(draws, MOST // (len(groups) * max(map(len, groups.values())))))


def _of_all(groups: Groups, statistic: Statistic) -> float:
    return float(statistic(np.concatenate([np.asarray(one, float) for one in groups.values()])[None])[0])


def _middle(drawn: Drawn, level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
