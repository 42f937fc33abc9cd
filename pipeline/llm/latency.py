"""How soon will a model answer? What was seen of it lately, by prompt size, cold and warm apart; before that, what its
catalogue row promises.

Each population is a histogram over bins that grow by a tenth. Samples lose half their weight every half-life (forward
decay: new ones weigh more instead, so that nothing is touched between two samples; Cormode et al., "Forward Decay",
ICDE 2009). Two of them are stacked: the catalogue is worth a few samples against the last hour, and the last hour a few
against the last minute. So a model that slows down is noticed within a minute, a wrong row is overruled within a few
dozen answers, and an idle model drifts back to what it usually is. Unlike estimators of one quantile (P2, t-digest), a
histogram gives the chance of every wait at once, and takes samples that are only known to be longer than something.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.llm.catalog import Model

LOWEST = 0.01
"""Seconds; the first bin holds all that is faster."""

GROWTH = math.log(1.1)
"""Each bin is a tenth longer than the one before."""

BINS = 92
"""Up to 64 s; the last bin holds all that is slower, and what never comes."""

HOUR_COUNTS_AS, ROW_COUNTS_AS = 6.0, 8.0
"""Samples of the last minute that the last hour is worth; samples of the last hour that the catalogue's row is."""

MINUTE, HOUR = 60.0, 3600.0
"""Half-lives."""

SIZES = (1000, 4000, 16_000)
"""Tokens of a prompt that end one population and begin the next."""

COLD_AFTER = 240.0
"""Seconds without a request after which connections have been closed, and small servers have unloaded their model."""

COLD_EXTRA = 0.15
"""Seconds a first request is expected to take longer: three round trips for TCP and TLS."""

_LOG_LOWEST = math.log(LOWEST)

_EDGES = [LOWEST * math.exp(GROWTH * number) for number in range(BINS)]
"""The upper edges of all bins but the last."""

_Z90 = 1.2815515655446004
"""The 90th percentile of the standard normal distribution."""

_LONGEST_SCALE = 200.0
"""Half-lives after which weights are brought down again; a float takes a thousand."""


def size_of(tokens: int) -> int:
    """Which population a prompt belongs to, 0 for the smallest."""
    return bisect_left(SIZES, tokens)


@dataclass(slots=True)
class _Decaying:
    """Samples of which half the weight is gone after `half_life` seconds."""

    half_life: float
    _sums: list[float] = field(default_factory=lambda: [0.0] * (BINS + 1))
    """By bin, all that is in it and below it; the last is the weight of all."""
    _origin: float | None = None

    def against(self, expected: float, counts_as: float, place: float, now: float) -> float:
        """The share of samples below a place, counted in bins, when `expected` was worth so many samples before."""
        if self._origin is None:
            return expected
        weight = 2.0 ** ((self._origin - now) / self.half_life)
        sums, number = self._sums, int(place)
        if place <= 0:
            below = 0.0
        elif number >= BINS:
            below = sums[BINS - 1]
        else:
            before = sums[number - 1] if number else 0.0
            below = before + (sums[number] - before) * (place - number)
        return (counts_as * expected + weight * below) / (counts_as + weight * sums[BINS])

    def add(self, shares: Callable[[int], float], now: float) -> None:
        """One sample, spread over bins: `shares` is what of it is in a bin or below, 0..1."""
        if self._origin is None:
            self._origin = now
        age = (now - self._origin) / self.half_life
        if age > _LONGEST_SCALE:
            self._sums = [weight * 2.0**-age for weight in self._sums]
            self._origin, age = now, 0.0
        weight = 2.0**age
        self._sums = [before + weight * shares(number) for number, before in enumerate(self._sums)]


@dataclass(slots=True)
class Latencies:
    """The waits for a first token in one population. Times are seconds, `now` of any one monotonic clock."""

    median: float
    """What is expected before anything was seen."""
    p90: float
    _minute: _Decaying = field(default_factory=lambda: _Decaying(MINUTE))
    _hour: _Decaying = field(default_factory=lambda: _Decaying(HOUR))
    _log_median: float = field(init=False)
    _spread: float = field(init=False)
    """Of a log-normal distribution, times the root of two."""
    usual: float = field(init=False)
    """The median, as it was when the last sample came; likewise `long`, the 95th percentile."""
    long: float = field(init=False)

    def __post_init__(self) -> None:
        self._log_median = math.log(self.median)
        self._spread = max(0.01, math.log(self.p90 / self.median) / _Z90) * math.sqrt(2)
        self.usual, self.long = self.quantile(0.5, 0.0), self.quantile(0.95, 0.0)

    def chance(self, seconds: float, now: float) -> float:
        """The chance, 0..1, that the first token comes within `seconds`."""
        if seconds <= 0:
            return 0.0
        log = math.log(seconds)
        expected = 0.5 * math.erfc((self._log_median - log) / self._spread)
        place = (log - _LOG_LOWEST) / GROWTH + 1
        expected = self._hour.against(expected, ROW_COUNTS_AS, place, now)
        return self._minute.against(expected, HOUR_COUNTS_AS, place, now)

    def chance_still(self, seconds: float, waited: float, now: float) -> float:
        """The chance that it comes within `seconds`, all in all, given that it has not come after `waited`."""
        come = self.chance(waited, now)
        return (self.chance(seconds, now) - come) / (1 - come) if seconds > waited and come < 1 else 0.0

    def hazard(self, waited: float, now: float) -> float:
        """How likely a first token that has not come before is to come just then, per tenth of the wait."""
        return self.chance_still(waited * 1.05, waited / 1.05, now)

    def expected(self, waited: float, now: float) -> float:
        """The median wait, all in all, of those first tokens that have not come after `waited`."""
        return self.quantile((1 + self.chance(waited, now)) / 2, now)

    def quantile(self, share: float, now: float) -> float:
        """The wait that this share of first tokens does not exceed, to a bin; infinite where too many never came."""
        low = bisect_left(_EDGES, share, key=lambda edge: self.chance(edge, now))
        return _EDGES[low] if low < BINS else math.inf

    def came(self, seconds: float, now: float) -> None:
        """A first token came after so long."""
        place = _place(seconds)
        self._add(lambda number: 1.0 if number >= place else 0.0, now)

    def waited(self, seconds: float, now: float) -> None:
        """Nobody knows when it would have come, only that it was not within `seconds`: it was closed, or it failed.

        Spread over what is longer, in the proportions expected so far (Efron's redistribution to the right).
        """
        come = self.chance(seconds, now)
        if come > 0.999:
            self.came(seconds * 1.1, now)
            return
        below = [max(0.0, self.chance(edge, now) - come) / (1 - come) for edge in _EDGES]
        self._add(lambda number: below[number] if number < BINS else 1.0, now)

    def _add(self, shares: Callable[[int], float], now: float) -> None:
        self._minute.add(shares, now)
        self._hour.add(shares, now)
        self.usual, self.long = self.quantile(0.5, now), self.quantile(0.95, now)


def _place(seconds: float) -> int:
    """The bin of a wait, which may be none at all: clocks have steps."""
    if seconds < LOWEST:
        return 0
    return BINS if seconds >= _EDGES[-1] else math.floor((math.log(seconds) - _LOG_LOWEST) / GROWTH) + 1


@dataclass(slots=True)
class Predictor:
    """The populations of all models."""

    _seen: dict[tuple[str, int, bool], Latencies] = field(default_factory=dict[tuple[str, int, bool], Latencies])
    _used: dict[str, float] = field(default_factory=dict[str, float])

    def of(self, model: Model, tokens: int, now: float) -> Latencies:
        """Those that a request with a prompt of so many tokens would belong to, if it left now."""
        cold = self.idle(model, now) > COLD_AFTER
        key = (model.name, size_of(tokens), cold)
        if (seen := self._seen.get(key)) is None:
            extra = COLD_EXTRA if cold else 0.0
            median, p90 = model.first_token_p50_ms / 1000 + extra, model.first_token_p90_ms / 1000 + extra
            seen = self._seen[key] = Latencies(median, p90)
        return seen

    def idle(self, model: Model, now: float) -> float:
        """Seconds since it was last asked, infinite if it never was."""
        return now - self._used.get(model.name, -math.inf)

    def forget(self, model: Model) -> None:
        """It is not what it was."""
        self._seen = {key: seen for key, seen in self._seen.items() if key[0] != model.name}
        self._used.pop(model.name, None)

    def asked(self, model: Model, now: float) -> None:
        """A request has left; take `of` before, for it may be the one that finds it cold."""
        self._used[model.name] = now
